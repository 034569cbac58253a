"""`lrs key`: the master key: whether it opens everything, and changing it for another."""

from collections.abc import Callable

import typer

from lrs import settings as configuration
from lrs.cli.display import Display
from lrs.cli.output import Json, print_json, print_table
from lrs.command.could_not_run import could_not_run
from lrs.store.key_rotation import Wrapped
from lrs.store.key_rotation import check as check_keys
from lrs.store.key_rotation import rotate as rotate_keys

_EXIT_CODES = "Exit codes: 0 all keys are wrapped by the master key, 1 some are not or are lost, 2 could not run."
_ROTATION = """
Give both keys, the new one first and the old one behind it with space or a line between, in LRS_MASTER_KEY, in the
file of LRS_MASTER_KEY_FILE, or as what LRS_MASTER_KEY_COMMAND prints; restart all that runs; run this; then take the
old key out. docs/keys.md has it step by step. Neither the log nor anything sealed changes, and everything goes on
meanwhile. Interrupted, it is run again. LRS_DATABASE_URL must be the owner's.
"""
app = typer.Typer(no_args_is_help=True, help="See to the master key, which wraps all other keys.")


@app.command(epilog=_EXIT_CODES)
def check(json: Json = False) -> None:
    """Try the master key on every key of the control schema and of all stores, and see whether any is lost.

    To see that a copy of the key is good, name it: LRS_MASTER_KEY_FILE=COPY lrs key check.
    """
    found = _over_all("Checking", check_keys)
    if json:
        print_json(found)
    else:
        _print(found)
        typer.echo(_said(found))
    if not all(one.good for one in found):
        raise typer.Exit(1)


@app.command(
    help=f"Wrap every key anew under the first of the master keys that are given.\n{_ROTATION}", epilog=_EXIT_CODES
)
def rotate() -> None:
    """Wrap every key anew under the first of the master keys that are given."""
    before = _over_all("Wrapping", rotate_keys)
    found = _over_all("Checking", check_keys)
    typer.echo(f"{sum(one.others for one in before):,} keys were wrapped anew.")
    typer.echo(_said(found))
    if not all(one.good for one in found):
        raise typer.Exit(1)


def _over_all(doing: str, work: Callable[..., list[Wrapped]]) -> list[Wrapped]:
    settings = configuration.load()
    with could_not_run(None), Display(f"{doing} keys") as display:
        return work(
            settings.database(),
            settings.master(),
            lambda schema, seen: display.show(seen, None, lambda: f"{schema}: {seen:,} keys"),
        )


def _print(found: list[Wrapped]) -> None:
    rows = [[one.schema, f"{one.first:,}", f"{one.others:,}", f"{one.unknown:,}", f"{one.lost:,}"] for one in found]
    print_table(["SCHEMA", "MASTER KEY", "ANOTHER GIVEN", "NONE GIVEN", "LOST"], rows, "There are no keys yet.")


def _said(found: list[Wrapped]) -> str:
    first, others, unknown, lost = (
        sum(getattr(one, name) for one in found) for name in ("first", "others", "unknown", "lost")
    )
    if lost:
        return (
            f"{lost:,} persons have no key, though nobody erased them: put it back from a backup (docs/keys.md). "
            "`lrs audit check` names what is sealed under it."
        )
    if unknown:
        return f"{unknown:,} keys open with none of the master keys given: what they seal can't be read without theirs."
    if others:
        return f"{others:,} keys are wrapped by another of the master keys given: `lrs key rotate` wraps them anew."
    return f"All {first:,} keys are wrapped by the master key."
