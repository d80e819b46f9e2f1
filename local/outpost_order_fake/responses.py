"""The border between HTTP and the backend: one method for each operation."""

import json
from collections.abc import Mapping
from typing import Any

from moto.core.request import Request
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from outpost_order_fake.exceptions import ValidationError
from outpost_order_fake.models import OutpostsBackend, outposts_backends

LISTS = {"ItemClassFilter"}
"""Parameters that a query string may hold more than once."""


def parameters(request: Request, uri_params: Mapping[str, str]) -> dict[str, Any]:
    """Collect an operation's parameters from body, query and path."""
    query = {name: given if name in LISTS else given[0] for name, given in request.args.lists()}
    return {**_json_object(request.data), **query, **uri_params}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise ValidationError(f"The request body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValidationError("The request body is not a JSON object")
    return value


class OutpostsResponse(BaseResponse):
    """Answer one request, from the given backend or from that of its account and region."""

    use_raw_body = True  # a body that is no text is refused here, not by an error inside moto

    def __init__(self, backend: OutpostsBackend | None = None) -> None:
        super().__init__(service_name="outposts")
        # moto's automated parsing turns "2", 2.5 and true into integers, the service refuses them.
        self.automated_parameter_parsing = False
        self._backend = backend

    @property
    def backend(self) -> OutpostsBackend:
        """The state that this request concerns."""
        if self._backend is not None:
            return self._backend
        return outposts_backends[self.current_account][self.region]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the client, named as in the API."""
        return parameters(self.normalized_request, self.uri_match)

    def create_order(self) -> ActionResult:
        """Answer CreateOrder."""
        return ActionResult({"Order": self.backend.create_order(self.parameters).described()})

    def get_order(self) -> ActionResult:
        """Answer GetOrder."""
        return ActionResult({"Order": self.backend.get_order(self.parameters).described()})

    def list_orders(self) -> ActionResult:
        """Answer ListOrders."""
        orders, token = self.backend.list_orders(self.parameters)
        return ActionResult({"Orders": [o.summarised() for o in orders], "NextToken": token})

    def cancel_order(self) -> ActionResult:
        """Answer CancelOrder."""
        self.backend.cancel_order(self.parameters)
        return EmptyResult()

    def get_quote(self) -> ActionResult:
        """Answer GetQuote."""
        return ActionResult({"Quote": self.backend.get_quote(self.parameters)})

    def get_catalog_item(self) -> ActionResult:
        """Answer GetCatalogItem."""
        item = self.backend.get_catalog_item(self.parameters)
        return ActionResult({"CatalogItem": item.described()})

    def list_catalog_items(self) -> ActionResult:
        """Answer ListCatalogItems."""
        items, token = self.backend.list_catalog_items(self.parameters)
        return ActionResult({"CatalogItems": [i.described() for i in items], "NextToken": token})

    def get_outpost(self) -> ActionResult:
        """Answer GetOutpost."""
        return ActionResult({"Outpost": self.backend.get_outpost(self.parameters)})
