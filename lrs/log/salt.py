"""Salts of statements: what their keys are derived with, one random salt a statement, kept beside the log.

The log can't be rewritten and a person's key opens all that is theirs. Deleting a salt forgets one statement.
"""

import os
import struct
from typing import Final

from lrs import sql

SALT_BYTES: Final = 32
"""As many as the keys have: who has a person's key but not the salt has to guess as much as without either."""
COPY_SALTS: Final = sql.load(__package__).copy_salts
"""Writes rows of ``packed_salt``."""
_ROW = struct.Struct(f"!hiqi{SALT_BYTES}s")  # 2 fields; position, salt


def new_salts(many: int) -> list[bytes]:
    """Make a salt for each of so many statements, with one call of the system."""
    block = os.urandom(SALT_BYTES * many)
    return [block[start : start + SALT_BYTES] for start in range(0, len(block), SALT_BYTES)]


def packed_salt(position: int, salt: bytes) -> bytes:
    """Pack the row of a statement's salt."""
    return _ROW.pack(2, 8, position, SALT_BYTES, salt)
