"""What others are told of the messages: the JSON Schema and the AsyncAPI document are true."""

import re
from datetime import date, time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from msgspec import json, yaml

from lrs.store import Store
from schemas.act import ActKind
from schemas.message import stream_name
from schemas.organisation import Management, Membership, OrganisationChange, Period, Person, Team, WorkingHours, Zone
from schemas.policy import Policy
from schemas.vocabulary import VerbMeaning, VocabularyChange
from tests.relay.given import Log, Watcher, record, record_change, relaying
from tests.store.given import activity, destroy, person, ref, statement

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def document() -> Any:
    """The AsyncAPI document."""
    return yaml.decode(DOCUMENT.read_bytes())


@pytest.fixture(scope="module")
def schema(document: Any) -> jsonschema_rs.Draft202012Validator:
    """The schema that the document refers to."""
    path = DOCUMENT.parent / document["components"]["schemas"]["message"]["schema"]["$ref"]
    return jsonschema_rs.Draft202012Validator(json.decode(path.read_bytes()), validate_formats=True)


def _follow(document: Any, reference: str) -> Any:
    assert reference.startswith("#/")
    for name in reference[2:].split("/"):
        document = document[name]
    return document


def test_every_reference_leads_somewhere(document: Any) -> None:
    found = list(_references(document))
    assert len(found) > 10
    for reference in found:
        if reference.startswith("#"):
            assert _follow(document, reference)
        else:
            assert (DOCUMENT.parent / reference).is_file()


def _references(part: Any) -> Any:
    match part:
        case {"$ref": reference}:
            yield reference
        case dict():
            for one in part.values():
                yield from _references(one)
        case list():
            for one in part:
                yield from _references(one)
        case _:
            pass


def test_the_examples_are_messages(document: Any, schema: jsonschema_rs.Draft202012Validator) -> None:
    for message in document["components"]["messages"].values():
        for example in message["examples"]:
            schema.validate(example["payload"])
            assert example["headers"]["Nats-Msg-Id"] == str(example["payload"]["position"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position", "6"),
        ("previous", None),
        ("kind", "document"),
        ("kind", "policy"),
        ("version", 2),
        ("learner", "ann"),
        ("statement", {"actor": {}}),
        ("statement", []),
    ],
)
def test_what_is_no_message_is_refused(
    document: Any, schema: jsonschema_rs.Draft202012Validator, name: str, value: Any
) -> None:
    payload = document["components"]["messages"]["statement"]["examples"][0]["payload"]
    assert schema.is_valid({**payload, "new": 1})
    assert not schema.is_valid({**payload, name: value})
    assert schema.is_valid({left: value for left, value in payload.items() if left != "statement"})
    assert not schema.is_valid({left: value for left, value in payload.items() if left != "learner"})


async def test_what_is_published_is_as_described(
    url: str,
    nats_url: str,
    store: Store,
    name: str,
    log: Log,
    watcher: Watcher,
    document: Any,
    schema: jsonschema_rs.Draft202012Validator,
) -> None:
    sub = {
        "objectType": "SubStatement",
        "actor": {"objectType": "Group", "member": [person("ben")]},
        "verb": {"id": "http://example.org/planned"},
        "object": activity("course", name={"nl": "Cursus"}, extensions={"http://example.org/x": 1.50}),
    }
    result = {
        "score": {"scaled": 0.5, "raw": 5},
        "success": True,
        "duration": "PT1H",
        "extensions": {"http://x.nl": []},
    }
    first = statement("ann", sub, result=result, context={"instructor": person("cas"), "language": "nl"})
    await record(store, first, statement("ann", ref(first)), statement("ben", person("ann")))
    ann = log.all()[0].learner
    assert ann is not None
    destroy(log.cursor, "learner = (SELECT learner FROM learners OFFSET 1 LIMIT 1)")
    someone = Person(
        id=ann,
        learners=(ann,),
        locale="nl",
        zones=(Zone("Europe/Amsterdam"),),
        hours=WorkingHours((1, 2), time(9), time(17)),
        leave=(Period(date(2026, 1, 1)),),
    )
    organisation = OrganisationChange(
        people=(someone,),
        teams=(Team(id="t", name="T"),),
        memberships=(Membership(person=ann, team="t"),),
        managements=(Management(manager=ann, team="t", during=Period(None, date(2026, 1, 1))),),
    )
    await record_change(store, "organisation", organisation)
    await record_change(store, "policy", Policy())
    await record_change(store, "vocabulary", VocabularyChange(meanings=(_meaning(), _meaning(None)), removed=("x:y",)))
    async with relaying(url, nats_url):
        await watcher.until(name, 6)
    published = await watcher.raw(name)
    assert len(published) == 6
    addresses = {
        channel: re.compile(re.sub(r"\\\{\w+\\\}", r"[\\w-]+", re.escape(document["channels"][channel]["address"])))
        for channel in ("statements", "configuration")
    }
    for one in published:
        message = json.decode(one.data or b"")
        schema.validate(message)
        channel = "statements" if message["kind"] == "statement" else "configuration"
        assert one.subject
        assert addresses[channel].fullmatch(one.subject)
        assert one.subject.split(".")[1:] == [name, message.get("learner", "configuration")]
        assert one.headers
        assert one.headers["Nats-Msg-Id"] == str(message["position"])
    info = await watcher.jetstream.stream_info(stream_name(name))
    assert info.config.name == f"lrs-{name}"


def _meaning(kind: ActKind | None = ActKind.SHARED) -> VerbMeaning:
    return VerbMeaning(verb="http://example.org/verbs/told", kind=kind)
