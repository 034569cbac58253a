"""A store that has something in every table that its log says anything of."""

import asyncio
import hashlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from consumers.database import connect_to_store
from consumers.live import Live
from lrs.audit.erasure import Erasures
from lrs.audit.retention import Expiry, Retention, Rule, Rules
from lrs.audit.tree import keys
from lrs.configuration import ConfigurationLog
from lrs.document import Documents
from lrs.document.place import Key
from lrs.log.messages import MessageLog
from lrs.organisation import Directory, How
from lrs.store import Stores
from projections.all import NAMES, projection_named
from tests.audit.tree.given import ORIGIN, Log
from tests.document.given import LIMITS, activity_profile, agent_profile, put, state
from tests.organisation.given import JUNE, table
from tests.store.conftest import MASTER
from tests.store.given import activity, append, iri, person, prepared, ref, statement, voiding, who

PEOPLE = table(
    {"email": "ann", "name": "Ann", "team": "Sales", "manager": "bea"},
    {"email": "bea", "name": "Bea", "team": "Sales", "manager": "yes"},
    {"email": "cas", "name": "Cas", "team": "Sales", "manager": "bea"},
)
_COURSE = {"id": iri("course"), "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}
_FILE = b"a certificate"
_GROUP = {"objectType": "Group", "member": [person("ann"), person("dan")]}


def furnish(log: Log, folder: Path) -> None:
    """Fill an empty store, sign it, and keep its projections current."""
    with closing(ConfigurationLog(log.url, log.store, MASTER)) as configuration:
        outcome = Directory(configuration).take(PEOPLE, "people.csv", "people", How(JUNE, new_teams=True), by="test")
        assert not outcome.refusals
        Directory(configuration).link("ann@example.org", "account:https://lms.example ann", by="test")
        asyncio.run(_say(log))
        log.sign(folder)
        keys.rotate(log.connection, f"store_{log.store}", ORIGIN, MASTER)
        erasures = Erasures(configuration)
        (gone,) = erasures.look("gone@example.org").extent.persons
        erasures.erase("gone@example.org", confirm=gone, by="test")
        Retention(configuration).set(Rules((Rule(name="old", days=1, verbs=(iri("viewed"),)),)), by="test")
        expired = Expiry(configuration, 7).run(datetime.now(UTC) + timedelta(days=9), by="test")
        assert expired.statements == 1
    log.say(statement("ann"), statement("dan"))
    log.sign(folder)
    log.say(statement("bea"))  # not signed yet
    with closing(connect_to_store(log.url, log.store)) as connection:
        for name in NAMES:
            live: Live[Any] = Live(connection, MessageLog(connection, log.store, MASTER), projection_named(name))
            live.load()
            live.catch_up()


def _did(name: str, verb: str, days: float, **more: Any) -> dict[str, Any]:
    moment = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    return statement(name, _COURSE, verb={"id": verb}, timestamp=moment, **more)


async def _say(log: Log) -> None:
    stores = Stores(log.url, MASTER)
    store = await stores.get(log.store)
    wrong = statement("cas")
    talk = "https://w3id.org/vliegwiel/xapi/verbs/checked-in"
    await append(
        store,
        wrong,
        voiding(wrong, "gone"),
        statement("gone", ref(wrong)),
        statement("dan", verb={"id": iri("viewed")}),
        statement("ann", activity("described", name={"en": "Described"})),
        _did("ann", "http://adlnet.gov/expapi/verbs/completed", 20),
        _did("bea", talk, 15, context={"instructor": person("ann")}),
        *(_did("ann", "https://w3id.org/vliegwiel/xapi/verbs/practised", days) for days in (18, 17, 16, 9, 8)),
        _did("ann", "http://adlnet.gov/expapi/verbs/shared", 7),
        statement("dan", person("cas"), context={"team": {**_GROUP, "mbox": "mailto:team@example.org"}}),
        {**statement(), "actor": _GROUP},
    )
    sha2 = hashlib.sha256(_FILE).hexdigest()
    attachment = {
        "usageType": iri("usage"),
        "display": {"en": "Certificate"},
        "contentType": "text/plain",
        "length": len(_FILE),
        "sha2": sha2,
    }
    await store.append(prepared(statement("ann", attachments=[attachment])), defines=True, contents={sha2: _FILE})
    documents = Documents(store, LIMITS)
    for place in (state(agent=who("dan")), agent_profile(who("doc")), activity_profile()):
        await put(documents, Key(place, "bookmark"), {"page": 7}, if_none_match="*")
    await stores.close()
