"""The detector: whether a text shows anything of a guide that its reader may not know of.

It has its own folding, so that a fault in the product's is not shared.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from opencc import OpenCC

from tests.leak.office import Subject

_BETWEEN = re.compile(r"(?<=\d)[\s,_']{1,3}(?=\d)")


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """Letters, digits and Chinese characters alone: one width, one case, Simplified, nothing between them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in str(_to_simplified().convert(plain)) if c.isalnum())


@lru_cache(maxsize=4096)
def figures(text: str) -> frozenset[str]:
    """Whole numbers of a text, however wide or grouped."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    # As they stand too: closing up may join an amount to the number beside it.
    return frozenset(re.findall(r"\d+", plain) + re.findall(r"\d+", _BETWEEN.sub("", plain)))


class Marks:
    """What betrays a set of guides."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        own = list(subjects)
        self._words = {words(mark): subject.id for subject in own for mark in subject.marks}
        self._figures = {str(subject.amount): subject.id for subject in own}

    def shown(self, text: str, brought: str = "") -> list[str]:
        """Marks in a text that the reader did not bring along himself."""
        said, sent = words(text), words(brought)
        found = [mark for mark in self._words if mark in said and mark not in sent]
        numbers = figures(text) & self._figures.keys()
        return found + sorted(numbers - figures(brought) if numbers else ())
