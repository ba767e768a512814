"""Typing errors: words of the guides with one character that only sounds right, or letters out of order.

People type by pinyin and pick a wrong character (素求 for 诉求). A run of Chinese is read as the likeliest row of
words; a word of the guides may be read where one character differs but sounds alike, at a price that keeps
what people meant from being mended. English words that nobody knows become the known word one slip away.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase

from rag.sounds import confused_with, syllable, syllables
from rag.text import HAN, frequency, precise_words

_RUN = re.compile(f"[{HAN}]{{2,}}")
_FIXED = frozenset("〇零一二三四五六七八九十百千万两几不没无非未别勿")
"""Numerals and negations: another one would ask something else."""
_LONGEST = 4
"""Characters of a word that is looked for."""
_PIECE = 3
"""Characters of a piece of a name, which need not be a word."""
_COMMON = 5e-4
"""Share above which a word is an everyday one that nobody gets wrong, and that much else sounds like."""
_SAME, _NEAR = 7.0, 9.0
"""Price of reading a character as another of the same sound, and of a sound often confused with it.

These prices and shares are negative logarithms; they were tried on the case files with seeded typing errors.
"""
_IS_WORD = 2.0
"""Price of reading a word of the dictionary as another one."""
_RARE = 1e-9
"""Share of a character that the dictionary lacks."""
_SMOOTHING = 2_000
"""Words that guides are thought to hold besides those counted, so that few guides do not outweigh everyday Chinese."""
_WORD = re.compile(r"(?<![\w'’@./-])[a-z]{4,}(?![\w'’@/-])")
"""An English word in lower case; names, ids and addresses are none."""
_LONG = 6
"""Letters of an English word in which one may have been left out."""


@dataclass(frozen=True)
class Speller:
    """The words of the guides with the share of each, and by what each is with one character hidden."""

    shares: Mapping[str, float]
    hidden: Mapping[str, tuple[str, ...]]
    english: frozenset[str]

    def correct(self, text: str) -> str:
        """The text with mistyped characters replaced; Simplified Chinese is expected."""
        mended = _RUN.sub(lambda run: self._likeliest(run[0]), text)
        return _WORD.sub(lambda word: self._english(word[0]), mended) if self.english else mended

    def _english(self, typed: str) -> str:
        """A word that the guides lack as the only one of theirs that a slip of the hand makes it of."""
        if typed in self.english:
            return typed
        meant = {word for word in _slips(typed) if word in self.english}
        return meant.pop() if len(meant) == 1 else typed

    def _likeliest(self, run: str) -> str:
        """The run as its likeliest row of words."""
        best: list[tuple[float, str]] = [(0.0, "")]
        for end in range(1, len(run) + 1):
            ways = []
            for start in range(max(0, end - _LONGEST), end):
                cost, before = best[start]
                ways += [(cost + price, before + word) for price, word in self._readings(run[start:end])]
            best.append(min(ways))
        return best[-1][1]

    def _readings(self, typed: str) -> list[tuple[float, str]]:
        """What a piece of a run may be, each with its price: itself, or a word of the guides."""
        share = (frequency(typed) + self.shares.get(typed, 0)) / 2
        found = [(-math.log(share or _RARE), typed)] if share or len(typed) == 1 else []
        extra = _IS_WORD if len(typed) > 1 and frequency(typed) else 0.0
        for i in range(len(typed) if len(typed) > 1 else 0):
            if typed[i] in _FIXED:
                continue
            for word in self.hidden.get(f"{typed[:i]}_{typed[i + 1 :]}", ()):
                if word != typed and word[i] not in _FIXED and (price := _mishearing(typed[i], word, i)):
                    found.append((extra + price - math.log((frequency(word) + self.shares[word]) / 2), word))
        return found


def _slips(typed: str) -> Iterator[str]:
    """Words of which a slip makes the typed one: two letters swapped, one doubled, one left out of a long word.

    Other letters too many or wrong make real words of real words (mother, other) too often.
    """
    for i in range(1, len(typed)):
        yield typed[: i - 1] + typed[i] + typed[i - 1] + typed[i + 1 :]
        if typed[i] == typed[i - 1]:
            yield typed[:i] + typed[i + 1 :]
        if len(typed) >= _LONG:
            yield from (typed[:i] + letter + typed[i:] for letter in ascii_lowercase)


def _mishearing(typed: str, word: str, i: int) -> float | None:
    """The price of reading a typed character as the one of a word; None if they sound different."""
    meant, heard = _sounds(word)[i], syllable(typed)
    if heard == meant or heard == syllable(word[i]):
        return _SAME
    return _NEAR if heard in confused_with(meant) else None


@cache
def _sounds(word: str) -> tuple[str, ...]:
    return syllables(word)


def speller(names: Iterable[str], counts: Mapping[str, int], texts: Iterable[str] = ()) -> Speller:
    """A speller from the names of guides, pairs of characters with how often the guides use them, and
    English texts of the guides. Names may be a Counter: each is taken as often as it says."""
    words = Counter({pair: count for pair, count in counts.items() if frequency(pair)})
    for name, times in Counter(names).items():
        for run in _RUN.findall(name):
            pieces = [word for word in precise_words(run) if 1 < len(word) <= _LONGEST]
            pieces += [run[i : i + _PIECE] for i in range(len(run) - _PIECE + 1)]
            words.update({piece: times * count for piece, count in Counter(pieces).items()})
    hidden: dict[str, list[str]] = defaultdict(list)
    for word in words:
        for i in range(len(word) if frequency(word) <= _COMMON else 0):
            hidden[f"{word[:i]}_{word[i + 1 :]}"].append(word)
    total = sum(words.values()) + _SMOOTHING
    shares = {word: count / total for word, count in words.items()}
    english = frozenset(word for text in texts for word in re.findall("[a-z]+", text.lower()))
    return Speller(shares, {key: tuple(found) for key, found in hidden.items()}, english)
