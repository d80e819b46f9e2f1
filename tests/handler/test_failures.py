from outpost_order_handler import failures
from outpost_order_handler.failures import HandlerErrorCode, OrderError, reason

CODE = HandlerErrorCode.INVALID_REQUEST


def test_a_long_detail_yields_to_code_and_next_step() -> None:
    """What starts and ends a reason is always whole."""
    text = reason(CODE, "ValidationException", "nothing was ordered", "mend it", "x" * 9999)
    assert text.startswith("InvalidRequest (ValidationException): nothing was ordered: xxx")
    assert text.endswith("xxx...; mend it")
    assert len(text) == failures.MAX_REASON


def test_a_detail_is_one_line() -> None:
    """Line breaks and control characters of a service do not reach a console."""
    text = reason(CODE, "E", "nothing was ordered", "mend it", "a\n\tb\x1b[31m  c.\u2028")
    assert text == "InvalidRequest (E): nothing was ordered: a b [31m c; mend it"


def test_nothing_of_a_reason_breaks_a_console() -> None:
    """A fact can hold the physical id of an event, which is whatever somebody sent."""
    text = reason(CODE, "E\n", "a\x1b[31m\ue000 stays", "mend it")
    assert text == "InvalidRequest (E): a [31m stays; mend it"


def test_no_detail_leaves_no_gap() -> None:
    """An empty message is left out."""
    text = reason(CODE, "E", "nothing was ordered", "mend it", " \n")
    assert text == "InvalidRequest (E): nothing was ordered; mend it"


def test_a_foreign_exception_name_is_bounded() -> None:
    """An error code comes from the network like everything else."""
    text = reason(CODE, "E" * 999, "nothing was ordered", "mend it", "detail")
    assert text.endswith("): nothing was ordered: detail; mend it")
    assert len(text) <= failures.MAX_REASON


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Whoever reads the first lines of the module knows all of it."""
    names = {error.__name__ for error in OrderError.__subclasses__()} | {"OrderError"}
    assert failures.__doc__ is not None
    drawn = {
        line.strip("|+- ").split()[0]
        for line in failures.__doc__.splitlines()
        if line.startswith("    ") and ("+--" in line or "OrderError" in line)
    }
    assert drawn == names
