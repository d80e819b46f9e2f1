"""One rehearsal: a real `cdk deploy` of the project's app, step by step."""

from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.environment import REGION
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.cdk_cli import CdkCli, CliRun
from tests.rehearsal.stacks import describe_stack
from tests.rehearsal.terminal import Terminal

OUTPOST = "op-0123456789abcdef0"
REFUSALS = {
    "ValidationException": Fault.refusal(
        "ValidationException", "Catalog item OR-ABCDEFG is not offered in the country of the site"
    ),
    "ConflictException": Fault.refusal(
        "ConflictException",
        "Another request is changing this resource",
        extra={"ResourceId": OUTPOST, "ResourceType": "OUTPOST"},
    ),
    "AccessDeniedException": Fault.refusal(
        "AccessDeniedException", "You are not authorized to perform: outposts:CreateOrder"
    ),
    "NotFoundException": Fault.refusal("NotFoundException", f"Outpost {OUTPOST} does not exist"),
    "InternalServerException": Fault.refusal(
        "InternalServerException", "An internal error occurred"
    ),
    "ServiceQuotaExceededException": Fault.refusal(
        "ServiceQuotaExceededException", "This account has too many open orders"
    ),
}
"""Each exception that the API documents for CreateOrder, with plausible words."""


def rehearse(exception: str | None = None) -> int:
    """Deploy the app, print what happens, and answer the CLI's exit code.

    Args:
        exception: Let the Outposts service answer CreateOrder with this one of `REFUSALS`.
    """
    _say("Rehearsing app.py on this machine: nothing reaches AWS and nothing is bought.")
    with FakeOutposts() as outposts:
        if exception is not None:
            outposts.fail("CreateOrder", REFUSALS[exception], times=None)
        _say("\n1/5 starting an AWS and an Outposts service on this machine")
        with EmbeddedAws(outposts_url=outposts.url) as aws:
            _show(f"{aws.endpoint_url} and {outposts.url}")
            run, outcome = deploy(aws)
            _say("\n5/5 stopping everything that was started")
        requests = received(outposts)
    _say("\n" + "\n".join([*outcome, "", *requests]))
    return run.exit_code


def deploy(aws: EmbeddedAws) -> tuple[CliRun, list[str]]:
    """Bootstrap an empty AWS and deploy the app; answer the last run, and what came of it."""
    cli = CdkCli(aws, show=_show)
    _say("\n2/5 cdk bootstrap")
    bootstrap = cli.bootstrap()
    if bootstrap.exit_code != 0:
        return bootstrap, ["cdk bootstrap failed; its own lines above say why."]
    _say("\n3/5 outpost-order init: the ledger of the account and Region")
    ledger = Terminal(aws).paste(f"outpost-order init --region {REGION}")
    for line in ledger.text.splitlines():
        _show(line)
    if ledger.exit_code != 0:
        return ledger, ["outpost-order init failed; its own lines above say why."]
    _say("\n4/5 cdk deploy")
    deployment = cli.deploy()
    if deployment.exit_code != 0:
        return deployment, _failure(aws)
    return deployment, _success(deployment)


def _success(deployment: CliRun) -> list[str]:
    [outputs] = deployment.outputs.values()
    width = max(map(len, outputs))
    return [
        "The deployment succeeded. Its stack outputs:",
        *(f"  {name:{width}}  {value}" for name, value in sorted(outputs.items())),
    ]


def _failure(aws: EmbeddedAws) -> list[str]:
    reasons = _recorded_reasons(aws)
    if not reasons:
        return ["The deployment failed before CloudFormation; the CLI's own lines say why."]
    return ["The deployment failed. CloudFormation recorded:", *(f"  {each}" for each in reasons)]


def _recorded_reasons(aws: EmbeddedAws) -> list[str]:
    try:
        name = Assembly(aws.folder / "cdk.out").stack_name
        return describe_stack(aws, name).reasons("CREATE_FAILED")
    except (FileNotFoundError, ClientError):
        return []


def received(outposts: FakeOutposts) -> list[str]:
    """Answer what the Outposts service got, line by line."""
    requests = _count("CreateOrder request", len(outposts.posts))
    orders = _count("order", len(outposts.orders))
    return [
        f"The Outposts service received {requests} and holds {orders}.",
        *(f"  {post.body}" for post in outposts.posts),
    ]


def _count(name: str, number: int) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _show(line: str) -> None:
    _say(f"    {line}".rstrip())


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
