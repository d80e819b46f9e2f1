"""Counting answers: a line of the log that CloudWatch turns into a metric.

It costs no call and no permission, so counting can neither fail nor delay an answer.

Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
import sys
import time

from outpost_order_handler.answers import Answer, Event
from outpost_order_handler.contract import METRIC_DIMENSION, METRIC_NAMESPACE, Metric
from outpost_order_handler.properties import order_name_in


class _BareLines(logging.Handler):
    """Writes lines as they are: with Lambda's own prefix they would be no metric."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stdout.write(f"{record.getMessage()}\n")


logger = logging.getLogger(__name__)
logger.propagate = False
logger.setLevel(logging.INFO)
logger.addHandler(_BareLines())


def count(event: Event, answer: Answer, function_name: str) -> None:
    """Count an answer that is about to be given; one that is given twice counts twice."""
    metric = _metric_of(event, answer)
    if metric is None:
        return
    definition = {
        "Namespace": METRIC_NAMESPACE,
        "Dimensions": [[METRIC_DIMENSION]],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]},
        METRIC_DIMENSION: function_name,
        metric: 1,
        "OrderName": order_name_in(event.get("ResourceProperties")) or "",
        "PhysicalResourceId": answer.physical_id,
    }
    logger.info(json.dumps(line))


def _metric_of(event: Event, answer: Answer) -> Metric | None:
    if answer.is_in_doubt:
        return Metric.IN_DOUBT
    if event["RequestType"] != "Create":
        return None
    return Metric.REFUSED if answer.reason else Metric.PLACED
