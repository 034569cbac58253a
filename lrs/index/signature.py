"""Few bits that say of all terms of a statement which others it can't have.

A signature file, or Bloom filter (Bloom, 1970, https://doi.org/10.1145/362686.362692): each term sets two of 63 bits.
Ten terms set about 17, so that of the statements that lack a term one in thirteen seems to have it. It stands in
each row of the index, so that whoever walks the list of one term needn't look each statement up in the list of another.
"""

from collections.abc import Iterable
from typing import Final

_BITS: Final = tuple(1 << byte % 63 for byte in range(256))
"""By byte of a term, which is a digest. The 64th bit is the sign."""


def signature(terms: Iterable[bytes]) -> int:
    """Give the bits that these terms set together."""
    bits = 0
    for term in terms:
        bits |= _BITS[term[0]] | _BITS[term[1]]
    return bits
