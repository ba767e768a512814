"""Variants of a question: the same seed gives the same ones, none is empty, what is asked stays."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.sounds import confused_with, syllables
from rag.text import fold, numbers, script_of
from rag.variants import Variant, chinese_numeral, variants, vary

QUESTIONS = [
    "居住证丢了，去哪里补办？",
    "我妈今年68岁，能不能领3000元补贴",
    "编号SS-20261103-0007的进度到哪一步了？",
    "北京来的人在示范街道租房，要带什么材料？",
    "接口返回403，是不是密钥错了？",
    "請問遺失物品要帶什麼證件？",
    "How do I renew my residence permit, and what is the fee?",
    "Where is window 12 of the Fanli Hall? I am 68.",
    "The API returns 403: what do I do?",
]
TEXTS = st.one_of(
    st.sampled_from(QUESTIONS),
    st.text(max_size=40),
    st.text("居住证要几天？的了吗3000元 ab.,'-1第岁", max_size=20),
)
KINDS = st.sampled_from(list(Variant))
DIGITS = dict(zip("零一二三四五六七八九两", [*range(10), 2], strict=True))
UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}


def read_numeral(said: str) -> int:
    """The number that a numeral says, read independently of how it was made."""
    total, digit = 0, 0
    for character in said:
        if character in UNITS:
            total, digit = total + (digit or 1) * UNITS[character], 0
        else:
            digit = DIGITS[character]
    return total + digit


@given(TEXTS, KINDS, st.integers(0, 9))
def test_a_variant_is_another_text_and_never_empty(text: str, kind: Variant, seed: int) -> None:
    """A way that leaves nothing, or nothing changed, gives no variant."""
    changed = vary(text, kind, seed)
    assert changed is None or (changed.strip() and changed != text)


@given(TEXTS, st.integers(0, 12), st.integers(0, 9))
def test_the_same_seed_gives_the_same_variants(text: str, count: int, seed: int) -> None:
    """Two calls agree, each kind comes once at most, and more are never given than asked for."""
    found = variants(text, count, seed)
    assert found == variants(text, count, seed)
    assert len(found) == len({varied.kind for varied in found}) <= count
    assert all(varied.text == vary(text, varied.kind, seed) for varied in found)


@given(TEXTS, KINDS, st.integers(0, 9))
def test_numbers_are_kept(text: str, kind: Variant, seed: int) -> None:
    """Every number of the question stands in the variant, in order; counts may be said in Chinese."""
    assume(kind is not Variant.NUMERAL)
    changed = vary(text, kind, seed)
    assert changed is None or numbers(changed) == numbers(text)


@given(st.integers(1, 99_999))
def test_a_numeral_says_its_number(number: int) -> None:
    """Reading a numeral back gives the count it was made of."""
    assert read_numeral(chinese_numeral(number)) == number


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3000元够不够", "三千元够不够"),
        ("一共2个人，补10020元", "一共两个人，补一万零二十元"),
        ("我妈68岁", "我妈六十八岁"),
        ("12小时内", "十二小时内"),
    ],
)
def test_counts_are_said_in_chinese(written: str, said: str) -> None:
    """A number before a measure word is a count and can be said."""
    assert vary(written, Variant.NUMERAL) == said


@pytest.mark.parametrize(
    "text",
    [
        "打12345",
        "2025年3月1日",
        "接口报403",
        "编号SS-20261103-0007",
        "第3页",
        "3.5元",
        "1,200元",
        "window 12",
    ],
)
def test_numbers_that_name_something_are_not_said(text: str) -> None:
    """Telephone numbers, dates, codes, places in a row and broken numbers stay digits."""
    assert vary(text, Variant.NUMERAL) is None


@given(st.sampled_from(QUESTIONS), KINDS, st.integers(0, 50))
def test_names_and_ids_are_kept(text: str, kind: Variant, seed: int) -> None:
    """Places and ids are the same in every variant, whatever its script or case."""
    changed = fold(vary(text, kind, seed) or text)
    for name in ("SS-20261103-0007", "API", "Fanli"):
        assert name not in text or fold(name) in changed
    if kind in (Variant.HOMOPHONE, Variant.NEAR_HOMOPHONE):
        assert ("北京" in text) == ("北京" in changed) and ("示范街道" in text) == ("示范街道" in changed)


@pytest.mark.parametrize("kind", [Variant.HOMOPHONE, Variant.NEAR_HOMOPHONE])
@given(seed=st.integers(0, 200))
def test_one_character_is_mistyped_by_sound(kind: Variant, seed: int) -> None:
    """A typing error replaces one character by one of the same sound, or of one often confused with it."""
    text = "居住证到期前几天可以办理签注手续"
    changed = vary(text, kind, seed)
    assert changed is not None and len(changed) == len(text)
    ((at, wrong),) = [(i, c) for i, c in enumerate(changed) if c != text[i]]
    sound = syllables(text)[at]
    heard = {sound} if kind is Variant.HOMOPHONE else confused_with(sound)
    assert syllables(wrong)[0] in heard


@given(st.integers(0, 200))
def test_words_nobody_gets_wrong_are_left_alone(seed: int) -> None:
    """Question words, negations and numerals are never mistyped."""
    assert vary("怎么办，多少，可以不，我们三百", Variant.HOMOPHONE, seed) is None


@given(st.integers(0, 200))
def test_two_letters_inside_a_word_are_swapped(seed: int) -> None:
    """The letters of the question stay; capitals, first and last letters of words do not move."""
    text = "How do I renew a permit at Fanli Hall"
    changed = vary(text, Variant.LETTERS, seed)
    assert changed is not None and sorted(changed) == sorted(text)
    for before, after in zip(text.split(), changed.split(), strict=True):
        assert (before[0], before[-1], len(before)) == (after[0], after[-1], len(after))
        assert before.islower() or before == after


@given(st.integers(0, 50))
def test_spoken_words_stand_around_the_question(seed: int) -> None:
    """The question itself stays within a spoken frame, less its closing mark."""
    assert "居住证怎么办" in (vary("居住证怎么办？", Variant.FRAMED, seed) or "")
    assert "ow do I renew it?" in (vary("How do I renew it?", Variant.FRAMED, seed) or "")
    assert (vary("要帶什麼證件", Variant.FRAMED, seed) or "").count("麼") == 1


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("居住证丢了，去哪补？", Variant.UNMARKED, "居住证丢了 去哪补"),
        ("What's the fee, 1,200.50 yuan?", Variant.UNMARKED, "what's the fee 1,200.50 yuan"),
        ("The API says: v1.2, why?", Variant.UNMARKED, "the api says v1.2 why"),
        ("居住证丢了", Variant.TRADITIONAL, "居住證丟了"),
        ("居住證丟了", Variant.TRADITIONAL, None),
        ("How do I renew it", Variant.TRADITIONAL, None),
        ("How do I renew it", Variant.HOMOPHONE, None),
        ("居住证怎么办", Variant.LETTERS, None),
        ("居住证怎么办", Variant.UNMARKED, None),
        ("I will not pay", Variant.CONTRACTED, "I won't pay"),
        ("这里 what is it", Variant.CONTRACTED, None),
    ],
)
def test_a_way_changes_what_it_names(text: str, kind: Variant, expected: str | None) -> None:
    """Each way does its own change, and none where it does not fit."""
    if kind is Variant.CONTRACTED and expected:
        assert vary(text, kind) in {expected, "I'll not pay"}
    else:
        assert vary(text, kind) == expected


@given(st.integers(0, 100))
def test_blanks_stand_between_words(seed: int) -> None:
    """Without its blanks a spaced question is the question, and no dictionary word is torn."""
    text = "居住证丢了去哪里补办"
    changed = vary(text, Variant.SPACED, seed)
    assert changed is not None and changed.replace(" ", "") == text
    assert not re.search("居 ?住 证|补 办", changed)


@given(st.integers(0, 100))
def test_one_particle_is_doubled_or_dropped(seed: int) -> None:
    """One particle or article more or less, and nothing else."""
    assert vary("证丢了吗", Variant.PARTICLE, seed) in {"证丢了了吗", "证丢吗", "证丢了吗吗", "证丢了"}
    assert vary("Pay the fee", Variant.PARTICLE, seed) in {"Pay the the fee", "Pay fee"}


def test_contractions_are_spelt_in_several_ways() -> None:
    """With an apostrophe or without one, as people type."""
    found = {vary("I do not know what it costs", Variant.CONTRACTED, seed) for seed in range(20)}
    assert found == {"I don't know what it costs", "I dont know what it costs"}


@given(st.sampled_from(QUESTIONS), st.integers(0, 20))
def test_the_script_is_kept_but_by_the_traditional_variant(text: str, seed: int) -> None:
    """An answer is expected in the language and script of the question."""
    for varied in variants(text, len(Variant), seed):
        if varied.kind is not Variant.TRADITIONAL:
            assert script_of(varied.text) == script_of(text)
