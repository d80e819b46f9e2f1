import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_handler import entry
from tests.fakes.cloudformation import FakeCloudFormation, PutFault
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.fakes.proxy import FakeProxy
from tests.handler.conftest import NOTHING, PROPERTIES, Context, Deliver, Invoke
from tests.handler.ledger_faults import on_each_call

HANGS = PutFault(None)
HANGS_AFTER_IT_WAS_TAKEN = PutFault(None, taken=True)
REFUSALS = [PutFault(500), PutFault(503), PutFault(403), PutFault(302)]
NO_WAY = f"NetworkFailure (NoAnswerPossible): {NOTHING}"


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as briefly as a test can."""
    assert sum(entry.TIMEOUT) + sum(entry.PUT_PAUSES) < 8
    monkeypatch.setattr(entry, "TIMEOUT", (1, 0.3))
    monkeypatch.setattr(entry, "PUT_PAUSES", (0.01,))


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give the event of a Create."""
    return cloudformation.event("Create", PROPERTIES)


@pytest.fixture
def proxy(
    monkeypatch: pytest.MonkeyPatch, cloudformation: FakeCloudFormation
) -> Iterator[FakeProxy]:
    """Give the only way out; AWS and the addresses of the answers have different hosts."""
    endpoint = cloudformation.url.replace("localhost", "127.0.0.1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", endpoint)
    with FakeProxy() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        yield proxy


def host_of(url: str) -> str:
    """Return host and port of an address."""
    return url.partition("//")[2]


@pytest.mark.parametrize("fault", [HANGS, *REFUSALS], ids=str)
def test_an_answer_that_is_not_taken_is_sent_once_more(
    fault: PutFault,
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """The first connection can fail for reasons that pass."""
    cloudformation.put_faults.append(fault)
    assert deliver(event).status == "SUCCESS"
    assert len(outposts.posts) == 1


@pytest.mark.parametrize("fault", [HANGS, *REFUSALS], ids=str)
def test_an_answer_that_is_never_taken_is_given_to_a_copy(
    fault: PutFault,
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """Lambda delivers an event again if the function raises."""
    cloudformation.put_faults.extend([fault, fault])
    with pytest.raises(ConnectionError, match="the answer could not be sent"):
        entry.handler(event, Context())
    assert cloudformation.responses == {}
    response = deliver(event)
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[0]["OrderId"])
    assert len(outposts.posts) == 1


def test_an_answer_that_was_taken_is_contradicted_by_no_other(
    event: dict[str, Any], cloudformation: FakeCloudFormation, outposts: FakeOutposts
) -> None:
    """Each PUT that hangs after CloudFormation took it has the same answer."""
    cloudformation.put_faults.extend([HANGS_AFTER_IT_WAS_TAKEN, HANGS_AFTER_IT_WAS_TAKEN])
    with pytest.raises(ConnectionError):
        entry.handler(event, Context())
    entry.handler(event, Context())
    answers = cloudformation.responses[event["RequestId"]]
    assert len(answers) == 3
    assert answers == [answers[0]] * 3
    assert (answers[0].status, len(outposts.posts)) == ("SUCCESS", 1)


@pytest.mark.parametrize("fault", [HANGS, PutFault(503)], ids=str)
def test_an_answer_that_fails_does_not_log_its_address(
    fault: PutFault,
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Exceptions of the network have the address, a secret, in their texts."""
    cloudformation.put_faults.extend([fault, fault])
    with caplog.at_level(logging.INFO), pytest.raises(ConnectionError) as raised:
        entry.handler(event, Context())
    assert "X-Amz-Signature" not in caplog.text + str(raised.value)
    assert raised.value.__cause__ is raised.value.__context__ is None


def test_execution_timed_out_is_never_answered(
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    deliver: Deliver,
) -> None:
    """Crhelper's timer would say so half a second before the limit, while the work goes on."""
    with on_each_call(dynamodb, lambda _: time.sleep(0.2)):
        reason = deliver(event, Context(limit=0.6)).reason
    assert reason.startswith("InvalidRequest (TimeoutTooShort)")
    assert len(cloudformation.responses[event["RequestId"]]) == 1


def test_the_host_of_the_answer_is_reached_before_the_order_is_sent(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Without the path of the address, which is a secret and an answer."""
    invoke("Create")
    assert (cloudformation.heads, len(outposts.posts)) == (["/"], 1)


def test_without_a_way_for_the_answer_no_order_is_sent(
    event: dict[str, Any], outposts: FakeOutposts, cloudformation: FakeCloudFormation
) -> None:
    """If nothing listens at the address, the stack would fail after the order was placed."""
    nowhere = event | {"ResponseURL": f"https://localhost:9/{event['RequestId']}"}
    with pytest.raises(ConnectionError):
        entry.handler(nowhere, Context())
    assert (outposts.posts, cloudformation.described) == ([], [])


def test_without_a_trusted_certificate_no_order_is_sent(
    event: dict[str, Any], outposts: FakeOutposts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer trusts the roots that the requests to AWS trust: those of AWS_CA_BUNDLE."""
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(ConnectionError):
        entry.handler(event, Context())
    assert outposts.posts == []


def test_the_answer_takes_the_proxy_of_the_environment(
    proxy: FakeProxy, cloudformation: FakeCloudFormation, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The requests to AWS take it as well."""
    assert invoke("Create").status == "SUCCESS"
    aws = host_of(cloudformation.url).replace("localhost", "127.0.0.1")
    assert {*proxy.reached} == {host_of(outposts.url), host_of(cloudformation.url), aws}
    assert proxy.reached.count(host_of(cloudformation.url)) == 2
    assert len(outposts.posts) == 1


def test_the_answer_passes_by_the_proxy_if_the_environment_says_so(
    proxy: FakeProxy,
    cloudformation: FakeCloudFormation,
    invoke: Invoke,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A VPC with an endpoint for S3 excludes it from its proxy."""
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert invoke("Create").status == "SUCCESS"
    assert host_of(cloudformation.url) not in proxy.reached


def test_a_proxy_that_serves_aws_but_not_the_answer_sends_no_order(
    proxy: FakeProxy,
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """When the proxy serves the answer, a copy of the event says that nothing was ordered."""
    proxy.refused.add(host_of(cloudformation.url))
    with pytest.raises(ConnectionError):
        entry.handler(event, Context())
    proxy.refused.clear()
    response = deliver(event)
    assert response.status == "FAILED"
    assert response.reason.startswith(NO_WAY)
    assert outposts.posts == []


@pytest.mark.parametrize("service", ["outposts", "cloudformation"])
def test_a_proxy_that_serves_the_answer_but_not_aws_sends_no_order(
    service: str,
    proxy: FakeProxy,
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    invoke: Invoke,
) -> None:
    """The reason is answered."""
    aws = host_of(cloudformation.url).replace("localhost", "127.0.0.1")
    proxy.refused.add({"outposts": host_of(outposts.url), "cloudformation": aws}[service])
    response = invoke("Create")
    assert response.status == "FAILED"
    assert "nothing was" in response.reason
    assert outposts.posts == []
