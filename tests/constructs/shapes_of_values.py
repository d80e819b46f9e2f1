"""Shapes of values: tokens, lookups, and types that are none of ours.

Each function builds one shape, and returns what is found in it and what must be found.
"""

import json
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import jsii
from aws_cdk import (
    App,
    Aws,
    CfnMapping,
    CfnParameter,
    Fn,
    IStableStringProducer,
    Lazy,
    SecretValue,
    Stack,
)
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ssm as ssm

from cdk_outpost_order import PaymentOption, PaymentTerm
from tests.constructs.conftest import OUTPOST_ID, granted_by, only, template_of
from tests.constructs.shapes import (
    ORDER,
    US_WEST_2,
    Found,
    city,
    order,
    refusal,
    refusal_of,
)
from tests.constructs.test_quote import FROM_QUOTE

LOOKUP = "ssm:account=111122223333:parameterName=/outpost/id:region=us-west-2"


def _properties(stack: Stack) -> dict[str, Any]:
    return dict(only(template_of(stack), ORDER)["Properties"])


def _ordered_for(stack: Stack, outpost: str) -> tuple[object, object]:
    """Return the Outpost of an order, and what the role can create orders on."""
    order(stack, outpost_identifier=outpost)
    template = template_of(stack)
    identifier = only(template, ORDER)["Properties"]["OutpostIdentifier"]
    return identifier, granted_by(template)["outposts:CreateOrder"]


def _local_arn(outpost: object) -> object:
    """Return the ARN of an Outpost whose ID only CloudFormation knows."""
    place = [{"Ref": "AWS::Partition"}, ":outposts:", {"Ref": "AWS::Region"}, ":"]
    end = [f":outpost/{outpost}"] if isinstance(outpost, str) else [":outpost/op-", outpost]
    return {"Fn::Join": ["", ["arn:", *place, {"Ref": "AWS::AccountId"}, *end]]}


def _hidden_in(value: object) -> tuple[object, object]:
    """Return an Outpost that a token hides, and the ARN that is made of its ID or its ARN."""
    return value, _local_arn({"Fn::Select": [1, {"Fn::Split": ["op-", value]}]})


def a_parameter_of_the_template() -> Found:
    """The order is for the Outpost that the deployment is given."""
    stack = city()
    token = CfnParameter(stack, "Outpost").value_as_string
    return _ordered_for(stack, token), _hidden_in({"Ref": "Outpost"})


def a_number_of_the_template() -> Found:
    """The quantity is what the deployment is given."""
    stack = city()
    number = CfnParameter(stack, "Number", type="Number").value_as_number
    order(stack, line_items=[{"catalog_item_id": "OR-ABCDEFG", "quantity": number}])
    [item] = _properties(stack)["LineItems"]
    return item["Quantity"], {"Ref": "Number"}


def an_imported_value() -> Found:
    """The order is for the Outpost that another stack exports."""
    found = _ordered_for(city(), Fn.import_value("Outpost"))
    return found, _hidden_in({"Fn::ImportValue": "Outpost"})


def a_mapping() -> Found:
    """The order is for the Outpost of the Region in which the stack is deployed."""
    stack = city()
    mapping = CfnMapping(stack, "Outposts", mapping={"us-west-2": {"id": OUTPOST_ID}})
    found = _ordered_for(stack, mapping.find_in_map(Aws.REGION, "id"))
    return found, _hidden_in({"Fn::FindInMap": ["Outposts", {"Ref": "AWS::Region"}, "id"]})


def a_parameter_of_the_parameter_store() -> Found:
    """The order is for the Outpost that CloudFormation reads from the parameter store."""
    stack = city()
    found = _ordered_for(
        stack, ssm.StringParameter.value_for_string_parameter(stack, "/outpost/id")
    )
    [name] = [each for each in template_of(stack)["Parameters"] if each.startswith("Ssm")]
    return found, _hidden_in({"Ref": name})


@jsii.implements(IStableStringProducer)
class _Outpost:
    def produce(self) -> str:
        """Return what was unknown when the order was declared."""
        return OUTPOST_ID


def a_lazy_token() -> Found:
    """The order is for the Outpost that is known when the template is made."""
    found, _ = _ordered_for(city(), Lazy.string(_Outpost()))
    return found, OUTPOST_ID


def a_version_of_a_parameter() -> Found:
    """CloudFormation splits nothing before it resolves the reference."""
    stack = city()
    parameter = ssm.StringParameter.from_string_parameter_attributes(
        stack, "Parameter", parameter_name="/shop-floor/outpost", version=3
    )
    reference = "{{resolve:ssm:/shop-floor/outpost:3}}"
    return _ordered_for(stack, parameter.string_value), (reference, _local_arn(reference))


def _looked_up(context: dict[str, str]) -> tuple[App, Stack, str]:
    app = App(context=context)
    stack = Stack(app, "City", env=US_WEST_2)
    return app, stack, ssm.StringParameter.value_from_lookup(stack, "/outpost/id")


def a_lookup_at_the_first_synthesis() -> Found:
    """The value that CDK makes up passes, so that the CLI looks the parameter up."""
    app, stack, value = _looked_up({})
    order(stack, outpost_identifier=value)
    manifest = json.loads(Path(app.synth().directory, "manifest.json").read_text())
    return [each["key"] for each in manifest["missing"]], [LOOKUP]


def a_lookup_at_the_second_synthesis() -> Found:
    """The value that the CLI found is in the template."""
    _, stack, value = _looked_up({LOOKUP: OUTPOST_ID})
    order(stack, outpost_identifier=value)
    return _properties(stack)["OutpostIdentifier"], OUTPOST_ID


def a_lookup_of_something_else() -> Found:
    """The value that the CLI found is checked as any other."""
    _, stack, value = _looked_up({LOOKUP: "basement"})
    return refusal(lambda: order(stack, outpost_identifier=value)), (
        (
            "'outpost_identifier' must be an Outpost id (op- and 17 of 0-9, a-f) or the ARN of an "
            "Outpost, got 'basement'"
        ),
    )


def _secure(reference: str) -> tuple[str, ...]:
    return (
        (
            f"'outpost_identifier' must not be a secure reference, got '{reference}': "
            "CloudFormation resolves none in a custom resource; use an SSM parameter of type String"
        ),
    )


def a_secret_of_the_secrets_manager() -> Found:
    """CloudFormation resolves no secret in a custom resource."""
    value = SecretValue.secrets_manager("outpost").unsafe_unwrap()
    reference = "{{resolve:secretsmanager:outpost:SecretString:::}}"
    return refusal_of(outpost_identifier=value), _secure(reference)


def a_secure_parameter() -> Found:
    """CloudFormation resolves no secure parameter in a custom resource."""
    value = SecretValue.ssm_secure("/outpost/id", "1").unsafe_unwrap()
    return refusal_of(outpost_identifier=value), _secure("{{resolve:ssm-secure:/outpost/id:1}}")


def a_payment_option_that_is_newer() -> Found:
    """An option that the API adds needs no release of the library."""
    stack = city()
    order(stack, payment_option=PaymentOption.of("HALF_UPFRONT"))
    return _properties(stack)["PaymentOption"], "HALF_UPFRONT"


def a_payment_option_of_the_template() -> Found:
    """The payment option is what the deployment is given."""
    stack = city()
    order(stack, payment_option=CfnParameter(stack, "Option").value_as_string)
    return _properties(stack)["PaymentOption"], {"Ref": "Option"}


def line_items_as_dicts() -> Found:
    """A line item can be a dict, as each struct of CDK can."""
    stack = city()
    order(stack, line_items=[{"catalog_item_id": "OR-ABCDEFG"}])
    return _properties(stack)["LineItems"], [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 1}]


def a_quote_price_as_a_dict() -> Found:
    """The price of a quote can be a dict, too."""
    stack = city()
    price = {"upfront": 1200.5, "monthly_recurring": Decimal(0), "currency": "EUR"}
    order(stack, **FROM_QUOTE, payment_term=PaymentTerm.ONE_YEAR, quote_price=price)
    found = {"UpfrontPrice": "1200.5", "MonthlyRecurringPrice": "0", "Currency": "EUR"}
    return _properties(stack)["QuotePrice"], found


def _quantity(value: object) -> tuple[str, ...]:
    return refusal_of(line_items=[{"catalog_item_id": "OR-ABCDEFG", "quantity": value}])


def _no_quantity(got: str) -> tuple[str, ...]:
    return (f"'quantity' of line item 1 (OR-ABCDEFG) must be a whole number, got {got}",)


def a_decimal_as_a_quantity() -> Found:
    """A Decimal is refused, not a crash."""
    return _quantity(Decimal(2)), _no_quantity("Decimal('2')")


class _Int64:
    """A number of another library, as those of numpy are."""

    def __index__(self) -> int:
        return 2

    def __repr__(self) -> str:
        return "np.int64(2)"


def a_number_of_another_library() -> Found:
    """A number that is no int is refused, not a crash."""
    return _quantity(_Int64()), _no_quantity("np.int64(2)")


def a_path_as_an_outpost() -> Found:
    """A Path is refused, not a crash."""
    problems = refusal_of(outpost_identifier=Path(OUTPOST_ID))
    return [each.partition(", got ")[2] for each in problems], [f"PosixPath('{OUTPOST_ID}')"]


def a_uuid_as_an_order_name() -> Found:
    """A UUID is refused, not a crash."""
    problems = refusal_of(order_name=UUID(int=7))
    uuid = "UUID('00000000-0000-0000-0000-000000000007')"
    return [each.partition(", got ")[2] for each in problems], [uuid]


class _Plan(Enum):
    NO_UPFRONT = "NO_UPFRONT"


def an_enum_of_the_app() -> Found:
    """A member of an Enum is refused, not a crash."""
    return refusal_of(payment_option=_Plan.NO_UPFRONT), (
        (
            "'payment_option' must be one of ALL_UPFRONT, PARTIAL_UPFRONT, NO_UPFRONT, got "
            "<_Plan.NO_UPFRONT: 'NO_UPFRONT'>; for one that the API has added since, use "
            "PaymentOption.of(...)"
        ),
    )


class _TextPlan(StrEnum):
    NO_UPFRONT = "NO_UPFRONT"


def an_enum_of_texts_of_the_app() -> Found:
    """A member of a StrEnum is a text, and passes."""
    stack = city()
    order(stack, payment_option=_TextPlan.NO_UPFRONT)
    return _properties(stack)["PaymentOption"], "NO_UPFRONT"


def seconds_as_a_service_timeout() -> Found:
    """A number is refused, and the message has a Duration."""
    return refusal_of(service_timeout=900), (
        "'service_timeout' must be a Duration, such as Duration.minutes(15), got 900",
    )


def a_table_as_a_ledger() -> Found:
    """A table is refused, and the message says how to refer to it."""
    stack = city()
    key = dynamodb.Attribute(name="Key", type=dynamodb.AttributeType.STRING)
    table = dynamodb.TableV2(stack, "Table", partition_key=key)
    [problem] = refusal(lambda: order(stack, ledger=table))
    return (problem.partition(", got ")[0], problem.rpartition(": ")[2]), (
        "'ledger' must be an OrderLedger",
        "for a table that exists, use OrderLedger.from_table_name",
    )
