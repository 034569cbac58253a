"""PUT and POST of statements."""

from uuid import UUID, uuid4

import httpx
import pytest

from tests.xapi.served import Served, statement


def test_a_single_statement_is_stored_and_given_back_at_once(xapi: httpx.Client) -> None:
    sent = statement()
    assert xapi.post("/statements", json=sent).json() == [sent["id"]]
    got = xapi.get("/statements", params={"statementId": sent["id"]}).json()
    assert {name: got[name] for name in sent} == sent
    assert got["version"] == "1.0.0"
    assert got["authority"]["account"]["homePage"]


def test_a_batch_answers_with_ids_in_its_own_order(xapi: httpx.Client) -> None:
    sent = [statement() for _ in range(5)]
    del sent[2]["id"]
    ids = xapi.post("/statements", json=sent).json()
    assert [ids[place] for place in (0, 1, 3, 4)] == [sent[place]["id"] for place in (0, 1, 3, 4)]
    assert UUID(ids[2])


def test_ids_are_answered_as_they_were_sent(xapi: httpx.Client) -> None:
    sent = statement()
    sent["id"] = sent["id"].upper()
    for _ in range(2):
        assert xapi.post("/statements", json=sent).json() == [sent["id"]]
    assert xapi.get("/statements", params={"statementId": sent["id"].lower()}).json()["id"] == sent["id"]


def test_an_empty_batch_stores_nothing(xapi: httpx.Client) -> None:
    answer = xapi.post("/statements", json=[])
    assert (answer.status_code, answer.json()) == (200, [])


def test_a_put_needs_an_id_and_answers_without_a_body(xapi: httpx.Client) -> None:
    sent = statement()
    answer = xapi.put("/statements", params={"statementId": sent["id"]}, json=sent)
    assert (answer.status_code, answer.content) == (204, b"")
    assert xapi.put("/statements", json=statement()).status_code == 400


def test_a_put_gives_the_statement_its_id(xapi: httpx.Client) -> None:
    sent = statement()
    id_ = sent.pop("id")
    assert xapi.put("/statements", params={"statementId": id_}, json=sent).status_code == 204
    assert xapi.get("/statements", params={"statementId": id_}).json()["id"] == id_


def test_a_put_under_another_id_than_the_statements_own_is_refused(xapi: httpx.Client) -> None:
    answer = xapi.put("/statements", params={"statementId": str(uuid4())}, json=statement())
    assert answer.status_code == 400
    assert answer.json()["path"] == "statement.id"


def test_a_put_of_a_list_is_refused(xapi: httpx.Client) -> None:
    sent = statement()
    assert xapi.put("/statements", params={"statementId": sent["id"]}, json=[sent]).status_code == 400


def test_the_same_request_again_gets_the_same_answer(xapi: httpx.Client) -> None:
    sent = [statement(), statement()]
    first, second = (xapi.post("/statements", json=sent) for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert xapi.put("/statements", params={"statementId": sent[0]["id"]}, json=sent[0]).status_code == 204


def test_another_statement_under_a_stored_id_is_a_conflict_that_names_it(xapi: httpx.Client) -> None:
    sent = statement()
    xapi.post("/statements", json=sent)
    fresh = statement()
    answer = xapi.post("/statements", json=[fresh, statement(id=sent["id"])])
    assert answer.status_code == 409
    assert answer.json()["ids"] == [sent["id"]]
    assert xapi.get("/statements", params={"statementId": fresh["id"]}).status_code == 404


def test_one_wrong_statement_refuses_the_batch_and_is_named_by_its_path(xapi: httpx.Client) -> None:
    batch = [statement() for _ in range(4)]
    batch[3]["result"] = {"duration": "P4W1D"}
    answer = xapi.post("/statements", json=batch)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["path"] == "statements[3].result.duration"
    assert problem["detail"].startswith("statements[3].result.duration: ")
    assert xapi.get("/statements", params={"statementId": batch[0]["id"]}).status_code == 404


def test_an_id_twice_in_a_batch_is_refused(xapi: httpx.Client) -> None:
    sent = statement()
    assert xapi.post("/statements", json=[sent, sent]).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b"\xff", b"[1]", b"null", b"[" * 100_000])
def test_what_is_no_statement_is_refused(xapi: httpx.Client, body: bytes) -> None:
    answer = xapi.post("/statements", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"],
)
def test_json_may_come_with_a_charset(xapi: httpx.Client, kind: str) -> None:
    answer = xapi.request("POST", "/statements", json=statement(), headers={"Content-Type": kind})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_other_kinds_of_content_are_refused(xapi: httpx.Client, kind: str) -> None:
    answer = xapi.request("POST", "/statements", json=statement(), headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert "Content-Type" in answer.json()["detail"]


def test_parameters_are_refused_where_there_are_none(xapi: httpx.Client) -> None:
    assert xapi.post("/statements", params={"statementId": str(uuid4())}, json=statement()).status_code == 400


def test_a_batch_and_a_body_beyond_the_limits_are_refused(xapi: httpx.Client) -> None:
    assert xapi.post("/statements", json=[statement() for _ in range(101)]).status_code == 413
    assert xapi.post("/statements", content=b" " * 1_000_001).status_code == 413


def test_a_credential_without_define_leaves_activities_undefined(server: Served, xapi: httpx.Client) -> None:
    sent = statement()
    with server.client("statements/write") as writer:
        assert writer.post("/statements", json=sent).status_code == 200
    activity = xapi.get("/activities", params={"activityId": sent["object"]["id"]}).json()
    assert activity == {"objectType": "Activity", "id": sent["object"]["id"]}
