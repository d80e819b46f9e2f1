"""The short waits of the handler, for proofs in real time."""

import threading
import time
from datetime import timedelta
from typing import Any


class Waits(threading.local):
    """Waits as the handler asks, and counts for each thread how long it waited."""

    seconds = 0.0

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.seconds += seconds
        time.sleep(seconds)


WAITS = Waits()
HURRIED: dict[str, Any] = {
    "outpost_order_handler.clock.time": WAITS,
    "outpost_order_handler.placement.context.POLL_INTERVAL": 0.05,
    "outpost_order_handler.placement.place.CONFIRMATION_INTERVAL": 0.05,
    "outpost_order_handler.placement.place.CONFIRMATION_PATIENCE": 0,
    # One read: an instance sends the same number of messages every time.
    "outpost_order_handler.placement.evidence.EVIDENCE_PATIENCE": 0,
    "outpost_order_handler.ledger.table._CONFLICT_PAUSE": 0.02,
    "outpost_order_handler.ledger.table._OUTAGE_PAUSE": 0.05,
}
# For one that comes after a process died: Lambda's limit of that process is long over.
SENDER_IS_DEAD = {"outpost_order_handler.ledger.records.CLOCK_SKEW": -timedelta(days=1)}
