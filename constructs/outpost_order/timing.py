"""How long things may take, so that nothing is bought after CloudFormation gave up."""

from aws_cdk import Duration

DEFAULT_TIMEOUT = Duration.minutes(4)
"""Far above the sum of all bounded calls: crhelper's own timer must never fire."""

LONGEST_TIMEOUT = Duration.minutes(15)
"""Lambda's own limit."""

MAX_EVENT_AGE = Duration.minutes(5)
"""How long Lambda may hold an event back before it drops it."""

LONGEST_SERVICE_TIMEOUT = Duration.hours(1)
"""CloudFormation's own limit."""

_SHORTEST_DEFAULT = 15  # minutes
_STEP = 5  # minutes


def latest_answer(timeout: Duration) -> Duration:
    """Return when the last event can have bought: held back, then run to the function's limit."""
    return MAX_EVENT_AGE.plus(timeout)


def default_service_timeout(timeout: Duration) -> Duration:
    """Return how long CloudFormation waits for such a function, if nobody says otherwise."""
    steps = int(latest_answer(timeout).to_seconds()) // (60 * _STEP)
    return Duration.minutes(max(_SHORTEST_DEFAULT, (steps + 1) * _STEP))
