"""The script in a process of its own, with streams that can't show or take everything."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import LEDGER, NAME, OUTPOST_ID, During, Orders

SCRIPT = Path(sys.executable).parent / "outpost-order"
WHY = "✓ Support case 42 → none"
NOT_PLACED = ("resolve", NAME, "--not-placed", "--why", WHY, "--confirm", NAME)
LONG_NAME = "A" * 64

Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    """Serve moto's own state, which the tests of this process prepare, over HTTP."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def start(moto_server: str, orders: Orders) -> Start:  # noqa: ARG001 (its table comes first)
    """Give a way to run the script."""
    here = {
        "AWS_ENDPOINT_URL_DYNAMODB": moto_server,
        "AWS_ENDPOINT_URL_STS": moto_server,
        "AWS_ENDPOINT_URL_CLOUDFORMATION": moto_server,
        "OUTPOST_ORDER_LEDGER": LEDGER,
    }

    def start(
        *command: str,
        program: Sequence[str | Path] = (SCRIPT,),
        encoding: str = "utf-8",
        environment: Mapping[str, str] | None = None,
        **settings: Any,  # noqa: ANN401 (subprocess's own)
    ) -> Any:  # noqa: ANN401
        more = {"PYTHONIOENCODING": encoding, **(environment or {})}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.run(
            [*program, *command],
            env=os.environ | here | more,
            check=False,
            timeout=60,
            encoding=encoding,
            **streams | settings,
        )

    return start


@pytest.fixture
def closed_pipe() -> Iterator[int]:
    """Give a pipe that no process reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("cp1252", "\\u2713 Support case 42 \\u2192 none"),
        ("ascii", "\\u2713 Support case 42 \\u2192 none"),
    ],
)
def test_an_unprintable_character_is_escaped(
    encoding: str, shown: str, start: Start, orders: Orders
) -> None:
    """On both streams, by every command, and the verdict is recorded as it was typed."""
    orders.in_doubt()
    resolved = start(*NOT_PLACED, encoding=encoding)
    assert resolved.returncode == 0
    assert shown in resolved.stdout
    assert orders.record().history[-1]["Why"] == WHY
    for command in (("show", NAME), ("reconcile", NAME), ("list", "--wide")):
        done = start(*command, encoding=encoding)
        assert (done.returncode, done.stderr) == (0, "")
    failed = start("show", WHY, encoding=encoding)
    assert failed.returncode == 1
    assert f"has no order {shown}. " in failed.stderr


def test_a_usage_error_is_escaped_too(start: Start) -> None:
    """It quotes what was typed."""
    done = start("✓", encoding="cp1252")
    assert done.returncode == 2
    assert "'\\u2713'" in done.stderr


def test_a_verdict_counts_though_no_process_reads(
    start: Start, orders: Orders, closed_pipe: int
) -> None:
    """As in `outpost-order resolve ... | head -0`."""
    orders.in_doubt()
    done = start(*NOT_PLACED, stdout=closed_pipe)
    assert (done.returncode, done.stderr.splitlines()[0]) == (0, f"Order name: {NAME}")
    assert orders.record().state == State.NOT_PLACED


def test_a_verdict_counts_though_both_streams_fail(
    start: Start, orders: Orders, closed_pipe: int
) -> None:
    """A question would fail; `--confirm` needs no stream at all."""
    orders.in_doubt()
    assert start(*NOT_PLACED, stdout=closed_pipe, stderr=closed_pipe).returncode == 0
    assert orders.record().state == State.NOT_PLACED


@pytest.mark.parametrize("descriptors", [(1,), (1, 2), (0, 1, 2)])
def test_a_verdict_counts_though_streams_are_closed(
    descriptors: tuple[int, ...], start: Start, orders: Orders
) -> None:
    """As in `outpost-order resolve ... >&-`."""
    orders.in_doubt()

    def close() -> None:
        for descriptor in descriptors:
            os.close(descriptor)

    done = start(*NOT_PLACED, preexec_fn=close)
    assert done.returncode == 0
    assert orders.record().state == State.NOT_PLACED


def test_evidence_counts_though_the_disk_is_full(start: Start, orders: Orders) -> None:
    """The order is recorded, and the exit code says so."""
    orders.in_doubt()
    order_id = orders.identical()
    with Path("/dev/full").open("w") as full:
        done = start("reconcile", NAME, stdout=full)
    assert (done.returncode, done.stderr) == (0, "")
    assert orders.record().order_id == order_id


def test_an_unknown_outcome_has_its_code_though_no_process_reads(
    start: Start, orders: Orders, closed_pipe: int
) -> None:
    """A script reads the code and not the text."""
    orders.in_doubt()
    assert start("reconcile", NAME, stdout=closed_pipe).returncode == 3


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("--help",),
        ("--version",),
        ("show", "--help"),
        ("init", "--show-template"),
        ("list",),
        ("list", "--json"),
        ("show", NAME),
        ("show", NAME, "--json"),
    ],
    ids=" ".join,
)
def test_a_failed_write_is_a_failure(
    command: tuple[str, ...], start: Start, orders: Orders
) -> None:
    """A file that lacks the list must not look like an empty one."""
    orders.refused()
    with Path("/dev/full").open("w") as full:
        done = start(*command, stdout=full)
    assert done.returncode == 1
    assert done.stderr == "Error: The output can't be written: No space left on device.\n"


@pytest.mark.parametrize("command", [("--help",), ("list",), ("show", NAME)], ids=" ".join)
def test_a_read_ends_quietly_if_no_process_reads(
    command: tuple[str, ...], start: Start, orders: Orders, closed_pipe: int
) -> None:
    """As in `outpost-order list | true`."""
    orders.refused()
    assert start(*command, stdout=closed_pipe).stderr == ""


IDS = re.compile(r"(?<![\w-])(?:oo-[0-9a-f]{17}|op-[0-9a-f]{17}|[AB]A{63})(?![\w-])")


RUN_EACH = """
import json, sys
from outpost_order_cli.app import main
for words in json.loads(sys.argv[1]):
    sys.argv = ["outpost-order", *words]
    try:
        main()
    except SystemExit:
        pass
    print(flush=True)
"""
COMMANDS = [
    ("list",),
    ("list", "--wide"),
    ("show", LONG_NAME),
    ("show", "{order_id}"),
    ("reconcile", LONG_NAME),
    ("reconcile", "B" + LONG_NAME[1:]),
    ("resolve", LONG_NAME, "--not-placed", "--why", "x", "--exclude", "{found}"),
    (
        *("resolve", LONG_NAME, "--not-placed", "--why", "x"),
        *("--exclude", "{found}", "--exclude", "{other}"),
    ),
    ("resolve", LONG_NAME, "--placed", "{found}"),
    ("cancel", NAME),
    ("resolve", LONG_NAME, "--placed", "{found}", "--yes"),
    ("cancel", NAME, "--confirm", NAME),
]
"""The commands that print IDs; the last two record something, and the others nothing."""


@pytest.mark.parametrize("terminal", ["xterm", "dumb", "a pipe"])
def test_no_id_is_broken_at_80_columns(terminal: str, start: Start, orders: Orders) -> None:
    """Every line fits, or it is a command to be pasted; what begins like an ID is a whole one."""
    record = orders.placed(OutpostIdentifier="op-00000000000000001")
    items = [{"CatalogItemId": f"OR-ABCDEF{n}", "Quantity": n} for n in range(1, 7)]
    orders.in_doubt(LONG_NAME, LineItems=items)
    found = {orders.identical(line_items=items) for _ in range(2)}
    ids = {"order_id": record.order_id, "found": min(found), "other": max(found)}
    words = json.dumps([[word.format(**ids) for word in command] for command in COMMANDS])
    each = [sys.executable, "-c", RUN_EACH, words]
    if terminal == "a pipe":
        done = start(environment={"COLUMNS": "80"}, stdin=subprocess.DEVNULL, program=each)
        lines = (done.stdout + done.stderr).splitlines()
    else:
        lines = _on_terminal(start, terminal, program=each)
        too_long = [line for line in lines if len(line) > 80]
        assert [line for line in too_long if "  outpost-order " not in f"  {line}"] == []
    text = "\n".join(lines)
    assert orders.record(LONG_NAME).state == State.PLACED
    assert orders.record(NAME).state == State.CANCELLED
    begun = re.findall(r"(?<![\w-])(?:oo-[0-9a-f]|op-[0-9a-f]|[AB]A{2})", text)
    assert len(IDS.findall(text)) == len(begun) > len(COMMANDS)


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
def test_long_names_have_a_line_of_their_own(terminal: str, start: Start, orders: Orders) -> None:
    """The columns after them stay columns."""
    orders.in_doubt(LONG_NAME)
    record = orders.placed(OutpostIdentifier="op-00000000000000001")
    assert _on_terminal(start, terminal, "list", "--offline") == [
        "Name",
        "  State     Order                 Outpost",
        LONG_NAME,
        f"  IN_DOUBT  -                     {OUTPOST_ID}",
        NAME,
        f"  PLACED    {record.order_id}  op-00000000000000001",
        "",
        "1 order needs attention. Run:",
        f"  outpost-order reconcile {LONG_NAME}",
    ]


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
def test_a_wide_list_has_a_line_for_each_fact(terminal: str, start: Start, orders: Orders) -> None:
    """If the terminal is too narrow for its columns."""
    record = orders.placed()
    assert record.attempt is not None
    assert _on_terminal(start, terminal, "list", "--wide", "--offline") == [
        NAME,
        "  State      PLACED",
        f"  Order      {record.order_id}",
        f"  Outpost    {OUTPOST_ID}",
        f"  Sent       {record.attempt.started_at:%Y-%m-%d %H:%M:%S}Z",
        "  Needs      -",
        "  Stack      -",
        "  Asked for  2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS",
    ]


GREEN, YELLOW, DIM, END = "\x1b[32m", "\x1b[33m\x1b[1m", "\x1b[2m", "\x1b[0m"


def test_states_have_colors_on_a_terminal(start: Start, orders: Orders) -> None:
    """The columns are aligned by what is visible."""
    placed = orders.placed("A")
    orders.ended(orders.placed("B", InAdditionTo=["A"]), State.CANCELLED)
    orders.in_doubt("C", OutpostIdentifier="op-00000000000000001")
    lines = _on_terminal(start, "xterm", "list", environment={"NO_COLOR": ""})
    assert (
        lines[1]
        == f"C     {YELLOW}IN_DOUBT{END}          -                     op-00000000000000001"
    )
    no_stack = f"{GREEN}PLACED{END}, \x1b[33mno stack{END}"
    assert lines[2] == f"A     {no_stack}  {placed.order_id}  {OUTPOST_ID}"
    assert lines[3].startswith(f"B     {DIM}CANCELLED{END}         oo-")
    shown = _on_terminal(start, "xterm", "show", "A", environment={"NO_COLOR": ""})
    assert f"State          {no_stack}" in shown


@pytest.mark.parametrize(("terminal", "no_color"), [("xterm", "1"), ("dumb", ""), ("a pipe", "")])
def test_nothing_else_has_colors(
    terminal: str, no_color: str, start: Start, orders: Orders
) -> None:
    """NO_COLOR, a dumb terminal, and a pipe; whatever FORCE_COLOR asks for."""
    orders.in_doubt()
    environment = {"NO_COLOR": no_color, "FORCE_COLOR": "1"}
    if terminal == "a pipe":
        shown = start("list", environment=environment).stdout
    else:
        shown = "\n".join(_on_terminal(start, terminal, "list", environment=environment))
    assert "IN_DOUBT" in shown
    assert "\x1b" not in shown


def test_a_command_in_a_history_is_not_folded(start: Start, orders: Orders) -> None:
    """It works when it is pasted; the words before it break between words."""
    command = f"outpost-order reconcile {NAME} --region us-west-2 --table {'L' * 60}"
    fact = f"{OUTPOST_ID} might have this order; before you deploy again, run:"
    why = f"ReadTimeoutError: outcome unknown, {fact} {command}"
    orders.ended(orders.in_doubt(), State.NOT_PLACED, why=why)
    lines = _on_terminal(start, "xterm", "show", NAME)
    assert f"  {command}" in lines
    assert max(len(line) for line in lines if command not in line) <= 80


def test_the_log_of_the_function_stays_out_of_the_terminal(
    start: Start, orders: Orders, outposts: FakeOutposts, during: During
) -> None:
    """A traceback between the lines would look like a defect."""
    orders.in_doubt()
    orders.identical()
    looks: list[str] = []

    def fail_from_the_second_on() -> None:
        looks.append(NAME)
        if len(looks) > 1:
            outposts.fail("ListOrders", Fault.refusal("AccessDeniedException"))

    during("ListOrders", fail_from_the_second_on)
    done = start("reconcile", NAME)
    assert (done.returncode, done.stderr) == (3, "")
    assert "Traceback" not in done.stdout
    assert len(looks) > 1


def _on_terminal(
    start: Start,
    name: str,
    *command: str,
    environment: Mapping[str, str] | None = None,
    **how: Any,  # noqa: ANN401
) -> list[str]:
    """Run the script on a terminal of 80 columns without an operator, and return its lines."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))
    written: list[bytes] = []
    reader = threading.Thread(target=_read_all, args=(ours, written))
    reader.start()
    start(
        *command,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        environment={"TERM": name, "NO_COLOR": "1", **(environment or {})},
        **how,
    )
    os.close(theirs)
    reader.join()
    os.close(ours)
    return b"".join(written).decode().splitlines()


def _read_all(terminal: int, written: list[bytes]) -> None:
    with suppress(OSError):  # Linux says so at the end
        while part := os.read(terminal, 65_536):
            written.append(part)
