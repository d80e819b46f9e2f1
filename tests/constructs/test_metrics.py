from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns

from cdk_outpost_order import InvalidOrderError, OutpostOrderProvider
from outpost_order_handler.contract import Metric
from tests.constructs.conftest import only, template_of


@pytest.fixture
def provider(stack: Stack) -> OutpostOrderProvider:
    """Give a provider called Buyer."""
    return OutpostOrderProvider(stack, "Buyer")


def alarm_in(stack: Stack) -> dict[str, Any]:
    return dict(only(template_of(stack), "AWS::CloudWatch::Alarm")["Properties"])


def dimensions_of(provider: OutpostOrderProvider, stack: Stack) -> list[dict[str, Any]]:
    return [{"Name": "FunctionName", "Value": stack.resolve(provider.function.function_name)}]


@pytest.mark.parametrize(
    ("read", "name"),
    [
        ("metric_placed", "OrdersPlaced"),
        ("metric_joined", "OrdersJoined"),
        ("metric_refused", "OrdersRefused"),
        ("metric_in_doubt", "OrdersInDoubt"),
    ],
)
def test_each_metric_can_be_shown(read: str, name: str, provider: OutpostOrderProvider) -> None:
    """The provider has each metric of the handler, as a sum over 5 minutes."""
    metric = getattr(provider, read)()
    assert (metric.namespace, metric.metric_name) == ("OutpostOrder", name)
    assert (metric.statistic, metric.period.to_minutes()) == ("Sum", 5)


def test_each_function_counts_for_itself(provider: OutpostOrderProvider) -> None:
    """The function's name distinguishes the stacks of an account."""
    assert provider.metric_placed().dimensions == {"FunctionName": provider.function.function_name}


def test_a_metric_can_have_another_statistic(provider: OutpostOrderProvider) -> None:
    """A chart of a year's orders has a period of a day."""
    metric = provider.metric_placed(period=Duration.days(1), label="orders")
    assert (metric.period.to_days(), metric.label) == (1, "orders")


def test_every_count_of_the_handler_is_a_metric(provider: OutpostOrderProvider) -> None:
    """A new metric of the handler needs no method of its own."""
    assert [provider.metric(each).metric_name for each in Metric] == [str(each) for each in Metric]


def test_an_unknown_metric_is_refused(provider: OutpostOrderProvider) -> None:
    """An alarm on an unknown metric would never start."""
    with pytest.raises(InvalidOrderError) as refused:
        provider.metric("OrdersLost")
    assert str(refused.value) == (
        "City/Buyer cannot be measured:\n  - 'metric_name' must be one of OrdersPlaced, "
        "OrdersJoined, OrdersRefused, OrdersInDoubt, got 'OrdersLost'"
    )


def test_one_order_in_doubt_raises_the_alarm(stack: Stack, provider: OutpostOrderProvider) -> None:
    """The alarm starts at once, and ends after the period."""
    provider.add_in_doubt_alarm()
    alarm = alarm_in(stack)
    description = alarm.pop("AlarmDescription")
    assert description.endswith("run: outpost-order list --unresolved")
    assert alarm == {
        "Namespace": "OutpostOrder",
        "MetricName": "OrdersInDoubt",
        "Dimensions": dimensions_of(provider, stack),
        "Statistic": "Sum",
        "Period": 300,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "TreatMissingData": "notBreaching",
    }


def test_the_alarm_has_the_given_actions(stack: Stack, provider: OutpostOrderProvider) -> None:
    """The template has each action."""
    topics = [sns.Topic(stack, name) for name in ("Pager", "Mail")]
    provider.add_in_doubt_alarm(actions=[actions.SnsAction(topic) for topic in topics])
    assert alarm_in(stack)["AlarmActions"] == [stack.resolve(topic.topic_arn) for topic in topics]
