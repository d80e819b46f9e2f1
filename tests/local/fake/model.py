"""The API's model in botocore, and a valid call of each operation that the fake has."""

from typing import Any

import botocore.session

OUTPOST, ITEM = "op-0123456789abcdef0", "OR-ABCDEFG"
ABSENT_ORDER, ABSENT_QUOTE = "oo-00000000000000000", "oq-00000000000000000"
MODEL = botocore.session.get_session().get_service_model("outposts")
CALLS: dict[str, dict[str, Any]] = {
    "CreateOrder": {
        "OutpostIdentifier": OUTPOST,
        "LineItems": [{"CatalogItemId": ITEM, "Quantity": 1}],
        "PaymentOption": "ALL_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
    },
    "GetOrder": {"OrderId": ABSENT_ORDER},
    "ListOrders": {},
    "CancelOrder": {"OrderId": ABSENT_ORDER},
    "GetQuote": {"QuoteIdentifier": ABSENT_QUOTE},
    "GetCatalogItem": {"CatalogItemId": ITEM},
    "ListCatalogItems": {},
    "GetOutpost": {"OutpostId": OUTPOST},
}
