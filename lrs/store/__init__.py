"""Stores: each a Postgres schema of its own; nothing crosses from one to another."""

from lrs.store.migrate import create_store, migrate
from lrs.store.store import Answer, Store
from lrs.store.stores import Stores

__all__ = ["Answer", "Store", "Stores", "create_store", "migrate"]
