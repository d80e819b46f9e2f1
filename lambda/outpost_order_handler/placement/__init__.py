"""The decisions: whether an order is sent, joined or refused, and what became of it."""
