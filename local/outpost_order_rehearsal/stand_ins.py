"""The types of resources that ministack lacks: sites and Outposts, and stand-ins for all others.

A stand-in does nothing. It has an ID, and a value for every attribute, so that what refers to it
can be deployed. A rehearsal lists each one before it begins.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region

OUTPOST, SITE = "AWS::Outposts::Outpost", "AWS::Outposts::Site"
AWS = "AWS::"

Handler = dict[str, Any]


class Attributes(dict[str, Any]):
    """The attributes of a stand-in: it has every one."""

    def __init__(self, resource_type: str, physical_id: str) -> None:
        super().__init__()
        self._service = resource_type.split("::")[1].lower()
        self._id = physical_id

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        if name.endswith("Arn"):
            return f"arn:aws:{self._service}:{get_region()}:{get_account_id()}:{self._id}"
        return f"{self._id}-{name}"

    def __deepcopy__(self, _memo: object) -> "Attributes":
        return self


class Handlers(dict[str, Handler]):
    """The handlers of ministack, and one for every other type of AWS."""

    def __contains__(self, resource_type: object) -> bool:
        return str(resource_type).startswith(AWS) or super().__contains__(resource_type)

    def get(self, resource_type: str, default: Any = None) -> Any:  # noqa: ANN401 (as a dict has it)
        """Return the handler of a type."""
        if resource_type in self.keys() or not resource_type.startswith(AWS):
            return super().get(resource_type, default)
        return stand_in(resource_type)

    def __missing__(self, resource_type: str) -> Handler:
        return stand_in(resource_type)


def extended(handlers: Mapping[str, Handler]) -> Handlers:
    """Return the handlers with those of sites, Outposts, and stand-ins, and with AWS's refusals."""
    known = Handlers(handlers)
    known[OUTPOST] = _fixed("op", _outpost)
    known[SITE] = _fixed("os", _site)
    return known


def stand_in(resource_type: str) -> Handler:
    """Return the handler of a type that ministack lacks."""

    def create(logical_id: str, _properties: object, stack_name: str) -> tuple[str, Attributes]:
        physical_id = f"{stack_name}-{logical_id}"
        return physical_id, Attributes(resource_type, physical_id)

    def update(physical_id: str, *_: object) -> tuple[str, Attributes]:
        return physical_id, Attributes(resource_type, physical_id)

    return {"create": create, "update": update, "delete": _nothing}


def outposts_id(prefix: str, stack_name: str, logical_id: str) -> str:
    """Return the ID of an Outpost or a site, which is the same in each rehearsal."""
    place = f"{get_account_id()} {get_region()} {stack_name} {logical_id}"
    return f"{prefix}-{hashlib.sha256(place.encode()).hexdigest()[:17]}"


def _fixed(prefix: str, attributes: Any) -> Handler:  # noqa: ANN401
    def create(
        logical_id: str, properties: Mapping[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        found = attributes(outposts_id(prefix, stack_name, logical_id), properties)
        return str(found.pop("")), found

    def update(
        physical_id: str, _old: object, properties: Mapping[str, Any], _stack_name: object
    ) -> tuple[str, dict[str, str]]:
        found = attributes(physical_id.rpartition("/")[2], properties)
        return str(found.pop("")), found

    return {"create": create, "update": update, "delete": _nothing}


def _outpost(outpost_id: str, properties: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes of an Outpost; the one without a name is what Ref returns."""
    arn = _arn("outpost", outpost_id)
    site_id = str(properties.get("SiteId", "")).rpartition("/")[2]
    return {
        "": arn,
        "OutpostArn": arn,
        "OutpostId": outpost_id,
        "OwnerId": get_account_id(),
        "SiteArn": _arn("site", site_id),
        "LifeCycleStatus": "ACTIVE",
    }


def _site(site_id: str, _properties: object) -> dict[str, str]:
    return {"": site_id, "SiteId": site_id, "SiteArn": _arn("site", site_id)}


def _arn(kind: str, resource_id: str) -> str:
    return f"arn:aws:outposts:{get_region()}:{get_account_id()}:{kind}/{resource_id}"


def _nothing(*_: object) -> None:
    """Delete nothing."""
