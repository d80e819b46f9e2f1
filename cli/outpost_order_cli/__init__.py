"""The terminal of those who answer for AWS Outposts orders: `outpost-order`."""
