"""Stores: each a Postgres schema of its own; nothing crosses from one to another."""

from lrs.store.migrate import BadStoreName, create_store, migrate, schema_of
from lrs.store.store import Answer, Store
from lrs.store.stores import Stores

__all__ = ["Answer", "BadStoreName", "Store", "Stores", "create_store", "migrate", "schema_of"]
