"""The ways that the Outposts service can answer a call, and the outcome that can be known."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from outpost_order_fake import DOCUMENTED, THROTTLES, Fault, Reply
from tests.edge.surroundings import Function

TIMEOUTS = (
    "outpost_order_handler.placement.place.MAX_RESPONSE_TIME",
    "outpost_order_handler.outposts.client.READ_TIMEOUT",
)
PATIENCE = 0.2  # seconds for an answer that never arrives, or arrives late
# Answers that prove nothing: each comes with an order, without one, and before one.
IN_DOUBT = {
    "500": Fault.status(500),
    "500 InternalServerException": Fault.refusal("InternalServerException"),
    "500 with a refusal's name": Fault.status(500, code="ValidationException"),
    "502 HTML": Fault.status(502, body="<html>Bad gateway</html>"),
    "503 throttled": Fault.status(503, code="ThrottlingException"),
    "504": Fault.status(504),
    "418": Fault.status(418, code="TeapotException"),
    "403 HTML": Fault.status(403, body="<html>Forbidden</html>"),
    "200 empty": Fault.reply(Reply.EMPTY),
    "200 {}": Fault.reply(Reply.EMPTY_OBJECT),
    "200 foreign": Fault.reply(Reply.FOREIGN),
    "200 HTML": Fault.reply(Reply.HTML),
    "200 null": Fault.reply("null"),
    "200 list": Fault.reply("[]"),
    "200 null order": Fault.reply('{"Order": null}'),
    "200 text order": Fault.reply('{"Order": "oo-0123456789abcdef0"}'),
    "200 cut": Fault.reply(Reply.CUT),
    "200 with a foreign id": Fault.reply('{"Order": {"OrderId": "4711"}}'),
    "200 cut off": Fault.cut_off(),
    "closed": Fault.closed(),
    "reset": Fault.reset(),
    "hang": Fault.hang(),
}


class Known(StrEnum):
    """The outcome that can be known of a call, at the latest from the order that it is about."""

    DONE = "done"
    REFUSED = "refused"
    NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Behaviour:
    """The service's answer to every call of one operation.

    Attributes:
        fault: The fault, or None if the service does as asked.
        known: The outcome that an answer must know if the function gives up as late as it can.
        in_time: Whether a late action happens before the next event.
        patience: How many seconds the function waits for an answer, if not the usual time.
    """

    fault: Fault | None
    known: Known
    in_time: bool = False
    patience: float | None = None


def behaviours() -> dict[str, Behaviour]:
    """Return all of them by name: the answer, and whether the service did as asked."""
    return dict(_clear()) | dict(_doubtful())


@contextmanager
def behaving(function: Function, operation: str, behaviour: Behaviour) -> Iterator[None]:
    """Let the service answer every call of an operation so, until the context ends."""
    with function.patch.context() as patch:
        if behaviour.patience is not None:
            for name in TIMEOUTS:
                patch.setattr(name, behaviour.patience)
        if behaviour.fault is not None:
            function.outposts.fail(operation, behaviour.fault, times=None)
        yield
    function.outposts.clear_faults()
    if behaviour.in_time:
        function.outposts.apply_late()


def _clear() -> Iterator[tuple[str, Behaviour]]:
    yield "as asked", Behaviour(None, Known.DONE)
    yield "slow", Behaviour(Fault.slow(0.05), Known.DONE)
    yield "too slow", Behaviour(Fault.slow(1), Known.DONE, patience=PATIENCE)
    for name in DOCUMENTED:
        if name != "InternalServerException":
            yield name, Behaviour(Fault.refusal(name), Known.REFUSED)
    for name in THROTTLES:
        yield name, Behaviour(Fault.throttled(name), Known.REFUSED)


def _doubtful() -> Iterator[tuple[str, Behaviour]]:
    for what, fault in IN_DOUBT.items():
        patience = PATIENCE if what == "hang" else None
        done = replace(fault, applied=True)
        late = Behaviour(replace(fault, applied="late"), Known.NOT_KNOWN, patience=patience)
        yield what, Behaviour(fault, Known.NOT_KNOWN, patience=patience)
        yield f"{what}, done", Behaviour(done, Known.DONE, patience=patience)
        yield f"{what}, done late", replace(late, in_time=True)
        yield f"{what}, done at last", late
