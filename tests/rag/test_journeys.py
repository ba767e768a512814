"""Journeys: read strictly, and shown only to those who may read every guide they lead through."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from rag.access import Circle, Level
from rag.guides import read_library
from rag.journeys import JOURNEYS, journey_problems, read_journeys
from rag.settings import ROOT
from rag.site import write_tree

CORPUS = ROOT / "tests" / "guides" / "library"
SAID = {"zh": "先借书", "en": "Borrow first"}


def _stop(guide: str, zh: str = "第1周", en: str = "Week 1") -> dict[str, object]:
    return {"guide": guide, "when": {"zh": zh, "en": en}, "do": SAID}


def _journey(*guides: str) -> dict[str, object]:
    return {"audience": "public", "title": SAID, "summary": SAID, "steps": [_stop(guide) for guide in guides]}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The library's guides with an open journey and one that leads through an internal guide."""
    folder = tmp_path / "docs"
    shutil.copytree(CORPUS, folder)
    _write(folder, {
        "first-visit": _journey("pub-borrow-books", "pub-lost-book"),
        "at-work": _journey("pub-borrow-books", "stf-shelving"),
    })  # fmt: skip
    return folder


def _write(docs: Path, journeys: object) -> None:
    # JSON is YAML, and names no value twice by reference.
    (docs / JOURNEYS).write_text(json.dumps(journeys, ensure_ascii=False, indent=1), encoding="utf-8")


def test_a_journey_is_shown_where_all_its_guides_are(docs: Path, tmp_path: Path) -> None:
    """The open site has the open journey alone, by page, card and search; the internal one has both."""
    library, _ = read_library(docs)
    for circle, shown in (
        (Circle(Level.OPEN), ["first-visit"]),
        (Circle(Level.INTERNAL), ["at-work", "first-visit"]),
    ):
        tree = tmp_path / circle.name
        write_tree(library, circle, "zh", tree)
        assert sorted(file.stem for file in (tree / "journeys").glob("*.md")) == shown
        everything = "".join(
            file.read_text(encoding="utf-8") for file in tree.rglob("*.*") if file.suffix in (".md", ".json")
        )
        assert ("at-work" in everything) is ("at-work" in shown)


def test_guides_name_the_journeys_they_are_part_of(docs: Path, tmp_path: Path) -> None:
    """A guide's page leads back to its journey."""
    library, _ = read_library(docs)
    write_tree(library, Circle(Level.OPEN), "en", tmp_path / "tree")
    front = yaml.safe_load(
        (tmp_path / "tree/public/pub-lost-book.md").read_text(encoding="utf-8").split("---")[1]
    )
    assert front["journeys"] == [{"title": "Borrow first", "url": "journeys/first-visit/"}]


def test_an_office_without_journeys_has_none(tmp_path: Path) -> None:
    """journeys.yml is not required."""
    shutil.copytree(CORPUS, tmp_path / "docs")
    library, _ = read_library(tmp_path / "docs")
    assert read_journeys(library) == ((), [])


@pytest.mark.parametrize(
    ("journey", "code"),
    [
        (_journey("pub-borrow-books", "pub-not-there"), "M06"),
        (_journey("pub-borrow-books"), "M01"),
        (_journey("pub-borrow-books", "pub-lost-book") | {"level": "open"}, "M01"),
        (_journey("pub-borrow-books", "pub-lost-book") | {"title": {"zh": "两种"}}, "M01"),
        (
            _journey("pub-borrow-books")
            | {"steps": [_stop("pub-borrow-books"), _stop("pub-lost-book", "第2周")]},
            "M20",
        ),
    ],
)
def test_wrong_journeys_are_named_with_file_and_line(docs: Path, journey: object, code: str) -> None:
    """A guide that is not there, a missing or unknown field and differing numbers are found in journeys.yml."""
    _write(docs, {"first-visit": journey})
    found = journey_problems(read_library(docs)[0])
    assert {problem.code for problem in found} == {code}
    assert all(str(problem.path) == "journeys.yml" and problem.line >= 1 for problem in found)


def test_journeys_of_this_repository_hold(tmp_path: Path) -> None:
    """Every journey of docs/ names guides that exist, and each audience with open guides is led somewhere."""
    library, _ = read_library(ROOT / "docs")
    assert journey_problems(library) == []
    journeys = read_journeys(library)[0]
    assert {journey.entry.audience for journey in journeys} >= {"public", "organisations", "staff"}
