"""Sends the demo to a store through its HTTP API, as content tools and an HR system would."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec

from lrs.demo.held import ACTIVITY, PROFILE, Held
from lrs.errors import Refused

_BATCH = 200
_PLACE = {"activityId": ACTIVITY, "profileId": PROFILE}
_ANSWERS = {"follow_up", "streaks", "manager_visibility"}
"""Projections that what there is to see comes from."""


class Writer:
    """Speaks to one store."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        """Keep what is needed; the credential needs the scopes ``all`` and ``organisation``."""
        headers = {"X-Experience-API-Version": "1.0.3"}
        self._client = httpx.Client(base_url=url, auth=(key, secret), headers=headers, timeout=60, trust_env=False)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def hold(self, held: Held) -> None:
        """Let the store keep which demo it holds, from before the first statement on.

        Raises Refused if it holds people who aren't of the demo: nobody wants made-up people among their own.
        """
        if not held.complete and self._ask("GET", "/admin/v1/organisation").json()["people"]:
            raise Refused("the store has an organisation of its own: give the demo another one (lrs store create NAME)")
        headers = {
            "Content-Type": "application/json",
            **({"If-Match": "*"} if held.complete else {"If-None-Match": "*"}),
        }
        self._ask("PUT", "/xapi/activities/profile", params=_PLACE, content=msgspec.json.encode(held), headers=headers)

    def organise(self, organisation: dict[str, Any]) -> None:
        """Take the organisation over; the same again changes nothing."""
        self._ask("PATCH", "/admin/v1/organisation", json=organisation)

    def send(self, statements: Sequence[dict[str, Any]], show: Callable[[int], object]) -> int:
        """Send statements in their order; gives the position in the log of the last. What is there stays as it is.

        ``show`` is told how many have been sent.
        """
        position = 0
        for begin in range(0, len(statements), _BATCH):
            answer = self._ask("POST", "/xapi/statements", json=statements[begin : begin + _BATCH])
            position = max(position, int(answer.headers["X-Vliegwiel-Position"]))
            show(min(begin + _BATCH, len(statements)))
        return position

    def fail(self, statements: Sequence[dict[str, Any]]) -> None:
        """Send statements that are refused, as tools do that have them wrong."""
        for statement in statements:
            self._ask("POST", "/xapi/statements", json=statement, allowed=(400,))

    def caught_up(self, position: int, seconds: float) -> bool:
        """Wait until every projection has taken a position in; False if that takes longer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            places = self._ask("GET", "/insights/v1/positions").json()["projections"]
            # One that hasn't begun isn't there.
            if {one["name"] for one in places if one["position"] >= position} >= _ANSWERS:
                return True
            time.sleep(0.2)
        return False

    def _ask(self, method: str, path: str, allowed: tuple[int, ...] = (), **request: Any) -> httpx.Response:
        with _answering(str(self._client.base_url)):
            answer = self._client.request(method, path, **request)
        if answer.is_success or answer.status_code in allowed:
            return answer
        raise Refused(f"{method} {path} was answered with {answer.status_code}: {_detail(answer)}")


@contextmanager
def _answering(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        reason = str(error) or type(error).__name__
        raise Refused(f"{url} doesn't answer ({reason}): is `lrs up` running, and is LRS_PUBLIC_URL right?") from None


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
