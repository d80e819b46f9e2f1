"""An app that tries to reach AWS: by a socket, by boto3 with a fixed address, by urllib."""

import os
import socket
from contextlib import suppress
from urllib.request import urlopen

import boto3
from aws_cdk import App, Stack
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

REFUSED = (OSError, BotoCoreError, ClientError)

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
    urlopen("http://example.com", timeout=5)
secrets = [name for name in os.environ if "TOKEN" in name or "PROFILE" in name]
app = App()
Stack(app, "-".join(["Secrets", *secrets]))
app.synth()
