"""How long it may change by itself what nobody knows."""

from datetime import datetime, timedelta

from outpost_order_cli.shown import moment
from outpost_order_handler.reconciliation import SENDER_MAY_LIVE
from outpost_order_handler.records import Row, State

# A request is on its way for little more than a minute, and may be carried out some minutes
# after that. What is not there after this long does not come any more.
_NOT_PLACED_AFTER = timedelta(minutes=15)


def earliest_not_placed(row: Row) -> datetime:
    """Return when it can be known at the earliest that no order came of an attempt."""
    return datetime.fromisoformat(row.submitted_at) + _NOT_PLACED_AFTER


def sender_may_tell(row: Row, now: datetime) -> str:
    """Return until when the one who sent the request may still tell; else nothing."""
    until = datetime.fromisoformat(row.submitted_at) + SENDER_MAY_LIVE
    if row.state != State.SUBMITTING or now >= until:
        return ""
    return f"its sender may still tell, until {moment(until.isoformat())}"
