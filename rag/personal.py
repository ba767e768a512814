"""Personal data by its shape: identity numbers, mobiles, bank cards and mail addresses, however they are typed.

The screen masks them in what people ask; the rules refuse them in what offices publish.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial

from rag.text import normalise


class Personal(StrEnum):
    """Kinds of personal data known by their shape."""

    ID = "id"
    MOBILE = "mobile"
    CARD = "card"
    EMAIL = "email"


_GAP = "[^\\S\\n]?[\\-‐-―－·]?[^\\S\\n]?"
_ID_CARD = re.compile(rf"(?<!\d)(?:\d{_GAP}){{17}}[\dXx](?![\dA-Za-z])")
_MOBILE = re.compile(rf"(?<!\d)(?:(?:[+＋]|00)?86[)）]?{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_CARD = re.compile(rf"(?<![\d〔\-])(?:\d{_GAP}){{15,18}}\d(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9_.+\-]+[@＠][A-Za-z0-9\-]+(?:[.．][A-Za-z0-9\-]+)+")
_NARROW = {code: normalise(chr(code)) for code in range(0xFF01, 0xFF5F) if chr(code).isalnum()}
_ANY = re.compile(r"\d{2}|\d\D\d|[@＠]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def find(text: str) -> Iterator[tuple[Personal, str]]:
    """Each piece of personal data in a text; a digit belongs to one piece only."""
    taken: list[tuple[int, int]] = []
    folded = widths(text)
    for kind, pattern, is_real in _kinds() if _ANY.search(folded) else ():
        for found in pattern.finditer(folded):
            free = all(found.end() <= begin or end <= found.start() for begin, end in taken)
            if free and is_real(found[0]):
                taken.append(found.span())
                yield kind, found[0]


def replace(text: str, names: dict[Personal, str]) -> str:
    """A text, its widths folded, with each piece of personal data replaced by the name of its kind."""
    folded = widths(text)
    for kind, pattern, is_real in _kinds():
        folded = pattern.sub(partial(_named, names[kind], is_real), folded)
    return folded


def widths(text: str) -> str:
    """Full-width digits and letters as ASCII; everything else as it stands."""
    return text.translate(_NARROW)


def _kinds() -> tuple[tuple[Personal, re.Pattern[str], Callable[[str], bool]], ...]:
    """Kinds in the order in which they claim their digits."""
    return (
        (Personal.ID, _ID_CARD, _is_id),
        (Personal.MOBILE, _MOBILE, lambda found: True),
        (Personal.CARD, _CARD, _luhn),
        (Personal.EMAIL, _EMAIL, lambda found: True),
    )


def _named(name: str, is_real: Callable[[str], bool], found: re.Match[str]) -> str:
    return name if is_real(found[0]) else found[0]


def _is_id(found: str) -> bool:
    """By birth date or by checksum (GB 11643): a mistyped number is still somebody's."""
    digits = re.sub(r"[^\dXx]", "", found).upper()
    month, day = int(digits[10:12]), int(digits[12:14])
    born = digits[6:8] in ("19", "20") and 1 <= month <= 12 and 1 <= day <= 31
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return born or "10X98765432"[total % 11] == digits[17]


def _luhn(found: str) -> bool:
    digits = [int(d) for d in re.sub(r"\D", "", found)][::-1]
    return sum(sum(divmod(d * 2, 10)) if i % 2 else d for i, d in enumerate(digits)) % 10 == 0
