"""Typing errors by sound: characters that are no word here, but sound like words of the guides.

People type by pinyin and pick a wrong character (素求 for 诉求). Three characters that sound like three of a
guide's name are mended; two only if the dictionary has no word for them and the guides have one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rag.text import HAN, is_word, precise_words

_RUN = re.compile(f"[{HAN}]{{2,}}")
_NUMERALS = frozenset("〇一二三四五六七八九十百千万")
_NAME = 3
"""Characters of a name that must sound alike."""


@dataclass(frozen=True)
class Speller:
    """What the guides write, by sound: pieces of names, and words of two characters."""

    names: Mapping[str, str]
    words: Mapping[str, str]
    known: frozenset[str]

    def correct(self, text: str) -> str:
        """The text with mistyped characters replaced; Simplified Chinese is expected."""
        return _RUN.sub(lambda run: self._pairs(self._names(run[0])), text)

    def _names(self, run: str) -> str:
        """A run in which three characters that sound like a piece of a name are that piece."""
        for i in range(len(run) - _NAME + 1):
            piece = run[i : i + _NAME]
            if not self._is_known(piece) and not _NUMERALS & set(piece):
                run = run[:i] + self.names.get(_sound(piece), piece) + run[i + _NAME :]
        return run

    def _is_known(self, piece: str) -> bool:
        return all(piece[i : i + 2] in self.known for i in range(len(piece) - 1))

    def _pairs(self, run: str) -> str:
        """A run in which two left-over single characters that sound like a word of the guides are that word."""
        cut = list(precise_words(run))
        for i in range(len(cut) - 1):
            pair = cut[i] + cut[i + 1]
            if len(cut[i]) == len(cut[i + 1]) == 1 and pair not in self.known and not is_word(pair):
                word = self.words.get(_sound(pair))
                # One character must be right: two wrong ones are more likely two words.
                if word and (word[0] == pair[0] or word[1] == pair[1]):
                    cut[i], cut[i + 1] = word[0], word[1]
        return "".join(cut)


def speller(names: Iterable[str], counts: Mapping[str, int]) -> Speller:
    """A speller from the names of guides and from pairs of characters with how often the guides use them."""
    pieces = {
        _sound(run[i : i + _NAME]): run[i : i + _NAME]
        for name in names
        for run in _RUN.findall(name)
        for i in range(len(run) - _NAME + 1)
    }
    best: dict[str, tuple[int, str]] = {}
    for pair, count in counts.items():
        if is_word(pair):
            best[_sound(pair)] = max(best.get(_sound(pair), (0, "")), (count, pair))
    return Speller(pieces, {sound: pair for sound, (_, pair) in best.items()}, frozenset(counts))


def _sound(characters: str) -> str:
    """Pinyin without tones, one syllable a character."""
    return " ".join(map(_syllable, characters))


@lru_cache(maxsize=10_000)
def _syllable(character: str) -> str:
    from pypinyin import Style, lazy_pinyin  # its phrases take a third of a second to load

    return str(lazy_pinyin(character, style=Style.NORMAL)[0])
