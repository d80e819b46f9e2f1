"""The whole environment of the processes here, without that of the machine."""

import os
import sys
from pathlib import Path

from outpost_order_rehearsal.certificate import CertificateFiles

ACCOUNT = "000000000000"
REGION = "us-west-2"
# Everything else (AWS_*, proxies, certificate bundles, Node and Python options) would change
# what is rehearsed.
INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")


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
    return app_environment(folder) | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ENDPOINT_URL_OUTPOSTS": outposts_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CA_BUNDLE": str(tls.bundle),
        "CDK_DISABLE_CLI_TELEMETRY": "1",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }


def app_environment(folder: Path) -> dict[str, str]:
    """Return the environment of a CDK app."""
    return _clean_environment(folder) | {
        # In every home folder, the CDK library would take seconds and 180 MB to unpack.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path(sys.prefix) / "jsii-packages"),
    }


def _clean_environment(folder: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    programs = [str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)]
    return inherited | {
        "PATH": os.pathsep.join(programs),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }
