import ast
import logging
from itertools import product
from pathlib import Path

import pytest

from outpost_order_fake import FakeOutposts, Fault, Reply
from outpost_order_handler import contract
from outpost_order_handler.placement import place
from outpost_order_rehearsal.certificate import write_localhost_certificate
from tests.fakes.cloudformation import FakeCloudFormation
from tests.handler.conftest import (
    NOTHING,
    OUTPOST_ID,
    PROPERTIES,
    RECONCILE,
    UNKNOWN,
    Invoke,
)

DOCUMENTED = {
    "ValidationException": "InvalidRequest",
    "ConflictException": "ResourceConflict",
    "AccessDeniedException": "AccessDenied",
    "NotFoundException": "NotFound",
    "ServiceQuotaExceededException": "ServiceLimitExceeded",
    "InternalServerException": "ServiceInternalError",
}
NOTHING_READ = f"the orders of {OUTPOST_ID} could not be read, and nothing was bought or changed"


def test_create_places_the_order(outposts: FakeOutposts, invoke: Invoke) -> None:
    """One order is placed, and its ID is the physical ID."""
    response = invoke("Create")
    (order,) = outposts.orders
    assert (response.status, response.physical_id) == ("SUCCESS", order["OrderId"])
    assert outposts.posts[0].params == {
        "OutpostIdentifier": OUTPOST_ID,
        "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
        "PaymentOption": "NO_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
    }


def test_create_answers_every_attribute(outposts: FakeOutposts, invoke: Invoke) -> None:
    """`Fn::GetAtt` of a key that was not returned would fail the stack."""
    data = invoke("Create").data
    (order,) = outposts.orders
    date = data.pop("OrderSubmissionDate")
    assert date.startswith("20")
    assert date.endswith("+00:00")
    assert data == {
        "OrderId": order["OrderId"],
        "Status": "PREPARING",
        "OutpostId": OUTPOST_ID,
        "OrderType": "OUTPOST",
        "PaymentOption": "NO_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
    }


def test_unknown_attributes_are_empty(outposts: FakeOutposts, invoke: Invoke) -> None:
    """An answer of an id alone is an order, and every attribute is still a string."""
    body = '{"Order": {"OrderId": "oo-0123456789abcdef0"}}'
    outposts.fail("CreateOrder", Fault.reply(body, applied=True))
    response = invoke("Create")
    assert response.status == "SUCCESS"
    assert response.data == dict.fromkeys(contract.Attribute, "") | {
        "OrderId": "oo-0123456789abcdef0",
        "Status": "UNKNOWN",
    }


def test_no_payment_term_is_no_payment_term(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The request has no property that the template leaves out."""
    invoke("Create", {k: v for k, v in PROPERTIES.items() if k != "PaymentTerm"})
    assert "PaymentTerm" not in outposts.posts[0].params


@pytest.mark.parametrize("length", [20, 600, 2000])
@pytest.mark.parametrize("exception", DOCUMENTED)
def test_a_reason_starts_with_code_and_exception(
    exception: str, length: int, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Crhelper keeps only the end of a long reason: ours is never long."""
    message = "The service has many words. " * 100
    outposts.fail("CreateOrder", Fault.refusal(exception, message=message[:length]))
    response = invoke("Create")
    outcome = UNKNOWN if exception == "InternalServerException" else NOTHING
    assert response.status == "FAILED"
    assert response.reason.startswith(f"{DOCUMENTED[exception]} ({exception}): {outcome}")
    assert len(response.reason) <= 250
    assert response.physical_id == "PO-4711"
    assert response.data == {}


def test_the_full_message_is_in_the_log(
    outposts: FakeOutposts, invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the text that the reason has no room for."""
    message = "word " * 300 + "and the last of them"
    outposts.fail("CreateOrder", Fault.refusal("ValidationException", message=message))
    invoke("Create")
    assert message in caplog.text


def test_a_conflict_names_its_resource(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reader learns what is in the way, however long the message."""
    extra = {"ResourceId": "oo-00000000000000001", "ResourceType": "ORDER"}
    fault = Fault.refusal("ConflictException", message="An order is open. " * 50, extra=extra)
    outposts.fail("CreateOrder", fault)
    assert ": ORDER oo-00000000000000001: An order is open." in invoke("Create").reason


def test_access_denied_says_where_to_look(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Organizations deny CreateOrder by a service control policy."""
    outposts.fail("CreateOrder", Fault.refusal("AccessDeniedException", message="No. " * 200))
    reason = invoke("Create").reason
    assert "Allow outposts:CreateOrder in the function's role or the organization's SCP" in reason


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ThrottlingException"])
def test_throttling_is_a_refusal(code: str, outposts: FakeOutposts, invoke: Invoke) -> None:
    """A throttled request was not taken, and is not sent again."""
    outposts.fail("CreateOrder", Fault.throttled(code), times=None)
    assert invoke("Create").reason.startswith(f"Throttling ({code}): {NOTHING}")
    assert len(outposts.posts) == 1


def test_a_refused_connection_is_no_order(
    outposts: FakeOutposts, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that can't connect isn't sent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_OUTPOSTS", "http://127.0.0.1:9")
    reason = invoke("Create").reason
    assert reason.startswith(f"NetworkFailure (EndpointConnectionError): {NOTHING_READ}")
    assert outposts.requests == []


def test_an_unknown_host_is_no_order(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request without an address isn't sent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_OUTPOSTS", "http://outposts.invalid")
    reason = invoke("Create").reason
    assert reason.startswith(f"NetworkFailure (EndpointConnectionError): {NOTHING_READ}")


def test_an_untrusted_certificate_is_no_order(
    outposts: FakeOutposts, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handshake comes before the request."""
    with FakeCloudFormation(write_localhost_certificate(tmp_path)) as untrusted:
        monkeypatch.setenv("AWS_ENDPOINT_URL_OUTPOSTS", untrusted.url)
        reason = invoke("Create").reason
    assert reason.startswith(f"NetworkFailure (SSLError): {NOTHING_READ}")
    assert outposts.requests == []


def test_missing_credentials_are_no_order(
    outposts: FakeOutposts, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that can't be signed isn't sent."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    reason = invoke("Create").reason
    assert reason.startswith(f"InvalidCredentials (NoCredentialsError): {NOTHING_READ}")
    assert outposts.requests == []


UNKNOWN_OUTCOMES = {
    "500": Fault.status(500),
    "500 applied": Fault.status(500, applied=True),
    "500 InternalServerException applied": Fault.refusal("InternalServerException", applied=True),
    "500 with a refusal's name": Fault.status(500, code="ValidationException", applied=True),
    "502 HTML": Fault.status(502, body="<html>Bad gateway</html>"),
    "503 throttled applied": Fault.status(503, code="ThrottlingException", applied=True),
    "504 applied": Fault.status(504, applied=True),
    "418": Fault.status(418, code="TeapotException"),
    "403 HTML": Fault.status(403, body="<html>Forbidden</html>"),
    "200 empty": Fault.reply(Reply.EMPTY, applied=True),
    "200 {}": Fault.reply(Reply.EMPTY_OBJECT, applied=True),
    "200 foreign": Fault.reply(Reply.FOREIGN),
    "200 HTML": Fault.reply(Reply.HTML),
    "200 null": Fault.reply("null", applied=True),
    "200 list": Fault.reply("[]", applied=True),
    "200 null order": Fault.reply('{"Order": null}', applied=True),
    "200 text order": Fault.reply('{"Order": "oo-0123456789abcdef0"}', applied=True),
    "200 cut": Fault.reply(Reply.CUT, applied=True),
    "200 with a foreign id": Fault.reply('{"Order": {"OrderId": "4711"}}', applied=True),
    "200 cut off": Fault.cut_off(applied=True),
    "closed": Fault.closed(),
    "closed applied": Fault.closed(applied=True),
    "reset": Fault.reset(),
    "reset applied": Fault.reset(applied=True),
    "hang": Fault.hang(),
    "hang applied": Fault.hang(applied=True),
}
RETRIES_IN_THE_ENVIRONMENT = {
    "none": {},
    "7 attempts": {"AWS_MAX_ATTEMPTS": "7"},
    "legacy": {"AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "legacy"},
    "adaptive": {"AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "adaptive"},
}


CASES = {
    *((fault, "adaptive") for fault in UNKNOWN_OUTCOMES),
    *product(("500 applied", "reset", "hang applied"), RETRIES_IN_THE_ENVIRONMENT),
}


@pytest.mark.parametrize(("fault_name", "retries_name"), sorted(CASES))
def test_an_order_without_a_response_is_found_or_unknown_and_sent_once(
    fault_name: str,
    retries_name: str,
    outposts: FakeOutposts,
    invoke: Invoke,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service receives one request, with any retry setting in the environment."""
    fault = UNKNOWN_OUTCOMES[fault_name]
    monkeypatch.setattr(place, "MAX_RESPONSE_TIME", 0.2)
    for name, value in RETRIES_IN_THE_ENVIRONMENT[retries_name].items():
        monkeypatch.setenv(name, value)
    outposts.fail("CreateOrder", fault, times=None)
    response = invoke("Create")
    assert len(outposts.posts) == 1
    assert len(outposts.orders) == (1 if fault.applied else 0)
    if fault.applied:
        [order] = outposts.orders
        assert (response.status, response.physical_id) == ("SUCCESS", order["OrderId"])
    else:
        assert response.status == "FAILED"
        assert response.physical_id == "PO-4711"
        assert response.reason.endswith(f": {UNKNOWN}. Before you deploy again, {RECONCILE}")
        assert len(response.reason) <= 250


def test_after_a_defect_of_the_handler_the_outcome_is_unknown(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, outposts: FakeOutposts
) -> None:
    """A defect isn't "nothing was ordered"."""
    monkeypatch.setattr("outpost_order_handler.outposts.responses.Order.attributes", None)
    response = invoke("Create")
    assert response.reason.startswith(f"InternalFailure (TypeError): {UNKNOWN}")
    assert (response.physical_id, len(outposts.orders)) == ("PO-4711", 1)


def test_the_purchase_is_in_the_log(invoke: Invoke, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the request and its outcome."""
    with caplog.at_level(logging.INFO):
        response = invoke("Create")
    assert 'placing order PO-4711: {"OutpostIdentifier"' in caplog.text
    assert f"placed order PO-4711: Order(order_id='{response.physical_id}'" in caplog.text


def test_a_clean_create_asks_for_nothing_twice(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The order is the last request."""
    invoke("Create")
    looks = ["GetOutpost", "GetCatalogItem", "ListCatalogItems", "ListOrders"]
    assert [request.operation for request in outposts.requests] == [*looks, "CreateOrder"]


def test_one_line_sends_and_the_purchase_is_short() -> None:
    """A reviewer reads at most 80 lines from the decision to the one CreateOrder request."""
    package = Path(place.__file__).parents[1]
    sources = [path.read_text() for path in package.rglob("*.py")]
    assert sum(source.count("create_order(") for source in sources) == 1
    functions = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }
    assert functions["place"] + functions["client_that_sends_once"] <= 80
