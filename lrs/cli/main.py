"""The `lrs` command and its subcommands."""

import re
from importlib import import_module
from importlib.metadata import version
from inspect import cleandoc
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from lrs.command.explained import explaining
from lrs.start import run

_COMMANDS = {
    "up": "lrs.cli.up",
    "serve": "lrs.cli.serve",
    "migrate": "lrs.cli.migrate",
    "store": "lrs.cli.store",
    "credential": "lrs.cli.credential",
    "import": "lrs.cli.import_",
    "dashboard": "lrs.cli.dashboard",
    "look": "lrs.cli.look",
    "people": "lrs.cli.people",
    "team": "lrs.cli.team",
    "learner": "lrs.cli.learner",
    "erase": "lrs.cli.erase",
    "policy": "lrs.cli.policy",
    "vocabulary": "lrs.cli.vocabulary",
    "retention": "lrs.cli.retention",
    "relay": "lrs.cli.relay",
    "consume": "lrs.cli.consume",
    "notary": "lrs.cli.notary",
    "audit": "lrs.cli.audit",
    "parked": "lrs.cli.parked",
    "verify": "lrs.cli.verify",
    "rebuild": "lrs.cli.rebuild",
    "replay": "lrs.cli.replay",
    "subject": "lrs.cli.subject",
    "bi": "lrs.cli.bi",
    "demo": "lrs.cli.demo",
    "key": "lrs.cli.key",
    "settings": "lrs.cli.settings",
}
"""The module of each command: it has an ``app`` (a group, or that one command), or a function of that name."""

_LINE_END = re.compile(r"(?<!\n)\n(?!\n)")


class _Commands(TyperGroup):
    """Loads a command's module when that command is wanted, so that none waits for what the others need."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(_COMMANDS[cmd_name])
        if not hasattr(module, "app"):
            one = typer.Typer()
            one.command(cmd_name)(getattr(module, cmd_name))
            return _flowing(get_group(one).commands[cmd_name])
        group = get_group(module.app)
        group.name = cmd_name
        return _flowing(group.commands.get(cmd_name, group))  # an app may be the one command


def _flowing(command: Any) -> Any:
    """Let paragraphs of help fill the terminal: Typer keeps the line ends that they have in the source."""
    command.help = _LINE_END.sub(" ", cleandoc(command.help or ""))
    for one in getattr(command, "commands", {}).values():
        _flowing(one)
    return command


app = typer.Typer(
    name="lrs",
    cls=_Commands,
    help="Vliegwiel: a learning record store (xAPI 1.0.3 and 2.0) that keeps every statement and shows where learning "
    "stalls. Everything is set by environment variables: `lrs settings` lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(version("vliegwiel"))
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run a command."""
    explaining(app)


if __name__ == "__main__":
    run(__name__)
