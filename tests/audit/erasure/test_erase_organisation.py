"""Erasing people whom the organisation knows: all of a person goes together, whoever changes something meanwhile."""

import asyncio
from uuid import UUID

from lrs.audit.erasure import Erasures
from lrs.configuration import ConfigurationLog
from lrs.document import Conditions, Content, Documents, Key, Place
from lrs.errors import NotFound
from lrs.organisation import Directory, How, exported
from lrs.store import Store
from tests.audit.erasure.given import Home, erase
from tests.document.given import LIMITS
from tests.organisation.given import JUNE, table
from tests.store.given import append, found, ids, person, statement, voiding, who

_HOW = How(JUNE, new_teams=True)
_LMS = "account:https://lms.example ann"
_ACCOUNT = {"account": {"homePage": "https://lms.example", "name": "ann"}}
_PEOPLE = table(
    {"email": "ann", "name": "Ann", "team": "Sales", "manager": "yes"},
    {"email": "bea", "name": "Bea", "team": "Sales", "manager": "ann"},
)


async def take(directory: Directory, data: bytes = _PEOPLE) -> None:
    outcome = await asyncio.to_thread(directory.take, data, "people.csv", "people", _HOW, by="test")
    assert not outcome.refusals


async def test_all_identifiers_of_a_person_go_together(
    store: Store, directory: Directory, erasures: Erasures, home: Home
) -> None:
    await take(directory)
    directory.link("ann@example.org", _LMS, by="test")
    by_account = statement() | {"actor": _ACCOUNT}
    await append(store, statement("ann"), by_account, statement("bea", _ACCOUNT | {"objectType": "Agent"}))
    looked = erasures.look(_LMS)
    assert (len(looked.extent.learners), looked.extent.counts["statements"]) == (2, 2)
    assert looked.details[0].identifiers == ("mbox:mailto:ann@example.org", _LMS)
    done = erase(erasures, _LMS)
    assert done.erased.counts | {"people": 1, "managements": 1, "identifiers": 2, "mentions": 1} == done.erased.counts
    for named in (_LMS, "ann@example.org", str(done.person)):
        try:
            erasures.look(named)
        except NotFound:
            continue
        raise AssertionError(named)
    known = directory.known()
    assert [one.name for one in known.details.values()] == ["Bea"]
    assert known.organisation.managements == ()
    assert home.differences() == []
    assert home.rows("SELECT FROM managements") == []


async def test_an_unlinked_identifier_goes_alone(
    store: Store, directory: Directory, erasures: Erasures, home: Home
) -> None:
    await take(directory)
    directory.link("ann@example.org", _LMS, by="test")
    directory.unlink(_LMS, by="test")
    mine = statement("ann")
    await append(store, mine, statement() | {"actor": _ACCOUNT})
    assert erase(erasures, _LMS).erased.counts["people"] == 0
    assert await found(store) == ids(mine)
    assert directory.person("ann@example.org")[1].learners != ()
    assert home.differences() == []


async def test_who_manages_others_leaves_their_team_to_be_managed_again(
    directory: Directory, erasures: Erasures, home: Home
) -> None:
    await take(directory)
    before = directory.person("ann@example.org")[1].id
    erase(erasures, "ann@example.org")
    assert [one["name"] for one in exported(directory.known())["people"]] == ["Bea"]
    await take(directory)
    assert directory.person("ann@example.org")[1].id != before
    assert len(home.rows("SELECT FROM managements")) == 1
    assert home.differences() == []


async def test_the_organisation_s_events_say_nothing_of_them_any_more(
    directory: Directory, erasures: Erasures, log: ConfigurationLog, home: Home
) -> None:
    await take(directory)
    ann = directory.person("ann@example.org")[1].id
    erase(erasures, "ann@example.org")
    states = home.rows("SELECT state FROM stored_events WHERE topic = 'organisation.changed' ORDER BY notification_id")
    assert len(states) == 2
    for secret in (b"Ann", b"ann@", b"Lisbon"):
        assert secret not in b"".join(state for (state,) in states)
    # The id is all there is, and it names nobody.
    assert home.rows("SELECT FROM people WHERE person = %s", ann) == []
    with log.reading() as cursor:
        assert log.keyring.by_id(cursor, [UUID(bytes=key) for key in erasures.of(ann).erased.keys]) == {}


async def test_changes_of_the_organisation_at_the_same_time(
    directory: Directory, erasures: Erasures, home: Home
) -> None:
    await take(directory)
    ann = directory.person("ann@example.org")[1].id

    async def change() -> None:
        for number in range(6):
            await take(
                directory, table({"email": "ann", "team": f"T{number}"}, {"email": f"p{number}", "team": "Sales"})
            )

    changing = asyncio.create_task(change())
    await asyncio.sleep(0)
    await asyncio.to_thread(erasures.erase, "ann@example.org", confirm=ann, by="test")
    await changing
    assert home.rows("SELECT FROM people WHERE person = %s", ann) == []
    assert home.rows("SELECT FROM memberships WHERE person = %s", ann) == []
    assert home.differences() == []


async def test_documents_go_and_those_on_their_way_are_of_somebody_new(
    store: Store, erasures: Erasures, home: Home
) -> None:
    documents = Documents(store, LIMITS)
    place = Place(resource="state", activity="http://example.org/x", agent=who("ann"))
    other = Place(resource="agent_profile", agent=who("bea"))
    key = Key(place, "bookmark")

    async def put(where: Key, text: str) -> None:
        await documents.put(where, Content(text.encode(), "text/plain"), Conditions(), by="t", version="1.0.3")

    await put(key, "first")
    await documents.put(
        Key(other, "p"), Content(b"bea", "text/plain"), Conditions(if_none_match="*"), by="t", version="1.0.3"
    )
    ann = erasures.look("ann@example.org").extent
    assert ann.counts["documents"] == 1

    async def keep_putting() -> None:
        for number in range(20):
            await put(key, f"number {number}")

    putting = [asyncio.create_task(keep_putting()) for _ in range(2)]
    await asyncio.sleep(0)
    done = await asyncio.to_thread(erasures.erase, "ann@example.org", confirm=ann.persons[0], by="test")
    await asyncio.gather(*putting)
    destroyed = {UUID(bytes=one) for one in done.erased.keys}
    assert not destroyed & {key_id for (key_id,) in home.rows("SELECT key_id FROM documents")}
    erase(erasures, "ann@example.org")
    assert await documents.get(key) is None
    assert (await documents.ids(place)).ids == []
    assert (await documents.ids(other)).ids == ["p"]


async def test_an_authority_is_a_credential_and_stays(store: Store, erasures: Erasures, home: Home) -> None:
    vouched = statement("bea")
    await append(store, statement("ann"), authority="tool")
    await append(store, vouched, authority="ann")
    tool = "account:https://lrs.example ann"
    # Known by something of their own as well: an authority alone makes nobody a learner.
    await append(store, statement() | {"actor": {"account": {"homePage": "https://lrs.example", "name": "ann"}}})
    assert not erasures.look("ann@example.org").is_authority
    assert erasures.look(tool).is_authority
    erase(erasures, tool)
    assert await found(store, agent=who("bea")) == ids(vouched)
    recorded = await store.statement(UUID(vouched["id"]))
    assert recorded is not None
    assert b'"name":"ann"' in recorded.text
    assert home.differences() == []


async def test_erased_one_after_the_other(store: Store, erasures: Erasures, home: Home) -> None:
    both = statement("bea", person("ann"), context={"instructor": person("cas")})
    wrong = statement("cas", "wrong")
    await append(
        store, both, wrong, voiding(wrong, "ann"), statement("dan", {"objectType": "StatementRef", "id": both["id"]})
    )
    for name in ("cas", "ann", "bea", "dan"):
        erase(erasures, f"{name}@example.org")
        assert home.differences() == []
    assert await found(store) == []
    for name in ("learners", "person_keys", "statement_terms", "statement_salts", "activities"):
        rows = home.rows(f"SELECT * FROM {name}")  # noqa: S608
        assert rows == [], name
