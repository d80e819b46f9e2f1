"""The Lambda function behind Custom::OutpostOrder."""
