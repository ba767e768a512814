"""What the assistant says itself: in both languages, for every reason, without facts of its own."""

import re

import pytest

from rag import words
from rag.screen import Reason
from rag.text import has_han, numbers

SAID = {
    "emergency": words.EMERGENCY,
    "handover": words.HANDOVER,
    "refused": words.REFUSED,
    "abstained": words.ABSTAINED,
    "clarify": words.CLARIFY,
}
LINES = {"110", "119", "120", "122", "12356", "96110", "12388"}
"""National emergency and help lines."""
PAIRS = [
    *((f"{kind} {reason}", pair) for kind, table in SAID.items() for reason, pair in table.items()),
    ("label", words.LABEL),
    ("missing", words.MISSING),
    ("other part", words.OTHER_PART),
    ("rule below", words.RULE_BELOW),
    ("perhaps", words.PERHAPS),
]
EVERY_PAIR = pytest.mark.parametrize("pair", [pair for _, pair in PAIRS], ids=[name for name, _ in PAIRS])


def test_every_reason_has_its_words_once() -> None:
    """Each reason that ends without a written answer is said in exactly one way."""
    said = [reason for table in SAID.values() for reason in table]
    assert sorted(said) == sorted(set(Reason) - {Reason.EVIDENCE, Reason.PARTS_MISSING})


@EVERY_PAIR
def test_both_languages_say_it(pair: words.Pair) -> None:
    """A Chinese text is Chinese and its English text has no Chinese character."""
    assert has_han(pair[0]) and pair[1].strip() and not has_han(pair[1])


@EVERY_PAIR
def test_no_fact_but_national_lines(pair: words.Pair) -> None:
    """The only numbers are national emergency and help lines, the same in both languages."""
    assert set(numbers(pair[0])) <= LINES
    assert set(numbers(pair[0])) == set(numbers(pair[1]))


@pytest.mark.parametrize("pair", words.EMERGENCY.values(), ids=words.EMERGENCY)
def test_the_number_to_call_is_the_first_line(pair: words.Pair) -> None:
    """Whoever reads one line of an emergency answer knows whom to call."""
    assert all(re.search(r"1[12]\d|12356|96110", text.splitlines()[0]) for text in pair)


def test_the_label_says_that_it_is_ai() -> None:
    """Every answer carries a label that names AI and says that it decides nothing."""
    assert words.LABEL[0].startswith("AI") and words.LABEL[1].startswith("AI")
