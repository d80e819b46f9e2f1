"""The command `outpost-order`, for the operators of AWS Outposts orders."""
