"""The shadow of a text: as many characters, each that looks like an ASCII one as that one.

Whoever looks for numbers looks there, and a place in the shadow is the same place in the text.
"""

import unicodedata
from functools import cache

from rag.text import INVISIBLE

HIDDEN = "\u200b"
"""Stands for every character that cannot be seen."""
TAKEN = "\x01"
"""Blanks out what was found; no shadow holds it, since it cannot be seen."""
SPOKEN = "〇零○一二三四五六七八九幺么壹贰貳弍叁叄參肆伍陆陸柒捌玖两兩"
"""Chinese numerals of single digits, as people say a number digit by digit."""
_SPOKEN_DIGITS = str.maketrans(SPOKEN, "000123456789111222333456678922")
_NARROW = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F) if chr(code).isalnum()
}
_PLAIN = "@.-+_()"


def widths(text: str) -> str:
    """Full-width digits and letters as ASCII; everything else as it stands."""
    return text.translate(_NARROW)


def shadow_of(text: str) -> str:
    """The shadow of a text: full-width, mathematical, circled and foreign digits become ASCII digits."""
    return text if text.isascii() and text.isprintable() else text.translate(_looks())


def spoken(shadow: str) -> str:
    """A shadow whose Chinese numerals are digits too: 一三八 is 138."""
    return shadow.translate(_SPOKEN_DIGITS)


@cache
def _looks() -> dict[int, str]:
    blocks = (range(0x80, 0x3400), range(0xA620, 0xAC00), range(0xFE00, 0x10000), range(0x1D400, 0x1D800),
              range(0x1F100, 0x1F170))  # fmt: skip
    table: dict[int, str] = {}
    for code in (code for block in blocks for code in block):
        digit = unicodedata.digit(chr(code), None)
        plain = unicodedata.normalize("NFKC", chr(code)) if digit is None else str(digit)
        if len(plain) == 1 and plain.isascii() and (plain.isalnum() or plain in _PLAIN):
            table[code] = plain
    unseen = (range(0x3400), range(0xFE00, 0x10000), range(0xE0000, 0xE1000))
    return table | {code: HIDDEN for block in unseen for code in block if INVISIBLE.match(chr(code))}
