"""What the record store fills in, cuts out, joins and gives back."""

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from lrs.statement import CUT, Invalid, Prepared, Version, identity, join, prepare, read, with_stored
from lrs.statement.cut import MEMBERS, encode
from lrs.statement.timestamp import in_utc, written_in_utc
from schemas.xapi import Account, Actor
from tests.statement.given import (
    ANN,
    ATTACHMENT,
    AUTHORITY,
    BOB,
    CAS,
    COURSE,
    DEE,
    ID,
    OTHER_ID,
    a_statement,
    a_substatement,
    parsed,
)

_NOW = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
_TEAM: dict[str, Any] = {"objectType": "Group", "name": "Team", "mbox": "mailto:team@example.com"}


def prepared(statement: dict[str, Any], version: Version = "2.0.0", id_: UUID | None = None) -> Prepared:
    return prepare(parsed(statement, version), authority=AUTHORITY, version=version, id=id_)


def test_what_is_assigned() -> None:
    done = prepared(a_statement(stored="2011-07-15T00:00:00Z", authority=ANN), "1.0.3")
    assert done.statement.id == str(done.id)
    assert done.id.version == 4
    assert (
        json.loads(with_stored(done.text, "2026-03-01T12:00:00.000005Z"))["timestamp"] == "2026-03-01T12:00:00.000005Z"
    )
    assert done.statement.version == "1.0.0"
    assert done.statement.authority == AUTHORITY
    assert b"stored" not in done.text
    assert prepared(a_statement(), "2.0.0").statement.version == "2.0.0"


def test_what_the_sender_said_stays() -> None:
    done = prepared(a_statement(id=ID.upper(), timestamp="2020-02-29T12:00:00.1234567+01:00", version="1.0.2"))
    assert done.id == UUID(ID)
    assert done.statement.id == ID.upper()
    assert done.statement.timestamp == "2020-02-29T12:00:00.1234567+01:00"
    assert done.statement.version == "1.0.2"


def test_id_of_the_request() -> None:
    assert prepared(a_statement(), id_=UUID(ID)).statement.id == ID
    assert prepared(a_statement(id=ID.upper()), id_=UUID(ID)).id == UUID(ID)
    with pytest.raises(Invalid) as caught:
        prepared(a_statement(id=OTHER_ID), id_=UUID(ID))
    assert str(caught.value) == f"statement.id: {OTHER_ID} is not the statementId of the request, {ID}"


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        (Actor(mbox="mailto:Ann@Example.COM"), "mbox:mailto:Ann@example.com"),
        (Actor(mbox_sha1sum="AB" * 20), "mbox_sha1sum:" + "ab" * 20),
        (Actor(openid="https://Dee.example.com/"), "openid:https://Dee.example.com/"),
        (Actor(account=Account("https://lms.example.com", "a b")), "account:https://lms.example.com a b"),
        (Actor(object_type="Group", mbox="mailto:t@x.y", member=[Actor(openid="x:y")]), "mbox:mailto:t@x.y"),
        (
            Actor(object_type="Group", member=[Actor(openid="x:z"), Actor(openid="x:y")]),
            "group:" + sha256(b"openid:x:y\nopenid:x:z").hexdigest(),
        ),
    ],
)
def test_identity(actor: Actor, name: str) -> None:
    assert identity(actor) == name


def test_nobody_else_nothing_cut() -> None:
    done = prepared(a_statement(context={"platform": "web"}))
    assert done.actor == "mbox:mailto:ann@example.com"
    assert done.mentions == ()
    assert done.text == encode(done.statement)


def _cut(**properties: Any) -> tuple[bytes, list[tuple[str, bytes]]]:
    done = prepared(a_statement(id=ID, timestamp="2026-03-01T12:00:00.000Z", version="2.0.0", **properties))
    whole = join(done.text, [mention.text for mention in done.mentions])
    assert whole == encode(done.statement)
    assert read(whole) == done.statement
    assert done.text.count(CUT) == len(done.mentions)
    return done.text, [(mention.identity, mention.text) for mention in done.mentions]


_BOB = ("mbox:mailto:bob@example.com", b'{"mbox":"mailto:bob@example.com"}')
_CAS = (
    "account:https://lms.example.com cas",
    b'{"account":{"homePage":"https://lms.example.com","name":"cas"}}',
)
_DEE = ("openid:https://dee.example.com/", b'{"openid":"https://dee.example.com/"}')


def test_object_is_a_person() -> None:
    agent = {"objectType": "Agent", **BOB}
    text, mentions = _cut(object=agent)
    assert b'"object":\xff,' in text
    assert mentions == [(_BOB[0], b'{"objectType":"Agent","mbox":"mailto:bob@example.com"}')]


def test_everybody_in_order() -> None:
    text, mentions = _cut(
        actor={"objectType": "Group", "member": [BOB, CAS]},
        object=a_substatement(actor=DEE, context={"instructor": BOB}),
        context={
            "instructor": CAS,
            "team": {"objectType": "Group", "member": [DEE]},
            "contextAgents": [
                {"objectType": "contextAgent", "agent": BOB, "relevantTypes": ["http://example.com/t"]},
                {"objectType": "contextAgent", "agent": ANN},
            ],
            "contextGroups": [{"objectType": "contextGroup", "group": {"objectType": "Group", "member": [CAS]}}],
        },
    )
    ann = ("mbox:mailto:ann@example.com", b'{"mbox":"mailto:ann@example.com"}')
    assert mentions == [_BOB, _CAS, _DEE, _BOB, _CAS, _DEE, _BOB, ann, _CAS]
    assert b'"actor":{"objectType":"Group","member":[\xff,\xff]}' in text
    for words in (b"bob@", b"ann@", b"cas", b"dee"):
        assert words not in text


def test_the_actor_is_not_cut_anywhere() -> None:
    text, mentions = _cut(
        object={"objectType": "Agent", "name": "Ann", **ANN},
        context={
            "instructor": {"mbox": "mailto:ann@EXAMPLE.com"},
            "team": {"objectType": "Group", "member": [ANN, BOB]},
        },
    )
    assert mentions == [_BOB]
    assert b'"member":[{"mbox":"mailto:ann@example.com"},\xff]' in text


def test_identified_group_and_its_members_apart() -> None:
    text, mentions = _cut(context={"team": _TEAM | {"member": [BOB, ANN, CAS]}, "platform": "web"})
    head = b'{"objectType":"Group","name":"Team","mbox":"mailto:team@example.com"}'
    assert mentions == [("mbox:mailto:team@example.com", head), _BOB, _CAS]
    assert b'"team":\xff\xfe[\xff,{"mbox":"mailto:ann@example.com"},\xff]\xfe,"platform"' in text
    assert text.count(MEMBERS) == 2


@pytest.mark.parametrize("member", [[], [ANN], [BOB]])
def test_identified_groups_in_a_row(member: list[dict[str, Any]]) -> None:
    team = _TEAM | {"member": member}
    group = {"objectType": "contextGroup", "group": team}
    _cut(object=team, context={"instructor": team, "team": team, "contextGroups": [group, group]})


def test_identified_group_as_actor() -> None:
    text, mentions = _cut(actor=_TEAM | {"member": [BOB, ANN]}, context={"team": _TEAM | {"member": [CAS]}})
    assert [who for who, _ in mentions] == [_BOB[0], "mbox:mailto:ann@example.com", _CAS[0]]
    assert MEMBERS not in text


def test_cutting_leaves_the_statement_as_it_was() -> None:
    people = {"instructor": BOB, "team": _TEAM | {"member": [BOB, ANN]}}
    done = prepared(a_statement(id=ID, context=people))
    context = done.statement.context
    assert context
    assert context.instructor == Actor(mbox=BOB["mbox"])
    assert context.team
    assert context.team.member == [Actor(mbox=BOB["mbox"]), Actor(mbox=ANN["mbox"])]


def test_stand_in_for_somebody_forgotten() -> None:
    done = prepared(a_statement(context={"team": _TEAM | {"member": [BOB, ANN]}}))
    forgotten = b'{"objectType":"Group","account":{"homePage":"https://example.com","name":"gone"}}'
    context = read(join(done.text, [forgotten, _BOB[1]])).context
    assert context
    assert context.team
    assert context.team.account == Account("https://example.com", "gone")
    assert context.team.member == [Actor(mbox=BOB["mbox"]), Actor(mbox=ANN["mbox"])]


def test_join_counts() -> None:
    with pytest.raises(ValueError, match="1 cuts, but 2 people"):
        join(b'{"a":\xff}', [b"{}", b"{}"])


@pytest.mark.parametrize(
    ("written", "returned"),
    [
        ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.000Z"),
        ("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123456789Z"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000Z"),
        ("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.500Z"),
        ("2026-03-01t12:00:00.5z", "2026-03-01T12:00:00.500Z"),
        ("2023-05-04T12:00:00-05:00", "2023-05-04T17:00:00.000Z"),
        ("2023-01-01T00:30:15.1234567+05:45", "2022-12-31T18:45:15.1234567Z"),
        ("2023-05-04T12:00:00+0100", "2023-05-04T11:00:00.000Z"),
        ("2023-05-04T12:00", "2023-05-04T12:00:00.000Z"),
        ("20230504T120001,25", "2023-05-04T12:00:01.250Z"),
        ("2016-12-31T23:59:60.5Z", "2016-12-31T23:59:60.500Z"),
        ("2017-01-01T00:59:60+01:00", "2016-12-31T23:59:60.000Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_timestamps_are_returned_in_utc(written: str, returned: str) -> None:
    assert written_in_utc(written) == returned
    done = prepared(a_statement(timestamp=written, attachments=[ATTACHMENT]), "1.0.3")
    assert f'"timestamp":"{written}"'.encode() in done.text
    assert read(with_stored(done.text, "x")).timestamp == returned
    inner = prepared(a_statement(object=a_substatement(timestamp=written), timestamp=written), "1.0.3")
    back = read(with_stored(inner.text, "x"))
    assert back.timestamp == getattr(back.object, "timestamp", None) == returned


def test_with_stored() -> None:
    done = prepared(a_statement(timestamp="2026-03-01T12:00:00.000Z", attachments=[ATTACHMENT]))
    stored = in_utc(_NOW)
    assert with_stored(done.text, stored) == done.text[:-1] + b',"stored":"2026-03-01T12:00:00.000005Z"}'
    assert read(with_stored(done.text, stored)).stored == stored


def test_words_that_look_like_a_timestamp_stay() -> None:
    trick = '"timestamp":"2023-05-04T12:00:00-05:00"'
    shown = {"en": trick}
    statement = a_statement(
        timestamp="2023-05-04T12:00:00-05:00",
        result={"response": trick, "extensions": {"http://example.com/x": {"timestamp": "2023-05-04T12:00:00-05:00"}}},
        attachments=[ATTACHMENT | {"display": shown}],
    )
    done = prepared(statement)
    back = read(with_stored(done.text, "x"))
    assert back.timestamp == "2023-05-04T17:00:00.000Z"
    assert back.attachments
    assert back.attachments[0].display == shown
    assert back.result == done.statement.result


def test_in_utc() -> None:
    moment = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    assert in_utc(moment) == "2026-03-01T12:00:00.000000Z"


def test_preparing_again_changes_nothing() -> None:
    done = prepared(a_statement(context={"instructor": BOB, "team": _TEAM | {"member": [CAS]}}, object=COURSE))
    again = read(join(done.text, [mention.text for mention in done.mentions]))
    assert prepare(again, authority=AUTHORITY, version="2.0.0") == done
