"""How long things may take, so that nothing is bought after CloudFormation gave up."""

from aws_cdk import Duration

DEFAULT_TIMEOUT = Duration.minutes(4)
"""Far above the sum of all bounded calls: crhelper's own timer must never fire."""

LONGEST_TIMEOUT = Duration.minutes(15)
"""Lambda's own limit."""

LONGEST_SERVICE_TIMEOUT = Duration.hours(1)
"""CloudFormation's own limit."""

_TIME_FOR_A_RETRY = Duration.minutes(5)
_SHORTEST_DEFAULT = 15  # minutes
_STEP = 5  # minutes


def max_event_age(timeout: Duration) -> Duration:
    """Return how long Lambda may keep an event before it drops the event.

    Lambda waits a minute before it runs an event again that ran into the function's limit.
    """
    return timeout.plus(_TIME_FOR_A_RETRY)


def latest_answer(timeout: Duration) -> Duration:
    """Return when the last event has ended: kept as long as can be, then run to the limit."""
    return max_event_age(timeout).plus(timeout)


def default_service_timeout(timeout: Duration) -> Duration:
    """Return how long CloudFormation waits for such a function by default."""
    steps = int(latest_answer(timeout).to_seconds()) // (60 * _STEP)
    return Duration.minutes(max(_SHORTEST_DEFAULT, (steps + 1) * _STEP))
