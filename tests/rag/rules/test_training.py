"""M25: courses without games, quiz items that can be looked up."""

from pathlib import Path
from typing import Any

import pytest

from tests.library import guide, line_of, said, write_guide, write_office
from tests.rag.rules.cases import COURSE, QUIZ, Case


def _course(*quiz: dict[str, Any]) -> dict[str, Any]:
    return {"type": "training", "training": COURSE | {"quiz": list(quiz)}}


def _text(bad: str, good: str, lang: str = "zh") -> Case:
    return Case(
        "M25", bad, _course(), _course(), f"话。\n\n{bad}\n", f"话。\n\n{good}\n", base="guide", lang=lang
    )


CASES = (
    Case("M25", "training:", _course(QUIZ | {"explanation": None}), _course(QUIZ), base="guide"),
    Case("M25", "training:", _course(QUIZ | {"source": None}), base="guide"),
    Case("M25", "training:", _course(QUIZ | {"source": "pub-bike-tag#gone"}), base="guide"),
    Case("M25", "training:", _course(QUIZ | {"source": "pub-nothing#how"}), base="guide"),
    _text("每日打卡得积分。", "课程不打卡、不积分、不排名。"),
    _text("不打卡，有积分。", "没有打卡、积分和在线时长要求。"),
    _text("不仅打卡还排名。", "学习不计在线时长，也不排名。"),
    _text("Learners earn points for each lesson.", "There are no check-ins, no points and no ranking.", "en"),
    _text("A leader board shows the best.", "The key points are listed below.", "en"),
)  # fmt: skip


def test_a_source_is_a_section_that_the_reader_may_open(tmp_path: Path) -> None:
    """An open course may not send its readers to an internal guide; an internal course may."""
    root = write_office(tmp_path)
    write_guide(root, guide("stf-audit", "internal"))
    item = QUIZ | {"source": "stf-audit#how"}
    path = write_guide(root, guide("pub-course", **_course(item)))
    assert ("M25", str(path), line_of(root, path, "training:")) in said(root)
    (root / path).unlink()
    write_guide(root, guide("stf-course", "internal", **_course(item)))
    assert said(root) == []


@pytest.mark.parametrize("type_", ["how-to", "policy"])
def test_only_courses_are_asked(tmp_path: Path, type_: str) -> None:
    """A guide of another type may speak of ranking, say to forbid it at length."""
    root = write_office(tmp_path)
    write_guide(root, guide(type=type_), "看板上的排名只用于单位。\n")
    assert "M25" not in {code for code, *_ in said(root)}
