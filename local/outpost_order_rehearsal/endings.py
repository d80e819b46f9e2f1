"""The signals that end a rehearsal, without a trace."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def leave_on_signals(say: Callable[[], None] | None = None) -> None:
    """Let the signals end this process through every `with` on the way, with 128 + the number.

    Args:
        say: Called before anything ends, to say so to the user.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        for each in ENDING_SIGNALS:  # a further signal doesn't disturb the end
            signal.signal(each, signal.SIG_IGN)
        if say is not None:
            say()
        sys.exit(128 + number)

    for each in ENDING_SIGNALS:
        signal.signal(each, end)
