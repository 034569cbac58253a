"""Signatures that hold, and everything that can be wrong with one."""

import base64
import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from lrs.refusal import impersonal
from lrs.statement import SIGNATURE, Invalid, Limits
from lrs.statement.signature import verify_signature
from tests.statement.given import ANN, ATTACHMENT, BOB, ID, a_statement, parsed, refusal

_STATEMENT = a_statement(id=ID, timestamp="2026-03-01T12:00:00Z", result={"duration": "PT1.12S"})
_SIGNED = ATTACHMENT | {"usageType": SIGNATURE, "contentType": "application/octet-stream"}


@cache
def _key(number: int = 1, bits: int = 2048) -> rsa.RSAPrivateKey:  # noqa: ARG001 tells keys apart
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _certificate(key: Any) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2030, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


class _Roomy(jws.JWSRegistry):
    max_header_length = 100_000


def _sign(payload: Any, algorithm: str = "RS256", **header: Any) -> bytes:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    private = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key: Any = OctKey.import_key("x" * 32) if algorithm.startswith("HS") else RSAKey.import_key(private)
    registry = _Roomy(algorithms=[algorithm], strict_check_header=False)
    return jws.serialize_compact({"alg": algorithm, **header}, text, key, registry=registry).encode()


def _refusal(content: bytes, statement: dict[str, Any] | None = None) -> str:
    received = parsed((statement or _STATEMENT) | {"attachments": [_SIGNED]})
    try:
        verify_signature(
            received, content, version="2.0.0", limits=Limits(), path="statements[3].object.attachments[1]"
        )
    except Invalid as error:
        return str(error).removeprefix("statements[3].object.attachments[1]: the signature ")
    return ""


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_good(algorithm: str) -> None:
    assert _refusal(_sign(_STATEMENT, algorithm)) == ""
    assert _refusal(_sign(_STATEMENT, algorithm, x5c=[_certificate(_key())], kid="mine", typ="JWS")) == ""


def test_logically_the_same() -> None:
    assert _refusal(_sign(_STATEMENT | {"result": {"duration": "PT1.1267S"}})) == ""
    assert _refusal(_sign(_STATEMENT | {"timestamp": "2026-03-01T13:00:00.000+01:00"})) == ""
    assert _refusal(_sign({name: value for name, value in _STATEMENT.items() if name != "id"})) == ""
    assert _refusal(b"\r\n" + _sign(_STATEMENT) + b"\r\n") == ""


def test_other_attachments_were_signed_too() -> None:
    received = _STATEMENT | {"attachments": [_SIGNED, ATTACHMENT]}
    signed = _STATEMENT | {"attachments": [ATTACHMENT]}
    verify_signature(parsed(received), _sign(signed), version="2.0.0", limits=Limits())
    with pytest.raises(Invalid, match="of another statement"):
        verify_signature(parsed(received), _sign(_STATEMENT), version="2.0.0", limits=Limits())


def test_another_statement() -> None:
    assert _refusal(_sign(_STATEMENT | {"actor": BOB})) == "is of another statement than the one it came with"
    assert _refusal(_sign(_STATEMENT), _STATEMENT | {"actor": ANN | {"name": "Ann"}}).startswith("is of another")


def test_not_a_statement() -> None:
    broken = json.dumps(_STATEMENT).replace('"', "'", 1)
    assert _refusal(_sign(broken)).startswith("holds something that is not a statement: at 'statement', is not valid")
    assert _refusal(_sign([_STATEMENT])).startswith("holds something that is not a statement")
    assert _refusal(_sign(_STATEMENT | {"verb": {"id": "x"}})).startswith("holds something that is not a statement")


def test_what_a_signer_wrote_is_quoted() -> None:
    head = base64.urlsafe_b64encode(b"""{"alg":"RS256","crit":["Ann' is ill' x"]}""").rstrip(b"=")
    for signed in (_sign(_STATEMENT | {"Ann_is_ill": 1}), head + b".e30.AAAA"):
        assert "Ann" in _refusal(signed)
        assert "ill" not in impersonal.reason(_refusal(signed))


def test_algorithms() -> None:
    assert _refusal(_sign(_STATEMENT, "HS256")) == "is by 'HS256': use RS256, RS384, RS512"
    assert _refusal(_sign(_STATEMENT, "PS256")) == "is by 'PS256': use RS256, RS384, RS512"
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=") + b".e30."
    assert _refusal(unsigned) == "is by 'none': use RS256, RS384, RS512"


def test_a_third_part_that_is_empty() -> None:
    head, payload, _ = _sign(_STATEMENT).split(b".")
    assert _refusal(b".".join([head, payload, b""])).startswith("is empty: ")


@pytest.mark.parametrize("third", [b"A", b"not a signature", b"!!!", b"ab=c", b"abc=", b"ab+c", "é".encode()])
def test_a_third_part_that_is_no_base64url(third: bytes) -> None:
    head, payload, _ = _sign(_STATEMENT).split(b".")
    assert _refusal(b".".join([head, payload, third])).startswith("is malformed: ")


_NOT_JWS = [
    b"",
    b"x",
    b"a.b",
    b"a.b.c.d",
    b"..",
    b"\xff.\xff.\xff",
    b"{}",
    b"W10.e30.AAAA",
    b"NQ.e30.AAAA",
    b"e30.e30.AAAA",
]


@pytest.mark.parametrize("content", _NOT_JWS)
def test_not_a_signature(content: bytes) -> None:
    assert _refusal(content).startswith("is not a JSON web signature in compact form: ")


def test_header_too_deep() -> None:
    content = base64.urlsafe_b64encode(b"[" * 30_000) + b".e30.AAAA"
    assert _refusal(content).startswith("is not a JSON web signature in compact form: ")


def test_certificate_of_another() -> None:
    by_another = "is not by the key of the first certificate in its x5c header"
    assert _refusal(_sign(_STATEMENT, x5c=[_certificate(_key(2)), _certificate(_key())])) == by_another
    head, payload, _ = _sign(_STATEMENT, x5c=[_certificate(_key())]).split(b".")
    assert _refusal(head + b"." + payload + b".AAAA") == by_another


def test_certificates_that_are_none() -> None:
    for chain in ([], ["x"], ["xx"], ["AAAA"], ["é"]):
        unreadable = "has an x5c header whose first entry is no certificate (base64 of DER)"
        assert _refusal(_sign(_STATEMENT, x5c=chain)) == unreadable
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","x5c":"x"}').rstrip(b"=")
    assert _refusal(header + b".e30.AAAA").startswith("is not a JSON web signature in compact form: ")


def test_certificates_of_the_wrong_kind() -> None:
    wrong = "has a certificate in its x5c header whose key is not RSA of 2048 bits or more"
    elliptic = _certificate(ec.generate_private_key(ec.SECP256R1()))
    assert _refusal(_sign(_STATEMENT, x5c=[elliptic])) == wrong
    assert _refusal(_sign(_STATEMENT, x5c=[_certificate(_key(3, 1024))])) == wrong


def test_large_statements_can_be_signed() -> None:
    large = _STATEMENT | {"result": {"response": "x" * 1_000_000}}
    assert _refusal(_sign(large), large) == ""


def test_content_type_is_checked_with_the_statement() -> None:
    words = "statement.attachments[0].contentType: a signature's must be 'application/octet-stream'"
    assert refusal(_STATEMENT | {"attachments": [_SIGNED | {"contentType": "text/plain"}]}) == words
