"""The metrics: each is a line of the log that CloudWatch turns into a metric.

It costs no call and no permission, so counting can neither fail nor delay an answer.

Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import time
from typing import Any

from outpost_order_handler.cloudformation.answers import Answer
from outpost_order_handler.cloudformation.event import Event
from outpost_order_handler.contract import METRIC_DIMENSION, METRIC_NAMESPACE, Metric
from outpost_order_handler.failures import Outcome

_METRICS = {
    Outcome.PLACED: Metric.PLACED,
    Outcome.JOINED: Metric.JOINED,
    Outcome.NOT_PLACED: Metric.REFUSED,
    Outcome.UNKNOWN: Metric.IN_DOUBT,
}


def count(event: Event, answer: Answer, function_name: str) -> None:
    """Count an answer to a Create; a repeated answer counts twice."""
    metric = _METRICS.get(answer.outcome)
    if event.request_type != "Create" or metric is None:
        return
    definition: dict[str, Any] = {"Namespace": METRIC_NAMESPACE, "Dimensions": [[METRIC_DIMENSION]]}
    definition["Metrics"] = [{"Name": metric, "Unit": "Count"}]
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]},
        METRIC_DIMENSION: function_name,
        metric: 1,
        "OrderName": event.order_name,
        "PhysicalResourceId": answer.physical_id,
    }
    # CloudWatch finds no metric in a line with the prefix of the log.
    sys.stdout.write(f"{json.dumps(line)}\n")
