"""The code that the real CLI publishes, read back from the bucket that Lambda reads it from."""

import io
import zipfile
from pathlib import Path

import pytest

from cdk_outpost_order.function import CODE
from hatch_build import content
from outpost_order_rehearsal.deployable import FIRST_ZIP_DATE
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.builder import install_privately, private_files
from tests.rehearsal.cdk_cli import ROOT, CdkCli
from tests.rehearsal.stacks import assets_bucket

READABLE_FILE = 0o100644


def published(aws: EmbeddedAws, assembly: Assembly) -> bytes:
    """Publish the assets of an app, and return the zip of the function."""
    done = CdkCli(aws).publish_assets(str(assembly.folder))
    assert done.exit_code == 0, done.text
    s3 = aws.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=assets_bucket())["Contents"]]
    [key] = (key for key in keys if key.endswith(".zip"))
    code: bytes = s3.get_object(Bucket=assets_bucket(), Key=key)["Body"].read()
    return code


def test_every_builder_publishes_the_same_code(
    aws: EmbeddedAws, assembly: Assembly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes, hence names, order, contents, modes and dates; and Lambda can read them."""
    assert CdkCli(aws).bootstrap().exit_code == 0
    here = published(aws, assembly)

    monkeypatch.setitem(aws.client_env, "TZ", "Asia/Tokyo")
    environment = aws.client_env | install_privately(tmp_path / "site-packages")
    with private_files():
        other = Assembly.synthesize(ROOT, tmp_path / "cdk.out", environment)
        elsewhere = published(aws, other)
    with zipfile.ZipFile(io.BytesIO(here)) as first, zipfile.ZipFile(io.BytesIO(elsewhere)) as last:
        for name in ("filename", "external_attr", "date_time", "extra", "CRC"):
            values = [[getattr(each, name) for each in zip_.infolist()] for zip_ in (first, last)]
            assert values[0] == values[1], name
        assert {each.external_attr >> 16 for each in last.infolist()} == {READABLE_FILE}
        assert {each.date_time for each in last.infolist()} == {FIRST_ZIP_DATE}
        assert {name: last.read(name) for name in last.namelist()} == content(CODE)
    assert here == elsewhere
