"""How does the answer reach CloudFormation? By the network settings of the requests to AWS.

crhelper's own PUT has no timeout, no proxy, and certificates of its own. Where it would get
through and the order would not, or the other way round, an order would be placed and its
stack would fail.
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

from outpost_order_handler.failures import OrderError

logger = logging.getLogger(__name__)
TIMEOUT = (3, 3)  # seconds, to connect and to read
PUT_PAUSES = (0.2,)  # seconds before it is tried again


def require_reachable(url: str) -> None:
    """Raise NoAnswerPossible if no TLS connection to the host of an address can be opened."""
    host = urlsplit(url).netloc
    try:
        # Any response will do. The path of the address is a secret, and an answer.
        _send("HEAD", f"https://{host}/", b"")
    except Exception as error:
        raise OrderError("NoAnswerPossible", f"{host} can't be reached") from error


def put(url: str, body: Mapping[str, Any]) -> None:
    """Send an answer, and once more if CloudFormation doesn't take it, or raise."""
    for pause in (*PUT_PAUSES, 0):
        try:
            outcome = f"status {_send('PUT', url, json.dumps(body).encode())}"
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
