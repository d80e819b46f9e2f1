"""The time of one invocation of the function."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

TIME_TO_SEND = 60  # seconds that must be left before an order is sent
TIME_TO_READ = 35  # seconds that must be left before something is read from Outposts
TIME_TO_RECORD = 20  # seconds that must be left to read or write the records, and to answer
ACCESS_PATIENCE = 60  # seconds until a new role has its permissions


class StartOver(Exception):
    """Control flow: wait, read the records again, and decide again.

    If no time is left, or `patience` seconds after the invocation began, the request fails:
    `why` is the name and the details of the failure.
    """

    def __init__(self, pause: float, *why: str, patience: float = float("inf")) -> None:
        super().__init__(pause)
        self.pause, self.why, self.patience = pause, why or ("NoTimeLeft",), patience


class Clock:
    """The time, and how many seconds of it are left."""

    def __init__(self, remaining_millis: Callable[[], int]) -> None:
        self._remaining_millis = remaining_millis
        self._began = self.now()
        # If it is, no invocation has the time for a purchase, however long you wait.
        self.is_too_short = self.remaining() < TIME_TO_SEND

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return the seconds since the invocation began."""
        return (self.now() - self._began).total_seconds()

    def remaining(self) -> float:
        """Return the seconds before Lambda ends this invocation."""
        return self._remaining_millis() / 1000

    def wait(self, seconds: float) -> None:
        """Wait some seconds."""
        time.sleep(seconds)
