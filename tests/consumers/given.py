"""Words to write statements with that mean something."""

from typing import Any

from tests.store.given import statement

COMPLETED = {"id": "http://adlnet.gov/expapi/verbs/completed"}


def completed(actor: str = "ann", about: Any = "course", **more: Any) -> dict[str, Any]:
    """Somebody completed something."""
    return statement(actor, about, verb=COMPLETED, **more)
