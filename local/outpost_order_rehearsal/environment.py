"""The whole environment of the processes here, without that of the machine."""

import os
import sys
from pathlib import Path

from outpost_order_rehearsal import allowed
from outpost_order_rehearsal.certificate import CertificateFiles
from outpost_order_rehearsal.replaced import aws_environment

ACCOUNT = "000000000000"
REGION = "us-west-2"


def server_environment(
    folder: Path, port: int, tls: CertificateFiles, outposts_url: str
) -> dict[str, str]:
    """Return the environment of the server, which passes all of it to every Lambda function.

    ``AWS_ENDPOINT_URL`` stays unset: the server gives each function its own address then.
    """
    return _clean_environment(folder) | {
        "USE_SSL": "1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_SSL_CERT": str(tls.certificate),
        "MINISTACK_SSL_KEY": str(tls.key),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "state" / "s3"),
        # Both would listen on all interfaces.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "SSL_CERT_FILE": str(tls.bundle),
        "AWS_CA_BUNDLE": str(tls.bundle),
        "AWS_ENDPOINT_URL_OUTPOSTS": outposts_url,
    }


def client_environment(
    folder: Path, endpoint_url: str, tls: CertificateFiles, outposts_url: str
) -> dict[str, str]:
    """Return what a client such as the CDK CLI or the `outpost-order` command gets."""
    replaced = aws_environment(endpoint_url, outposts_url, str(tls.bundle), ACCOUNT, REGION)
    return (
        app_environment(folder)
        | replaced
        | {
            "CDK_DISABLE_CLI_TELEMETRY": "1",
            "CDK_DISABLE_VERSION_CHECK": "1",
        }
    )


def app_environment(folder: Path) -> dict[str, str]:
    """Return the environment of a CDK app."""
    return _clean_environment(folder) | {
        # In every home folder, the CDK library would take seconds and 180 MB to unpack.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path(sys.prefix) / "jsii-packages"),
    }


def _clean_environment(folder: Path) -> dict[str, str]:
    inherited = allowed.server_environment(os.environ)
    programs = [str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)]
    return inherited | {
        "PATH": os.pathsep.join(programs),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }
