"""`lrs notary`: makes the logs provable."""

import logging
import signal
import sys

from lrs import settings as configuration
from lrs.stopping import end_within


def notary() -> None:
    """Build a Merkle tree over each store's log as it grows, and sign checkpoints of it.

    One notary of a deployment is active; others that are started wait, and one of
    them takes over when it ends. It may be stopped, or killed, at any moment. What
    it has signed it remembers in LRS_DATA/notary, outside the database: it refuses
    to sign a log that contradicts that. Ctrl-C or SIGTERM stops it.
    """
    from lrs.audit.tree.notary import Notary
    from lrs.store.opens import require_opens

    settings = configuration.load()
    require_opens(settings.database(), settings.master())
    logging.basicConfig(level=logging.WARNING, format="lrs notary: %(message)s", stream=sys.stderr)

    def stop(*_: object) -> None:
        end_within()
        sys.exit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    Notary(settings).run()
