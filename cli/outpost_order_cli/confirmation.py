"""The question before a command records or sends something that can't be undone."""

from collections.abc import Callable

from outpost_order_cli.orders import facts_of_request, print_facts
from outpost_order_cli.output import ask, best_effort, one_line, say
from outpost_order_cli.problem import Problem
from outpost_order_handler.order import OrderRequest

_LABEL = 12  # characters


def confirm_problems(name: str, confirm: str | None) -> list[str]:
    """Return what is wrong with the name that --confirm has."""
    if confirm in (None, name):
        return []
    return [f"--confirm must be the order name {name!r}, got {confirm!r}"]


def print_question(
    name: str, outpost_id: str, who: str, request: OrderRequest | None = None
) -> None:
    """Print which order a question is about, on the stream that a pipe leaves alone."""
    facts = {
        "Order name:": name,
        "Outpost:": outpost_id,
        **{
            f"{label}:": fact
            for label, fact in (
                facts_of_request(request, request.content) if request else {}
            ).items()
        },
        "You are:": one_line(who),
    }
    print_facts(facts, _LABEL, err=True)


def confirm_by_name(
    name: str,
    confirm: str | None,
    show: Callable[[], None],
    question: tuple[str, str],
    unconfirmed: str,
) -> None:
    """Show what is confirmed, and let the operator type the order name, unless --confirm has it.

    Args:
        name: The order name.
        confirm: The value of --confirm; none asks.
        show: Prints what is confirmed.
        question: The consequence, and the purpose of typing the name.
        unconfirmed: The message if another text is typed.

    Raises:
        Problem: Another text was typed.
    """
    if confirm is not None:
        with best_effort():  # --confirm needs no stream
            show()
        return
    show()
    consequence, purpose = question
    say(consequence, err=True)
    if ask(f"{purpose}, type its order name") != name:
        raise Problem(f"Not confirmed. {unconfirmed}")
