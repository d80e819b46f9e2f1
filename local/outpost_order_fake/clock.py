"""The time of the service, which a test can advance."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Show the time of this machine, and what a test added to it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the time in UTC, no finer than the API sends it."""
        moment = datetime.now(UTC) + self._ahead
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, by: timedelta) -> None:
        """Let time pass, such as `timedelta(days=31)`; orders and quotes that exist get older."""
        self._ahead += by
