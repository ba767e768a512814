"""The door to the rules: order, both languages, and a folder that is broken in parts. Rules: tests/rag/rules."""

from pathlib import Path

import pytest

from rag.checks import check, errors
from rag.guides import read_library
from rag.settings import ROOT
from tests.library import TODAY, guide, line_of, said, text_of, write_file, write_guide, write_office


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an office and shared values, without guides."""
    return write_office(tmp_path)


def test_problems_come_in_file_and_line_order_with_both_languages(root: Path) -> None:
    """Reports are sorted by file and line, and each says what and how in Chinese and English."""
    write_guide(root, guide("pub-b", owner_unit="nobody", reviewer="编辑岗"))
    write_guide(root, guide("pub-a", owner_unit="nobody"))
    found = check(root, TODAY)
    assert [p.line for p in found] == [line for _, line in sorted((str(p.path), p.line) for p in found)]
    assert len(found) == 3
    assert all(p.zh and p.en and p.fix_zh and p.fix_en for p in found)


def test_warnings_stop_nothing(root: Path) -> None:
    """A title that is too short is named and is no error."""
    write_guide(root, guide(title="号牌"))
    found = check(root, TODAY)
    assert [p.code for p in found] == ["M19"]
    assert errors(found) == []


def test_an_empty_folder_has_one_problem(tmp_path: Path) -> None:
    """A folder that is none, or is empty, lacks its offices and nothing fails."""
    assert said(tmp_path) == said(tmp_path / "nowhere") == [("M17", "units.yml", 1)]


def test_a_broken_guide_hides_no_other(root: Path) -> None:
    """One unreadable guide is left out, and the rest are still checked."""
    write_file(root, Path("zh/public/pub-bad.md"), text_of(guide("pub-bad")).replace("level:", "livel:"))
    path = write_guide(root, guide(owner_unit="nobody"))
    assert ("M17", str(path), line_of(root, path, "owner_unit:")) in said(root)


def test_the_guides_of_this_repository_are_clean() -> None:
    """The published guides pass without an error, and each is there in Chinese and in English."""
    assert errors(check(ROOT / "docs")) == []
    library, _ = read_library(ROOT / "docs")
    places = {lang: {g.path.parts[1:] for g in library.guides if g.lang == lang} for lang in ("zh", "en")}
    assert places["zh"] == places["en"] != set()
