"""Which demo a store holds: a document in the store itself says so."""

from datetime import date
from typing import Final

import msgspec
from msgspec import Struct

from lrs.document import Key, Place
from lrs.document.finder import Finder
from lrs.store import Store

ACTIVITY: Final = "https://molenwiek.example.org/demo"
PROFILE: Final = "demo"


class Held(Struct, frozen=True, forbid_unknown_fields=True):
    """Which demo a store holds."""

    seed: int
    until: date
    complete: bool
    """Whether all of it has been sent."""


async def held(store: Store) -> Held | None:
    """Give which demo the store holds; None: none."""
    place = Place(resource="activity_profile", activity=ACTIVITY)
    found = (await Finder(store).find(Key(place, PROFILE))).document
    return None if found is None else msgspec.json.decode(found.content.data, type=Held)
