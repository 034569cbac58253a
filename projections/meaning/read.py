"""What the LRS shows of the vocabulary: its meanings, what a statement means by it, and our own profile."""

from importlib.resources import files

from projections.meaning.act import classify
from projections.meaning.statement import BASE as PROFILE
from projections.meaning.vocabulary import Vocabulary

__all__ = ["PROFILE", "PROFILE_MEDIA_TYPE", "Vocabulary", "classify", "profile"]

PROFILE_MEDIA_TYPE = "application/ld+json"


def profile() -> bytes:
    """Give our xAPI Profile, the document that its IRI ``PROFILE`` names (JSON-LD, adlnet/xapi-profiles 1.0)."""
    return files(__package__).joinpath("profile.jsonld").read_bytes()
