"""``/admin/v1/vocabulary``: what verbs mean in a store."""

from asyncio import to_thread
from typing import Annotated

from litestar import Controller, get, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta, Struct

from lrs.configuration import Changed, Configuration, Configurations
from lrs.credential import Credential
from schemas.act import ActKind
from schemas.vocabulary import VerbMeaning


class Meaning(Struct, forbid_unknown_fields=True):
    """What a verb is to mean."""

    verb: Annotated[str, Meta(description="IRI")]
    kind: Annotated[ActKind | None, Meta(description="null: known, and no learning act")]
    types: Annotated[list[str], Meta(description="Only with objects of these activity types; none: with any")] = []


class Meanings(Struct, forbid_unknown_fields=True):
    """Meanings to add or replace, and verbs of which this store says nothing any more."""

    meanings: list[Meaning] = []
    removed: Annotated[list[str], Meta(description="Verbs; the shipped meanings count again")] = []


class OwnMeanings(Struct):
    """What a store adds to the shipped vocabulary, or replaces in it."""

    meanings: list[VerbMeaning]


class VocabularyController(Controller):
    """The store's own part of the vocabulary."""

    path = "/vocabulary"
    tags = ("Vocabulary",)

    @get(summary="List the store's own meanings", scopes=["all/read", "organisation"])
    async def show(
        self, caller: NamedDependency[Credential], configurations: NamedDependency[Configurations]
    ) -> OwnMeanings:
        """List what your store adds to the shipped vocabulary, or replaces in it."""
        configuration = Configuration(await configurations.get(caller.store))
        return OwnMeanings(await to_thread(configuration.meanings))

    @patch(summary="Change the store's own meanings", scopes=["organisation"])
    async def change(
        self,
        data: JSONBody[Meanings],
        caller: NamedDependency[Credential],
        configurations: NamedDependency[Configurations],
        why: Annotated[str, QueryParameter(description="One line for the record")] = "",
        dry_run: Annotated[bool, QueryParameter(name="dryRun", description="Only check it")] = False,
    ) -> Changed:
        """Add, replace and take back meanings; figures are made anew with them."""
        meanings = [(one.verb, one.kind, tuple(one.types)) for one in data.meanings]
        configuration = Configuration(await configurations.get(caller.store))
        return await to_thread(
            configuration.change_meanings, meanings, data.removed, by=caller.key, why=why, dry_run=dry_run
        )
