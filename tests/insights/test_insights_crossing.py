"""Who sees whom: each role tries to cross in every endpoint."""

from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from lrs.configuration import ConfigurationLog
from lrs.organisation import Directory
from tests.insights.house import COMPLETED, EVERYBODY, KEY, OTHER, TRAINING, House, ago, completion, course, mail
from tests.store.given import statement

TEAM_MATES = {"s1", "s2", "s3", "s4", "s5"}
MIAS = {"mia", "nora", *TEAM_MATES, "n1", "n2", "n3"}
"""Mia's people: her team, who manages the one below it, and that one's."""
LISTS = ("/follow-ups", "/streaks", "/managers", "/people")
FIGURES = ("/follow-ups/figures", "/streaks/figures", "/managers/figures", "/unknown-verbs")

Enter = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def ids(busy: House) -> dict[str, str]:
    return busy.ids()


@pytest.fixture
def enter(busy: House) -> Iterator[Enter]:
    """Gives clients by role."""
    clients: list[httpx.Client] = []

    def entered(who: str, *roles: str) -> httpx.Client:
        clients.append(busy.person(who, *roles))
        return clients[-1]

    yield entered
    for client in clients:
        client.close()


def everything(client: httpx.Client, path: str, **query: str) -> str:
    """All pages of a list, as text."""
    texts = []
    address: str | None = str(client.build_request("GET", path, params={"limit": "500", **query}).url)
    while address is not None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        texts.append(answer.text)
        address = answer.json().get("next")
        address = None if address is None else str(client.base_url.copy_with(path="/")).rstrip("/") + address
    return "".join(texts)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("who", "roles", "seen"),
    [
        ("s1", (), {"s1"}),
        ("mia", (), {"mia"}),  # without the role she is a learner
        ("mia", ("manager",), MIAS),
        ("nora", ("manager",), {"nora", "n1", "n2", "n3"}),
        ("s1", ("manager",), {"s1"}),  # manages nobody
        ("zed", ("manager",), set()),
        ("nobody", ("learner", "manager"), set()),
        ("eve", ("lnd",), set(EVERYBODY)),
        ("somebody", ("auditor",), set(EVERYBODY)),
        ("somebody", ("admin",), set(EVERYBODY)),
    ],
)
def test_lists_hold_whom_one_sees(
    enter: Enter, ids: dict[str, str], path: str, who: str, roles: tuple[str, ...], seen: set[str]
) -> None:
    text = everything(enter(who, *roles), path)
    found = {name for name, id_ in ids.items() if id_ in text}
    assert found <= seen
    if path == "/people":
        assert found == seen & set(ids)
    if path == "/streaks":
        assert found == seen


@pytest.mark.parametrize(
    ("who", "roles", "sees"),
    [
        ("s1", (), {"s1"}),
        ("mia", ("manager",), {"mia", "nora", "s1", "n1"}),
        ("otto", ("manager",), {"otto", "o1"}),
        ("eve", ("lnd",), {"s1", "mia", "nora", "n1", "otto", "o1", "bo"}),
    ],
)
@pytest.mark.parametrize("other", ["s1", "mia", "nora", "n1", "otto", "o1", "bo", "nobody"])
def test_one_person_s_details_and_filters(
    enter: Enter, ids: dict[str, str], who: str, roles: tuple[str, ...], sees: set[str], other: str
) -> None:
    client = enter(who, *roles)
    known = other in sees
    id_ = ids.get(other) or str(uuid4())
    plan = uuid4()
    everybody = "lnd" in roles
    for path in (f"/people/{id_}", f"/streaks/{id_}", f"/managers/{id_}", f"/follow-ups/{id_}/{plan}"):
        answer = client.get(path)
        if not known and not everybody:
            assert answer.status_code == 403, path
            assert ids.get("nothing", "you may not ask about") in answer.json()["detail"]
        elif other == "nobody":
            assert answer.status_code == 404, path
        else:
            assert answer.status_code in {200, 404}, path
    for path in ("/follow-ups", "/streaks", "/managers"):
        asked = client.get(path, params={"person": id_})
        assert asked.status_code == (200 if known or everybody else 403), path
    assert client.get("/follow-ups", params={"manager": id_}).status_code == (200 if known or everybody else 403)


@pytest.mark.parametrize(
    ("who", "roles", "teams"),
    [
        ("s1", (), set()),
        ("mia", ("manager",), {"sales", "north"}),
        ("nora", ("manager",), {"north"}),
        ("eve", ("lnd",), {"company", "sales", "north", "ops", "lab", "no such team"}),
    ],
)
@pytest.mark.parametrize("team", ["company", "sales", "north", "ops", "lab", "no such team"])
def test_teams(enter: Enter, who: str, roles: tuple[str, ...], teams: set[str], team: str) -> None:
    client = enter(who, *roles)
    for path in (*LISTS, "/follow-ups/figures", "/streaks/figures", "/managers/figures"):
        if who == "s1" and path.endswith("figures"):
            continue
        answer = client.get(path, params={"team": team})
        assert answer.status_code == (200 if team in teams else 403), path
    shown = client.get(f"/teams/{team}").status_code
    own = {"s1": {"sales"}, "mia": {"company"}, "nora": {"sales"}}.get(who, set())
    assert shown == (200 if team in teams | own and team != "no such team" else 404)
    assert {one["id"] for one in client.get("/teams").json()["items"]} == (teams | own) - {"no such team"}


def test_a_team_s_id_may_hold_what_addresses_are_made_of(quiet: House) -> None:
    names = ("R/D", "R/D/lab?a=b#c", "50% & more")
    quiet.organise(f"email,team\n{mail('s1')},R/D\n", "team,name\n" + "".join(f"{name},{name}\n" for name in names))
    with quiet.person("eve", "lnd") as eve:
        assert [one["name"] for one in eve.get("/teams/R%2FD").json()["item"]["members"]] == ["S1"]
        for name in names:
            assert eve.get(f"/teams/{quote(name, safe='')}").json()["item"]["team"]["name"] == name
        assert eve.get("/teams/R%2FD%2Fnone").status_code == 404


def test_a_team_s_members_are_named_to_who_sees_them(enter: Enter) -> None:
    members = enter("s1").get("/teams/sales").json()["item"]["members"]
    assert [one["name"] for one in members] == ["S1"]
    assert {one["name"] for one in enter("mia", "manager").get("/teams/sales").json()["item"]["members"]} == {
        "Nora",
        "S1",
        "S2",
        "S3",
        "S4",
        "S5",
    }


@pytest.mark.parametrize("path", FIGURES)
def test_figures_are_not_for_learners(enter: Enter, path: str) -> None:
    assert enter("s1").get(path).status_code == 403
    assert enter("mia", "manager").get(path).status_code == 200


def test_a_manager_s_figures_are_of_their_people(enter: Enter, busy: House) -> None:
    client = enter("mia", "manager")
    everybody = client.get("/streaks/figures").json()["items"][0]
    assert (everybody["team"], everybody["figures"]["people"]) == (None, len(MIAS))
    groups = client.get("/follow-ups/figures", params={"by": "team"}).json()["items"]
    assert {one["group"] for one in groups} == {"sales", "north"}
    managers = client.get("/follow-ups/figures", params={"by": "manager"}).json()["items"]
    assert {one["group"] for one in managers} == {busy.ids()["mia"], busy.ids()["nora"]}


def test_names_are_told_to_who_may_know_them(enter: Enter, ids: dict[str, str]) -> None:
    assert [one["person"]["name"] for one in enter("s1").get("/streaks").json()["items"]] == ["S1"]
    above = enter("mia", "manager").get(f"/managers/{ids['mia']}").json()["item"]["managers"]
    assert above == [{"id": ids["bo"], "name": None}]


def test_evidence_is_opened_by_whose_it_is_and_auditors(enter: Enter, busy: House) -> None:
    own = enter("s1").get("/follow-ups").json()["items"][0]["plan"]
    for who, roles, status in (
        ("s1", (), 200),
        ("s2", (), 404),
        ("mia", ("manager",), 404),
        ("eve", ("lnd",), 404),
        ("x", ("auditor",), 200),
        ("x", ("admin",), 200),
    ):
        assert enter(who, *roles).get(f"/statements/{own}").status_code == status, who
    item = enter("x", "auditor").get(f"/statements/{own}").json()["item"]
    assert item["statement"]["id"] == own
    assert item["xapi"] == f"/xapi/statements?statementId={own}"
    assert not item["voided"]
    with busy.program("insights/read/people") as program:
        assert program.get(f"/statements/{own}").status_code == 404
    with busy.program("insights/read/people", "statements/read") as program:
        assert program.get(f"/statements/{own}").status_code == 200


@pytest.mark.parametrize(
    ("scopes", "figures", "people"),
    [
        (("statements/write",), 403, 403),
        (("statements/read", "profile", "state", "define"), 403, 403),
        (("admin", "admin/stores"), 403, 403),
        (("insights/read",), 200, 403),
        (("insights/read/people",), 200, 200),
        (("all/read",), 200, 200),
        (("all",), 200, 200),
    ],
)
def test_programs_see_what_their_scopes_say(busy: House, scopes: tuple[str, ...], figures: int, people: int) -> None:
    id_ = busy.ids()["s1"]
    with busy.program(*scopes) as program:
        for path in FIGURES:
            assert program.get(path).status_code == figures, path
        details = (
            f"/people/{id_}",
            f"/streaks/{id_}",
            f"/managers/{id_}",
            f"/follow-ups/{id_}/{id_}",
            f"/statements/{id_}",
        )
        for path in (*LISTS, *details):
            assert program.get(path).status_code in ({people} if people == 403 else {200, 404}), path
        answer = program.get("/follow-ups")
        if figures == 403:
            assert "lacks the scope insights/read" in answer.json()["detail"]
        elif people == 403:
            assert "needs the scope insights/read/people" in answer.json()["detail"]


def test_figures_for_programs_name_nobody(busy: House) -> None:
    with busy.program("insights/read") as program:
        for team in program.get("/teams").json()["items"]:
            assert team["managers"] == []
        assert program.get("/teams/sales").json()["item"]["members"] == []
        assert program.get("/teams").json()["items"]


def test_nothing_crosses_stores(busy: House) -> None:
    with busy.program("all", store="other") as program:
        assert len(program.get("/follow-ups").json()["items"]) == 1
        assert program.get("/people").json()["items"] == []
        assert program.get(f"/people/{busy.ids()['s1']}").status_code == 404


def test_nobody_else_enters(busy: House) -> None:
    with busy.client() as stranger:
        for path in (*LISTS, *FIGURES, "/me?made=up", "/positions?made=up", "/changes?made=up"):
            answer = stranger.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer, Basic")
        assert stranger.get("/people", headers={"Sec-Fetch-Mode": "cors"}).headers["www-authenticate"] == "Bearer"
    with busy.client(auth=("made", "up")) as stranger:
        refused = stranger.get("/people")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == 'Bearer, Basic realm="insights", charset="UTF-8"'


def test_a_manager_sees_whom_they_manage_now(quiet: House) -> None:
    quiet.post(*(completion(name) for name in ("s1", "n1", "o1")))
    with quiet.person("mia", "manager") as mia, quiet.person("otto", "manager") as otto:
        before = mia.get("/follow-ups").json()
        position = before["position"]
        assert {one["person"]["name"] for one in before["items"]} == {"S1", "N1"}
        quiet.organise(f"email,team\n{mail('s1')},ops\n")
        quiet.project()
        assert {one["person"]["name"] for one in mia.get("/follow-ups").json()["items"]} == {"N1"}
        assert {one["person"]["name"] for one in otto.get("/follow-ups").json()["items"]} == {"S1", "O1"}
        # Who may look is decided by today, also when looking back.
        then = {"as_of": position}
        assert {one["person"]["name"] for one in mia.get("/follow-ups", params=then).json()["items"]} == {"N1"}
        # The team is that of the day of the training.
        with quiet.person("eve", "lnd") as eve:
            sales = eve.get("/follow-ups", params={"team": "sales"}).json()["items"]
            assert [one["person"]["name"] for one in sales] == ["S1"]


def test_what_was_parted_stays_parted_in_the_past(quiet: House) -> None:
    account = {"account": {"homePage": "https://lms.example", "name": "wrong"}}
    wrong = {**completion("x", OTHER), "actor": account}
    # One that mentions s1 is found when looking for s1's.
    met = {**completion("x", f"{OTHER}/2"), "actor": account}
    met["context"] = {"instructor": {"objectType": "Agent", "mbox": f"mailto:{mail('s1')}"}}
    quiet.post(completion("s1"), wrong, met)
    identifier = "account:https://lms.example wrong"
    with closing(ConfigurationLog(quiet.settings.database_url, "default", KEY)) as log:
        Directory(log).link(f"mbox:mailto:{mail('s1')}", identifier, by="test")
        quiet.project()
        with quiet.person("s1") as one, quiet.person("mia", "manager") as mia, quiet.person("eve", "lnd") as eve:
            me = one.get("/me").json()["person"]
            paths = (
                "/follow-ups",
                f"/follow-ups?person={me}",
                f"/people/{me}",
                "/people",
                f"/streaks/{me}",
                "/streaks",
            )
            before = one.get("/follow-ups").json()
            assert len(before["items"]) == 3
            then = {"as_of": before["position"]}
            learner = next(iter(set(one.get(f"/people/{me}").json()["item"]["learners"]) - {me}))
            assert identifier in one.get(f"/people/{me}", params=then).text
            Directory(log).unlink(identifier, by="test")
            quiet.project()
            for client in (one, mia):
                for path in paths:
                    text = client.get(path, params={**httpx.URL(path).params, **then}).text
                    assert me in text, path
                    for told in (identifier, learner, OTHER, wrong["id"], met["id"]):
                        assert told not in text, path
            (plan,) = one.get("/follow-ups", params=then).json()["items"]
            assert plan["training"] == TRAINING
            # Who sees everybody sees what was known then.
            assert len(eve.get("/follow-ups", params={**then, "person": me}).json()["items"]) == 3


def test_who_is_not_of_the_organisation_sees_themselves(busy: House) -> None:
    with busy.person("zed") as zed:
        me = zed.get("/me").json()["person"]
        (plan,) = zed.get("/follow-ups").json()["items"]
        assert plan["person"] == {"id": me, "name": None}
        assert zed.get(f"/streaks/{me}").status_code == 200
        assert zed.get(f"/people/{me}").status_code == 404


def test_all_one_s_identifiers_are_oneself(quiet: House) -> None:
    account = {"account": {"homePage": "https://lms.example", "name": "s1"}}
    quiet.organise(f"email,account\n{mail('s1')},https://lms.example s1\n")
    quiet.post({**statement("x", course(), verb=COMPLETED, timestamp=ago(days=1)), "actor": account})
    with quiet.person("s1") as one:
        (plan,) = one.get("/follow-ups").json()["items"]
        assert plan["person"]["name"] == "S1"
        assert one.get(f"/statements/{plan['plan']}").status_code == 200
