"""Sounds of characters: one syllable each, and which syllables people confuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sounds import confused_with, everyday_characters, syllable, syllables


def test_readings_follow_the_context() -> None:
    """A character of several readings has that of its word; alone it has its commonest."""
    assert syllables("重庆银行") == ("chong", "qing", "yin", "hang")
    assert (syllable("重"), syllable("a")) == ("zhong", "a")


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12))
def test_each_character_has_one_syllable(run: str) -> None:
    """Positions of syllables are those of characters."""
    assert len(syllables(run)) == len(run)


@pytest.mark.parametrize(
    ("sound", "others"),
    [
        ("zheng", {"zeng", "zhen"}),
        ("si", {"shi"}),
        ("lan", {"nan", "lang"}),
        ("xin", {"xing"}),
        ("hu", set()),
        ("min", {"ming"}),
    ],
)
def test_confused_sounds(sound: str, others: set[str]) -> None:
    """Curled and flat tongue, n and l, -n and -ng, one at a time."""
    assert confused_with(sound) == others


@given(st.sampled_from(["zhang", "ci", "nin", "leng", "shan", "wan", "zu"]))
def test_confusion_is_mutual(sound: str) -> None:
    """Whoever hears one for the other hears the other for the one."""
    assert all(sound in confused_with(other) for other in confused_with(sound))


def test_everyday_characters_stand_by_frequency() -> None:
    """Each of the 3,755 characters stands under one sound, the commonest first."""
    found = everyday_characters()
    assert sum(map(len, found.values())) == 3_755
    assert found["de"][0] == "的" and found["shi"][0] == "是"
