"""The words of the project: plain technical English, in pages, code, help and messages."""

import re
from pathlib import Path

import pytest

from tests.docs.prose import GUIDES, all_texts, paragraphs, path_of, sentences, texts_of

# A word that reads like a translation, and a sentence that has it.
BANNED = {
    r"\bwhoever\b": "Whoever reads this is wrong.",
    r"\b(no|some)body\b": "Nobody reads it.",
    r"\banew\b": "The file is stored anew.",
    r"\bmeanwhile\b": "The stack is meanwhile deleted.",
    r"\btold\b": "The operator is told.",
    r"\btells\b": "The message tells it.",
    r"\bstands\b(?! for\b)": "The order stands.",
    r"\blets? go\b": "The stack lets go of it.",
    r"\bmade again\b": "The stack is made again.",
    r"\bmended\b": "The template is mended.",
    r"\bin vain\b": "It deploys in vain.",
    r"\bheirs?\b": "The heir gets the order.",
    r"\bfor sure\b": "It is placed for sure.",
    r"\bas it is(?=[,.;:]|$| now\b)": "The table stays as it is.",
    r"^where [^?]*,": "Where the list is short, it is read.",
    r", where (there|nothing|none|no|it|that|this)\b": "It is read, where there is time.",
    r"^wh(at|o) [^?]*$": "What is given is read.",
    r"^name: (test )?wh(at|o)\b": "name: test what is given is read",
    r"\bmay (not )?(be|have|come|hold|exist|differ)\b": "It may be an order.",
}
MAX_WORDS = 30
HERE = path_of(Path(__file__))
# Sentences that need more words, each with the reason.
LONG_SENTENCES: dict[str, str] = {}


def is_banned(pattern: str, text: str) -> bool:
    """Return whether one of the sentences of a text has the words of a pattern."""
    return any(re.search(pattern, each, re.IGNORECASE) for each in sentences(text))


def long_sentences(text: str) -> list[str]:
    """Return the sentences that are too long and have no reason to be."""
    found = [each for each in sentences(text) if len(each.split()) > MAX_WORDS]
    return [each for each in found if each not in LONG_SENTENCES]


@pytest.mark.parametrize("pattern", BANNED)
def test_no_text_has_a_banned_word(pattern: str) -> None:
    """Pages, docstrings, comments, help, messages and failure reasons use plain words."""
    found = [
        f"{each.place}: {each.text}"
        for each in all_texts()
        if each.path != HERE and is_banned(pattern, each.text)
    ]
    assert found == []


@pytest.mark.parametrize(("pattern", "sentence"), BANNED.items())
def test_each_banned_word_is_found(pattern: str, sentence: str) -> None:
    """A pattern finds its sentence, in any case."""
    assert is_banned(pattern, f"It is a text. {sentence} It ends.")
    assert is_banned(pattern, sentence.upper())


@pytest.mark.parametrize(
    "plain",
    [
        "The Region where the Outpost is, us-west-2, has the ledger.",
        "What happens if it fails?",
        "Only operators may read it.",
        "A stand-in stands for the service.",
        "The template has the name as it is deployed.",
    ],
)
def test_plain_words_are_accepted(plain: str) -> None:
    """A pattern finds no word that the project needs."""
    assert [pattern for pattern in BANNED if is_banned(pattern, plain)] == []


def test_each_kind_of_text_is_collected() -> None:
    """A text that isn't collected can have any word."""
    paths = {text.path for text in all_texts()}
    kinds = {"README.md", "lambda/outpost_order_handler/failures.py", "tests/docs/prose.py"}
    kinds |= {"help of cancel", "reason NotConfirmed", "constructs/cdk_outpost_order/order.py"}
    assert kinds <= paths


def test_docstrings_comments_and_messages_are_collected() -> None:
    """Each is one text, with inline code as one word."""
    source = '"""A `b c`."""\n# One\n# two.\nX = f"{1} order"  # noqa: S1 (why)\nY = "a key"\n'
    source += "def is_told(): ...\n"
    texts = [(each.line, each.text) for each in texts_of(source, "x.py", with_messages=True)]
    assert texts == [
        (1, "A CODE."),
        (6, "name: is told"),
        (2, "One two."),
        (4, "why)"),
        (4, "CODE order"),
        (5, "a key"),
    ]


def test_paragraphs_items_and_cells_are_collected() -> None:
    """Each is one text; headings and code blocks are none."""
    page = (
        "# Head\nOne `b`\n[two](x.md).\n\n- Item\n  of two lines\n- Item\n\n```console\n$ x\n```\n"
    )
    page += "| a | b |\n|---|---|\n| c d | e |\n"
    assert [(each.line, each.text) for each in paragraphs(page, "x.md")] == [
        (2, "One CODE [two]."),
        (5, "Item of two lines"),
        (7, "Item"),
        *[(12, "a"), (12, "b"), (14, "c d"), (14, "e")],
    ]


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_no_sentence_is_long(page: Path) -> None:
    """A sentence of the guides has 30 words at most."""
    texts = paragraphs(page.read_text(), path_of(page))
    assert [(each.place, found) for each in texts if (found := long_sentences(each.text))] == []


def test_a_long_sentence_is_found() -> None:
    """A sentence ends with a full stop, and a word is between blanks."""
    assert long_sentences("One two. " + "word " * 31 + "end. Three.") == ["word " * 31 + "end."]
    assert long_sentences("word " * 29 + "end. " + "word " * 29 + "end.") == []
