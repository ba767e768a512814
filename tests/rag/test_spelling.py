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
        ("要什么财料", "要什么材料"),
        ("收废吗", "收费吗"),
        ("胜请要多久", "申请要多久"),
        ("编豪是多少", "编号是多少"),
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


@pytest.mark.parametrize(
    "text", ["这份才交上去", "不收费", "要三张", "学完这些课", "谁管到底", "照四问该怎么改"]
)
def test_likely_words_are_no_errors(guides: Speller, text: str) -> None:
    """A row of ordinary words is likelier than an error, and numerals and negations are never changed."""
    assert guides.correct(text) == text


@pytest.fixture(scope="module")
def english() -> Speller:
    """What a small set of English guides writes."""
    return speller([], {}, ["Register your residence permit at the county hall.", "Call the other number."])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("my residnece permit", "my residence permit"),
        ("how to regiister", "how to register"),
        ("the residnce rules", "the residence rules"),
        ("nubmer of the hall", "number of the hall"),
    ],
)
def test_a_slip_of_the_hand_is_mended(english: Speller, typed: str, meant: str) -> None:
    """Letters swapped, doubled or left out give the guides' word back."""
    assert english.correct(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "my mother",
        "in this country",
        "SS-20261103-0007",
        "Permti",
        "a@permti.cn",
        "permits",
        "passport",
        "hlal2",
    ],
)
def test_other_english_words_are_left_alone(english: Speller, text: str) -> None:
    """Words that the guides lack, names, ids and addresses are no errors."""
    assert english.correct(text) == text


@given(st.text(max_size=40))
def test_the_length_never_changes(text: str) -> None:
    """Characters are replaced one by one, whatever the text."""
    assert len(speller(NAMES, COUNTS).correct(text)) == len(text)
