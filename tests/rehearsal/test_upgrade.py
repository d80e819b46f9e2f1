"""A stack that an older function deployed gets the present one."""

import base64
import hashlib
import json
import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.assembly import Assembly, Template
from tests.rehearsal.given import OUTPOST_ARN, of_type
from tests.rehearsal.stacks import Stacks, assets_bucket
from tests.rehearsal.variants import with_policy, with_term

STACK = "Racks"
OLDER_KEY = f"{'0' * 64}.zip"


class Upgrade:
    """The present template, and the one of an older function."""

    def __init__(self, aws: EmbeddedAws, assembly: Assembly) -> None:
        """Upload the code of the older function."""
        self._lambda = aws.client("lambda")
        self._template = assembly.template
        [(self._key, code)] = [
            each for each in assembly.file_assets.items() if each[0].endswith(".zip")
        ]
        older = _older(code)
        aws.client("s3").put_object(Bucket=assets_bucket(), Key=OLDER_KEY, Body=older)
        self.present_code, self.older_code = map(_fingerprint, (code, older))

    def template(self, *, is_older: bool = False) -> Template:
        """Return a template whose order is deleted with it, so that the function gets a Delete."""
        text = json.dumps(self._template)
        if is_older:
            assert text.count(self._key) == 1
            text = text.replace(self._key, OLDER_KEY)
        return with_policy(json.loads(text), "Delete")

    @property
    def deployed_code(self) -> str:
        """The fingerprint of the code that runs now."""
        [function] = self._lambda.list_functions()["Functions"]
        return str(function["CodeSha256"])


def _older(asset: bytes) -> bytes:
    """Return the code of a function whose log begins with another letter."""
    code, changed = BytesIO(), 0
    with ZipFile(BytesIO(asset)) as given, ZipFile(code, "w") as rewritten:
        for entry in given.infolist():
            content, number = re.subn(b"placing order", b"Placing order", given.read(entry))
            rewritten.writestr(entry, content)
            changed += number
    assert changed == 1
    return code.getvalue()


def _fingerprint(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


@pytest.fixture
def upgrade(aws: EmbeddedAws, stacks: Stacks, assembly: Assembly) -> Upgrade:  # noqa: ARG001 (the bucket is there)
    """Give both templates, and what runs."""
    return Upgrade(aws, assembly)


def test_an_order_of_an_older_function_is_kept(
    fake: FakeOutposts, stacks: Stacks, upgrade: Upgrade
) -> None:
    """The upgrade buys nothing; the present function answers the next Update and the Delete."""
    placed = stacks.create(STACK, upgrade.template(is_older=True))
    assert upgrade.deployed_code == upgrade.older_code
    upgraded = stacks.update(STACK, upgrade.template())
    assert (upgraded.status, upgraded.outputs) == ("UPDATE_COMPLETE", placed.outputs)
    assert upgrade.deployed_code == upgrade.present_code
    assert len(fake.posts) == 1

    [order] = fake.orders
    fake.set_status(order["OrderId"], "IN_PROGRESS")
    template = upgrade.template()
    [resource] = of_type(template, "Custom::OutpostOrder")
    resource["Properties"]["OutpostIdentifier"] = OUTPOST_ARN
    updated = stacks.update(STACK, template)
    assert updated.status == "UPDATE_COMPLETE"
    assert updated.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "IN_PROGRESS"}
    assert stacks.delete(STACK).status == "DELETE_COMPLETE"
    assert len(fake.posts) == len(fake.live_orders) == 1


def test_an_upgrade_with_a_changed_order_is_rolled_back(
    fake: FakeOutposts, stacks: Stacks, upgrade: Upgrade
) -> None:
    """The present function refuses, the older one is back, and nothing is bought."""
    placed = stacks.create(STACK, upgrade.template(is_older=True))
    result = stacks.update(STACK, with_term(upgrade.template(), "ONE_YEAR"))
    [reason] = result.reasons("UPDATE_FAILED")
    assert (result.status, result.outputs) == ("UPDATE_ROLLBACK_COMPLETE", placed.outputs)
    assert reason.startswith("NotUpdatable (NotUpdatable): ")
    assert upgrade.deployed_code == upgrade.older_code
    assert len(fake.posts) == len(fake.live_orders) == 1
