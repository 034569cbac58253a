"""A pooler in front of the database."""

from contextlib import nullcontext

import psycopg
import pytest

from lrs.errors import Refused
from lrs.log import own_sessions
from lrs.log.own_sessions import require_own_sessions


def test_connections_without_a_pooler_are_our_own(database_url: str) -> None:
    require_own_sessions(database_url)


def test_a_pooler_that_hands_connections_on_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(database_url, autocommit=True) as shared:
        monkeypatch.setattr(own_sessions, "connect", lambda *_: nullcontext(shared))
        with pytest.raises(Refused, match="have it pool by session"):
            require_own_sessions(database_url)
