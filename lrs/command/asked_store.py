"""The store that a command is asked to work on."""

from typing import Annotated

import typer

from lrs.settings import load
from lrs.store_name import checked_store_name

StoreName = Annotated[
    str | None, typer.Option("--store", metavar="NAME", help="The store; LRS_STORE if not given.", show_default=False)
]


def asked_store(store: str | None) -> str:
    """Give the store that was asked for, else the one of the settings.

    An empty name, of a shell's variable that isn't set, is none: taken for no name it would mean another store. Raises
    BadStoreName.
    """
    return load().store if store is None else checked_store_name(store)
