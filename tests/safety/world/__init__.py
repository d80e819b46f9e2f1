"""The world that a scenario acts on: CloudFormation, Lambda, Outposts, DynamoDB and people.

The product's own code runs in it, one I/O at a time. A check finds only what its model
contains: each module of this package lists what it leaves out, and
`python -m tests.safety --faults` lists every fault.
"""
