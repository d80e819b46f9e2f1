"""The endpoints and credentials of a rehearsal, without any other layer."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.replaced import aws_environment

ACCOUNT = "111122223333"
CONFIG = """
[default]
region = eu-west-1
[profile production]
region = eu-west-1
role_arn = arn:aws:iam::444455556666:role/Admin
source_profile = default
"""
CREDENTIALS = """
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
aws_session_token = IQoJb3JpZ2luX2VjEXAMPLE
"""
APP = """
import contextlib, json, os
import boto3, botocore.exceptions, botocore.utils

session = boto3.Session()
session.client("outposts").list_orders()
for service, operation in (("sts", "get_caller_identity"), ("ec2", "describe_regions")):
    with contextlib.suppress(botocore.exceptions.ClientError, botocore.parsers.ResponseParserError):
        getattr(session.client(service), operation)()
metadata = botocore.utils.InstanceMetadataFetcher(env=os.environ, base_url=os.environ["METADATA"])
print(json.dumps({
    "keys": session.get_credentials().get_frozen_credentials(),
    "profiles": session.available_profiles,
    "region": session.region_name,
    "instance": metadata.retrieve_iam_role_credentials(),
}))
"""


class Seen:
    """The output of an app, and the requests that each server got."""

    def __init__(self, home: Path) -> None:
        with FakeOutposts() as aws, FakeOutposts() as outposts, FakeOutposts() as metadata:
            env = {"PATH": os.defpath, "HOME": str(home), "METADATA": f"{metadata.url}/"}
            replaced = aws_environment(aws.url, outposts.url, "unused", ACCOUNT, "us-west-2")
            done = subprocess.run(
                [sys.executable, "-c", APP],
                env=env | replaced,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            self.printed: dict[str, Any] = json.loads(done.stdout)
            self.aws, self.outposts, self.metadata = (
                [each.headers.get("Authorization", "") for each in server.requests]
                for server in (aws, outposts, metadata)
            )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Run an app in a home folder that has credentials and profiles."""
    home = tmp_path_factory.mktemp("home")
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text(CONFIG)
    (home / ".aws" / "credentials").write_text(CREDENTIALS)
    return Seen(home)


def test_every_service_has_its_endpoint(seen: Seen) -> None:
    """Outposts has one of its own, all others have the other."""
    assert ["/outposts/" in each for each in seen.outposts] == [True]
    assert [each.split("/")[3] for each in seen.aws] == ["sts", "ec2"]


def test_every_request_has_the_account_and_region(seen: Seen) -> None:
    """The account is the access key."""
    for each in [*seen.aws, *seen.outposts]:
        assert f"Credential={ACCOUNT}/" in each
        assert "/us-west-2/" in each


def test_no_other_credentials_are_found(seen: Seen) -> None:
    """The app has no session token and no profile of the home folder."""
    assert seen.printed["keys"][:3] == [ACCOUNT, "test", None]
    assert seen.printed["profiles"] == []
    assert seen.printed["region"] == "us-west-2"


def test_the_instance_is_not_asked_for_credentials(seen: Seen) -> None:
    """A build machine in EC2 has a role."""
    assert seen.printed["instance"] == {}
    assert seen.metadata == []
