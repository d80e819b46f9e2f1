"""The calls from Python to Node for an order, which take most of the time of synthesis."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aws_cdk import App, Stack
from jsii._kernel.providers.process import _NodeProcess

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Give a list that grows with each request to Node, and with each answer to Node."""
    requests: list[Any] = []
    send = _NodeProcess.send

    def note(process: _NodeProcess, request: Any, response_type: Any) -> Any:  # noqa: ANN401
        requests.append(request)
        return send(process, request, response_type)

    with monkeypatch.context() as patched:
        patched.setattr(_NodeProcess, "send", note)
        yield requests


def round_trips(orders: int, monkeypatch: pytest.MonkeyPatch, *, outputs: bool) -> int:
    """Return the number of round trips of an app with so many orders, synthesis included."""
    app = App()
    stack = Stack(app, "City")
    with counted(monkeypatch) as requests:
        for number in range(orders):
            OutpostOrder(
                stack,
                f"Rack{number}",
                order_name=f"PO-{number}",
                outpost_identifier="op-0123456789abcdef0",
                line_items=[LineItem("OR-ABCDEFG", quantity=number + 1)],
                payment_option=PaymentOption.NO_UPFRONT,
                stack_outputs=outputs,
            )
        app.synth()
    return len(requests)


@pytest.mark.parametrize(("outputs", "most"), [(False, 8), (True, 16)])
def test_an_order_takes_few_round_trips(
    outputs: bool,  # noqa: FBT001
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One more order, from its declaration to the template."""
    few, more = (round_trips(orders, monkeypatch, outputs=outputs) for orders in (2, 12))
    assert (more - few) / 10 <= most
