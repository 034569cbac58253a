"""Messages: what the log tells others."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json
from psycopg import sql

from lrs.index import Query
from lrs.log.pointing import pointed_at
from lrs.log.reader import FORGOTTEN
from lrs.store import Store
from schemas.message import Message, decode_message, encode_message
from schemas.organisation import OrganisationChange, Team
from schemas.policy import Policy
from schemas.vocabulary import VocabularyChange
from tests.relay.given import END, Log, positions, record, record_change, record_event, record_many
from tests.store.given import activity, destroy, person, ref, statement, uuid, voiding


async def test_a_statement_is_what_get_gives(store: Store, log: Log) -> None:
    sent = statement(
        "ann",
        {
            "objectType": "SubStatement",
            "actor": person("ben"),
            "verb": {"id": "http://example.org/planned"},
            "object": activity("course"),
            "timestamp": "2026-01-01T10:00:00+02:00",
        },
        context={"instructor": person("cas")},
    )
    await record(store, sent, statement("ann", timestamp="2026-01-01T10:00:00+02:00"))
    given_back = (await store.select(Query(limit=10, ascending=True))).page.statements
    messages = log.all()
    assert [bytes(message.statement) for message in messages] == [one.text for one in given_back]
    assert [(message.position, message.id, message.stored) for message in messages] == [
        (one.position, one.id, one.stored) for one in given_back
    ]
    assert json.decode(messages[0].statement)["object"]["timestamp"] == "2026-01-01T08:00:00.000Z"


async def test_a_statement_names_its_learner_and_the_others_in_it(store: Store, log: Log) -> None:
    for who in ("ann", "ben", "cas", "dee"):
        await record(store, statement(who))
    ann, ben, cas, dee = (message.learner for message in log.all())
    assert len({ann, ben, cas, dee}) == 4
    team = {"objectType": "Group", "member": [person("dee"), person("ann"), person("ben")]}
    await record(store, statement("ann", person("ben"), context={"instructor": person("cas"), "team": team}))
    last = log.all()[-1]
    assert last.learner == ann
    assert last.people == (ben, cas, dee)


async def test_the_chain_passes_over_what_is_not_published(store: Store, log: Log) -> None:
    await record_event(store, "document.changed")
    await record(store, statement(), statement())
    await record_event(store, "document.changed")
    await record_event(store, "document.changed")
    await record_change(store, "policy", Policy())
    await record(store, statement())
    await record_event(store, "document.changed")
    assert [(message.previous, message.position) for message in log.all()] == [(0, 2), (2, 3), (3, 6), (6, 7)]
    assert log.messages.head(log.cursor) == 7
    # the same from anywhere, also from where no message is
    assert [message.previous for message in log.messages.after(log.cursor, 4, END, 9)] == [3, 6]
    assert [message.previous for message in log.messages.after(log.cursor, 1, END, 1)] == [0]
    assert log.messages.after(log.cursor, 7, END, 9) == []


def test_an_empty_log_has_no_messages(log: Log) -> None:
    assert log.messages.head(log.cursor) == 0
    assert log.all() == []
    assert log.messages.configuration(log.cursor, END) == []
    assert log.messages.about(log.cursor, [uuid4()], END) == []
    assert log.messages.about(log.cursor, [], END) == []
    assert log.messages.of(log.cursor, [uuid4()], END) == []
    assert log.messages.referrers(log.cursor, [], END) == {}


async def test_pages_of_any_size_give_the_same(store: Store, log: Log) -> None:
    await record_many(store, 23)
    await record_event(store, "document.changed")
    await record_many(store, 7)
    whole = log.all()
    assert positions(whole) == [*range(1, 24), *range(25, 32)]

    @given(limit=st.integers(1, 40), up_to=st.integers(0, 40))
    @settings(max_examples=30)
    def check(limit: int, up_to: int) -> None:
        assert log.all(limit=limit, up_to=up_to) == [message for message in whole if message.position <= up_to]

    check()


async def test_large_statements_come_in_smaller_pages(store: Store, log: Log) -> None:
    large = {"extensions": {"http://example.org/text": "x" * 3_000_000}}
    for _ in range(4):
        await record(store, statement(result=large))
    first = log.messages.after(log.cursor, 0, END, 100)
    assert positions(first) == [1, 2, 3]
    assert positions(log.messages.after(log.cursor, 3, END, 100)) == [4]


async def test_configuration_comes_with_what_changed(store: Store, log: Log) -> None:
    organisation = OrganisationChange(teams=(Team(id="t", name='Zorg "Noord"'),))
    await record(store, statement())
    await record_change(store, "organisation", organisation)
    await record_change(store, "vocabulary", VocabularyChange(removed=("http://example.org/x",)))
    await record(store, statement())
    await record_change(store, "policy", Policy(smallest_group=7))
    changes = log.messages.configuration(log.cursor, END)
    assert [(message.position, message.previous, message.kind) for message in changes] == [
        (2, 1, "organisation"),
        (3, 2, "vocabulary"),
        (5, 4, "policy"),
    ]
    assert json.decode(changes[0].change, type=OrganisationChange) == organisation
    assert json.decode(changes[2].change, type=Policy) == Policy(smallest_group=7)
    assert log.messages.configuration(log.cursor, 4) == changes[:2]
    assert [message for message in log.all() if message.kind != "statement"] == changes


async def test_messages_survive_encoding(store: Store, log: Log) -> None:
    await record(store, statement("ann", person("ben")))
    await record_change(store, "policy", Policy())
    for message in log.all():
        assert decode_message(encode_message(message)) == message
        assert encode_message(decode_message(encode_message(message))) == encode_message(message)


async def test_a_forgotten_actor_leaves_the_chain_whole(store: Store, log: Log) -> None:
    await record(store, statement("ann"), statement("ben", person("ann")), statement("cas"))
    before = log.all()
    ann = before[0].learner
    destroy(log.cursor, "learner = %s", ann)
    after = log.all()
    assert [(one.position, one.previous, one.learner) for one in after] == [
        (one.position, one.previous, one.learner) for one in before
    ]
    assert bytes(after[0].statement) == b""
    assert after[1].people == ()
    assert json.decode(after[1].statement)["object"]["account"]["homePage"] == FORGOTTEN
    assert after[2] == before[2]
    assert [decode_message(encode_message(one)) for one in after] == after
    assert b'"statement":' not in encode_message(after[0])


async def test_statements_are_given_by_their_ids(store: Store, log: Log) -> None:
    first, second, third = statement(), statement(), statement()
    await record(store, first, second)
    await record_event(store, "document.changed")
    await record(store, third)
    whole = log.all()
    ids = [uuid(third), uuid(first), uuid4()]
    assert log.messages.of(log.cursor, ids, END) == [whole[0], whole[2]]
    assert log.messages.of(log.cursor, ids, 3) == [whole[0]]


async def test_a_message_is_held_only_by_the_log_it_is_from(store: Store, log: Log) -> None:
    await record(store, statement(), statement())
    first, second = log.all()
    assert log.messages.holds(log.cursor, second)
    assert not log.messages.holds(log.cursor, Message(**{**_fields(first), "position": 2}))
    assert not log.messages.holds(log.cursor, Message(**{**_fields(first), "position": 3}))


def _fields(message: Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__struct_fields__}


def _in_context(target: dict[str, Any]) -> dict[str, Any]:
    return {"context": {"statement": ref(target)}}


def test_what_a_statement_points_at() -> None:
    one, two = statement(), statement()

    head = b'{"store":"s","position":1,"previous":0,"stored":"2026-01-01T00:00:00Z","kind":"statement","id":"%b"'

    def pointing(**more: Any) -> list[UUID]:
        text = json.encode(statement("ann", **more))
        return pointed_at(decode_message(head % str(uuid4()).encode() + b',"statement":' + text + b"}"))

    assert pointing() == []
    assert pointing(about=ref(one)) == [uuid(one)]
    assert pointing(**_in_context(two)) == [uuid(two)]
    assert pointing(about=ref(one), **_in_context(two)) == [uuid(one), uuid(two)]
    assert pointing(about="StatementRef") == []
    assert pointing(result={"response": '"StatementRef"'}) == []


class TestAbout:
    """Everything that can matter to a learner."""

    async def _learner(self, store: Store, who: str) -> UUID | None:
        keys = await store.keys.of([f"mbox:mailto:{who}@example.org"])
        return keys[f"mbox:mailto:{who}@example.org"].learner

    @pytest.mark.parametrize("reverse", [False, True])
    async def test_it_is_found_wherever_it_points(self, store: Store, log: Log, reverse: bool) -> None:
        by_ann = statement("ann")
        to_ann = statement("ben", person("ann"))
        with_ann = statement("ben", context={"instructor": person("ann")})
        in_group = statement("ben", context={"team": {"objectType": "Group", "member": [person("ann")]}})
        answer = statement("cas", ref(by_ann))
        remark = statement("dee", **_in_context(to_ann))
        target = statement("eve")
        by_ann_about = statement("ann", **_in_context(target))
        other_target = statement("eve")
        by_ann_ref = statement("ann", ref(other_target))
        unrelated = statement("eve")
        voided_target = voiding(other_target)
        related = [
            by_ann,
            to_ann,
            with_ann,
            in_group,
            answer,
            remark,
            target,
            by_ann_about,
            other_target,
            by_ann_ref,
            voided_target,
        ]
        order = [*related, unrelated]
        if reverse:
            order.reverse()
        for one in order:
            await record(store, one)
        ann = await self._learner(store, "ann")
        assert log.about(ann) == [one["id"] for one in order if one is not unrelated]

    @pytest.mark.parametrize("voiding_first", [False, True])
    async def test_what_was_voided_and_what_voids_it_are_there(
        self, store: Store, log: Log, voiding_first: bool
    ) -> None:
        taken_back, kept = statement("ann"), statement("ann")
        void = voiding(taken_back)
        order = [void, taken_back, kept] if voiding_first else [taken_back, kept, void]
        for one in order:
            await record(store, one)
        ann = await self._learner(store, "ann")
        assert log.about(ann) == [one["id"] for one in order]
        # as of before the voiding, or before the voided one came
        assert log.about(ann, up_to=2) == [one["id"] for one in order[:2]]

    async def test_referrers_that_were_voided_count_as_well(self, store: Store, log: Log) -> None:
        by_ann = statement("ann")
        answer, remark = statement("ben", ref(by_ann)), statement("cas", **_in_context(by_ann))
        order = [by_ann, answer, remark, voiding(answer), voiding(remark)]
        for one in order:
            await record(store, one)
        ann = await self._learner(store, "ann")
        assert log.about(ann) == [one["id"] for one in order]
        found = log.messages.referrers(log.cursor, [uuid(by_ann), uuid(answer), uuid4()], END)
        assert found == {uuid(by_ann): [uuid(answer), uuid(remark)], uuid(answer): [uuid(order[3])]}
        assert log.messages.referrers(log.cursor, [uuid(by_ann)], 2) == {uuid(by_ann): [uuid(answer)]}

    async def test_every_identifier_of_a_learner_counts(self, store: Store, log: Log) -> None:
        one, two = statement("ann"), statement("anna")
        await record(store, one, two, statement("ben"))
        ann, anna = log.all()[0].learner, log.all()[1].learner
        assert log.about(ann, anna) == [one["id"], two["id"]]
        with psycopg.connect(log.connection.info.dsn, autocommit=True) as owner:
            owner.execute(
                sql.SQL("UPDATE {} SET learner = %s WHERE learner = %s").format(
                    sql.Identifier(log.messages.schema, "learners")
                ),
                [ann, anna],
            )
        assert log.about(ann) == [one["id"], two["id"]]

    async def test_they_are_the_messages_of_the_log(self, store: Store, log: Log) -> None:
        await record(store, statement("ann"))
        await record_event(store, "document.changed")
        await record(store, statement("ann", person("ben")))
        whole = log.all()
        assert log.messages.about(log.cursor, [whole[0].learner or uuid4()], END) == whole
