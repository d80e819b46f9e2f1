"""Time, as one invocation of the function has it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """What time it is, how much is left, and how to wait."""

    def __init__(self, remaining_millis: Callable[[], int]) -> None:
        """Take Lambda's own count of the milliseconds that the invocation has left."""
        self._remaining_millis = remaining_millis

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def remaining(self) -> float:
        """Return the seconds before Lambda ends this invocation."""
        return self._remaining_millis() / 1000

    def wait(self, seconds: float) -> None:
        """Let some seconds pass."""
        time.sleep(seconds)
