"""Run CDK apps one after the other in one process: loading aws_cdk takes longer than any app.

Usage: one_by_one.py APP... with CDK_OUTDIR set. Each app gets the folder beside it that is
named after the app.
"""

import os
import runpy
import sys
from pathlib import Path

from aws_cdk import AssetStaging


def main(*apps: str) -> None:
    """Run the apps."""
    cloud_assembly = Path(os.environ["CDK_OUTDIR"])
    for app in apps:
        AssetStaging.clear_asset_hash_cache()  # of the folder that the app before it had
        runpy.run_path(app, run_name="__main__")
        cloud_assembly.rename(cloud_assembly.with_name(Path(app).stem))


if __name__ == "__main__":
    main(*sys.argv[1:])
