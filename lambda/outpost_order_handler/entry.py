"""The Lambda function's entry, and the one module that knows crhelper."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from crhelper import CfnResource

from outpost_order_handler import contract, lifecycle, metrics
from outpost_order_handler.answers import Answer, Event, physical_id_before
from outpost_order_handler.clock import Clock
from outpost_order_handler.delivery import World
from outpost_order_handler.failures import OrderError, Recorded
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.table import Table

logger = logging.getLogger(__name__)

# What an answer is made of. crhelper would send an event that lacks one to the
# address of the event before it, or try forever to reach an empty address.
_NEEDED = ("RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId")
_REQUEST_TYPES = ("Create", "Update", "Delete")


@contextmanager
def _without_polling() -> Iterator[None]:
    """Spare crhelper the three clients that only its polling needs."""
    os.environ["AWS_SAM_LOCAL"] = "true"
    try:
        yield
    finally:
        del os.environ["AWS_SAM_LOCAL"]


with _without_polling():
    # At DEBUG, crhelper's default, the log would hold the presigned ResponseURL.
    helper = CfnResource(log_level="INFO", sleep_on_delete=0)


def handler(event: Any, context: Any) -> None:  # noqa: ANN401 (Lambda's own types are untyped)
    """Answer one event of CloudFormation."""
    given = event if isinstance(event, dict) else {}
    missing = [name for name in _NEEDED if not isinstance(given.get(name), str)]
    if missing:
        raise ValueError(f"not an event of a custom resource: it lacks {', '.join(missing)}")
    if given["RequestType"] not in _REQUEST_TYPES:
        # crhelper would answer it without a physical id, which CloudFormation refuses.
        raise ValueError(
            f"RequestType must be one of {', '.join(_REQUEST_TYPES)}, got {given['RequestType']}"
        )
    # With keys of its own in the event, crhelper would believe that it polls.
    helper({key: given[key] for key in given if not str(key).startswith("CrHelper")}, context)


@helper.create
def create(event: Event, context: Any) -> str:  # noqa: ANN401
    """Answer a Create."""
    return _answer(event, context, lifecycle.create)


@helper.update
def update(event: Event, context: Any) -> str:  # noqa: ANN401
    """Answer an Update."""
    return _answer(event, context, lifecycle.update)


@helper.delete
def delete(event: Event, context: Any) -> str:  # noqa: ANN401
    """Answer a Delete."""
    return _answer(event, context, lifecycle.delete)


def _answer(event: Event, context: Any, work: Callable[[Event, World], Answer]) -> str:  # noqa: ANN401
    # Set first, so that it stands if the work raises; returned, because crhelper
    # overwrites it with whatever comes back.
    helper.PhysicalResourceId = physical_id_before(event)
    answer = _worked_out(event, context, work)
    metrics.count(event, answer, context.function_name)
    if answer.reason:
        raise Recorded(answer.reason)
    helper.Data.update(answer.attributes)
    return answer.physical_id


def _worked_out(event: Event, context: Any, work: Callable[[Event, World], Answer]) -> Answer:  # noqa: ANN401
    try:
        return work(event, _world(context))
    except OrderError as error:
        logger.exception("%s fails", event["RequestType"])
        return Answer.failed(physical_id_before(event), error)
    except Exception as error:
        logger.exception("this is a defect of the handler")
        defect = lifecycle.defect(event, type(error).__name__)
        return Answer.failed(physical_id_before(event), defect)


def _world(context: Any) -> World:  # noqa: ANN401
    """Make everything anew for each event: nothing of one order stays for the next."""
    clock = Clock(context.get_remaining_time_in_millis)
    table = Table(os.environ[contract.LEDGER_TABLE])
    return World(Outposts(), Ledger(table, clock), clock)
