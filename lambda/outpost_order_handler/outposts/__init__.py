"""The one folder that knows boto3's Outposts client."""
