"""The relay: copies each store's log into its JetStream stream, in order."""

from lrs.relay.relay import Relay

__all__ = ["Relay"]
