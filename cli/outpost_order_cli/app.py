"""The entry of the console script `outpost-order`."""

import typer

from outpost_order_cli import ledger

# Without markup, messages are plain lines: a box would break the ids in them. A traceback
# with the values of variables could show credentials.
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(ledger.commands, name="ledger")


@app.callback()
def _outpost_order() -> None:
    """Look after the AWS Outposts orders that stacks have placed."""


def main() -> None:
    """Run the command that the terminal asks for."""
    app(prog_name="outpost-order")
