"""How long the handler waits in the proofs: nothing here is long on its way."""

from datetime import timedelta
from typing import Any

HURRIED: dict[str, Any] = {
    "outpost_order_handler.cancellation.PAUSES": (0.01,),
    "outpost_order_handler.answers._PAUSE": 0.02,
    "outpost_order_handler.placement._PAUSE": 0.05,
    "outpost_order_handler.reconciliation.PAUSES": (0.01, 0.01),
    "outpost_order_handler.reconciliation._PAUSE_FOR_A_SENDER": 0.05,
}
# For whoever comes after a process died: its messages are the same in number every time. The
# sender's own copy of the bound stays as it is: that one only makes it refuse to send.
SENDER_IS_DEAD = {"outpost_order_handler.reconciliation.SENDER_MAY_LIVE": timedelta(0)}
