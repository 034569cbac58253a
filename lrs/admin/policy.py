"""``/admin/v1/policy``: what counts as training, what should follow, what keeps a rhythm, what is visible."""

from asyncio import to_thread
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from lrs.api import version_seen
from lrs.configuration import Changed, Configuration, Configurations, PolicyVersion, parse_policy
from lrs.credential import Credential
from lrs.documentation import JSON, taking
from schemas.policy import Policy


class PolicyHistory(Struct):
    """The policies that were set, oldest first; before the first one the shipped policy counts."""

    versions: list[PolicyVersion]


class PolicyController(Controller):
    """The policy of your store. Its entity tag is its version, so that nobody overwrites what they haven't seen."""

    path = "/policy"
    tags = ("Policy",)

    @get(summary="Show the policy", scopes=["all/read", "organisation"])
    async def show(
        self, caller: NamedDependency[Credential], configurations: NamedDependency[Configurations]
    ) -> Response[Policy]:
        """Give the policy, whole: what counts now, whether set here or as shipped."""
        configuration = Configuration(await configurations.get(caller.store))
        found = await to_thread(configuration.present)
        return Response(found.policy, headers={"ETag": f'"{found.version}"'})

    @get("/history", summary="List the policies that were set", scopes=["all/read", "organisation"])
    async def history(
        self, caller: NamedDependency[Credential], configurations: NamedDependency[Configurations]
    ) -> PolicyHistory:
        """List every policy that was ever set, when, by whom, and why."""
        configuration = Configuration(await configurations.get(caller.store))
        return PolicyHistory(await to_thread(configuration.history))

    @put(summary="Set the policy", scopes=["organisation"], operation_class=taking(f"{JSON} Policy"))
    async def set(
        self,
        request: Request[Any, Any, Any],
        caller: NamedDependency[Credential],
        configurations: NamedDependency[Configurations],
        why: Annotated[str, QueryParameter(description="One line for the record")] = "",
        dry_run: Annotated[bool, QueryParameter(name="dryRun", description="Only check it")] = False,
    ) -> Changed:
        """Set the policy. What the body (JSON) leaves out is as shipped; statuses and figures are made anew under it.

        With ``If-Match`` 409 if the policy isn't the one that you saw.
        """
        seen = version_seen(request)
        policy = parse_policy(await request.body(), "body")
        configuration = Configuration(await configurations.get(caller.store))
        return await to_thread(configuration.set_policy, policy, by=caller.key, why=why, seen=seen, dry_run=dry_run)
