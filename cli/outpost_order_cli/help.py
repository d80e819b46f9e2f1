"""How the commands show their help, and what they answer to a command that doesn't exist."""

from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup


def examples(*commands: str) -> str:
    """Return the epilog of a command: lines that work when they are pasted."""
    return "\n".join(commands)


def _write_examples(epilog: str | None, formatter: Any) -> None:  # noqa: ANN401 (typer's own)
    """Write each example on a line of its own; typer would make one paragraph of them."""
    if epilog:
        with formatter.section("Examples"):
            for line in epilog.splitlines():
                formatter.write(f"  {line}\n")


class Command(TyperCommand):
    """A command whose help ends with examples."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401
        """Return the pieces of the usage line, without the braces that typer puts around NAME."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_epilog(self, _: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the examples."""
        _write_examples(self.epilog, formatter)


class CommandGroup(TyperGroup):
    """The commands; one that doesn't exist is answered with those that do."""

    def format_epilog(self, _: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the examples."""
        _write_examples(self.epilog, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401
        """Return the command that was typed, or fail with the names of those that exist."""
        if args[0] not in self.commands and not ctx.resilient_parsing:
            similar = get_close_matches(args[0], self.commands, n=1)
            hint = f" Did you mean {similar[0]!r}?" if similar else ""
            known = ", ".join(self.commands)
            ctx.fail(f"No such command {args[0]!r}.{hint} The commands are: {known}.")
        return super().resolve_command(ctx, args)
