"""The metrics of the function, and the alarm for orders whose outcome is unknown."""

from collections.abc import Mapping
from typing import Any, TypedDict

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from outpost_order_handler import contract

_PERIOD = Duration.minutes(5)


class MetricOptions(TypedDict, total=False):
    """The options of a metric, those of CDK's `aws_cloudwatch.MetricOptions`."""

    account: str
    color: str
    dimensions_map: Mapping[str, str]
    id: str
    label: str
    period: Duration
    region: str
    stack_account: str
    stack_region: str
    statistic: str
    unit: cloudwatch.Unit
    visible: bool


def metric_of(
    function: lambda_.IFunction, metric_name: str, props: MetricOptions
) -> cloudwatch.Metric:
    """Return what a function counts, changed by props."""
    defaults: dict[str, Any] = {
        "namespace": contract.METRIC_NAMESPACE,
        "metric_name": str(metric_name),
        "dimensions_map": {contract.METRIC_DIMENSION: function.function_name},
        "statistic": cloudwatch.Stats.SUM,
        "period": _PERIOD,
    }
    return cloudwatch.Metric(**{**defaults, **props})


def in_doubt_alarm(
    scope: Construct, id: str, in_doubt: cloudwatch.Metric, *, table_name: str
) -> cloudwatch.Alarm:
    """Make the alarm that the first order with an unknown outcome raises."""
    table = "" if table_name == contract.DEFAULT_LEDGER else f" --table {table_name}"
    return cloudwatch.Alarm(
        scope,
        id,
        alarm_description=(
            "The outcome of an AWS Outposts order is unknown: it might have been placed. "
            f"To find it, run: outpost-order list --unresolved{table}"
        ),
        metric=in_doubt,
        threshold=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
