"""M07, M20: both languages agree and point at each other."""

import os
from pathlib import Path
from typing import Any

import pytest

from rag.checks import check
from tests.library import TODAY, guide, line_of, said, write_guide, write_office
from tests.rag.rules.cases import LAW, STEPS

CASES = ()
_EN = {
    "lang": "en", "title": "Theft", "summary": "What to do.", "maintainer": "Editor", "reviewer": "Reviewer",
    "steps": [s | {"actor": "You", "action": "Go", "where": "Here"} for s in STEPS],
    "translations": {"zh-Hans": {"path": "zh/leaders/off-theft.md", "source_version": 1}},
}  # fmt: skip
_ZH = {"steps": STEPS, "translations": {"en": {"path": "en/leaders/off-theft.md", "source_version": 1}}}


def _both(root: Path, both: dict[str, Any], zh: dict[str, Any], en: dict[str, Any]) -> Path:
    """Write both languages into the folder of the open level; returns the path of the English one."""
    base = {"level_setter": "定级岗"}
    write_guide(root, guide("off-theft", **base | _ZH | both | zh), "话。\n", at="zh/leaders/off-theft.md")
    return write_guide(
        root,
        guide("off-theft", **base | _EN | {"level_setter": "Level post"} | both | en),
        "Text.\n",
        at="en/leaders/off-theft.md",
    )


_FACTS = {"answer_facts": [{"key": "a", "value": 3, "quote": "x"}]}


@pytest.mark.parametrize(
    ("zh", "en", "code", "line_start"),
    [
        ({"level": "internal"}, {"level": "open"}, "M07", "level:"),
        ({"level": "restricted", "readers": ["a"]}, {"level": "restricted", "readers": ["b"]}, "M07", "level:"),
        ({"summary": "15日办好。"}, {"summary": "16 days."}, "M20", "id:"),
        ({"summary": "1,500元。"}, {"summary": "1,501 yuan."}, "M20", "id:"),
        ({"summary": "1日，1日。"}, {"summary": "1 day."}, "M20", "id:"),
        ({}, {"steps": _EN["steps"][:1]}, "M20", "steps:"),
        ({"related": ["off-theft"]}, {"related": []}, "M20", "related:"),
        ({"serves": ["S1", "S2"]}, {"serves": ["S1"]}, "M20", "serves:"),
        ({"contact": {"phone": "1"}}, {"contact": {"phone": "2"}}, "M20", "contact:"),
        ({"deadlines": [{"name": "甲", "n": 3, "unit": "day"}]}, {"deadlines": [{"name": "A", "n": 3, "unit": "hour"}]}, "M20", '- {"name"'),
        ({"faq": [{"q": "甲？", "a": "乙。"}]}, {"faq": []}, "M20", "faq:"),
        ({"legal_basis": [LAW]}, {"legal_basis": [LAW | {"article": "Article 4"}]}, "M20", '- {"name"'),
        ({"valid_from": "2026-01-01"}, {"valid_from": "2026-01-02"}, "M20", "valid_from:"),
        ({"topic": "自行车"}, {"topic": "Bicycles"}, "M20", "topic:"),
        ({}, {"translations": {}}, "M20", "translations:"),
        ({}, {"translations": {"zh-Hans": {"path": "zh/leaders/off-other.md", "source_version": 1}}}, "M20", "translations:"),
        ({}, {"translations": {"zh-Hans": {"path": "en/leaders/off-theft.md", "source_version": 1}}}, "M20", "translations:"),
        ({}, {"translations": {"zh-Hans": {"path": "zh/leaders/off-theft.md", "source_version": 2}}}, "M20", "translations:"),
    ],
)  # fmt: skip
def test_translations_say_the_same(
    tmp_path: Path, zh: dict[str, Any], en: dict[str, Any], code: str, line_start: str
) -> None:
    """Two languages share readers, numbers, ids, steps and facts; the second is named at the field that differs."""
    root = write_office(tmp_path)
    path = _both(root, {}, zh, en)
    assert (code, str(path), line_of(root, path, line_start)) in said(root)
    if code == "M20":
        assert {p.code for p in check(root, TODAY)} <= {"M20", "M18"}


def test_two_languages_that_agree_have_no_problem(tmp_path: Path) -> None:
    """Numbers in digits, ids and paths agree; words may differ."""
    root = write_office(tmp_path)
    _both(root, {"serves": ["S1", "S2"]}, {"summary": "15日办好。"}, {"summary": "Done in 15 days."})
    assert said(root) == []


def test_an_older_translation_is_a_warning(tmp_path: Path) -> None:
    """The page says that it is older than its source; a new version of the translation ends that."""
    root = write_office(tmp_path)
    newer = {"version": 2, "change_note": "改了时限"}
    path = _both(root, {}, newer, {})
    assert [(p.code, p.warning, p.line) for p in check(root, TODAY)] == [
        ("M20", True, line_of(root, path, "translations:"))
    ]
    sources = {"zh-Hans": {"path": "zh/leaders/off-theft.md", "source_version": 2}}
    _both(root, {}, newer, {"version": 2, "change_note": "Limits", "translations": sources})
    assert said(root) == []


def test_a_translation_that_is_gone_is_named(tmp_path: Path) -> None:
    """The path of a translation leads to a file of the same guide."""
    root = write_office(tmp_path)
    os.remove(root / _both(root, {}, {}, {}))
    path = Path("zh/leaders/off-theft.md")
    assert said(root) == [("M20", str(path), line_of(root, path, "translations:"))]


def test_a_translation_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    """A broken file is its own problem; the other language is not blamed for it."""
    root = write_office(tmp_path)
    path = _both(root, {}, {}, {})
    (root / path).write_text("---\nid: [\n---\n", encoding="utf-8")
    assert {(code, at) for code, at, _ in said(root)} == {("M01", str(path))}
