"""Signing in: bearer tokens, and browsers."""

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from msgspec import json

from lrs.settings import Settings, SettingsError
from lrs.sign_in import TokenSeal
from lrs.sign_in import provider as provider_module
from lrs.sign_in.person import Reading, Unacceptable
from lrs.sign_in.sign_in import SignIn
from tests.insights.house import House, mail, reason
from tests.insights.provider import CLIENT, PUBLIC_KEY, Provider


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def with_token(house: House, token: str) -> httpx.Response:
    with house.client(headers={"Authorization": f"Bearer {token}"}) as client:
        return client.get("/me")


def test_a_token_says_who_asks(busy: House) -> None:
    with busy.person("eve", "lnd", "unheard of", name="Eve Example") as eve:
        me = eve.get("/me").json()
    assert (me["name"], me["roles"], me["sees"], me["store"]) == (
        "Eve Example",
        ["learner", "lnd"],
        "everybody",
        "default",
    )
    assert me["person"] == busy.ids()["eve"]


def test_who_nobody_knows_is_a_learner_without_a_person(busy: House) -> None:
    with busy.person("nobody") as nobody:
        me = nobody.get("/me").json()
        assert (me["person"], me["roles"], me["sees"], me["teams"]) == (None, ["learner"], "themselves", [])
        assert nobody.get("/follow-ups").json()["items"] == []


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": -120}, "it has expired"),
        ({"exp": None}, "exp"),
        ({"nbf": 120}, "not yet valid"),
        ({"iat": 120}, "in the future"),
        ({"aud": "somebody else"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iss": "https://elsewhere.example"}, "iss"),
        ({"sub": None}, "sub"),
        ({"exp": "soon"}, "exp"),
    ],
)
def test_wrong_claims_are_refused(busy: House, claims: dict[str, Any], why: str) -> None:
    from_now: dict[str, Any] = {
        name: time.time() + value if isinstance(value, int) else value for name, value in claims.items()
    }
    answer = with_token(busy, busy.provider.token(mail("eve"), "lnd", **from_now))
    assert why in reason(answer, 401)
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


def test_clocks_may_differ_a_little(busy: House) -> None:
    now = time.time()
    token = busy.provider.token(mail("eve"), exp=now - 30, nbf=now + 30, iat=now + 30)
    assert with_token(busy, token).status_code == 200


def test_the_audience_may_be_one_of_several(busy: House) -> None:
    assert with_token(busy, busy.provider.token(mail("eve"), aud=["else", CLIENT])).status_code == 200


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt"])
def test_other_kinds_of_tokens_are_refused(busy: House, kind: str) -> None:
    token = busy.provider.token(mail("eve"), header={"typ": kind})
    assert "neither an ID token nor an access token" in reason(with_token(busy, token), 401)


def test_only_the_provider_s_keys_sign(busy: House) -> None:
    claims = {"iss": busy.provider.issuer, "aud": CLIENT, "sub": "x", "exp": time.time() + 100, "email": mail("eve")}
    stranger = RSAKey.generate_key(2048)
    kid = busy.provider.key.kid
    forged = jwt.encode({"alg": "RS256", "kid": kid}, claims, stranger)
    assert "not signed by a key of the provider" in reason(with_token(busy, forged), 401)
    # The public key as a shared secret.
    head = _b64(json.encode({"alg": "HS256", "kid": kid}))
    signed = f"{head}.{_b64(json.encode(claims))}"
    confused = f"{signed}.{_b64(hmac.digest(PUBLIC_KEY, signed.encode(), 'sha256'))}"
    assert "not signed by one of RS256" in reason(with_token(busy, confused), 401)
    unsigned = ".".join([*jwt.encode({"alg": "RS256"}, claims, stranger).split(".")[:2], ""])
    assert reason(with_token(busy, unsigned.replace("RS256", "none")), 401)
    for nonsense in ("x", "a.b.c", "." * 5000):
        assert with_token(busy, nonsense).status_code == 401


def test_a_new_key_is_fetched_when_a_token_names_it(quiet: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_token(quiet, quiet.provider.token(mail("eve"))).status_code == 200
    quiet.provider.rotate()
    monkeypatch.setattr(provider_module, "_PAUSE", 0)
    assert with_token(quiet, quiet.provider.token(mail("eve"))).status_code == 200
    fetched = quiet.provider.fetches.count("/keys")
    assert fetched == 2
    monkeypatch.setattr(provider_module, "_PAUSE", 1000)
    quiet.provider.rotate()
    for _ in range(3):
        assert with_token(quiet, quiet.provider.token(mail("eve"))).status_code == 401
    assert quiet.provider.fetches.count("/keys") == fetched


def test_a_provider_that_is_away_refuses_nobody(quiet: House, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet.provider.away = True
    answer = with_token(quiet, quiet.provider.token(mail("eve")))
    assert "can't be reached" in reason(answer, 503)
    assert answer.headers["retry-after"]
    quiet.provider.away = False
    monkeypatch.setattr(provider_module, "_REST", 0)
    assert with_token(quiet, quiet.provider.token(mail("eve"))).status_code == 200
    quiet.provider.away = True
    monkeypatch.setattr(provider_module, "_FRESH", -1)
    assert with_token(quiet, quiet.provider.token(mail("eve"))).status_code == 200


def test_who_leaves_can_though_the_provider_is_away(
    quiet: House, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet.provider.person = {"email": mail("mia")}
    come_back(browser, begun(browser, quiet.provider))
    me = browser.get("/insights/v1/me").json()

    async def away(_: object) -> None:
        raise provider_module.ProviderAway("it is off")

    monkeypatch.setattr(provider_module.Provider, "metadata", away)
    left = browser.post("/sign-out", data={"csrf": me["csrf"]})
    assert (left.status_code, left.headers["location"]) == (303, "http://127.0.0.1:8080/")
    assert browser.get("/insights/v1/me").status_code == 401


def test_a_provider_that_calls_itself_otherwise_is_not_believed(quiet: House) -> None:
    quiet.provider.metadata_says = {"issuer": "https://elsewhere.example"}
    assert reason(with_token(quiet, quiet.provider.token(mail("eve"))), 503)


@pytest.fixture
def browser(quiet: House) -> Iterator[httpx.Client]:
    """A browser; its cookies are its own."""
    with httpx.Client(base_url=quiet.url) as client:
        yield client


def begun(browser: httpx.Client, provider: Provider, return_to: str = "/") -> httpx.URL:
    """Go to sign in, and to the provider; gives where that sends the browser."""
    sent = browser.get("/sign-in", params={"return_to": return_to})
    assert sent.status_code == 303
    back = httpx.get(sent.headers["location"])
    assert back.status_code == 302, provider.fetches
    return httpx.URL(back.headers["location"])


def come_back(browser: httpx.Client, address: httpx.URL) -> httpx.Response:
    return browser.get(address.raw_path.decode())


def test_a_browser_signs_in_and_out(quiet: House, browser: httpx.Client) -> None:
    quiet.provider.person = {"email": mail("mia"), "roles": ["manager"], "name": "Mia"}
    arrived = come_back(browser, begun(browser, quiet.provider, "/page?x=1"))
    assert arrived.status_code == 303
    assert arrived.headers["location"] == "http://127.0.0.1:8080/page?x=1"
    cookie = next(one for one in arrived.headers.get_list("set-cookie") if one.startswith("vliegwiel="))
    assert {"HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert "samesite=lax" in cookie.lower()

    me = browser.get("/insights/v1/me").json()
    assert (me["name"], me["roles"]) == ("Mia", ["learner", "manager"])

    assert "CSRF" in reason(browser.post("/sign-out"), 403)
    assert "CSRF" in reason(browser.post("/sign-out", headers={"X-CSRF-Token": "guessed"}), 403)
    assert browser.post("/sign-out", headers={"Content-Encoding": "br"}).status_code == 415
    left = browser.post("/sign-out", data={"csrf": me["csrf"]})
    assert left.status_code == 303
    bye = urlsplit(left.headers["location"])
    assert f"{bye.scheme}://{bye.netloc}{bye.path}" == f"{quiet.provider.issuer}/bye"
    assert parse_qs(bye.query)["client_id"] == [CLIENT]
    assert browser.get("/insights/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/日本?x=1#a", "/%E6%97%A5%E6%9C%AC?x=1#a"),
        ("/%FF", "/%EF%BF%BD"),
        ("/a%2520b", "/a%20b"),
    ],
)
def test_any_page_is_returned_to(quiet: House, browser: httpx.Client, asked: str, location: str) -> None:
    quiet.provider.person = {"email": mail("mia")}
    sent = browser.get("/sign-in?return_to=" + asked.replace("#", "%23"))
    back = httpx.get(sent.headers["location"])
    arrived = come_back(browser, httpx.URL(back.headers["location"]))
    assert arrived.status_code == 303
    assert arrived.headers["location"] == "http://127.0.0.1:8080" + location


@pytest.mark.parametrize(
    ("asked", "location"),
    [("/" + "x" * 1_900, "/" + "x" * 1_900), ("/" + "x" * 2_500, "/dashboard"), ("/" + "日" * 700, "/dashboard")],
)
def test_what_is_kept_in_cookies_is_no_longer_than_browsers_keep(
    quiet: House, browser: httpx.Client, asked: str, location: str
) -> None:
    quiet.provider.person = {"email": mail("mia"), "name": "Mia " * 2_250}
    address = begun(browser, quiet.provider, asked)
    arrived = come_back(browser, address)
    assert arrived.status_code == 303, arrived.text
    assert arrived.headers["location"] == f"http://127.0.0.1:8080{location}"
    assert max(len(f"{name}={value}") for name, value in browser.cookies.items()) < 4_096
    assert browser.get("/insights/v1/me").json()["name"].startswith("Mia Mia")


def test_what_was_begun_elsewhere_is_not_finished_here(quiet: House, browser: httpx.Client) -> None:
    quiet.provider.person = {"email": mail("mia")}
    theirs = begun(browser, quiet.provider)
    with httpx.Client(base_url=quiet.url) as other:
        assert "wasn't begun in this browser" in reason(come_back(other, theirs), 400)
        begun(other, quiet.provider)
        assert "wasn't begun in this browser" in reason(come_back(other, theirs), 400)
    assert come_back(browser, theirs).status_code == 303
    assert come_back(browser, theirs).status_code == 400


def test_an_answer_of_another_sign_in_or_provider_is_refused(quiet: House, browser: httpx.Client) -> None:
    quiet.provider.person = {"email": mail("mia")}
    quiet.provider.id_token_claims = {"nonce": "another"}
    assert "answers another one" in reason(come_back(browser, begun(browser, quiet.provider)), 400)
    quiet.provider.id_token_claims = {"azp": "another program"}
    assert "another program" in reason(come_back(browser, begun(browser, quiet.provider)), 502)
    quiet.provider.id_token_claims = {"aud": "another program"}
    assert "proves nothing" in reason(come_back(browser, begun(browser, quiet.provider)), 502)
    quiet.provider.id_token_claims = {}
    address = begun(browser, quiet.provider)
    assert reason(come_back(browser, address.copy_set_param("iss", "https://elsewhere.example")), 400)
    assert reason(come_back(browser, address.copy_set_param("code", "made up")), 400)
    refused = address.copy_remove_param("code").copy_set_param("error", "access_denied")
    assert "access_denied" in reason(come_back(browser, refused), 403)


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\nb"])
def test_nobody_is_sent_elsewhere(quiet: House, browser: httpx.Client, elsewhere: str) -> None:
    assert "must be a path" in reason(browser.get("/sign-in", params={"return_to": elsewhere}), 400)
    assert quiet.provider.fetches == []


def test_cookies_nobody_sealed_open_nothing(browser: httpx.Client) -> None:
    for value in ("", "x", "A" * 200, "A" * 10_000, "%%%"):
        assert browser.get("/insights/v1/me", headers={"Cookie": f"vliegwiel={value}"}).status_code == 401


def test_without_a_provider_programs_only() -> None:
    sign_in = SignIn(Settings(), TokenSeal(lambda: bytes(32)))
    assert not sign_in.available


async def test_a_session_ends() -> None:
    sign_in = SignIn(Settings(public_url="https://lrs.example", session_hours=1), TokenSeal(lambda: bytes(32)))
    person = Reading(Settings()).person({"sub": "x", "email": mail("mia")})
    cookie = await sign_in.cookies.new_session(person)
    assert (cookie.key, cookie.secure, cookie.max_age) == ("__Host-vliegwiel", True, 3600)
    session = await sign_in.session({cookie.key: cookie.value or ""})
    assert session is not None
    assert session.person == person
    past = SignIn(Settings(public_url="https://lrs.example"), TokenSeal(lambda: bytes(32)))
    past.cookies._seconds = -1
    gone = await past.cookies.new_session(person)
    assert await past.session({gone.key: gone.value or ""}) is None
    other = SignIn(Settings(public_url="https://lrs.example"), TokenSeal(lambda: bytes(31) + b"x"))
    assert await other.session({cookie.key: cookie.value or ""}) is None
    assert await past.cookies.attempt(cookie.value) is None


@pytest.mark.parametrize(
    ("settings", "claims", "roles"),
    [
        ({}, {"roles": ["lnd", "boss"]}, {"lnd"}),
        ({}, {"roles": "auditor"}, {"auditor"}),
        ({}, {"roles": {"admin": True}}, set()),
        ({"oidc_roles": ("staff=manager", "hr=lnd", "hr=auditor")}, {"roles": ["hr", "lnd"]}, {"lnd", "auditor"}),
        ({"oidc_roles": ("*=manager",)}, {}, {"manager"}),
        ({"oidc_roles": ("a=b=manager",)}, {"roles": ["a=b"]}, {"manager"}),
        ({"oidc_roles_claim": "realm_access.roles"}, {"realm_access": {"roles": ["admin"]}}, {"admin"}),
        ({"oidc_roles_claim": "https://x.example/roles"}, {"https://x.example/roles": ["admin"]}, {"admin"}),
        ({"oidc_roles_claim": "a.b"}, {"a": "text"}, set()),
    ],
)
def test_roles_are_read_from_claims(settings: dict[str, Any], claims: dict[str, Any], roles: set[str]) -> None:
    assert Reading(Settings(**settings)).person({"sub": "x", **claims}).roles == roles | {"learner"}


@pytest.mark.parametrize(
    ("settings", "claims", "identity"),
    [
        ({}, {"email": "Ann@Example.ORG"}, "mbox:mailto:Ann@example.org"),
        ({}, {"email": "ann@example.org", "email_verified": False}, None),
        ({}, {"email": "ann@example.org", "email_verified": []}, None),
        ({}, {"email": "ann@example.org", "email_verified": True}, "mbox:mailto:ann@example.org"),
        (
            {"oidc_account_home_page": "https://login.example"},
            {"email": "ann@example.org", "email_verified": False},
            None,
        ),
        (
            {"oidc_account_home_page": "https://login.example"},
            {"email": "ann@example.org", "email_verified": True},
            "account:https://login.example ann@example.org",
        ),
        ({}, {"email": "not an address"}, None),
        ({}, {}, None),
        ({}, {"email": 7}, None),
        ({"oidc_person_claim": "upn"}, {"upn": "ann@example.org"}, "mbox:mailto:ann@example.org"),
        (
            {"oidc_person_claim": "sub", "oidc_account_home_page": "https://login.example"},
            {"sub": "u1"},
            "account:https://login.example u1",
        ),
    ],
)
def test_who_somebody_is_in_statements(settings: dict[str, Any], claims: dict[str, Any], identity: str | None) -> None:
    assert Reading(Settings(**settings)).person({"sub": "x", **claims}).identity == identity


def test_the_store_is_the_claim_s() -> None:
    assert Reading(Settings(store="north")).person({"sub": "x"}).store == "north"
    reading = Reading(Settings(oidc_store_claim="org.store"))
    assert reading.person({"sub": "x", "org": {"store": "south"}}).store == "south"
    with pytest.raises(Unacceptable, match=r"org\.store"):
        reading.person({"sub": "x"})


def test_a_role_that_is_none_is_no_setting() -> None:
    with pytest.raises(SettingsError, match="LRS_OIDC_ROLES"):
        Reading(Settings(oidc_roles=("staff=boss",)))
