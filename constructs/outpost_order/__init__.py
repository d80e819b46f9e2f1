"""Place AWS Outposts hardware orders from AWS CDK stacks."""
