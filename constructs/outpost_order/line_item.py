"""What is ordered."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LineItem:
    """A catalog item and how many of it to buy.

    Args:
        catalog_item_id: `OR-` and 7 of A-Z, 0-9, as in the Outposts catalog; or a token.
        quantity: How many racks or servers, at least 1; or a token. Default: 1.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_LineItemRequest.html
    """

    catalog_item_id: str
    quantity: int = 1
