"""The account and the Region of a request, as its signature names them."""

import re
from typing import NamedTuple

ACCOUNT = "000000000000"
"""The account of a key that is no account, as in ministack and LocalStack."""
REGION = "us-west-2"
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([a-z\d-]+)/outposts/aws4_request")


class Scope(NamedTuple):
    """An account and a Region, which share no order and no quote with any other."""

    account: str = ACCOUNT
    region: str = REGION

    @property
    def partition(self) -> str:
        """The partition of the Region, as ARNs name it."""
        prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        found = (name for prefix, name in prefixes.items() if self.region.startswith(prefix))
        return next(found, "aws")

    def arn(self, kind: str, resource_id: str) -> str:
        """Name a resource of this account and Region."""
        return f"arn:{self.partition}:outposts:{self.region}:{self.account}:{kind}/{resource_id}"


def scope_of(authorization: str) -> Scope:
    """Read the scope of a signature in a header; an access key ID of 12 digits is the account.

    The signature itself isn't verified. Without one, the scope is the default.
    """
    credential = _CREDENTIAL.search(authorization)
    if credential is None:
        return Scope()
    key, region = credential.groups()
    return Scope(key if re.fullmatch(r"[0-9]{12}", key) else ACCOUNT, region)
