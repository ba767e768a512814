"""How Chinese characters sound: syllables without tones, which of them people confuse, who shares one."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

_PAIRS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
"""Initials that many speakers do not tell apart."""
_FINALS = re.compile("(in|en|an)(g?)$")


@lru_cache(maxsize=10_000)
def syllable(character: str) -> str:
    """The commonest reading of a character in pinyin, or the character itself."""
    return syllables(character)[0]


def syllables(run: str) -> tuple[str, ...]:
    """One syllable for each character of a run of Chinese, read in its context."""
    from pypinyin import Style, lazy_pinyin  # its phrases take a third of a second to load

    return tuple(lazy_pinyin(run, style=Style.NORMAL))


@lru_cache(maxsize=2_000)
def confused_with(sound: str) -> frozenset[str]:
    """Syllables taken for this one by many: flat and curled tongue, n and l, -n and -ng."""
    found = set()
    for one, other in _PAIRS:
        if sound.startswith(one):
            found.add(other + sound.removeprefix(one))
        elif sound.startswith(other):
            found.add(one + sound.removeprefix(other))
    if final := _FINALS.search(sound):
        found.add(sound.removesuffix("g") if final[2] else sound + "g")
    return frozenset(found)


@cache
def everyday_characters() -> Mapping[str, tuple[str, ...]]:
    """Everyday characters of each syllable, the most frequent first."""
    import jieba

    # The first level of GB 2312 is the 3,755 characters of everyday text.
    codes = bytes(byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    with jieba.get_dict_file() as lines:
        entries = (line.decode("utf-8").split() for line in lines)
        frequency = {word: int(count) for word, count, _ in entries if len(word) == 1}
    found: dict[str, list[str]] = {}
    for character in sorted(codes.decode("gb2312", "ignore"), key=lambda c: -frequency.get(c, 0)):
        found.setdefault(syllable(character), []).append(character)
    return {sound: tuple(characters) for sound, characters in found.items()}
