"""What the constructs raise."""

from collections.abc import Iterable


class InvalidOrderError(ValueError):
    """What a construct was given cannot be ordered; the text lists every problem."""

    def __init__(self, path: str, problems: Iterable[str], cannot: str = "be ordered") -> None:
        """Take the path of the construct, all that is wrong, and what it prevents."""
        self.problems = tuple(problems)
        super().__init__("\n  - ".join([f"{path} cannot {cannot}:", *self.problems]))
