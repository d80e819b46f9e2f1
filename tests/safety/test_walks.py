import os
import subprocess
import sys

import pytest

from tests.safety.checker import simulated
from tests.safety.program import ACTIONS, SENTENCES
from tests.safety.proof import MOST_STEPS, SEED
from tests.safety.shrinking import shrink
from tests.safety.story import story_of
from tests.safety.walks import VERBS, read_walk, thrown_walk, walk_randomly
from tests.safety.world import people
from tests.safety.wrong_designs import WRONG_DESIGNS, WrongDesign, walk_into

WALKS = 1_000
A_FEW_WALKS = 200
# `make safety` walks until it finds the others, too: that takes thousands of walks.
SELDOM_FOUND = ("evidence before the sender's end", "in_addition_to passes an unresolved attempt")
QUICKLY_FOUND = [each for each in WRONG_DESIGNS if each.name not in SELDOM_FOUND]
FOUND = [
    (
        "deploy:name=PO-2:content=quote,deploy:content=elsewhere:policy=Delete:patience=0,"
        "update:content=quote@1.1:CreateOrder:1:lost"
    ),
]
UNREAL = ["buy:dated=perhaps", "sell", "deploy:price=1"]


def test_random_walks_of_the_product_break_nothing() -> None:
    """A part of what `make safety SECONDS=3600` does, the same walks every time."""
    with simulated():
        walks, found = walk_randomly(1, is_over=lambda walks: walks > WALKS)
        story = found and story_of(found.walk, found.walk.run())
    assert (walks, story) == (WALKS, None)


@pytest.mark.parametrize("text", FOUND)
def test_a_walk_that_broke_an_invariant_holds(text: str) -> None:
    """Each of these walks showed a defect of the function, which is corrected."""
    with simulated():
        trial = read_walk(text).run()
    assert not trial.broken, trial.story()


@pytest.mark.parametrize("wrong", QUICKLY_FOUND, ids=lambda wrong: wrong.name)
def test_random_walks_catch_a_wrong_design_and_show_it_in_a_few_steps(wrong: WrongDesign) -> None:
    """A walk with many incidents becomes a story that a person can read."""
    found = walk_into(wrong, SEED, lambda walks: walks > A_FEW_WALKS)
    assert found is not None
    assert found.walk.steps <= MOST_STEPS
    with simulated():
        assert not found.walk.run().broken


def test_an_error_of_the_simulated_world_is_shown_with_its_walk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error is not the function's, but without the walk it can't be repeated."""

    def fail(*_: object) -> str:
        raise KeyError("mistyped")

    monkeypatch.setattr(people, "reconcile", fail)
    with simulated():
        walks, found = walk_randomly(1, is_over=lambda walks: walks > WALKS)
        assert found is not None
        smallest = shrink(found.walk, found.invariant)
        story = story_of(smallest, smallest.run())
    assert walks == 1
    assert "an error, so this walk proves nothing:\n  KeyError('mistyped') in test_walks" in story
    assert story.endswith("make safety REPLAY=deploy")


def test_the_text_of_a_walk_repeats_its_story() -> None:
    """The text alone has the whole walk: no file, no seed."""
    with simulated():
        for number in range(1, 100):
            walk, trial = thrown_walk(2, number)
            assert story_of(walk, read_walk(str(walk)).run()) == story_of(walk, trial)


def test_a_seed_gives_the_same_walks_with_every_hash_seed() -> None:
    """A walk that is found on one machine is found on every other one."""
    program = (
        "from tests.safety.checker import simulated\n"
        "from tests.safety.story import story_of\n"
        "from tests.safety.walks import thrown_walk\n"
        "with simulated():\n"
        "    for number in range(1, 50):\n"
        "        print(story_of(*thrown_walk(3, number)))\n"
    )
    stories = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert stories[0] == stories[1] != ""


@pytest.mark.parametrize("text", UNREAL)
def test_a_text_that_is_no_walk_is_refused(text: str) -> None:
    """A walk with a mistyped action would prove nothing."""
    with pytest.raises(ValueError, match="is not"):
        read_walk(text)


def test_every_action_has_a_sentence_and_a_weight() -> None:
    """An action that is added is walked, and a story shows it."""
    assert ACTIONS.keys() == SENTENCES.keys() == VERBS.keys()
