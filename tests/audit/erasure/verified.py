"""A receipt's reader that knows nothing of the program: the signed-note format by its specification."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import json


def facts(note: str, vkey: str) -> dict[str, Any]:
    """What a receipt says, if its signature verifies; raises InvalidSignature."""
    name, key_id, encoded = vkey.split("+", 2)
    text, _, line = note.rpartition("\n\n")
    dash, signer, signed = line.rstrip("\n").split(" ")
    signature = base64.b64decode(signed)
    assert (dash, signer, signature[:4].hex()) == ("\N{EM DASH}", name, key_id)
    kind, *key = base64.b64decode(encoded)
    assert kind == 1
    Ed25519PublicKey.from_public_bytes(bytes(key)).verify(signature[4:], f"{text}\n".encode())
    first, log, said = text.split("\n")
    assert first == "vliegwiel erasure receipt v1"
    found: dict[str, Any] = json.decode(said)
    assert log.endswith(f"/log/{found['store']}")
    return found
