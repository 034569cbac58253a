"""Seals what belongs to a person under that person's own key, so that a person can be forgotten."""

from lrs.seal.keyring import Keyring
from lrs.seal.master import KeysLost, MasterKey, WrongMasterKey
from lrs.seal.person import PersonKey
from lrs.seal.secret import shared_secret

__all__ = ["Keyring", "KeysLost", "MasterKey", "PersonKey", "WrongMasterKey", "shared_secret"]
