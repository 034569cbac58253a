"""Which day it is: where the store is, in every answer."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.insights import figures, managers, people, streaks, teams
from lrs.insights.caller import Caller
from lrs.insights.moment import Moment
from lrs.insights.snapshot import Snapshot
from lrs.insights.store import InsightStores
from schemas.policy import Policy
from tests.insights.house import KEY, House, completion, mail


def looked_at(house: House, now: datetime) -> dict[str, Any]:
    """What L&D is told about the lab at a moment."""

    async def look() -> dict[str, Any]:
        stores = InsightStores(house.settings.database_url, KEY)
        try:
            store = await stores.get("default")

            def read(rows: Cursor[TupleRow]) -> dict[str, Any]:
                snapshot = Snapshot(
                    rows, store, Caller("default", "eve", roles=frozenset({"lnd"})), Moment(now, None), now
                )
                (rhythm,) = snapshot.items(figures.STREAKS, team="lab")
                (leading,) = snapshot.items(managers.FIGURES, team="lab")
                led = snapshot.items(managers.LIST, team="lab")
                details = [snapshot.item(managers.ONE, person=one.person.id) for one in led]
                return {
                    "team": [one.name for one in snapshot.item(teams.ONE, team="lab").members],
                    "people": [one.name for one in snapshot.items(people.LIST, team="lab")],
                    "streaks": [one.person.name for one in snapshot.items(streaks.LIST, team="lab")],
                    "rhythm": rhythm.figures.people,
                    "managers": [one.person.name for one in led],
                    "leading": leading.figures.managers,
                    "led": {one.manager.rhythm.people for one in details},
                }

            return await store.run(read)
        finally:
            await stores.close()

    return {name: sorted(one) if isinstance(one, list) else one for name, one in asyncio.run(look()).items()}


def test_who_joins_today_belongs_everywhere_from_the_store_s_midnight_on(quiet: House) -> None:
    quiet.policy(Policy(time_zone="Pacific/Kiritimati", smallest_group=1))
    quiet.post(completion("l1"))
    noon = datetime.combine(datetime.now(UTC).date() + timedelta(days=3), time(12), UTC)
    # It is 2 o'clock there, on the next day.
    day = noon.date() + timedelta(days=1)
    new = [f"{mail('o1')},O1,lab,no", f"{mail('m2')},M2,lab,yes", ""]
    quiet.organise("\n".join(["email,name,team,manager", *new]), on=day)
    quiet.project()
    assert looked_at(quiet, noon - timedelta(hours=3)) == {
        "team": ["L1"],
        "people": ["L1"],
        "streaks": ["L1"],
        "rhythm": 1,
        "managers": ["Lin"],
        "leading": 1,
        "led": {1},
    }
    assert looked_at(quiet, noon) == {
        "team": ["L1", "O1"],
        "people": ["L1", "O1"],
        "streaks": ["L1", "O1"],
        "rhythm": 2,
        "managers": ["Lin", "M2"],
        "leading": 2,
        "led": {2},
    }
