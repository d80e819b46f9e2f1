"""The situation that a failure or a fault needs around one order, and its end."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from outpost_order_cli.rehearse.machine import Machine
from outpost_order_cli.review.assembly import Environment
from outpost_order_cli.review.declared import Order
from outpost_order_fake import Fault
from outpost_order_handler import contract
from outpost_order_handler.ledger.records import Attempt, OrderRecord, OutpostRecord, State
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.order import OrderRequest
from outpost_order_rehearsal import function_faults
from outpost_order_rehearsal.certificate import write_localhost_certificate
from outpost_order_rehearsal.function_faults import FunctionFault

EARLIER_ORDER = "oo-fedcba9876543210f"
AGO, DURATION = timedelta(minutes=30), timedelta(minutes=5)
MODEL = "service-2"
BACKLOG = 3
MANY = 10**6
_Change = Callable[[OutpostRecord], OutpostRecord]


@dataclass
class Situation:
    """One order of an app, the services that it meets, and the way back.

    Attributes:
        order: The declared order.
        place: Where it is deployed.
        machine: The services.
        undo: Called when the fault ends.
        function: The fault of its function so far.
    """

    order: Order
    place: Environment
    machine: Machine
    undo: ExitStack
    function: FunctionFault = field(default_factory=FunctionFault)

    @property
    def request(self) -> OrderRequest:
        """The order as the function reads it."""
        return OrderRequest.of(self.order.properties)

    @property
    def other_name(self) -> str:
        """The name of another order, which isn't in the app."""
        return f"not-{self.order.name}"

    @property
    def ledger(self) -> Ledger:
        """The ledger of `outpost-order init`."""
        client = self.machine.aws.client("dynamodb", self.place.region, self.place.account)
        return Ledger(contract.DEFAULT_LEDGER, client)

    def answer(self, operation: str, fault: Fault) -> None:
        """Let the Outposts API answer so, while this order is being created."""
        folder, name = self.machine.aws.folder, self.order.name
        self.machine.outposts.fail(
            operation, fault, times=None, when=lambda _: function_faults.creating(folder) == name
        )

    def answer_with(self, operation: str, body: Mapping[str, Any]) -> None:
        """Let the Outposts API answer with a body, while this order is being created."""
        self.answer(operation, Fault.reply(json.dumps(body)))

    def disturb(self, **members: Any) -> None:  # noqa: ANN401
        """Give its function a fault."""
        self.function = replace(self.function, **members)

    def change_quote(self, **members: object) -> None:
        """Change the quote, until the fault ends."""
        set_quote, quote_id = self.machine.outposts.set_quote, self.order.quote_id
        before = {each: self._quote.get(each) for each in members}
        self.undo.callback(lambda: set_quote(quote_id, **before))
        set_quote(quote_id, **members)

    def change_quote_options(self, **members: object) -> None:
        """Change the options of the quote, until the fault ends."""
        options = self._quote["QuoteOptions"]
        self.change_quote(QuoteOptions=[{**each, **members} for each in options])

    def change_price(self) -> None:
        """Let the quote cost more."""
        options = self._quote["QuoteOptions"]
        for pricing in (each for option in options for each in option["PricingOptions"]):
            pricing["SubscriptionPricingDetails"]["UpfrontPrice"] += 1000
        self.change_quote(QuoteOptions=options)

    def hide_orders(self) -> None:
        """Let ListOrders not show new orders, until the fault ends."""
        outposts = self.machine.outposts
        outposts.list_lag = MANY
        self.undo.callback(outposts.list_every_order)

    def place_identical_order(self) -> None:
        """Place an identical order elsewhere; it is cancelled when the fault ends."""
        content, outposts = self.request.content, self.machine.outposts
        made = outposts.make_order(
            outpost_id=content.outpost_id,
            line_items=content.parameters()["LineItems"],
            payment_option=content.payment_option,
            payment_term=content.payment_term or None,
            account=self.place.account,
            region=self.place.region,
        )
        self.undo.callback(lambda: outposts.set_status(made["OrderId"], "CANCELLED"))

    def cancel_adopted_order(self) -> None:
        """Let the order that is adopted be cancelled, until the fault ends."""
        outposts, order_id = self.machine.outposts, self.order.adopts
        [before] = [each for each in outposts.orders if each["OrderId"] == order_id]
        self.undo.callback(lambda: outposts.set_status(order_id, before["Status"]))
        outposts.set_status(order_id, "CANCELLED")

    def record(self, state: State | str) -> None:
        """Let the ledger have a record of the name, until the fault ends."""
        before = OrderRecord(name=self.order.name, request=self.request)
        placed = before.placed(EARLIER_ORDER, {}, self._now - AGO)
        self._write(replace(placed, state=state))

    def record_another_order(self) -> None:
        """Let the name have an order with another payment option."""
        content = self.request.content
        options = ("ALL_UPFRONT", "NO_UPFRONT")
        other = options[content.payment_option == options[0]]
        request = replace(self.request, content=replace(content, payment_option=other))
        before = OrderRecord(name=self.order.name, request=request)
        self._write(before.placed(EARLIER_ORDER, {}, self._now - AGO))

    def record_owner(self) -> None:
        """Let the order that is adopted have another name."""
        owner = OrderRecord(name=self.other_name, request=self.request)
        self._write(owner.placed(self.order.adopts, {}, self._now - AGO))
        self._write_outpost(
            self.other_name,
            lambda outpost: outpost.with_order(self.order.adopts, self.other_name),
            lambda outpost: replace(
                outpost,
                orders={k: v for k, v in outpost.orders.items() if k != self.order.adopts},
            ),
        )

    def record_attempt(self, name: str) -> None:
        """Let a name have an attempt without an outcome, whose sender has ended."""
        began = self._now - AGO
        attempt = Attempt("an earlier stack|Rack", (), began, "a sender", began + DURATION)
        request = replace(self.request, order_name=name)
        self._write(OrderRecord(name=name).submitting(request, attempt))
        self._write_outpost(
            name,
            lambda outpost: outpost.with_attempt(name, request.content),
            lambda outpost: outpost.without_attempt(name),
        )

    def lose_connections(self) -> None:
        """Let the function connect to Outposts at an address that doesn't answer."""
        listener = self.undo.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = listener.getsockname()
        for _ in range(BACKLOG):  # a full queue: the kernel answers no further one
            waiting = self.undo.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003
            with suppress(BlockingIOError):
                waiting.connect(address)
        self._reach_outposts_at(f"http://127.0.0.1:{address[1]}")

    def distrust_certificate(self) -> None:
        """Let the Outposts API have a certificate that the function doesn't trust."""
        folder = self._folder("certificate")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        files = write_localhost_certificate(folder)
        tls.load_cert_chain(files.certificate, files.key)
        listener = self.undo.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        threading.Thread(target=_shake_hands, args=(listener, tls), daemon=True).start()
        self._reach_outposts_at(f"https://localhost:{port}")

    def change_model(self, operation: str, **members: Any) -> None:  # noqa: ANN401
        """Let the function have another model of the Outposts API: of an older or a newer boto3."""
        loader = Loader()
        version = loader.determine_latest_version("outposts", MODEL)
        model = json.loads(json.dumps(loader.load_service_model("outposts", MODEL)))
        if members:
            model["shapes"][model["operations"][operation]["input"]["shape"]].update(members)
        else:
            del model["operations"][operation]
        folder = self._folder("models")
        path = folder / "outposts" / version / f"{MODEL}.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(model), encoding="utf-8")
        self.disturb(variables={"AWS_DATA_PATH": str(folder)})

    @property
    def _quote(self) -> dict[str, Any]:
        """A copy of the quote of the order, in the shape of GetQuote."""
        quotes = self.machine.outposts.quotes
        return next(each for each in quotes if each["QuoteId"] == self.order.quote_id)

    @property
    def _now(self) -> datetime:
        return datetime.now(UTC)

    def _folder(self, name: str) -> Path:
        folder = self.machine.aws.folder / f"{name}-{self.order.name}-{self.place.account}"
        folder.mkdir(exist_ok=True)
        return folder

    def _reach_outposts_at(self, url: str) -> None:
        self.disturb(variables={"AWS_ENDPOINT_URL_OUTPOSTS": url})

    def _write(self, record: OrderRecord) -> None:
        client = self.machine.aws.client("dynamodb", self.place.region, self.place.account)
        key = {contract.LEDGER_KEY: {"S": f"{OrderRecord.PREFIX}#{record.name}"}}
        self.ledger.write(record)
        self.undo.callback(lambda: client.delete_item(TableName=contract.DEFAULT_LEDGER, Key=key))

    def _write_outpost(self, name: str, change: _Change, undo: _Change) -> None:
        def write(changed: _Change) -> None:
            order, outpost = self.ledger.read(name, self.request.content.outpost_id)
            self.ledger.write(order, changed(outpost))

        write(change)
        self.undo.callback(write, undo)


def _shake_hands(listener: socket.socket, tls: ssl.SSLContext) -> None:
    with suppress(OSError):  # the listener is closed at the end
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError), tls.wrap_socket(connection, server_side=True):
                pass
