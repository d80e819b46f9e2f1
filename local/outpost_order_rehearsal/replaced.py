"""The endpoints and credentials that replace those of the user."""

import os


def aws_environment(
    endpoint_url: str, outposts_url: str, bundle: str, account: str, region: str
) -> dict[str, str]:
    """Return the variables that connect AWS SDKs and tools to the AWS on this machine.

    They don't hide a variable with other credentials, such as ``AWS_SESSION_TOKEN`` or
    ``AWS_PROFILE``: add them to an environment of `allowed`, which has none.

    Args:
        endpoint_url: The address of all services but Outposts.
        outposts_url: The address of the Outposts API.
        bundle: The file of the certificates to trust.
        account: The ID of the account, 12 digits. The server reads it from the access key.
        region: The Region, such as ``us-west-2``.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ENDPOINT_URL_OUTPOSTS": outposts_url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CA_BUNDLE": bundle,
        # Without these two, SDKs read the profiles in the home folder.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
