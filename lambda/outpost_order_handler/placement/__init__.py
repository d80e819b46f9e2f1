"""The decisions: whether an order is sent, joined, or refused, and its outcome."""
