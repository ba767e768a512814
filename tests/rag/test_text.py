"""Folding, sentences, numbers and terms."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.text import (
    fold,
    fold_wording,
    has_han,
    normalise,
    numbers,
    script_of,
    sentences,
    stem,
    terms,
    to_traditional,
)

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=12)
ANY = st.text(max_size=40) | HAN


@given(ANY)
def test_folding_twice_is_folding_once(text: str) -> None:
    """`normalise` and `fold` are idempotent, so an index and a query may each fold when they like."""
    assert normalise(normalise(text)) == normalise(text)
    assume("薴" not in text)  # its simplified form 苧 is itself the traditional form of 苎
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("居住證", "居住证"),
        ("ＦＥＥ １５日", "fee 15日"),
        ("居\u200b住\u00ad证\ufeff", "居住证"),
        ("Permit", "permit"),
        ("頭髮和發展", "头发和发展"),
        ("", ""),
    ],
)
def test_fold_meets_every_way_of_typing(text: str, folded: str) -> None:
    """Width, case, script and invisible characters make no difference to matching."""
    assert fold(text) == folded


def test_taiwan_wording_folds_only_where_asked() -> None:
    """`fold` keeps the words of the writer; `fold_wording` turns them into the mainland's."""
    assert fold("資訊") == "资讯"
    assert fold_wording("資訊") == "信息"


@pytest.mark.parametrize("text", ["居住证多久办好", "申请临时救助", "带什么材料去窗口"])
def test_traditional_and_back(text: str) -> None:
    """What is shown in Traditional characters folds back to the text that it came from."""
    assert to_traditional(text) != text
    assert fold(to_traditional(text)) == text


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("居住证", "zh-Hans"),
        ("居住證", "zh-Hant"),
        ("residence permit", "en"),
        ("API 接口怎么用", "zh-Hans"),
        ("What does the word 居 mean in this long English question please", "en"),
        ("", "zh-Hans"),
        ("12345", "zh-Hans"),
    ],
)
def test_script_is_that_of_the_writer(text: str, script: str) -> None:
    """A few Latin words in Chinese are Chinese; a Chinese word in English is English."""
    assert script_of(text) == script
    assert has_han(text) or script == ("en" if any(c.isalpha() for c in text) else "zh-Hans")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("先交表。再等15日！", ["先交表。", "再等15日！"]),
        ("他说：“先交表。”再走。", ["他说：“先交表。”再走。"]),
        ("It costs 3.5 yuan. Pay online.", ["It costs 3.5 yuan.", "Pay online."]),
        ("see a.b.c for more", ["see a.b.c for more"]),
        ("一\n\n二", ["一", "二"]),
        ("  \n ", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, parts: list[str]) -> None:
    """Chinese stops cut anywhere but inside a closing quote; a Latin stop only before a new sentence."""
    assert sentences(text) == parts


@given(st.text(st.sampled_from("一二。！？；.!? \nA1”"), max_size=30))
def test_sentences_lose_nothing(text: str) -> None:
    """Sentences are never empty, and together they are the text, spaces aside."""
    parts = sentences(text)
    assert all(part == part.strip() != "" for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("15日，特殊30日", ["15", "30"]),
        ("１５日", ["15"]),
        ("1,234元", ["1234"]),
        ("1,234,567 people", ["1234567"]),
        ("１，２３４元", ["1234"]),
        ("1,2,3", ["1", "2", "3"]),
        ("12,3456", ["12", "3456"]),
        ("3.5%", ["3.5"]),
        ("9:00–17:00", ["9", "00", "17", "00"]),
        ("一二三", []),
    ],
)
def test_numbers_are_read_alike_in_both_languages(text: str, found: list[str]) -> None:
    """Widths and thousands separators make no difference, whatever character follows."""
    assert numbers(text) == found


@given(st.integers(0, 10**12), st.sampled_from(["元", " yuan", "", "。", ")"]))
def test_separators_change_no_number(n: int, after: str) -> None:
    """A number with and without thousands separators is the same number."""
    assert numbers(f"共{n:,}{after}") == numbers(f"共{n}{after}") == [str(n)]


def test_terms_are_characters_bigrams_words_stems_and_numbers() -> None:
    """Chinese gives characters, bigrams and longer dictionary words; English stems; numbers stay whole."""
    found = terms("居住证 permits 1,500")
    assert {"居", "住", "证", "居住", "住证", "居住证", stem("permits"), "1500"} <= set(found)
    assert terms("居居").count("居") == 2


@given(ANY)
def test_terms_do_not_depend_on_width_or_case(text: str) -> None:
    """A text and its folded form have the same terms, so a query meets the index."""
    assume("薴" not in text)
    assert terms(fold(text)) == terms(text)


@pytest.mark.parametrize(
    ("one", "other"), [("permits", "permit"), ("applying", "apply"), ("court's", "court")]
)
def test_english_forms_share_a_stem(one: str, other: str) -> None:
    """Forms of a word meet in its stem."""
    assert stem(one) == stem(other)
