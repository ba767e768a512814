"""Process drawings: nothing leaves its box or the picture, and all of it can be read without seeing it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.diagram import Box, flow, steps_diagram, wrapped
from rag.guides import read_library
from rag.settings import ROOT

_SVG = "{http://www.w3.org/2000/svg}"
_WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60
)
_BOXES = st.lists(
    st.builds(Box, st.integers(0, 1), _WORDS, _WORDS, st.one_of(st.just(""), _WORDS)), min_size=1, max_size=9
)


def _guides(root: Path) -> list[object]:
    return [guide for guide in read_library(root)[0].guides if guide.meta.steps]


@given(_BOXES)
def test_every_drawing_is_sound_xml_and_boxes_never_overlap(boxes: list[Box]) -> None:
    """Whatever the words, the drawing parses and each box begins below the one before it, inside the picture."""
    drawn = ElementTree.fromstring(flow(boxes, "x"))
    height = float(drawn.attrib["viewBox"].split()[3])
    frames = [rect.attrib for rect in drawn.iter(f"{_SVG}rect")]
    assert len(frames) == len(boxes)
    foot = 0.0
    for frame in frames:
        assert float(frame["y"]) >= foot
        foot = float(frame["y"]) + float(frame["height"])
        assert float(frame["x"]) >= 0 and float(frame["x"]) + float(frame["width"]) <= 360
    assert foot <= height


@given(_BOXES)
def test_words_of_every_box_are_drawn_and_described(boxes: list[Box]) -> None:
    """No word is lost: the lines of a drawing hold all text, and its description says it for screen readers."""
    drawn = ElementTree.fromstring(flow(boxes, "x"))
    bare = lambda text: re.sub(r"\s", "", text)  # noqa: E731
    shown = bare("".join(text.text or "" for text in drawn.iter(f"{_SVG}text")))
    assert shown == bare("".join(box.head + box.text + box.tag for box in boxes))
    said = bare(drawn.findtext(f"{_SVG}desc") or "")
    assert all(bare(box.text) in said for box in boxes)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("提交身份证、相片和证明", ["提交身份证、", "相片和证明"]),
        ("提交身份证明书、相片", ["提交身份证明", "书、相片"]),
        ("apply at the counter", ["apply at", "the", "counter"]),
    ],
)
def test_lines_break_between_words_and_never_before_punctuation(text: str, lines: list[str]) -> None:
    """Chinese breaks anywhere but before a comma, English between words."""
    assert wrapped(text, 72 if text[0] > "z" else 60) == lines


def test_the_reader_stands_on_the_left_and_offices_on_the_right() -> None:
    """Steps of the first actor share the left column; all others are drawn to the right of it."""
    guides = _guides(ROOT / "tests" / "guides" / "library")
    guide = next(g for g in guides if len({step.actor for step in g.meta.steps}) > 1)
    drawn = ElementTree.fromstring(steps_diagram(guide))
    left = [float(rect.attrib["x"]) < 100 for rect in drawn.iter(f"{_SVG}rect")]
    assert left == [step.actor == guide.meta.steps[0].actor for step in guide.meta.steps]


def test_every_guide_with_steps_of_this_repository_can_be_drawn() -> None:
    """Each drawing has as many boxes as the guide has steps, a name and no style of its own."""
    for guide in _guides(ROOT / "docs"):
        svg = steps_diagram(guide)
        assert svg.count("<rect") == len(guide.meta.steps)
        assert f'aria-label="{guide.meta.title}' in svg
        assert "style" not in svg and "<script" not in svg
