"""Notes, keys and checkpoints as texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.audit.tree.checkpoint import Checkpoint, verified
from lrs.audit.tree.note import BadNote, Note, Signer, Verifier, signed_note

# The example of C2SP signed-note.
_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SIGNER = Signer("example.org/log", bytes(range(32)))


def test_the_example_of_the_specification() -> None:
    key, note = Verifier.parse(_VKEY), Note.parse(_NOTE)
    assert (str(key), str(note)) == (_VKEY, _NOTE)
    assert key.signed(note)
    assert not key.signed(note._replace(signatures=()))
    with pytest.raises(BadNote, match="doesn't verify"):
        key.signed(note._replace(text="This is an example message!\n"))


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1), st.data())
def test_a_changed_bit_of_a_checkpoint_is_found(root: bytes, size: int, data: st.DataObject) -> None:
    checkpoint = Checkpoint("example.org/log", size, root)
    written = str(signed_note(checkpoint.text(), [SIGNER]))
    assert verified(written, "example.org/log", [SIGNER.verifier]) == checkpoint
    encoded = bytearray(written.encode())
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((BadNote, UnicodeDecodeError)):
        verified(encoded.decode(), "example.org/log", [SIGNER.verifier])


@given(st.text() | st.text("—\n AB=+09az/", max_size=60))
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadNote):
        verified(text, "example.org/log", [SIGNER.verifier])
    with pytest.raises(BadNote):
        Checkpoint.parse(text)
    with pytest.raises(BadNote):
        Verifier.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "example.org/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n",
        "example.org/log\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "example.org/log\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "example.org/log\n٣\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "example.org/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
        "example.org/log\n1\nAAAA\n",
        "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    ],
)
def test_a_checkpoint_is_written_in_one_way(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_of_another_log_or_another_key() -> None:
    written = str(signed_note(Checkpoint("example.org/log", 1, bytes(32)).text(), [SIGNER]))
    with pytest.raises(BadNote, match=r"of another log: example\.org/log, not example\.org/other"):
        verified(written, "example.org/other", [SIGNER.verifier])
    with pytest.raises(BadNote, match="isn't signed by a known key"):
        verified(written, "example.org/log", [Signer("example.org/log", bytes(32)).verifier])
