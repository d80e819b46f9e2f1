"""The prediction of `review` equals the outcome of the deployment."""

import copy
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from outpost_order_cli.review.assembly import read
from outpost_order_cli.review.changes import Kind
from outpost_order_cli.review.report import Report
from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.engine import StackResult
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from tests.cli.review.apps import write_app
from tests.rehearsal.assembly import Assembly, Template
from tests.rehearsal.stacks import Stacks

OTHER_REGION = "eu-central-1"
Orders = Mapping[str, Mapping[str, Any]]
Apps = Mapping[str, Orders]
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


class Change:
    """A change of an app that contains each kind, with contents that a seed chooses."""

    def __init__(self, seed: int, fake: FakeOutposts) -> None:
        """Choose the contents, and make what must exist before."""
        self._random = random.Random(seed)  # noqa: S311 (nothing here is secret)
        self._count = 0
        self._fake = fake
        same, new, renamed, removed, moved, kept, changed, name = (self._order() for _ in range(8))
        adopted = self._order()
        real = fake.make_order(
            outpost_id=adopted["OutpostIdentifier"],
            line_items=adopted["LineItems"],
            payment_option=adopted["PaymentOption"],
            payment_term=adopted["PaymentTerm"],
        )
        quote = self._quote()
        self.old: Apps = {
            "Racks": {"Same": same, "Old": renamed, "Gone": removed},
            "From": {"Moved": moved, "Kept": kept},
            "Changed": {"Rack": changed},
            "Name": {"Rack": name},
        }
        # The same order name in another Region, whose ledger is another one.
        self.elsewhere: Apps = {"Elsewhere": {"Rack": {**same, **self._outpost()}}}
        self.new: Apps = {
            "Racks": {"Same": same, "New": renamed, "Added": new},
            "From": {"Kept": kept},
            "To": {"Moved": moved},
            "Changed": {"Rack": self._changed(changed)},
            "Name": {"Rack": {**name, "OrderName": f"{name['OrderName']}-2"}},
            "Adopted": {"Rack": {**adopted, "AdoptOrderId": real["OrderId"]}},
            "Identical": {"Rack": {**same, "OrderName": self._name()}},
            "Beside": {
                "Rack": {**same, "OrderName": self._name(), "InAdditionTo": [same["OrderName"]]}
            },
            "Replaced": {"Rack": {**removed, "OrderName": self._name()}},
            "Taken": {"Rack": self._changed(kept)},
            "Quote": {"Rack": quote},
            "QuoteAgain": {"Rack": {**quote, "OrderName": self._name()}},
            "OtherOutpost": {"Rack": {**same, "OrderName": self._name(), **self._outpost()}},
        }

    def _name(self) -> str:
        self._count += 1
        return f"PO-{self._count}"

    def _outpost(self) -> dict[str, str]:
        return {"OutpostIdentifier": f"op-{self._random.getrandbits(68):017x}"}

    def _order(self) -> dict[str, Any]:
        return {
            "OrderName": self._name(),
            **self._outpost(),
            "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": self._random.randint(1, 9)}],
            "PaymentOption": self._random.choice(contract.PAYMENT_OPTIONS),
            "PaymentTerm": self._random.choice(contract.PAYMENT_TERMS),
        }

    def _changed(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Change one property that makes it another order."""
        [item] = order["LineItems"]
        others = [each for each in contract.PAYMENT_OPTIONS if each != order["PaymentOption"]]
        changes: list[dict[str, Any]] = [
            {"LineItems": [{**item, "Quantity": item["Quantity"] + 1}]},
            {"PaymentOption": self._random.choice(others)},
            self._outpost(),
        ]
        change = self._random.choice(changes)
        return {**order, **change}

    def _quote(self) -> dict[str, Any]:
        monthly = self._random.randint(1, 9000)
        quote = self._fake.make_quote(upfront_price=0, monthly_recurring_price=float(monthly))
        [option] = quote["QuoteOptions"]
        [pricing, *_] = option["PricingOptions"]
        subscription = pricing.get("SubscriptionPricingDetails", pricing)
        return {
            "OrderName": self._name(),
            "OutpostIdentifier": "op-0123456789abcdef0",
            "QuoteIdentifier": quote["QuoteId"],
            "QuoteOptionIdentifier": option["QuoteOptionIdentifier"],
            "QuotePrice": {
                "UpfrontPrice": "0",
                "MonthlyRecurringPrice": str(monthly),
                "Currency": "USD",
            },
            "PaymentOption": subscription["PaymentOption"],
            "PaymentTerm": subscription["PaymentTerm"],
        }


class World:
    """An app, synthesized into a folder and deployed into an embedded AWS."""

    def __init__(self, aws: EmbeddedAws, assembly: Assembly, folder: Path) -> None:
        """Take where it is deployed, and the template that its stacks are made of."""
        self._stacks = {
            region: Stacks(aws, assembly, region=region) for region in (REGION, OTHER_REGION)
        }
        self._template, self._folder = assembly.template, folder
        self._deployed: dict[str, Template] = {}

    def write(self, name: str, app: Apps, elsewhere: Apps) -> str:
        """Write an assembly and return its path."""
        stacks = {
            stack: self._of(orders)["Resources"] for stack, orders in {**app, **elsewhere}.items()
        }
        return write_app(
            self._folder / name,
            stacks,
            environment=f"aws://{ACCOUNT}/{REGION}",
            environments=dict.fromkeys(elsewhere, f"aws://{ACCOUNT}/{OTHER_REGION}"),
        )

    def deploy(self, app: Apps, region: str = REGION) -> dict[str, StackResult]:
        """Deploy each stack in order; return how that ended."""
        results, stacks = {}, self._stacks[region]
        for name, orders in app.items():
            template = self._of(orders)
            if name not in self._deployed:
                results[name] = stacks.create(name, template)
            elif self._deployed[name] != template:
                results[name] = stacks.update(name, template)
            self._deployed[name] = template
        return results

    def _of(self, orders: Orders) -> Template:
        template = copy.deepcopy(self._template)
        [(old_id, resource)] = [
            (name, each)
            for name, each in template["Resources"].items()
            if each["Type"] == contract.RESOURCE_TYPE
        ]
        del template["Resources"][old_id], template["Outputs"]
        plumbing = {
            name: resource["Properties"][name] for name in ("ServiceToken", "ServiceTimeout")
        }
        for logical_id, order in orders.items():
            template["Resources"][logical_id] = {
                **resource,
                "Properties": {**order, **plumbing},
                "Metadata": {"Order": contract.order_line(order)},
            }
        return template


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_review_predicts_the_deployment(
    seed: int,
    fake: FakeOutposts,
    aws: EmbeddedAws,
    assembly: Assembly,
    tmp_path: Path,
) -> None:
    """How many orders are bought, and which stacks fail, for each kind of change."""
    world, change = World(aws, assembly, tmp_path), Change(seed, fake)
    old = world.write("old", change.old, {})
    new = world.write("new", change.new, change.elsewhere)
    first = Report.of(read(old), None)
    assert {each.status for each in world.deploy(change.old).values()} == {"CREATE_COMPLETE"}
    assert len(fake.posts) == sum(each.buys for each in first.changes) == len(first.changes)

    report = Report.of(read(new), read(old))
    kinds = {each.kind for each in report.changes}
    assert kinds == set(Kind)
    before = len(fake.posts)
    results = world.deploy(change.new) | world.deploy(change.elsewhere, OTHER_REGION)
    failed = {name for name, result in results.items() if result.status not in DONE}
    failures = [failure for each in report.changes for failure in each.failures]
    predicted = {failure.order.stack.name for failure in failures}
    reasons = {name: results[name].events[-6:] for name in failed ^ predicted if name in results}
    assert predicted == failed, reasons
    bought = [each.order.name for each in report.changes if each.buys]
    assert len(fake.posts) - before == len(bought), bought
    for failure in failures:
        result = results[failure.order.stack.name]
        shown = [*result.reasons("CREATE_FAILED"), *result.reasons("UPDATE_FAILED")]
        assert any(f"({failure.name})" in each for each in shown), (failure.text, shown)
