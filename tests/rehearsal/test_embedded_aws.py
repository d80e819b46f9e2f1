import io
import json
import signal
import socket
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.environment import REGION
from tests.rehearsal.cdk_cli import ROOT, CdkCli
from tests.rehearsal.processes import PROC, left_of, members

BUCKET = "rehearsal-bucket"
NOWHERE = "http://127.0.0.1:9"
ENVIRONMENT_FUNCTION = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
# A shell starts what runs in its background deaf to SIGINT, and the tests may run there.
HOLDS_ONE = f"""
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
with EmbeddedAws(outposts_url="{NOWHERE}") as aws:
    print(aws.process_group, aws.folder, flush=True)
    time.sleep(300)
"""


def _make_bucket(aws: EmbeddedAws) -> None:
    location = {"LocationConstraint": REGION}
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)


def _environment_of_a_function(aws: EmbeddedAws) -> dict[str, str]:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", ENVIRONMENT_FUNCTION)
    aws.client("lambda").create_function(
        FunctionName="environment",
        Runtime="python3.13",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": code.getvalue()},
    )
    answer = aws.client("lambda").invoke(FunctionName="environment")["Payload"]
    environment: dict[str, str] = json.loads(answer.read())
    return environment


def test_answers_a_client_that_verifies_its_certificate(aws: EmbeddedAws) -> None:
    """S3 works, although nothing of the surrounding trust settings is weakened."""
    _make_bucket(aws)
    assert [each["Name"] for each in aws.client("s3").list_buckets()["Buckets"]] == [BUCKET]


def test_is_refused_by_a_client_that_does_not_trust_it(aws: EmbeddedAws) -> None:
    """The certificate is trusted through the bundle, and through nothing else."""
    port = int(aws.endpoint_url.rpartition(":")[2])
    trusting_others = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        trusting_others.wrap_socket(connection, server_hostname="localhost")


def test_reset_forgets_everything(aws: EmbeddedAws) -> None:
    """A bucket is gone afterwards."""
    _make_bucket(aws)
    aws.reset()
    with pytest.raises(ClientError, match="404"):
        aws.client("s3").head_bucket(Bucket=BUCKET)


def test_surrounding_settings_do_not_reach_a_client(
    fake: FakeOutposts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile, a proxy or a certificate bundle of the machine changes nothing."""
    monkeypatch.setenv("AWS_PROFILE", "absent")
    monkeypatch.setenv("AWS_CA_BUNDLE", "absent.pem")
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)
    with EmbeddedAws(outposts_url=fake.url) as aws:
        _make_bucket(aws)
        environment = aws.client_env
    assert environment["AWS_CA_BUNDLE"] != "absent.pem"
    assert not {"AWS_PROFILE", "HTTPS_PROXY", "AWS_ENDPOINT_URL_S3"} & environment.keys()


def test_server_settings_reach_the_functions(
    fake: FakeOutposts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function sees the Outposts service and what a test sets, not what the machine sets."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)
    with EmbeddedAws(outposts_url=fake.url, server_env={"AWS_MAX_ATTEMPTS": "7"}) as aws:
        environment = _environment_of_a_function(aws)
    assert environment["AWS_ENDPOINT_URL_OUTPOSTS"] == fake.url
    assert environment["AWS_MAX_ATTEMPTS"] == "7"
    assert "AWS_ENDPOINT_URL_S3" not in environment


@pytest.mark.skipif(not PROC.is_dir(), reason="reads the sockets of a process from /proc")
def test_listens_on_loopback_only(aws: EmbeddedAws) -> None:
    """No process of it listens on any other address, on whatever port."""
    _environment_of_a_function(aws)
    mine = {
        link.readlink().name
        for pid in members(aws.process_group)
        for link in (PROC / str(pid) / "fd").iterdir()
    }
    sockets = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in (PROC / "net" / table).read_text().splitlines()[1:]
    ]
    listening = {row[1] for row in sockets if row[3] == "0A" and f"socket:[{row[9]}]" in mine}
    assert [address.partition(":")[0] for address in listening] == ["0100007F"]


def test_leaves_neither_process_nor_file(fake: FakeOutposts) -> None:
    """The server and the process of a function end with the embedded AWS."""
    with EmbeddedAws(outposts_url=fake.url) as aws:
        _environment_of_a_function(aws)
        started = members(aws.process_group)
    assert len(started) >= len(("keeper", "server", "function"))
    assert left_of(started) == set()
    assert not aws.folder.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_ends_with_its_starter(number: signal.Signals) -> None:
    """No process and no file is left, in every way that the starter can end."""
    starter = subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with starter:
        assert starter.stdout is not None
        group, folder = starter.stdout.readline().decode().split()
        started = members(int(group))
        starter.send_signal(number)
        starter.wait(timeout=30)
    assert started
    assert left_of(started) == set()
    assert not Path(folder).exists()


def test_says_why_it_does_not_start(fake: FakeOutposts) -> None:
    """The error quotes the server's log, and nothing stays behind."""
    broken = EmbeddedAws(outposts_url=fake.url, server_env={"MINISTACK_SSL_CERT": "absent.pem"})
    with pytest.raises(RuntimeError, match=r"absent\.pem"):
        broken.__enter__()
    assert not broken.folder.exists()


def test_a_cli_that_takes_too_long_is_ended(aws: EmbeddedAws) -> None:
    """The run says so, and counts as failed."""
    run = CdkCli(aws, seconds=0.5).deploy()
    assert run.exit_code < 0
    assert run.text.endswith("cdk deploy was ended after 0.5 seconds")
