"""An app that tries to reach AWS: by a socket, by boto3 with a fixed address, by urllib.

Its function, which a custom resource calls, tries the same. The resource fails if it succeeds.
"""

import os
import socket
from contextlib import suppress
from urllib.request import urlopen

import boto3
from aws_cdk import App, CustomResource, Stack
from aws_cdk import aws_lambda as lambda_
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

REFUSED = (OSError, BotoCoreError, ClientError)
FUNCTION = """
import json
import os
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config


def reach_by_urllib():
    urlopen("http://example.com", timeout=5)


def reach_by_boto3():
    boto3.client(
        "ec2",
        endpoint_url="https://ec2.us-west-2.amazonaws.com",
        config=Config(retries={"total_max_attempts": 1}),
    ).describe_instances()


def handler(event, context):
    found = [name for name in os.environ if name in ("AWS_PROFILE", "SECRET_TOKEN")]
    for reach in (reach_by_urllib, reach_by_boto3):
        try:
            reach()
            found.append(reach.__name__)
        except Exception as error:
            print(repr(error))
    answer = {
        "Status": "FAILED" if found else "SUCCESS",
        "Reason": " ".join(found),
        "PhysicalResourceId": "hostile",
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    body = json.dumps(answer).encode()
    urlopen(Request(event["ResponseURL"], data=body, method="PUT"), timeout=5)
"""

with suppress(*REFUSED):
    port = int(os.environ["REAL_AWS"])
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
with suppress(*REFUSED):
    boto3.client(
        "outposts",
        endpoint_url="https://outposts.us-west-2.amazonaws.com",
        config=Config(retries={"total_max_attempts": 1}),
    ).list_orders()
with suppress(*REFUSED):
    urlopen("http://example.org", timeout=5)
secrets = [name for name in os.environ if "TOKEN" in name or "PROFILE" in name]
app = App()
stack = Stack(app, "-".join(["Secrets", *secrets]))
function = lambda_.Function(
    stack,
    "Hostile",
    runtime=lambda_.Runtime.PYTHON_3_12,
    handler="index.handler",
    code=lambda_.Code.from_inline(FUNCTION),
)
CustomResource(stack, "Run", service_token=function.function_arn)
app.synth()
