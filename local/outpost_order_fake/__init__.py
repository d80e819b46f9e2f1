"""A fake of the AWS Outposts ordering API: an HTTP server with state, rules, and faults.

`FakeOutposts` serves the API on 127.0.0.1, and can also fail on demand.
`python -m outpost_order_fake` serves it to programs in any language.
"""

from outpost_order_fake.clock import Clock
from outpost_order_fake.exceptions import DOCUMENTED, REQUEST_ID
from outpost_order_fake.fake import FakeOutposts
from outpost_order_fake.faults import THROTTLES, Fault, Reply
from outpost_order_fake.traffic import Request

__all__ = [
    "DOCUMENTED",
    "REQUEST_ID",
    "THROTTLES",
    "Clock",
    "FakeOutposts",
    "Fault",
    "Reply",
    "Request",
]
