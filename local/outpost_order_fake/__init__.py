"""A fake of the AWS Outposts ordering API: a moto service, and an HTTP server with faults.

Importing it makes `moto.mock_aws` answer the `outposts` client. `FakeOutposts` serves the same
API on 127.0.0.1, and can also fail on demand.
"""

import re
import sys

from moto import backend_index

from outpost_order_fake.exceptions import DOCUMENTED, REQUEST_ID
from outpost_order_fake.fake import FakeOutposts
from outpost_order_fake.faults import THROTTLES, Fault, Reply
from outpost_order_fake.models import OutpostsBackend, outposts_backends
from outpost_order_fake.traffic import Request
from outpost_order_fake.urls import url_bases

__all__ = [
    "DOCUMENTED",
    "REQUEST_ID",
    "THROTTLES",
    "FakeOutposts",
    "Fault",
    "OutpostsBackend",
    "Reply",
    "Request",
    "outposts_backends",
]


def _join_moto() -> None:
    # moto imports a service as moto.<name>. An entry in moto.__path__ would load this package a
    # second time under that name, with a second state; an alias keeps it one.
    if "moto.outposts" not in sys.modules:
        sys.modules["moto.outposts"] = sys.modules[__name__]
        backend_index.backend_url_patterns += [("outposts", re.compile(url)) for url in url_bases]


_join_moto()
