"""The costs of the construct, beside those of its peers: `make bench`."""
