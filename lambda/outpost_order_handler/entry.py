"""The entry of Lambda, and the way of the answer to CloudFormation. The one module with crhelper.

crhelper's own PUT has no timeout, no proxy, and certificates of its own. If it failed while
requests to AWS succeed, an order would be placed and its stack would fail. So the answer
takes the same way as the requests to AWS.
"""

import json
import logging
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies
from crhelper import CfnResource

from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation import answers, metrics
from outpost_order_handler.cloudformation.event import Event
from outpost_order_handler.failures import OrderError, Outcome, ledger
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import Services
from outpost_order_handler.stacks import Stacks

logger = logging.getLogger(__name__)
TIMEOUT = (3, 3)  # seconds, to connect and to read
PUT_PAUSES = (0.2,)  # seconds before an answer is sent again
# The keys of an event that an answer needs.
_NEEDED = ("RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId")
_REQUEST_TYPES = ("Create", "Update", "Delete")


class _Helper(CfnResource):
    """A helper of crhelper without its timer, and without its PUT.

    If its PUT fails, it sends another answer, which can contradict the first.
    """

    response: Mapping[str, Any]

    def _timeout(self) -> None:
        """Say nothing: "Execution timed out" is untrue of an order that was placed."""

    def _send(self, status: str | None = None, reason: str = "") -> None:
        def keep(_url: str, response: Mapping[str, Any], _verify: object) -> None:
            self.response = response

        super()._send(status, reason, send_response=keep)  # type: ignore[misc]


# This spares crhelper the three clients that only its polling needs.
os.environ["AWS_SAM_LOCAL"] = "true"
# At DEBUG, crhelper's default, the log would hold the presigned ResponseURL.
helper = _Helper(log_level="INFO", sleep_on_delete=0)
del os.environ["AWS_SAM_LOCAL"]


def handler(event: Any, context: Any) -> None:  # noqa: ANN401 (Lambda's own types are untyped)
    """Answer one event of CloudFormation, or raise: then Lambda delivers the event again."""
    given = event if isinstance(event, dict) else {}
    if missing := [name for name in _NEEDED if not isinstance(given.get(name), str)]:
        raise ValueError(f"not an event of a custom resource: it lacks {', '.join(missing)}")
    if given["RequestType"] not in _REQUEST_TYPES:
        allowed, got = ", ".join(_REQUEST_TYPES), given["RequestType"]
        raise ValueError(f"RequestType must be one of {allowed}, got {got}")
    try:
        url = urlsplit(given["ResponseURL"])
        is_https = url.scheme == "https" and bool(url.hostname) and url.port != 0
    except ValueError:
        is_https = False
    if not is_https:
        raise ValueError("ResponseURL must be an https address")
    # If the event has crhelper's own keys, crhelper takes it for a poll.
    helper({key: given[key] for key in given if not str(key).startswith("CrHelper")}, context)
    _put(given["ResponseURL"], helper.response)


@helper.create
@helper.update
@helper.delete
def _answer(given: dict[str, Any], context: Any) -> str:  # noqa: ANN401
    event = Event(given)
    # Set first, so that it remains if the work raises. Returned, because crhelper overwrites
    # it with the returned value.
    helper.PhysicalResourceId = event.physical_id
    # New for each event, so that no state of one order reaches the next.
    clock = Clock(context.get_remaining_time_in_millis)
    services = Services(Ledger(ledger()), Outposts(), Stacks(), clock)
    answer = answers.answer(event, services, lambda: _require_reachable(event.response_url))
    metrics.count(event, answer, context.function_name)
    if answer.reason:  # an exception would be a traceback in the log
        helper.Status, helper.Reason = "FAILED", answer.reason
    elif answer.outcome is Outcome.JOINED:
        helper.Reason = f"{event.order_name} has {answer.physical_id}: nothing was bought"
    helper.Data.update(answer.attributes)
    return answer.physical_id


def _require_reachable(url: str) -> None:
    """Raise NoAnswerPossible if no TLS connection to the host of an address can be opened."""
    host = urlsplit(url).netloc
    try:
        # Any response is enough. The path of the address is a secret, and a PUT to it is an answer.
        _send("HEAD", f"https://{host}/", b"")
    except Exception as error:
        raise OrderError("NoAnswerPossible", f"the function can't reach {host}") from error


def _put(url: str, body: Mapping[str, Any]) -> None:
    """Send an answer, and once more if CloudFormation doesn't take it, or raise."""
    content = json.dumps(body).encode()
    for pause in (*PUT_PAUSES, 0):
        try:
            outcome = f"status {_send('PUT', url, content)}"
        except Exception as error:  # noqa: BLE001 (its text has the address, a secret)
            outcome = type(error).__name__
        logger.info("the answer was sent: %s", outcome)
        if outcome.startswith("status 2"):
            return
        time.sleep(pause)
    raise ConnectionError(f"the answer could not be sent: {outcome}")


def _send(method: str, url: str, content: bytes) -> int:
    verify = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE") or True
    session = URLLib3Session(
        verify=verify, proxies=get_environ_proxies(url), timeout=TIMEOUT, max_pool_connections=1
    )
    # The signature of a presigned address covers an empty content type.
    headers = {"Content-Type": "", "Content-Length": str(len(content))}
    try:
        return int(session.send(AWSRequest(method, url, headers, content).prepare()).status_code)
    finally:
        session.close()
