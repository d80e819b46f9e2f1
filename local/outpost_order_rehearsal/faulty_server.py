"""The server's part of `function_faults`: ministack with a fault at the function of an order."""

import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ministack.core import lambda_runtime
from ministack.core.responses import error_response_json
from ministack.services import dynamodb, lambda_svc

from outpost_order_rehearsal.function_faults import CREATING, NO_FAULT, FunctionFault, read

ORDER_NAME = "OrderName"
CHUNK = 65536

_execute = lambda_svc._execute_function_with_config_scope  # noqa: SLF001 (ministack has no way to extend it)
_write, _read = dynamodb._transact_write_items, dynamodb._transact_get_items  # noqa: SLF001


class _Current:
    """The fault of the Create that runs: the resources of a stack are made one by one."""

    fault: FunctionFault = NO_FAULT
    ledger_failures: int = 0


@contextmanager
def during(request_type: str, properties: Any) -> Iterator[FunctionFault]:  # noqa: ANN401
    """Apply the fault of an order, while its resource is created."""
    name = str(properties.get(ORDER_NAME, ""))
    if not name or request_type != "Create":
        yield NO_FAULT
        return
    Path(CREATING).write_text(name, encoding="utf-8")
    _Current.fault = read(Path(), name)
    try:
        yield _Current.fault
    finally:
        _Current.fault, _Current.ledger_failures = NO_FAULT, 0


def execute(record: Any, event: Any) -> Any:  # noqa: ANN401
    """Run a function with the variables and the time of the fault."""
    fault = _Current.fault
    if fault.refused_connections:
        event["ResponseURL"] = _unreliable(event["ResponseURL"], fault.refused_connections)
    if not (fault.variables or fault.removed or fault.timeout):
        return _execute(record, event)
    variables = {**fault.variables, **_without(fault.removed)}
    config = dict(record["config"])
    given = config.get("Environment", {}).get("Variables", {})
    config["Environment"] = {"Variables": {**given, **variables}}
    config["Timeout"] = fault.timeout or config.get("Timeout", 3)
    # The environment of a process that waits for events is that of its start. And a function's
    # own variables can't replace its credentials; those of a fault can.
    reserved = lambda_runtime._RESERVED_RUNTIME_ENV_VARS  # noqa: SLF001
    lambda_runtime.invalidate_worker(config["FunctionName"])
    lambda_runtime._RESERVED_RUNTIME_ENV_VARS = reserved - fault.variables.keys()  # noqa: SLF001
    try:
        return _execute({**record, "config": config}, event)
    finally:
        lambda_runtime._RESERVED_RUNTIME_ENV_VARS = reserved  # noqa: SLF001
        lambda_runtime.invalidate_worker(config["FunctionName"])


def _without(names: Sequence[str]) -> dict[str, str]:
    """Return the variable that makes a Python remove others when it starts."""
    if not names:
        return {}
    folder = Path("removed").resolve()
    folder.mkdir(exist_ok=True)
    code = f"import os\nfor name in {list(names)!r}:\n    os.environ.pop(name, None)\n"
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


def write_items(data: Any) -> Any:  # noqa: ANN401
    """Write into the ledger; the fault begins when the attempt is written."""
    if _Current.ledger_failures:
        return _unavailable()
    fault, answer = _Current.fault, _write(data)
    if _is_attempt(data):
        if fault.seconds_suspended:
            _suspend(fault.seconds_suspended)
        if fault.ledger_failures:
            _Current.ledger_failures = fault.ledger_failures
            return error_response_json("InternalServerError", "the answer is lost", 500)
    return answer


def read_items(data: Any) -> Any:  # noqa: ANN401
    """Read from the ledger, unless it fails."""
    return _unavailable() if _Current.ledger_failures else _read(data)


def _unavailable() -> Any:  # noqa: ANN401
    _Current.ledger_failures -= 1
    return error_response_json("InternalServerError", "the ledger is unavailable", 500)


def _is_attempt(data: Any) -> bool:  # noqa: ANN401
    items = (each.get("Put", {}).get("Item", {}) for each in data.get("TransactItems", []))
    return any(each.get("State", {}).get("S") == "SUBMITTING" for each in items)


def _suspend(seconds: float) -> None:
    workers = [each for pool in lambda_runtime._workers.values() for each in pool if each.in_use]  # noqa: SLF001
    for each in workers:
        os.kill(each._proc.pid, signal.SIGSTOP)  # noqa: SLF001
        threading.Timer(seconds, _resume, [each._proc.pid]).start()  # noqa: SLF001


def _resume(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _unreliable(url: str, refused: int) -> str:
    """Return an address that refuses the first connections, and then leads to the given one."""
    target = urlsplit(url)
    listener = socket.create_server(("127.0.0.1", 0))
    address = (target.hostname or "", target.port or 443)
    threading.Thread(target=_serve, args=(listener, address, refused), daemon=True).start()
    host = f"{target.hostname}:{listener.getsockname()[1]}"
    return urlunsplit(target._replace(netloc=host))


def _serve(listener: socket.socket, address: tuple[str, int], refused: int) -> None:
    for _ in range(refused):
        listener.accept()[0].close()
    while True:
        client, upstream = listener.accept()[0], socket.create_connection(address)
        for pair in ((client, upstream), (upstream, client)):
            threading.Thread(target=_copy, args=pair, daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def install() -> None:
    """Let ministack use these instead of its own."""
    lambda_svc._execute_function_with_config_scope = execute  # noqa: SLF001
    dynamodb._transact_write_items = write_items  # noqa: SLF001
    dynamodb._transact_get_items = read_items  # noqa: SLF001
