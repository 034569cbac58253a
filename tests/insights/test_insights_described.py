"""The description of the API."""

import re

import httpx

from tests.insights.house import House


def test_everything_is_described(busy: House) -> None:
    described = httpx.get(f"{busy.url}/schema/openapi.json").json()
    paths = {path: one["get"] for path, one in described["paths"].items() if path.startswith("/insights/")}
    assert len(paths) == 22
    for path, operation in paths.items():
        assert operation["summary"], path
        assert operation["tags"] == ["Insights"]
        (content,) = [one for kind, one in operation["responses"]["200"]["content"].items() if kind != "text/csv"]
        assert content["schema"], path
        assert {"400", "401", "403", "503"} <= operation["responses"].keys()
        assert all(
            parameter["description"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"
        )
    (team,) = [one for one in paths["/insights/v1/teams/{team}"]["parameters"] if one["in"] == "path"]
    assert team["schema"] == {"type": "string"}
    assert "text/csv" in paths["/insights/v1/follow-ups"]["responses"]["200"]["content"]
    text = str(described)
    for reference in set(re.findall(r"#/components/schemas/([\w.]+)", text)):
        assert reference in described["components"]["schemas"]
