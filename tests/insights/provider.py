"""An OpenID Connect provider with keys of its own, over HTTP: it signs in whoever a test says is at the keyboard."""

import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from msgspec import json

CLIENT = "vliegwiel"
SECRET = "a secret: with / signs"
_RSA = RSAKey.generate_key(2048, auto_kid=True)
PUBLIC_KEY = _RSA.as_pem(private=False)


class Provider:
    """What the server does, and what tests change of it."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key: RSAKey | ECKey | OctKey = _RSA
        self.published: list[dict[str, Any]] = [_RSA.as_dict(private=False)]
        self.fetches: list[str] = []
        self.away = False
        self.person: dict[str, Any] = {}
        """Claims of who is at the keyboard."""
        self.id_token_claims: dict[str, Any] = {}
        """What ID tokens of the code flow say otherwise."""
        self.codes: dict[str, dict[str, str]] = {}
        self.metadata_says: dict[str, Any] = {}

    def token(self, email: str = "", /, *roles: str, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token for somebody; None takes a claim out."""
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": email,
            "email": email,
            "roles": list(roles),
            "iat": now,
            "exp": now + 300,
        }
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        algorithm = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}[self.key.key_type]
        heading = {"alg": algorithm, "kid": self.key.kid, **(header or {})}
        return jwt.encode(heading, said, self.key, algorithms=[heading["alg"]])

    def rotate(self) -> None:
        """Sign by a new key, of another kind."""
        self.key = ECKey.generate_key("P-256", auto_kid=True)
        self.published = [self.key.as_dict(private=False), {"kty": "unheard of"}, {**self.published[0], "use": "enc"}]

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Answer a request."""
        address = urlsplit(target)
        self.fetches.append(address.path)
        if self.away:
            return 500, {}, b""
        match method, address.path:
            case "GET", "/.well-known/openid-configuration":
                return 200, {}, json.encode(self._metadata())
            case "GET", "/keys":
                return 200, {}, json.encode({"keys": self.published})
            case "GET", "/authorize":
                return self._authorize({name: values[0] for name, values in parse_qs(address.query).items()})
            case "POST", "/token":
                return self._exchange(headers, dict(parse_qsl(body.decode())))
        return 404, {}, b""

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/bye",
            **self.metadata_says,
        }

    def _authorize(self, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return 302, {"Location": f"{asked['redirect_uri']}?{answer}"}, b""

    def _exchange(self, headers: Any, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        client, _, secret = b64decode(headers["authorization"].split()[1]).decode().partition(":")
        assert (unquote(client), unquote(secret)) == (CLIENT, SECRET)
        assert secret == quote(SECRET, safe="")
        asked = self.codes.pop(form["code"], None)
        verifier = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != verifier or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {}, b'{"error":"invalid_grant"}'
        person = dict(self.person)
        claims = {"nonce": asked["nonce"], **self.id_token_claims}
        token = self.token(person.pop("email"), *person.pop("roles", ()), **person, **claims)
        return 200, {}, json.encode({"id_token": token, "access_token": "opaque", "token_type": "Bearer"})


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider."""
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])))

        def _answer(self, body: bytes) -> None:
            status, headers, content = made.answer(self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
