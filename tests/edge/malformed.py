"""Invalid properties: valid ones with a defect in each part."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.edge.rules import GOODS, OPTIONAL, OPTIONS, QUOTE, REQUIRED, TERMS
from tests.handler.conftest import OUTPOST_ID, PROPERTIES

Json = Any
Path = tuple[str | int, ...]

ITEM = {"CatalogItemId": "OR-ABCDEFG", "Quantity": "2"}
ORDER_ID = "oo-0123456789abcdef0"
QUOTE_ID, OPTION_ID = "oq-0123456789abcdef0", "oqo-0123456789abcdef0"
PRICE = {"UpfrontPrice": "1200", "MonthlyRecurringPrice": "0.5", "Currency": "USD"}
ARN = f"arn:aws-us-gov:outposts:us-gov-west-1:111122223333:outpost/{OUTPOST_ID}"

BLANKS = ("", " ", "\n", "\t", "\x00", "\x1b[31m", "\x7f", "\u2028", "\ufeff", "\ud800", "\udfff ")
NUMERALS = ("1.5", "1e3", "0x2", "+1", "-1", "0", "00", "1_000", "\u0662", "\u00b2", "\uff11")
LARGE = ("2147483647", "2147483648", "9" * 99, "9" * 5000, "x" * 65, "x" * 5000, "☃" * 2000)
WORDS = ("true", "True", "false", "null", "None", "NaN", "Infinity", "CANCEL", "ALLOW", "CHECK")
FOREIGN = ("../..", "${AWS::Region}", "%s%n", "'; --", '"', "<b>", "a/b", "😀", "e\u0301")
TEXTS = (*BLANKS, *NUMERALS, *LARGE, *WORDS, *FOREIGN, *OPTIONS, *TERMS, ORDER_ID, OUTPOST_ID, ARN)
NUMBERS = (0, -1, 1, 2, 1.0, 1.5, 2**31 - 1, 2**31, 2**63, 10**4000, float("nan"), float("inf"))
NAMES = (
    *sorted(REQUIRED | OPTIONAL | GOODS | QUOTE),
    "QuotePrice",
    "Region",
    "lineItems",
    "Quantity",
    # Properties of an earlier version.
    "OnDelete",
    "ExistingOrder",
)
# Values that are nearly valid, or were once accepted.
TEMPTING: dict[str | int, tuple[Json, ...]] = {
    "Quantity": (*NUMERALS, *WORDS, *LARGE, True, False, 1.5, 2.0, "01", "1 ", 2**31, [1]),
    "CatalogItemId": ("OR-ABCDEFGH", "OR-abcdefg", "OR-ABCDEF\n", "\uff2f\uff32-ABCDEFG"),
    "LineItems": ([], [ITEM] * 20, [ITEM] * 21, [[ITEM]], {"0": ITEM}, [None], "OR-ABCDEFG"),
    "OutpostIdentifier": (ARN, f"{ARN}\n", ARN.replace("op-", ""), f"x{OUTPOST_ID}", "op-0123"),
    "OrderName": (
        ORDER_ID,
        "oo-",
        "-r",
        ".r",
        "_r",
        "x" * 64,
        "x" * 65,
        "a b",
        "a/b",
        "\u00e9",
        "PO\n",
        True,
    ),
    "PaymentOption": (*OPTIONS, "ON_CREDIT", "no_upfront", "NO_UPFRONT ", ["NO_UPFRONT"]),
    "PaymentTerm": (*TERMS, "TEN_YEARS", "_", "three years", "THREE_YEARS\n", 3, None),
    "Preflight": ("SKIP", "skip", False, "false", ["SKIP"]),
    "QuoteIdentifier": (QUOTE_ID, f"{QUOTE_ID}\n", f"oqo-{'0' * 17}", QUOTE_ID.upper()),
    "QuoteOptionIdentifier": (OPTION_ID, f"oq-{'0' * 17}", OPTION_ID * 2, [OPTION_ID]),
    "QuotePrice": (PRICE, PRICE | {"Tax": "0"}, [PRICE], "1200", {}, PRICE | {"Currency": "usd"}),
    "UpfrontPrice": (*NUMERALS, *LARGE, "1.", ".5", "1200.50", 1200, 1200.5, None),
    "InAdditionTo": (
        "PO-4709",
        [],
        {"0": "PO-4709"},
        [ORDER_ID],
        ["oo-4709"],
        ["PO-4709", "PO 4710"],
        ["PO-4709\n"],
        [["PO-4709"]],
        [None],
        [4709],
        ["PO-4709"] * 20,
        ["PO-4709"] * 21,
    ),
    "OnDelete": ("KEEP", "CANCEL"),
    "ExistingOrder": ("REFUSE", "ADOPT", "ALLOW"),
    "Ledger": ("outpost-orders", "ab", "-abc", ".abc", "_abc", "x" * 60, "x" * 61, True, "a b c"),
}

near_misses: list[Callable[[str], Json]] = [
    lambda text: text + "\n",
    lambda text: " " + text,
    lambda text: text + "\x00",
    lambda text: text[:-1],
    lambda text: text * 2,
    str.lower,
    lambda text: text.replace("-", "\u2010"),
    lambda text: text.replace("0", "\u0660"),
    lambda text: [text],
    lambda text: {"Ref": text},
]


def _nested(depth: int) -> Json:
    value: Json = "junk"
    for _ in range(depth):
        value = [value]
    return value


any_text = st.text(st.characters(exclude_categories=()), max_size=30)
scalars = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(NUMBERS),
    st.sampled_from([None, True, False]),
    any_text,
    st.integers(),
    st.floats(),
)
junk = st.one_of(
    scalars,
    st.sampled_from([[], {}, [ITEM] * 20, [ITEM] * 21, [ITEM] * 300, _nested(50), _nested(300)]),
    st.lists(scalars, max_size=3),
    st.dictionaries(st.one_of(st.sampled_from(NAMES), any_text), scalars, max_size=3),
)
items = st.fixed_dictionaries(
    {
        "CatalogItemId": st.sampled_from(["OR-ABCDEFG", "OR-1234567", "OR-0000000"]),
        "Quantity": st.sampled_from(["1", "2", "2147483647", 1, 7]),
    }
)
always = {
    "ServiceToken": st.just(PROPERTIES["ServiceToken"]),
    "OutpostIdentifier": st.sampled_from([OUTPOST_ID, ARN]),
    "PaymentOption": st.sampled_from(OPTIONS),
    "OrderName": st.sampled_from(["PO-4711", "a", "7", "0..", "City.Rack_1", "Oo-" + "x" * 61]),
}
sometimes = {
    "Preflight": st.sampled_from(["CHECK", "SKIP"]),
    "AdoptOrderId": st.just(ORDER_ID),
    "Ledger": st.sampled_from(["outpost-orders", "Books_2", "_.-"]),
    "ServiceTimeout": st.just("900"),
}
of_line_items = st.fixed_dictionaries(
    always | {"LineItems": st.lists(items, min_size=1, max_size=3)},
    optional=sometimes
    | {
        "PaymentTerm": st.sampled_from(TERMS),
        "InAdditionTo": st.lists(st.sampled_from(["PO-4709", "7", ORDER_ID]), min_size=1),
    },
)
of_a_quote = st.fixed_dictionaries(
    always
    | {
        "QuoteIdentifier": st.just(QUOTE_ID),
        "QuoteOptionIdentifier": st.just(OPTION_ID),
        "PaymentTerm": st.sampled_from(TERMS),
    },
    optional=sometimes | {"QuotePrice": st.just(PRICE)},
)
valid_properties = st.one_of(of_line_items, of_line_items, of_a_quote)


@st.composite
def properties(draw: st.DrawFn) -> Json:
    """Draw ResourceProperties: valid ones with up to three defects, or none at all."""
    if draw(st.integers(0, 19)) == 0:
        return sent(draw(junk))
    drawn = sent(draw(st.one_of(st.just(PROPERTIES), valid_properties)))
    for _ in range(draw(st.sampled_from([1, 1, 1, 1, 2, 2, 3, 0, 0]))):
        _break(draw, drawn)
    return drawn


def sent(value: Json) -> Json:
    """Return a copy, as JSON delivers it."""
    return json.loads(json.dumps(value))


def _break(draw: st.DrawFn, drawn: dict[str, Json]) -> None:
    """Change, remove or add one part, somewhere."""
    parent: Json = drawn
    *way, last = draw(st.sampled_from(_paths(drawn)))
    for step in way:
        parent = parent[step]
    match draw(st.sampled_from(["tempting", "tempting", "near miss", "removed", "added", "junk"])):
        case "tempting" if last in TEMPTING:
            parent[last] = sent(draw(st.sampled_from(TEMPTING[last])))
        case "near miss" if isinstance(parent[last], str):
            parent[last] = draw(st.sampled_from(near_misses))(parent[last])
        case "removed":
            del parent[last]
        case "added" if isinstance(parent, dict):
            name = draw(st.one_of(st.sampled_from(NAMES), any_text))
            parent[name] = sent(draw(st.one_of(st.sampled_from(TEMPTING.get(name, TEXTS)), junk)))
        case _:
            parent[last] = sent(draw(junk))


def _paths(value: Json, here: Path = ()) -> list[Path]:
    """List the path of every part of a value, except CloudFormation's own two."""
    paths: list[Path] = []
    for name, part in value.items() if isinstance(value, dict) else enumerate(value):
        if name in ("ServiceToken", "ServiceTimeout"):
            continue
        paths.append((*here, name))
        if isinstance(part, dict | list) and len(here) < len(("LineItems", "position")):
            paths += _paths(part, (*here, name))
    return paths
