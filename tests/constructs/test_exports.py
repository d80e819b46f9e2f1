import cdk_outpost_order


def test_the_public_names_are_these() -> None:
    """A missing name breaks a user's app, and an additional name is a promise."""
    assert sorted(cdk_outpost_order.__all__) == [
        "IOutpostOrder",
        "IOutpostRef",
        "InvalidOrderError",
        "LineItem",
        "OrderLedger",
        "OutpostOrder",
        "OutpostOrderProvider",
        "PaymentOption",
        "PaymentTerm",
        "QuotePrice",
    ]


def test_every_public_name_is_there_and_documented() -> None:
    """Each exported name exists and has a docstring."""
    for name in cdk_outpost_order.__all__:
        assert getattr(cdk_outpost_order, name).__doc__
