"""Retention: how long statements are kept, and forgetting those whose time is up."""

from lrs.audit.retention.expiry import Busy, Expired, Expiry
from lrs.audit.retention.forecast import Forecast, forecast
from lrs.audit.retention.retention import Retention
from lrs.audit.retention.rules import Rule, Rules, parse_rules, read_rules_file

__all__ = [
    "Busy",
    "Expired",
    "Expiry",
    "Forecast",
    "Retention",
    "Rule",
    "Rules",
    "forecast",
    "parse_rules",
    "read_rules_file",
]
