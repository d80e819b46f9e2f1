"""Run the handler in processes of their own, each a new instance of the function.

Reads lists of jobs from stdin, one JSON text a line, and lets the jobs of a list run at once.
Answers with the list of their exit codes. A job is forked from here, so it starts in no time
and finds no trace of another one. A job can kill itself at one of its I/Os.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

from botocore.httpsession import URLLib3Session

from outpost_order_handler import entry
from tests.edge.pauses import HURRIED, SENDER_IS_DEAD

TIME_LIMIT = 120  # seconds

Job = dict[str, Any]


class Context:
    """Lambda's context of an invocation."""

    aws_request_id = "5f3e0a52"
    function_name = "City"

    def get_remaining_time_in_millis(self) -> int:
        """Answer the whole limit: no job is ever near it."""
        return 240_000


class Countdown:
    """Ends this process without a warning, right before or right after its n-th message."""

    def __init__(self, at: int, when: str) -> None:
        """Take the number of the message, from 1 on; 0 is never."""
        self._left = at
        self._when = when

    def around(self, send: Callable[..., Any]) -> Callable[..., Any]:
        """Count what a function sends."""

        def counted(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the function takes
            self._left -= 1
            self._end_if("before")
            try:
                return send(*args, **more)
            finally:
                self._end_if("after")  # the answer is there, or will never be

        return counted

    def _end_if(self, when: str) -> None:
        if (self._left, self._when) == (0, when):
            os.kill(os.getpid(), signal.SIGKILL)


def install(countdown: Countdown) -> None:
    """Count what botocore sends: to the services, and the answer to CloudFormation."""
    URLLib3Session.send = countdown.around(URLLib3Session.send)


def run(job: Job) -> None:
    """Deliver one event to the handler, in this process."""
    signal.alarm(TIME_LIMIT)  # its time never ends: it would wait for a dead instance for ever
    os.environ.clear()
    os.environ.update(job["environment"])
    constants = HURRIED | (SENDER_IS_DEAD if job["sender_is_dead"] else {})
    for name, value in constants.items():
        module, _, attribute = name.rpartition(".")
        setattr(import_module(module), attribute, value)
    sys.stdout = sys.stderr  # the parent's answers are alone on the other one
    install(Countdown(job["at"], job["when"]))
    entry.handler(job["event"], Context())


def start(job: Job) -> int:
    """Fork a process for a job, and return its id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        run(job)
        code = 0
    except BaseException:  # noqa: BLE001 - nothing may get back into the loop of the parent
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Serve jobs until stdin ends."""
    for line in sys.stdin:
        pids = [start(job) for job in json.loads(line)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        print(json.dumps(codes), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
