"""What a store is told about itself: its policy, its own vocabulary; the log that keeps both, and the organisation."""

from lrs.configuration.configuration import Changed, Configuration
from lrs.configuration.configuration_log import ConfigurationLog
from lrs.configuration.configurations import Configurations
from lrs.configuration.policy_file import parse_policy, read_policy_file
from lrs.configuration.store_policy import PolicyVersion

__all__ = [
    "Changed",
    "Configuration",
    "ConfigurationLog",
    "Configurations",
    "PolicyVersion",
    "parse_policy",
    "read_policy_file",
]
