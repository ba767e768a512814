"""Personal data in a text, however it is typed: digits full-width, spaced, hidden or said in Chinese numerals.

The screen masks it in what people ask; the rules refuse the plainest kinds in what offices publish.
"""

import re
from collections.abc import Iterable, Iterator

from rag import addresses
from rag.shadow import SPOKEN, TAKEN, shadow_of, spoken, widths
from rag.shapes import ANNOUNCED, ANNOUNCES, EMAIL, GAP, NUMBERS, PLATE, Personal, Shape

__all__ = ["Personal", "find", "replace", "widths"]

Span = tuple[int, int, Personal]
_SEVEN_DIGITS = re.compile(r"\d(?:\D{0,4}\d){6}")
_RUN = re.compile(f"(?:[{SPOKEN}\\d]{GAP}){{4,}}[{SPOKEN}\\d]")
_NUMERAL = re.compile(f"[{SPOKEN}]")
_SEVERAL = 4
_SAID_LONG = re.compile(f"(?:[{SPOKEN}\\d]{GAP}){{10,}}[{SPOKEN}\\d]")


def find(text: str) -> Iterator[tuple[Personal, str]]:
    """Each piece of personal data in a text, widths folded; a character belongs to one piece only."""
    shadow = shadow_of(text)
    for begin, end, kind in _spans(shadow):
        yield kind, shadow[begin:end]


def replace(text: str, names: dict[Personal, str]) -> str:
    """A text with each piece of personal data replaced by the name of its kind; the rest as it stands."""
    pieces: list[str] = []
    at = 0
    for begin, end, kind in _spans(shadow_of(text)):
        pieces += (text[at:begin], names[kind])
        at = end
    return "".join((*pieces, text[at:]))


def _spans(shadow: str) -> list[Span]:
    """Where personal data stands, in order; each shape sees only what those before it left."""
    found: list[Span] = []
    if "@" in shadow or "at" in shadow:
        shadow = _take(shadow, (EMAIL,), found)
    announces = bool(ANNOUNCES.search(shadow))
    if _SEVEN_DIGITS.search(shadow):
        shadow = _take(shadow, NUMBERS, found)
    shadow = _take(shadow, (*ANNOUNCED, PLATE) if announces else (PLATE,), found)
    if any(_NUMERAL.search(run[0]) for run in _RUN.finditer(shadow)):
        left = _take(spoken(shadow), (*NUMBERS, *ANNOUNCED) if announces else NUMBERS, found)
        shadow = "".join(TAKEN if b == TAKEN else a for a, b in zip(shadow, left, strict=True))
        shadow = _blank(shadow, list(_said_long(shadow)), found)
    _blank(shadow, [(*span, Personal.ADDRESS) for span in addresses.find(shadow)], found)
    return sorted(found)


def _take(shadow: str, shapes: Iterable[Shape], found: list[Span]) -> str:
    """The shadow without what is of these shapes, which goes to `found`."""
    for kind, pattern, length in shapes:
        spans: list[Span] = []
        for match in pattern.finditer(shadow):
            begin = match.start("value")
            size = length(match) if not spans or begin >= spans[-1][1] else 0
            if size:
                spans.append((begin, begin + size, kind))
        shadow = _blank(shadow, spans, found)
    return shadow


def _blank(shadow: str, spans: list[Span], found: list[Span]) -> str:
    """The shadow with these spans blanked out; they go to `found`."""
    pieces: list[str] = []
    at = 0
    for begin, end, _ in spans:
        pieces += (shadow[at:begin], TAKEN * (end - begin))
        at = end
    found += spans
    return "".join((*pieces, shadow[at:])) if spans else shadow


def _said_long(shadow: str) -> Iterator[Span]:
    """Eleven digits and more, some in Chinese numerals: only numbers of people are said so."""
    for match in _SAID_LONG.finditer(shadow):
        digits = [c for c in match[0] if c.isdigit() or c in SPOKEN]
        said = sum(c in SPOKEN for c in digits)
        if said >= _SEVERAL or (said and len(digits) == len(match[0])):
            yield *match.span(), Personal.MOBILE if len(digits) <= 14 else Personal.ID
