"""A failure that an operator can act on. Standard library only."""

FAILED = 1
MISUSED = 2
STILL_UNKNOWN = 3


class Problem(Exception):
    """A failure that the operator can act on: the fact, the value given, and the next step."""

    def __init__(self, line: str, exit_code: int = FAILED) -> None:
        """Take the line to print, and the exit code of the command."""
        super().__init__(line)
        self.exit_code = exit_code


def misused(line: str) -> Problem:
    """Return the problem of arguments that contradict each other or can't be used."""
    return Problem(line, MISUSED)
