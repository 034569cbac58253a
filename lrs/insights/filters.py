"""Query parameters that several reads share."""

from typing import Final

from litestar.openapi.spec import OpenAPIFormat

from lrs.documentation import NUMBER, Field

PERSON: Final = Field("A person's id; only somebody you may see.", format=OpenAPIFormat.UUID)
TEAM: Final = Field("A team's id; only one you may ask about.")
MANAGER: Final = Field("A manager's id; only somebody you may see.", format=OpenAPIFormat.UUID)
CHANGED_SINCE: Final = Field("Only what rests on a statement after this position of the log.", NUMBER)
