"""Typing errors by sound are mended towards the guides' words, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.spelling import Speller, speller

NAMES = ["申领号牌", "自行车号牌", "问办助手", "失物招领"]
COUNTS = {"号牌": 9, "诉求": 5, "申请": 7, "收费": 4, "材料": 3, "编号": 2}


@pytest.fixture(scope="module")
def guides() -> Speller:
    """What a small set of guides writes."""
    return speller(NAMES, COUNTS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("自行车号排怎么办", "自行车号牌怎么办"),
        ("素求编号", "诉求编号"),
        ("要什么才料", "要什么材料"),
        ("另外收废吗", "另外收费吗"),
        ("办助守", "办助手"),
    ],
)
def test_a_wrong_character_that_sounds_right_is_mended(guides: Speller, typed: str, meant: str) -> None:
    """A character picked wrongly by sound becomes the one that the guides use."""
    assert guides.correct(typed) == meant


@pytest.mark.parametrize(
    "text", ["公积金怎么提取", "打一二三四五热线", "落户要几年", "号牌丢了", "等几天", "residence permit", ""]
)
def test_words_of_their_own_are_left_alone(guides: Speller, text: str) -> None:
    """Words that the guides lack are other matters, not errors."""
    assert guides.correct(text) == text


@given(st.text(max_size=40))
def test_the_length_never_changes(text: str) -> None:
    """Characters are replaced one by one, whatever the text."""
    assert len(speller(NAMES, COUNTS).correct(text)) == len(text)
