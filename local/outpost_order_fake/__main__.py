"""Serve the fake to programs in any language: `python -m outpost_order_fake`."""

import argparse
import os
import signal
import sys
from threading import Event

from outpost_order_fake.fake import FakeOutposts

POLL_INTERVAL = 0.5  # seconds between two looks at the parent process


def main() -> None:
    """Serve until Ctrl-C, SIGTERM, or the end of the parent process."""
    parser = argparse.ArgumentParser(
        prog="python -m outpost_order_fake",
        description="Serve a fake of the AWS Outposts ordering API on 127.0.0.1. "
        "Nothing is bought, and all orders are gone when it ends.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="The port, such as 4567. Default: a free port."
    )
    arguments = parser.parse_args()
    try:
        fake = FakeOutposts(arguments.port)
    except (OSError, OverflowError) as error:
        parser.error(f"Port {arguments.port} can't be used: {error}. Choose another --port.")
    parent, ended = os.getppid(), Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with fake:
        sys.stdout.write(f"Outposts API: {fake.url} (end it with Ctrl-C)\n")
        sys.stdout.write(f"export AWS_ENDPOINT_URL_OUTPOSTS={fake.url}\n")
        sys.stdout.flush()
        while not ended.wait(POLL_INTERVAL) and os.getppid() == parent:
            pass


if __name__ == "__main__":
    main()
