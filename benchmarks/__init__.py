"""What it costs, beside what you would use instead: `make bench`."""
