"""A witness (C2SP tlog-witness), by an implementation of proofs and signatures that isn't ours."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tlog_scales.signing import NoteSignature, Vkey
from tlog_scales.tlog import Checkpoint, ConsistencyProof, ConsistencyProofInvalid


class Witness:
    """Cosigns the checkpoints of logs whose key it knows."""

    def __init__(self, name: str = "witness.example/w1") -> None:
        self._key = Ed25519PrivateKey.generate()
        self.vkey = Vkey(name, None, 4, self._key.public_key().public_bytes_raw())
        self.logs: dict[str, Vkey] = {}
        self.seen: dict[str, tuple[int, bytes]] = {}
        self.answers: list[int] = []
        self.broken = ""
        self.url = ""

    def answer(self, body: str) -> tuple[int, str]:
        head, _, note = body.partition("\n\n")
        first, *proof = head.split("\n")
        old = int(first.removeprefix("old "))
        checkpoint = Checkpoint.from_text(note)
        if checkpoint.origin not in self.logs:
            return 404, ""
        try:
            checkpoint.verify(self.logs[checkpoint.origin])
        except RuntimeError:
            return 403, ""
        if old > checkpoint.size:
            return 400, ""
        size, root = self.seen.get(checkpoint.origin, (0, b""))
        if old != size:
            return 409, f"{size}\n"
        try:
            hashes = [base64.b64decode(line, validate=True) for line in proof]
            if old:
                ConsistencyProof(old, checkpoint.size, hashes).check(root, checkpoint.root_hash)
            else:
                assert not hashes
        except ConsistencyProofInvalid:
            return 422, ""
        self.seen[checkpoint.origin] = (checkpoint.size, checkpoint.root_hash)
        return 200, self.cosignature(checkpoint)

    def cosignature(self, checkpoint: Checkpoint) -> str:
        if self.broken:
            return self.broken
        now = int(time.time())
        message = f"cosignature/v1\ntime {now}\n{checkpoint.serialize_body()}".encode()
        signature = now.to_bytes(8) + self._key.sign(message)
        line = NoteSignature.from_vkey_signature(self.vkey, signature).serialize()
        stranger = NoteSignature.from_vkey_signature(
            Vkey("stranger.example", None, 4, bytes(32)), bytes(72)
        ).serialize()
        return f"{stranger}\n{line}\n"


@contextmanager
def serving(witness: Witness) -> Iterator[Witness]:
    """Serve it on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            status, answer = witness.answer(body) if self.path == "/w/add-checkpoint" else (404, "")
            witness.answers.append(status)
            self.send_response(status)
            self.send_header("content-type", "text/x.tlog.size" if status == 409 else "text/plain")
            self.send_header("content-length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    witness.url = f"http://127.0.0.1:{server.server_port}/w"
    try:
        yield witness
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
