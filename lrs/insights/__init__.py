"""The read API: what the projections say, to who may know it, as of any moment."""

from lrs.access import AccessRecord
from lrs.credential import Credentials
from lrs.insights.caller import Door
from lrs.insights.insights import Insights
from lrs.insights.notices import Notices
from lrs.insights.router import insights_router
from lrs.insights.store import InsightStores
from lrs.seal import MasterKey
from lrs.sign_in import TokenSeal
from lrs.sign_in.sign_in import SignIn

__all__ = ["Insights", "insights_router", "open_insights"]


def open_insights(
    url: str, master: MasterKey, credentials: Credentials, sign_in: SignIn, seal: TokenSeal, base_url: str
) -> Insights:
    """Give what answers reads; nothing connects before the first. Close it when done."""
    door, access = Door(credentials, sign_in), AccessRecord(url, master)
    return Insights(InsightStores(url, master), door, seal, Notices(url), base_url, access)
