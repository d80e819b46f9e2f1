"""CloudFormation's protocol: events in, one answer out."""
