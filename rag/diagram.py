"""A process as a drawing: boxes from top to bottom, what the reader does on the left, what offices do on the right.

Drawn from the `steps` of a guide or journey when the site is built, never by hand. The SVG holds no style of its
own: docs/assets/zhinan.css colours it, so it follows dark mode, contrast and large print. The same steps stand
as a list beside it; its title and description say them once more to screen readers.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from rag.guides import Guide

_WIDTH = 360
_GAP = 12
_BETWEEN = 26
_PAD = 9
_SIZE = 12
_LINE = 17


@dataclass(frozen=True)
class Box:
    """One step: its lane (0 left, 1 right), who or when, what, and a limit or nothing."""

    lane: int
    head: str
    text: str
    tag: str = ""


@dataclass(frozen=True)
class _Placed:
    """A box with its lines and its place in the drawing, in units of the view box."""

    box: Box
    lines: tuple[tuple[str, str], ...]
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE + 2 * _PAD

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def steps_diagram(guide: Guide) -> str:
    """The drawing of a guide's steps, or '' where it has none."""
    steps = guide.meta.steps
    if not steps:
        return ""
    reader = steps[0].actor
    boxes = [
        Box(int(step.actor != reader), f"{step.n} {step.actor}", step.action, step.limit or "")
        for step in steps
    ]
    title = f"{guide.meta.title}：流程图" if guide.lang == "zh" else f"{guide.meta.title}: process diagram"
    return flow(boxes, title)


def flow(boxes: Sequence[Box], title: str) -> str:
    """Boxes and arrows as one inline SVG element; all boxes full width where only one lane is used."""
    lanes = len({box.lane for box in boxes})
    placed = list(_placed(boxes, lanes))
    height = placed[-1].y + placed[-1].height + 2
    said = " ".join(f"{box.head}: {box.text}{f' ({box.tag})' if box.tag else ''}." for box in boxes)
    parts = [
        f'<svg class="zn-flow" role="img" viewBox="0 0 {_WIDTH} {height:g}" xmlns="http://www.w3.org/2000/svg"'
        f' aria-label="{escape(title)}"><desc>{escape(said)}</desc>',
        *(_arrow(one, other) for one, other in pairwise(placed)),
        *(_drawn(one) for one in placed),
        "</svg>",
    ]
    return "".join(parts)


def _placed(boxes: Sequence[Box], lanes: int) -> Iterator[_Placed]:
    width = (_WIDTH - _GAP * (lanes - 1) - 2) / lanes
    y = 1.0
    for box in boxes:
        lane = box.lane if lanes > 1 else 0
        lines = [
            *(("head", line) for line in wrapped(box.head, width - 2 * _PAD, bold=True)),
            *(("text", line) for line in wrapped(box.text, width - 2 * _PAD)),
            *(("tag", line) for line in wrapped(box.tag, width - 2 * _PAD, bold=True)),
        ]
        one = _Placed(box, tuple(lines), 1 + lane * (width + _GAP), y, width)
        yield one
        y += one.height + _BETWEEN


def _drawn(one: _Placed) -> str:
    side = " zn-flow__box--office" if one.box.lane else ""
    rows = "".join(
        f'<text class="zn-flow__{kind}" x="{one.x + _PAD:g}" y="{one.y + _PAD + _LINE * n + _SIZE:g}">{escape(line)}</text>'
        for n, (kind, line) in enumerate(one.lines)
    )
    frame = f'x="{one.x:g}" y="{one.y:g}" width="{one.width:g}" height="{one.height:g}" rx="3"'
    return f'<rect class="zn-flow__box{side}" {frame}/>{rows}'


def _arrow(one: _Placed, other: _Placed) -> str:
    """A line from the foot of one box to the head of the next, with a bend where the lane changes."""
    start, end = one.y + one.height, other.y - 1
    bend = start + _BETWEEN / 2 - 4
    tip = f"M{other.middle - 4:g} {end - 6:g}L{other.middle:g} {end:g}L{other.middle + 4:g} {end - 6:g}"
    path = f"M{one.middle:g} {start:g}V{bend:g}H{other.middle:g}V{end:g}"
    return f'<path class="zn-flow__line" d="{path}{tip}"/>'


def wrapped(text: str, width: float, bold: bool = False) -> list[str]:
    """Text in lines no wider than `width`: broken between words, or between any two Chinese characters."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and _length(line + piece.rstrip(), bold) > width and not _closes(piece):
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> Iterator[str]:
    """Unbreakable pieces of a text: a wide character, or a run of narrow ones with its blank."""
    run = ""
    for char in text:
        if _wide(char):
            if run:
                yield run
            yield char
            run = ""
        else:
            run += char
            if char == " ":
                yield run
                run = ""
    if run:
        yield run


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _closes(piece: str) -> bool:
    """Punctuation that may not begin a line (GB/T 15834)."""
    return len(piece) == 1 and piece in "，。、；：？！）》”’"


def _length(text: str, bold: bool) -> float:
    """Width of a text, estimated: fonts differ, so a narrow letter counts a little more than it needs."""
    narrow = 0.62 if bold else 0.56
    return sum(
        _SIZE if _wide(char) else _SIZE * (narrow if char.islower() or char in " .,:;'" else 0.68)
        for char in text
    )
