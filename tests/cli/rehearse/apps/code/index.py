def handler(_event: object, _context: object) -> int:
    """Do nothing."""
    return 1
