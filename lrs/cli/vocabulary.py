"""`lrs vocabulary`: what verbs mean in this store."""

from typing import Annotated

import typer

from lrs.cli.configuration import DryRun, opened_log
from lrs.cli.output import Json, print_json, print_table, written
from lrs.cli.registry import BY
from lrs.command.asked_store import StoreName
from lrs.command.explained import EXIT_CODES
from lrs.configuration import Changed, Configuration
from projections.meaning.read import Vocabulary
from projections.unknown_verbs.read import Query, unknown_verbs
from schemas.act import ActKind
from schemas.vocabulary import VerbMeaning, VocabularyChange

_NOTHING = "nothing"
_KINDS = ", ".join(ActKind)
_MOST = 1_000

app = typer.Typer(no_args_is_help=True, help="Say which verbs mean which kind of learning act.")
Verb = Annotated[str, typer.Argument(help="The verb's IRI.")]
Why = Annotated[str, typer.Option(help="One line for the record.")]


@app.command("list", epilog=EXIT_CODES)
def list_all(
    store: StoreName = None,
    own: Annotated[bool, typer.Option("--own", help="Only what this store says; without the shipped ones.")] = False,
    json: Json = False,
) -> None:
    """List what verbs mean: the shipped meanings, and those that this store adds or replaces."""
    with opened_log(store) as log:
        found = Configuration(log).meanings()
    if not own:
        found = Vocabulary.shipped().after(VocabularyChange(meanings=tuple(found))).meanings()
    if json:
        print_json(found)
    else:
        print_table(["VERB", "MEANS", "WITH TYPES", "ORIGIN"], [_row(one) for one in found], "This store adds nothing.")


@app.command(
    "map",
    epilog=EXIT_CODES,
    help=f"""Say what a verb means here, in place of what is shipped for it.

KIND is one of {_KINDS}; or {_NOTHING}: known, and no learning act.

Figures are made anew with it, in the background.

Example: lrs vocabulary map https://lms.example/verbs/finished completed
""",
)
def map_(
    verb: Verb,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What it means.")],
    type_: Annotated[
        list[str] | None,
        typer.Option(
            "--type", help="Only with activities of this type (an IRI); repeat for several.", show_default=False
        ),
    ] = None,
    store: StoreName = None,
    why: Why = "",
    dry_run: DryRun = False,
) -> None:
    """Map a verb; the help is given above."""
    meant = None if kind == _NOTHING else kind
    with opened_log(store) as log:
        changed = Configuration(log).map_verb(verb, meant, tuple(type_ or ()), by=BY, why=why, dry_run=dry_run)
    _tell(changed, f"{verb} means {kind}", dry_run=dry_run)


@app.command(epilog=EXIT_CODES)
def unmap(verb: Verb, store: StoreName = None, why: Why = "", dry_run: DryRun = False) -> None:
    """Take back what this store says of a verb: the shipped meaning counts again."""
    with opened_log(store) as log:
        changed = Configuration(log).unmap_verb(verb, by=BY, why=why, dry_run=dry_run)
    _tell(changed, f"{verb} means again what is shipped", dry_run=dry_run)


@app.command(epilog=EXIT_CODES)
def unknown(store: StoreName = None, json: Json = False) -> None:
    """List the verbs in statements that nobody said the meaning of, the most frequent first."""
    with opened_log(store) as log, log.reading() as cursor:
        found = unknown_verbs(cursor, Query(), limit=_MOST)
    if json:
        print_json(found)
        return
    rows = [
        [one.verb, one.activity_type, f"{one.statements:,}", written(one.first_seen), written(one.last_seen)]
        for one in found
    ]
    print_table(["VERB", "WITH TYPE", "STATEMENTS", "FIRST", "LAST"], rows, "All verbs have a meaning.")


def _row(one: VerbMeaning) -> list[str]:
    return [one.verb, one.kind or _NOTHING, " ".join(one.types), one.origin]


def _tell(changed: Changed, what: str, *, dry_run: bool) -> None:
    if changed.applied:
        typer.echo(f"{what}, from position {changed.position} on.")
    else:
        typer.echo("Nothing is changed: this is a dry run." if dry_run else f"{what} already.")
