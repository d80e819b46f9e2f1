"""`outpost-order rehearse`: deploy any app into an AWS on this machine, and show what it buys."""
