"""Signed statements: a JSON web signature among the attachments (1.0.3 Data 2.6)."""

import sys
from base64 import b64decode
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64decode
from msgspec import UNSET
from msgspec.structs import replace

from lrs.errors import shown
from lrs.statement.attachment import SIGNATURE
from lrs.statement.equality import same
from lrs.statement.errors import Invalid
from lrs.statement.parse import parse
from lrs.statement.rules import Limits, Version
from schemas.xapi import Statement

_ALGORITHMS = ["RS256", "RS384", "RS512"]
_KEY_BITS = 2048
"""The smallest RSA key these algorithms may have (RFC 7518, 3.3)."""


class _Registry(jws.JWSRegistry):
    """Room for certificates in the header and a whole statement as payload: the request's size is limited already."""

    max_header_length = 65_536
    max_payload_length = sys.maxsize
    max_signature_length = 65_536


_registry = _Registry(algorithms=_ALGORITHMS, strict_check_header=False)


def verify_signature(
    statement: Statement, content: bytes, *, version: Version, limits: Limits, path: str = "statement.attachments[0]"
) -> None:
    """Check the content of a signature attachment against the statement as it was received.

    It must be a JWS in compact form, by RS256, RS384 or RS512, whose payload is the same statement before it was
    signed. When the header carries a certificate (x5c), the signature must be its key's. ``path`` is the attachment's.
    """
    try:
        _verify(statement, content, version, limits)
    except Invalid as error:
        raise Invalid(path, f"the signature {error.reason}") from None


def _verify(statement: Statement, content: bytes, version: Version, limits: Limits) -> None:
    try:
        signature = jws.extract_compact(content.strip(), registry=_registry)
        header = signature.headers()
        _registry.check_header(header)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise Invalid("", f"is not a JSON web signature in compact form: {shown(str(error))}") from None
    algorithm = header["alg"]
    if algorithm not in _ALGORITHMS:
        raise Invalid("", f"is by {shown(str(algorithm))}: use {', '.join(_ALGORITHMS)}")
    if not signature.segments["signature"]:
        raise Invalid("", "is empty: a JSON web signature has three parts, of which the third is the signature")
    try:
        urlsafe_b64decode(signature.segments["signature"])
    except ValueError:
        raise Invalid("", "is malformed: its third part is not base64url without padding") from None
    if "x5c" in header and not jws.validate_compact(signature, _key(header["x5c"]), registry=_registry):
        raise Invalid("", "is not by the key of the first certificate in its x5c header")
    try:
        signed = parse(signature.payload, version, limits, single=True)[0]
    except Invalid as error:
        raise Invalid("", f"holds something that is not a statement: at {shown(error.path)}, {error.reason}") from None
    # All that 1.0.3 compares, in 2.0 too: what the signature doesn't cover must not look signed.
    if not same(_unsigned(statement), _unsigned(signed), "1.0.3"):
        raise Invalid("", "is of another statement than the one it came with")


def _key(chain: Any) -> RSAKey:
    """Take the public key of the first certificate (RFC 7515, 4.1.6)."""
    try:
        certificate = x509.load_der_x509_certificate(b64decode(chain[0], validate=True))
        key = certificate.public_key()
    except (LookupError, TypeError, ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise Invalid("", "has an x5c header whose first entry is no certificate (base64 of DER)") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < _KEY_BITS:
        raise Invalid("", f"has a certificate in its x5c header whose key is not RSA of {_KEY_BITS} bits or more")
    return RSAKey.import_key(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _unsigned(statement: Statement) -> Statement:
    """Take the signature itself off: what was signed had none."""
    if statement.attachments is UNSET:
        return statement
    others = [attachment for attachment in statement.attachments if attachment.usage_type != SIGNATURE]
    return replace(statement, attachments=others or UNSET)
