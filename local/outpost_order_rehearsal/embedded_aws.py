"""An AWS on this machine: ministack on one loopback port, with verified TLS, removed at the end."""

import os
import socket
import ssl
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError

import boto3
import botocore.session
from botocore.config import Config

from outpost_order_rehearsal.certificate import CertificateFiles, write_localhost_certificate
from outpost_order_rehearsal.environment import (
    ACCOUNT,
    REGION,
    client_environment,
    server_environment,
)
from outpost_order_rehearsal.process_tree import ProcessTree

SERVER = Path(__file__).with_name("server.py")
READY_SECONDS = 60
REQUEST_SECONDS = 30


class EmbeddedAws:
    """A private AWS, started when entered and removed with all processes and files when left.

    It is empty, and isn't bootstrapped yet.

    Attributes:
        folder: A private folder that is removed at the end; put temporary files there.
        bundle: The file of the certificates to trust.
        endpoint_url: Its address, such as ``https://localhost:40123``.
        client_env: The whole environment for a client process such as the CDK CLI.
    """

    folder: Path
    bundle: Path
    endpoint_url: str
    client_env: dict[str, str]

    def __init__(self, *, outposts_url: str, server_env: Mapping[str, str] | None = None) -> None:
        """Describe it, without starting anything.

        Args:
            outposts_url: Where Lambda functions reach the Outposts API.
            server_env: More environment variables for the server and so for every function.
        """
        self._outposts_url = outposts_url
        self._server_env = dict(server_env or {})
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as exit_stack:
            temporary = tempfile.TemporaryDirectory(prefix="rehearsal-", ignore_cleanup_errors=True)
            self.folder = Path(exit_stack.enter_context(temporary)).resolve()
            exit_stack.callback(self._close_clients)
            self._server = exit_stack.enter_context(self._start())
            self._wait_until_ready()
            self._exit = exit_stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    def client(self, service: str, region: str = REGION, account: str = ACCOUNT) -> Any:  # noqa: ANN401
        """Return the boto3 client of a service, without settings of this machine."""
        key = (service, region, account)
        if key not in self._clients:
            self._clients[key] = _session_without_profiles().client(
                service,
                region_name=region,
                endpoint_url=self.endpoint_url,
                aws_access_key_id=account,
                aws_secret_access_key="test",  # noqa: S106
                verify=self.client_env["AWS_CA_BUNDLE"],
                config=Config(proxies={}, s3={"addressing_style": "path"}),
            )
        return self._clients[key]

    def reset(self) -> None:
        """Forget everything, the bootstrap too."""
        self._request("/_ministack/reset", method="POST")

    @property
    def log(self) -> str:
        """The log of the server; the functions log into CloudWatch Logs."""
        return (self.folder / "server.log").read_text(errors="replace")

    @property
    def types(self) -> frozenset[str]:
        """The types of resources that it has; every other one becomes a stand-in."""
        return frozenset((self.folder / "types.txt").read_text(encoding="utf-8").split())

    @property
    def process_group(self) -> int:
        """The id of the process group of the server and all its children."""
        return self._server.pid

    def _start(self) -> ProcessTree:
        tls = write_localhost_certificate(self.folder)
        self.bundle = tls.bundle
        for name in ("home", "tmp"):
            (self.folder / name).mkdir()
        self._tls = ssl.create_default_context(cafile=str(tls.bundle))
        # Bound here and passed on, so that no other process takes the port in between.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            self.endpoint_url = f"https://localhost:{port}"
            self.client_env = client_environment(
                self.folder, self.endpoint_url, tls, self._outposts_url
            )
            return self._serve(listener, port, tls)

    def _serve(self, listener: socket.socket, port: int, tls: CertificateFiles) -> ProcessTree:
        environment = server_environment(self.folder, port, tls, self._outposts_url)
        with (self.folder / "server.log").open("wb") as log:
            return ProcessTree(
                [
                    *(sys.executable, str(SERVER)),
                    *("--config", "python:ministack.core.hypercorn_conf"),
                    *("--bind", f"fd://{listener.fileno()}"),
                    *("--workers", "0", "--keep-alive", "75"),
                ],
                env=environment | self._server_env,
                cwd=self.folder,
                output=log,
                pass_fds=[listener.fileno()],
                folder=self.folder,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while self._server.is_running() and time.monotonic() < deadline:
            try:
                self._request("/_ministack/ready")
            except (URLError, OSError):
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"the embedded AWS did not start; its log says:\n{self.log}")

    def _request(self, path: str, method: str = "GET") -> None:
        request = urllib.request.Request(self.endpoint_url + path, method=method)  # noqa: S310
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)
        )
        with opener.open(request, timeout=REQUEST_SECONDS) as answer:
            answer.read()

    def _close_clients(self) -> None:
        while self._clients:
            self._clients.popitem()[1].close()


def _session_without_profiles() -> boto3.Session:
    """Return a session that reads neither AWS_PROFILE nor anything below ``~/.aws``."""
    variables = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=variables))
