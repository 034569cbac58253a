"""What the files in deploy/ name is there: commands of `lrs`, settings, and files."""

import os
import re
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import typer
from msgspec import json, yaml
from typer.core import TyperGroup
from typer.main import get_command

from lrs.cli.main import app
from lrs.settings import Settings, described

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.decode((DEPLOY / "compose.yaml").read_bytes())
SERVICES = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "vliegwiel"]
INSTRUCTIONS = [
    line.split(maxsplit=1)
    for line in re.sub(r"^#.*\n|\\\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE).splitlines()
    if line
]
COPIED = {
    source
    for name, rest in INSTRUCTIONS
    if name == "COPY" and not rest.startswith("--from")  # that comes from another image
    for source in rest.split()[:-1]
}


def _instruction(wanted: str) -> str:
    (found,) = (rest for name, rest in INSTRUCTIONS if name == wanted)
    return found


def _parse(arguments: list[str]) -> None:
    """Read a command line as `lrs` would; raises a usage error, or an exit, if it isn't one that runs something."""
    command: Any = get_command(app)
    while isinstance(command, TyperGroup):
        _, command, arguments = command.resolve_command(typer.Context(command), arguments)
    command.make_context("lrs", arguments)


def test_our_services_are_those_of_the_image() -> None:
    assert OURS == ["migrate", "serve", "relay", "consume", "notary", "retention"]
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert json.decode(_instruction("ENTRYPOINT")) == [*scripts]


@pytest.mark.parametrize("command", [*(SERVICES[name]["command"] for name in OURS), json.decode(_instruction("CMD"))])
def test_each_command_is_one_of_lrs(command: list[str]) -> None:
    _parse(command)


@pytest.mark.parametrize("command", [["sevre"], ["retention", "walk"], ["retention", "run", "--hourly"]])
def test_a_command_that_is_none_of_lrs_would_be_seen(command: list[str]) -> None:
    with pytest.raises(Exception, match=r"(?i)no such (command|option)"):
        _parse(command)


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml", "env.example"])
def test_each_variable_is_a_setting(file: str) -> None:
    named = set(re.findall(r"\bLRS_\w+", (DEPLOY / file).read_text()))
    assert named - {setting.variable for setting in described()} == set()


def test_what_compose_asks_for_is_what_env_example_offers() -> None:
    asked = re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text())
    offered = re.findall(r"^(\w+)=", (DEPLOY / "env.example").read_text(), flags=re.MULTILINE)
    assert sorted(set(asked)) == sorted(offered)


def test_what_is_mounted_is_there() -> None:
    sources = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    files = {source for source in sources if source.startswith(".")}
    assert sources - files == set(COMPOSE["volumes"])
    assert [source for source in sorted(files) if not (DEPLOY / source).is_file()] == []


def test_what_the_image_is_built_from_is_there_and_let_through() -> None:
    assert [source for source in sorted(COPIED) if not (ROOT / source).exists()] == []
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_through == COPIED


def test_the_image_has_every_package() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["packages"]) <= COPIED


def test_everybody_means_the_same_port() -> None:
    port = Settings().port
    assert _instruction("EXPOSE") == str(port)
    assert [mapping.rsplit(":", 1)[1] for mapping in SERVICES["serve"]["ports"]] == [str(port)]


@pytest.mark.parametrize(("path", "healthy"), [("/health/ready", True), ("/health/live", False)])
def test_health_is_asked_where_the_server_listens(path: str, healthy: bool) -> None:
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == path else 503)
            self.end_headers()

    _, _, command = _instruction("HEALTHCHECK").partition(" CMD ")
    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        Thread(target=server.handle_request, daemon=True).start()
        environment = {**os.environ, "LRS_PORT": str(server.server_port)}
        python, *rest = json.decode(command)
        asked = subprocess.run([sys.executable, *rest], env=environment, capture_output=True, check=False)
    assert (python, asked.returncode == 0) == ("python", healthy)


def test_the_image_s_user_is_a_number() -> None:
    # By a name Kubernetes can't tell that it isn't root, and starts nothing where that is asked (runAsNonRoot).
    assert int(_instruction("USER")) > 0
