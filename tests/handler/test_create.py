import logging

import pytest

from outpost_order_handler import contract
from outpost_order_handler.failures import InDoubt, NotPlaced
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.properties import parse
from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import OUTPOST_ID, PROPERTIES, Invoke

DOCUMENTED = {
    "ValidationException": "InvalidRequest",
    "ConflictException": "ResourceConflict",
    "AccessDeniedException": "AccessDenied",
    "NotFoundException": "NotFound",
    "ServiceQuotaExceededException": "ServiceLimitExceeded",
    "InternalServerException": "ServiceInternalError",
}
NOTHING = f"nothing was ordered on {OUTPOST_ID}"
UNKNOWN = f"outcome unknown, {OUTPOST_ID} might hold this order"
NOTHING_READ = f"the orders of {OUTPOST_ID} could not be read, nothing was bought or changed"


def test_create_places_the_order(outposts: FakeOutposts, invoke: Invoke) -> None:
    """One order is made, and its id is the physical id."""
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
        "OrderId": "oo-0123456789abcdef0"
    }


def test_no_payment_term_is_no_payment_term(outposts: FakeOutposts, invoke: Invoke) -> None:
    """What the template leaves out is left out of the request."""
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
    """What the reason cannot hold is not lost."""
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
    assert "allow outposts:CreateOrder in the function's role or the organization's SCP" in reason


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ThrottlingException"])
def test_throttling_is_a_refusal(code: str, outposts: FakeOutposts, invoke: Invoke) -> None:
    """A throttled request was not taken, and is not sent again."""
    outposts.fail("CreateOrder", Fault.throttled(code), times=None)
    assert invoke("Create").reason.startswith(f"Throttling ({code}): {NOTHING}")
    assert len(outposts.posts) == 1


def test_a_refused_connection_is_no_order(
    outposts: FakeOutposts, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not connect was not sent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_OUTPOSTS", "http://127.0.0.1:9")
    reason = invoke("Create").reason
    assert reason.startswith(f"NetworkFailure (EndpointConnectionError): {NOTHING_READ}")
    assert outposts.requests == []


def test_an_unknown_host_is_no_order(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no address was not sent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_OUTPOSTS", "http://outposts.invalid")
    reason = invoke("Create").reason
    assert reason.startswith(f"NetworkFailure (EndpointConnectionError): {NOTHING_READ}")


def test_an_untrusted_certificate_is_no_order(
    outposts: FakeOutposts,
    invoke: Invoke,
    cloudformation_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The handshake comes before the request."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_OUTPOSTS", cloudformation_url)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    reason = invoke("Create").reason
    assert reason.startswith(f"NetworkFailure (SSLError): {NOTHING_READ}")
    assert outposts.requests == []


@pytest.mark.usefixtures("moto")
def test_missing_credentials_are_no_order(
    outposts: FakeOutposts, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be signed is not sent; without its ledger the function knows nothing more."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    reason = invoke("Create").reason
    assert reason.startswith(f"GeneralServiceException (Ledger NoCredentialsError): {UNKNOWN}")
    assert outposts.requests == []


@pytest.mark.parametrize(
    "fault", [Fault.status(500), Fault.reply("null"), Fault.reset()], ids=["500", "null", "reset"]
)
def test_a_doubt_names_the_command_that_clears_it_up(
    fault: Fault, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The resource keeps its name. What else the service may do is in the wire's matrix."""
    outposts.fail("CreateOrder", fault, times=None)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert response.reason.endswith(
        f": {UNKNOWN}; before you deploy again, run: "
        "outpost-order reconcile PO-4711 --region us-west-2"
    )
    assert len(response.reason) <= 250
    assert len(outposts.posts) == 1


RETRIES = {
    "none": {},
    "7 attempts": {"AWS_MAX_ATTEMPTS": "7"},
    "1 attempt": {"AWS_MAX_ATTEMPTS": "1"},
    "legacy": {"AWS_RETRY_MODE": "legacy"},
    "standard": {"AWS_RETRY_MODE": "standard"},
    "adaptive": {"AWS_RETRY_MODE": "adaptive"},
    "legacy, 7 attempts": {"AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "legacy"},
    "standard, 7 attempts": {"AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "standard"},
    "adaptive, 7 attempts": {"AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "adaptive"},
}
TRIED_AGAIN = {
    "500": Fault.status(500),
    "503": Fault.status(503),
    "throttled": Fault.throttled("ThrottlingException"),
    "reset": Fault.reset(),
    "closed": Fault.closed(),
    "hang": Fault.hang(),
}


@pytest.mark.parametrize("retries", RETRIES.values(), ids=RETRIES)
@pytest.mark.parametrize("fault", TRIED_AGAIN.values(), ids=TRIED_AGAIN)
def test_one_request_is_sent_whatever_the_environment_says_of_retries(
    fault: Fault,
    retries: dict[str, str],
    outposts: FakeOutposts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The client that sends orders is set in code: botocore would try each of these again."""
    for name, value in retries.items():
        monkeypatch.setenv(name, value)
    outposts.fail("CreateOrder", fault, times=None)
    patience = 0.5 if fault == TRIED_AGAIN["hang"] else 60
    with pytest.raises((InDoubt, NotPlaced)):
        Outposts().create_order(parse(PROPERTIES), read_timeout=patience)
    assert len(outposts.posts) == 1


def test_a_defect_of_ours_is_told_as_doubt(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, outposts: FakeOutposts
) -> None:
    """What we do not understand is not "nothing was ordered"."""
    monkeypatch.setattr("outpost_order_handler.order.Order.attributes", None)
    response = invoke("Create")
    assert response.reason.startswith(f"InternalFailure (TypeError): {UNKNOWN}")
    assert (response.physical_id, len(outposts.orders)) == ("PO-4711", 1)


def test_the_purchase_is_in_the_log(invoke: Invoke, caplog: pytest.LogCaptureFixture) -> None:
    """What was asked for and what came of it, for the books."""
    with caplog.at_level(logging.INFO):
        response = invoke("Create")
    assert 'placing order PO-4711: {"OutpostIdentifier"' in caplog.text
    assert f"placed order PO-4711: Order(order_id='{response.physical_id}'" in caplog.text
