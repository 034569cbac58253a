"""Everything that can be set: one documented list."""

from pathlib import Path
from typing import Annotated, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from lrs import credential_key
from lrs.seal import MasterKey
from lrs.seal.command import output_of
from lrs.settings.error import SettingsError
from lrs.store_name import PATTERN

# URLs may hold a password.
SECRET = frozenset(
    {"database_url", "nats_url", "nats_password", "nats_token", "secret", "master_key", "oidc_client_secret"}
)
MASTER = ("master_key", "master_key_file", "master_key_command")
"""Where the master key is: one of these."""
# They end in \Z: what $ would match, too, is a line's end.
_ORIGIN = r"^(\*|null|[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]+)\Z"
_KEY = rf"^({credential_key.PATTERN})?\Z"


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that can be set."""

    host: Annotated[str, Meta(description="Address to listen on; 0.0.0.0 for all")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 for any free one")] = 8080
    workers: Annotated[int, Meta(ge=1, le=64, description="Processes that answer requests")] = 1
    data: Annotated[Path, Meta(description="Folder of the local servers' data")] = Path("data")
    database_url: Annotated[str, Meta(description="Postgres to use instead of a local one: postgresql://…")] = ""
    nats_url: Annotated[
        str,
        Meta(description="NATS to use instead of a local one: nats://… or tls://…; several of a cluster with commas"),
    ] = ""
    nats_user: Annotated[str, Meta(description="User at NATS, where the URL doesn't name one")] = ""
    nats_password: Annotated[str, Meta(description="Password of that user")] = ""
    nats_token: Annotated[str, Meta(description="Token for NATS, instead of a user")] = ""
    nats_nkey_file: Annotated[str, Meta(description="File with the nkey seed for NATS, instead of a user")] = ""
    nats_credentials_file: Annotated[
        str, Meta(description="File with JWT and nkey seed (.creds) for NATS, instead of a user")
    ] = ""
    nats_ca_file: Annotated[str, Meta(description="Certificates (PEM) that NATS is trusted by over TLS")] = ""
    nats_certificate_file: Annotated[str, Meta(description="Our certificate (PEM) for NATS over TLS")] = ""
    nats_key_file: Annotated[str, Meta(description="Private key (PEM) of that certificate")] = ""
    stream_days: Annotated[
        int, Meta(ge=1, le=3650, description="Days that the streams keep messages; the log keeps all for ever")
    ] = 7
    stream_replicas: Annotated[
        int, Meta(ge=1, le=5, description="Servers of a NATS cluster that hold each stream: 3 to survive one")
    ] = 1
    master_key: Annotated[
        str, Meta(description="Wraps all other keys: 32 bytes as hex or base64. Lost key, lost data: keep a copy")
    ] = ""
    master_key_file: Annotated[
        str, Meta(description="File with the master key instead; `lrs up` makes one in the data folder")
    ] = ""
    master_key_command: Annotated[
        str, Meta(description="Command that prints the master key instead, say of a KMS; run without a shell")
    ] = ""
    store: Annotated[str, Meta(pattern=PATTERN, description="Name of the store that is made at the first start")] = (
        "default"
    )
    key: Annotated[str, Meta(pattern=_KEY, description="Key of the first credential; made up if not given")] = ""
    secret: Annotated[str, Meta(description="Secret of the first credential; made up if not given")] = ""
    public_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^/?#\s]+[^?#\s]*)?\Z",
            description="How clients reach this server, where that differs from host and port: https://…",
        ),
    ] = ""
    xapi_version: Annotated[
        Literal["1.0.3", "2.0.0"], Meta(description="xAPI version that answers show when a request names none")
    ] = "1.0.3"
    cors_origins: Annotated[
        tuple[Annotated[str, Meta(pattern=_ORIGIN)], ...],
        Meta(description="Origins whose pages may use this server, separated by commas; * for all"),
    ] = ("*",)
    max_body_bytes: Annotated[
        int, Meta(ge=1024, description="Largest request body, packed or unpacked, and largest item of an import")
    ] = 64 << 20
    max_batch: Annotated[int, Meta(ge=1, description="Most statements in one request")] = 1000
    max_depth: Annotated[int, Meta(ge=1, le=500, description="Deepest nesting of lists and objects in JSON")] = 64
    max_people: Annotated[
        int, Meta(ge=1, description="Most persons and groups one statement mentions; of its actor, the members")
    ] = 10_000
    max_attachments: Annotated[int, Meta(ge=0, description="Most attachments of one statement")] = 100
    max_attachment_bytes: Annotated[int, Meta(ge=0, description="Largest attachment")] = 32 << 20
    oidc_issuer: Annotated[
        str,
        Meta(
            pattern=r"^(https://[^?#\s]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^?#\s]*)?)?\Z",
            description="OpenID Connect provider that people sign in with: https://…",
        ),
    ] = ""
    oidc_client_id: Annotated[str, Meta(description="Our client id there")] = ""
    oidc_client_secret: Annotated[str, Meta(description="Our client secret there; none for a public client")] = ""
    oidc_audiences: Annotated[
        tuple[str, ...], Meta(description="Audiences of bearer tokens that are taken besides the client id")
    ] = ()
    oidc_scopes: Annotated[tuple[str, ...], Meta(description="Scopes that sign-in asks for")] = (
        "openid",
        "email",
        "profile",
    )
    oidc_person_claim: Annotated[str, Meta(description="Claim that says who somebody is in statements")] = "email"
    oidc_account_home_page: Annotated[
        str, Meta(description="Makes that claim the name of an xAPI account with this home page, not an e-mail address")
    ] = ""
    oidc_roles_claim: Annotated[str, Meta(description="Claim that holds roles; a dot leads into an object")] = "roles"
    oidc_roles: Annotated[
        tuple[str, ...],
        Meta(description="What values mean: value=learner, manager, lnd, auditor, privacy or admin; * for any value"),
    ] = ()
    oidc_store_claim: Annotated[str, Meta(description="Claim that names the store; LRS_STORE for all if empty")] = ""
    notary_seconds: Annotated[
        int, Meta(ge=1, le=86_400, description="Seconds between two signed checkpoints of a log, at least")
    ] = 5
    witnesses: Annotated[
        tuple[str, ...],
        Meta(description="Witnesses that cosign checkpoints: verifier key, space, submission URL; several with commas"),
    ] = ()
    checkpoint_folder: Annotated[str, Meta(description="Folder that gets the latest checkpoint of each store")] = ""
    checkpoint_webhook: Annotated[
        str, Meta(pattern=r"^(https?://\S+)?\Z", description="URL that each checkpoint is posted to")
    ] = ""
    checkpoint_subject: Annotated[
        str,
        Meta(
            pattern=r"^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)?\Z",
            description="NATS subject that checkpoints are published under, with the store's name behind it",
        ),
    ] = ""
    session_hours: Annotated[int, Meta(ge=1, le=720, description="How long a sign-in in a browser lasts")] = 8
    debug: Annotated[bool, Meta(description="Show where in the program an error arose")] = False

    def __repr__(self) -> str:
        """Show the settings, secrets hidden."""
        shown = ((name, "…" if name in SECRET and getattr(self, name) else getattr(self, name)) for name in FIELDS)
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown)})"

    def database(self) -> str:
        """Give the database's URL; raises SettingsError if there is none."""
        if not self.database_url:
            raise SettingsError(
                f"LRS_DATABASE_URL is not set, and no `lrs up` is running on the data folder {_absolute(self.data)}: "
                "set one or start the other"
            )
        try:
            conninfo_to_dict(self.database_url)
        except ProgrammingError:
            raise SettingsError("LRS_DATABASE_URL is no Postgres URL: write postgresql://user@host/database") from None
        return self.database_url

    def master(self) -> MasterKey:
        """Give the master key; raises SettingsError if there is none, more than one is named, or it isn't one."""
        if len(named := [f"LRS_{name.upper()}" for name in MASTER if getattr(self, name)]) > 1:
            raise SettingsError(f"{' and '.join(named)} are set: name one place where the master key is")
        if self.master_key:
            source, text = "LRS_MASTER_KEY", self.master_key
        elif self.master_key_file:
            source = f"LRS_MASTER_KEY_FILE ({self.master_key_file})"
            try:
                text = Path(self.master_key_file).read_text(encoding="ascii")
            except UnicodeDecodeError:
                raise SettingsError(f"{source} is not text: it holds 64 hex digits or base64") from None
            except OSError as error:
                raise SettingsError(f"{source} can't be read: {error.strerror}") from None
        elif self.master_key_command:
            source = "LRS_MASTER_KEY_COMMAND"
            try:
                text = output_of(self.master_key_command)
            except ValueError as error:
                raise SettingsError(f"{source}: {error}") from None
        else:
            raise SettingsError(
                "LRS_MASTER_KEY, LRS_MASTER_KEY_FILE or LRS_MASTER_KEY_COMMAND must be set: "
                "the keys of all persons hang on it"
            )
        try:
            return MasterKey.parse(text)
        except ValueError as error:
            raise SettingsError(f"{source}: {error}") from None

    @property
    def has_master(self) -> bool:
        """Whether it is said where the master key is."""
        return any(getattr(self, name) for name in MASTER)

    def base_url(self) -> str:
        """Give the URL clients use for this server, without a slash at the end."""
        # The addresses that stand for all of a machine's are none to send a request to.
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.host, self.host)  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"


def _absolute(path: Path) -> Path:
    try:
        return path.absolute()
    except OSError:  # where we are was deleted
        return path


HINTS = get_type_hints(Settings, include_extras=True)
FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
