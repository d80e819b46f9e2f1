"""The commands that the pages print, run in order, each page in a fresh folder."""

import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract
from outpost_order_handler.ledger.table import Ledger
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.cli.conftest import Orders
from tests.docs.pages import PAGES, PROJECT, Block, Command, all_commands, blocks_of, commands_of
from tests.docs.shell import Shell, differences
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.cdk_cli import CDK
from tests.rehearsal.stacks import Stacks, bootstrap

NOT_RUN = {
    "make test": "this test is a part of it",
}
"""The commands that no test runs, and why; their comments don't count."""
ANSWERS = {
    "(y/n) ": "y",
    "type its order name: ": "",  # the order name of the command
    "[y/N]: ": "y",
}
"""What a person types, by the end of the question."""
OF_PIP = re.compile(r"PIP_|UV_|(https?|no|all)_proxy$|SSL_CERT_|REQUESTS_CA_BUNDLE$", re.IGNORECASE)
STILL_UNKNOWN = 3
EXIT_CODES = {
    "outpost-order reconcile PO-4712": STILL_UNKNOWN,
    "outpost-order reconcile PO-4713": STILL_UNKNOWN,
}
"""Those that aren't 0, by the beginning of the command."""
EXAMPLE_ORDER_ID = "oo-0123456789abcdef0"
RUN = [page for page in PAGES if any(each.page == page for each in all_commands())]


class World:
    """Everything that the commands of a page meet."""

    def __init__(self, aws: EmbeddedAws, fake: FakeOutposts, folder: Path) -> None:
        """Begin with an empty account and an empty folder."""
        self.aws, self.fake, self.folder = aws, fake, folder
        programs = [str(CDK.parent), aws.client_env["PATH"]]
        author = {"NAME": "A", "EMAIL": "a@example.com"}
        git = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in author.items()
        }
        self.environment = aws.client_env | git | {"PATH": os.pathsep.join(programs)}
        (folder / "app").mkdir()
        self.shell = Shell(folder / "app", self.environment)
        self.order_ids: dict[str, str] = {}

    def clone(self) -> None:
        """Go to a fresh copy of the project, with a virtual environment that has no package.

        The tools of the project are there, and so pip downloads only what builds the package.
        """
        build = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--outdir"]
        subprocess.run([*build, self.folder, PROJECT], check=True, capture_output=True)
        [sdist] = self.folder.glob("*.tar.gz")
        with tarfile.open(sdist) as archive:
            archive.extractall(self.folder / "clone", filter="data")
        [clone] = (self.folder / "clone").iterdir()
        for name in (".venv", "node_modules"):
            (clone / name).symlink_to(PROJECT / name)
        environment = self.folder / "environment"
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        [packages] = environment.glob("lib/*/site-packages")
        own = Path(sys.prefix) / packages.relative_to(environment)
        (packages / "tools.pth").write_text(f"{own}\n")
        path = [str(environment / "bin"), self.environment["PATH"]]
        # The settings of this machine lead pip to its packages.
        pip = {name: each for name, each in os.environ.items() if OF_PIP.match(name)}
        pip |= {"PIP_CONFIG_FILE": str(Path.home() / ".config" / "pip" / "pip.conf")} | pip
        self.shell = Shell(
            clone, self.environment | pip | {"PATH": os.pathsep.join(path), "VIRTUAL_ENV": ""}
        )

    def app(self) -> None:
        """Go to the empty folder of an app, in a bootstrapped account."""
        self.shell.folder = self.folder / "app"
        bootstrap(self.aws)


def _two_orders(world: World, assembly: Assembly) -> None:
    """Deploy PO-4710, and lose the response to PO-4711, which is placed."""
    assert Stacks(world.aws, assembly).create("OutpostRack", assembly.template).outputs
    _in_doubt(world, "PO-4711", quantity=3, orders=1)


def _lost_order(world: World, assembly: Assembly) -> None:
    """Lose the response to PO-4710, which is placed."""
    Stacks(world.aws, assembly)  # with a ledger
    _in_doubt(world, "PO-4710", quantity=2, orders=1)


def _two_more_orders(world: World, _: Assembly) -> None:
    """Lose the responses to PO-4712, which isn't placed, and to PO-4713, which has a twin."""
    _in_doubt(world, "PO-4712", quantity=4, orders=0)
    _in_doubt(world, "PO-4713", quantity=5, orders=2)


def _in_doubt(world: World, name: str, *, quantity: int, orders: int) -> None:
    items, ago = [{"CatalogItemId": "OR-ABCDEFG", "Quantity": quantity}], timedelta(minutes=20)
    ledger = Ledger(contract.DEFAULT_LEDGER, world.aws.client("dynamodb"))
    Orders(ledger, world.fake).in_doubt(name, ago, LineItems=items)
    for _ in range(orders):
        world.order_ids[name] = world.fake.make_order(
            line_items=items,
            payment_option="NO_UPFRONT",
            payment_term="THREE_YEARS",
            submitted=datetime.now(UTC) - ago + timedelta(seconds=5),
        )["OrderId"]


ADDED = """
from cdk_outpost_order import QuotePrice

OutpostOrder(
    stack,
    "Lisbon",
    order_name="PO-4716",
    outpost_identifier="op-0123456789abcdef0",
    quote_identifier="{quote}",
    quote_option_identifier="{option}",
    quote_price=QuotePrice(upfront=0, monthly_recurring="4700.50"),
    payment_option=PaymentOption.NO_UPFRONT,
    payment_term=PaymentTerm.THREE_YEARS,
)
"""


def _changed_app(world: World, assembly: Assembly) -> None:
    """Commit an app to the branch main, and add an order from a quote on another branch."""
    Stacks(world.aws, assembly)  # with a ledger
    quote = world.fake.make_quote(upfront_price=0.0, monthly_recurring_price=4700.5)
    [option] = quote["QuoteOptions"]
    app = world.folder / "app" / "app.py"
    settings = {"app": "python app.py", "versionReporting": False}
    (world.folder / "app" / "cdk.json").write_text(json.dumps(settings))
    [example] = [each.text for each in blocks_of("README.md") if each.title == "app.py"]
    app.write_text(example)
    for command in ("git init -q -b main", "git add .", "git commit -qm One", "git switch -qc two"):
        world.shell.run(f"{command}", {})
    added = ADDED.format(quote=quote["QuoteId"], option=option["QuoteOptionIdentifier"])
    app.write_text(example.replace("app.synth()\n", f"{added}app.synth()\n"))


def _example_app(world: World, _: Assembly) -> None:
    """Write the app of the README."""
    app = world.folder / "app"
    (app / "cdk.json").write_text(json.dumps({"app": "python app.py"}))
    (app / "app.py").write_text(
        next(each.text for each in blocks_of("README.md") if each.title == "app.py")
    )


BEFORE: dict[str, dict[str, Callable[..., Any]]] = {
    "README.md": {
        "make rehearse": lambda world, _: world.clone(),
        "outpost-order init": lambda world, _: world.app(),
    },
    "docs/errors.md": {"outpost-order reconcile PO-4710": _lost_order},
    "docs/first-order.md": {"outpost-order init": lambda world, _: world.app()},
    "docs/rehearsing.md": {"outpost-order rehearse": _example_app},
    "docs/reviewing.md": {"git worktree add": _changed_app},
    "docs/operating.md": {
        "outpost-order list": _two_orders,
        "outpost-order reconcile PO-4712": _two_more_orders,
    },
}
"""What happens before a command runs for the first time, by the beginning of the command."""


def _line_without_comment(command: Command) -> str:
    return command.line.partition("  #")[0].strip()


def _run(world: World, command: Command) -> list[str]:
    line = _line_without_comment(command)
    name = next((each for each in line.split() if each.startswith("PO-")), "")
    answers = {question: answer or name for question, answer in ANSWERS.items()}
    typed = command.line.replace(EXAMPLE_ORDER_ID, world.order_ids.get(name, EXAMPLE_ORDER_ID))
    exit_code, printed = world.shell.run(typed, answers)
    wanted = next((code for begins, code in EXIT_CODES.items() if line.startswith(begins)), 0)
    if exit_code != wanted:
        return [f"{line}: exit code {exit_code}, expected {wanted}:\n{printed}"]
    return [f"{line}: {each}" for each in differences(command.shown, printed)]


@pytest.mark.parametrize("page", RUN)
def test_each_command_of_a_page_does_what_the_page_shows(
    page: str, aws: EmbeddedAws, fake: FakeOutposts, assembly: Assembly, tmp_path: Path
) -> None:
    """Run in order, as a person types them, at 80 columns."""
    world, before = World(aws, fake, tmp_path), dict(BEFORE.get(page, {}))
    for block in blocks_of(page):
        if block.title and block.language in ("python", "json"):
            _save(block, world)
        for command in commands_of(block) if block.language == "console" else ():
            line = _line_without_comment(command)
            if line in NOT_RUN or line.startswith("aws "):
                continue
            for begins in [each for each in before if line.startswith(each)]:
                before.pop(begins)(world, assembly)
            assert _run(world, command) == []


def _save(block: Block, world: World) -> None:
    (world.folder / "app" / block.title).write_text(block.text)


def test_each_command_that_is_not_run_is_printed() -> None:
    """A reason for a command that no page has any more is out of date."""
    printed = {_line_without_comment(command) for command in all_commands()}
    assert set(NOT_RUN) - printed == set()


def test_a_difference_is_noticed() -> None:
    """A page that shows another ID is right, and one that shows another state is wrong."""
    printed = "Name     State\nPO-4711  PLACED  oo-00000000000000001\n"
    same = ("Name     State", "PO-4711  PLACED  oo-00000000000000002")
    assert differences(same, printed) == []
    assert differences(("...", same[1]), printed) == []
    assert differences((same[0],), printed) != []
    assert differences((same[0], "..."), printed) == []
    assert differences(("PO-4711  IN_DOUBT",), printed) != []
    assert differences((same[0], same[1].replace("PLACED", "IN_DOUBT")), printed) != []
