"""A site with guides withdrawn is the site that would be built without them, file by file."""

import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from selectolax.lexbor import LexborHTMLParser

from api.withdrawn import Absent, Gone, Withdrawals
from rag.access import Circle, Level
from rag.generation import Generation
from rag.guides import Library
from rag.record import readable_guides, record
from rag.site import build_site, write_tree, write_twins
from tests.library import guide, office, parsed, service

CIRCLE = Circle(Level.INTERNAL)
TODAY = date(2026, 11, 22)
SITE = "https://guide.example"
JOURNEYS = """
first-week:
  audience: public
  title: {zh: 头一个星期, en: Your first week}
  summary: {zh: 先领号牌再学规则, en: First the tag and then the rules}
  steps:
    - {guide: pub-tag, when: {zh: 先, en: First}, do: {zh: 领号牌, en: Get the tag}}
    - {guide: pub-rules, when: {zh: 再, en: Then}, do: {zh: 学规则, en: Learn the rules}}
second-week:
  audience: public
  title: {zh: 第二个星期, en: Your second week}
  summary: {zh: 学规则再上课, en: First the rules and then the course}
  steps:
    - {guide: pub-rules, when: {zh: 先, en: First}, do: {zh: 学规则, en: Learn the rules}}
    - {guide: pub-course, when: {zh: 再, en: Then}, do: {zh: 上课, en: Take the course}}
both-weeks:
  audience: public
  title: {zh: 两个星期, en: Two weeks}
  summary: {zh: 领号牌再上课, en: First the tag and then the course}
  steps:
    - {guide: pub-tag, when: {zh: 先, en: First}, do: {zh: 领号牌, en: Get the tag}}
    - {guide: pub-course, when: {zh: 再, en: Then}, do: {zh: 上课, en: Take the course}}
"""
WITHDRAWN = {
    "a service that everything leads to": {"pub-tag"},
    "the only guide of its audience and topic": {"org-fleet"},
    "a course": {"pub-course"},
    "all guides but one": {"pub-tag", "pub-rules", "pub-course", "org-fleet", "pub-post"},
    "a guide in one language": {"pub-post"},
}


def _library(root: Path) -> Library:
    """Guides that lead to each other in every way that a site knows."""
    quiz = [
        {"q": "先领什么", "options": ["号牌", "车"], "answer": 0, "source": "pub-tag#how"},
        {"q": "再学什么", "options": ["规则", "车"], "answer": 0, "source": "pub-rules#how"},
    ]
    course = {"framework": "F", "competences": ["安全"], "level": "basic", "minutes": 20, "quiz": quiz}
    prose = "## 说明 {#how}\n\n先[领号牌](pub-tag.md#how)，再看[规则](pub-rules.md)。\n\n- [领号牌](pub-tag.md)\n- 上车\n"
    found = []
    for lang in ("zh-Hans", "en"):
        named = {"lang": lang, "aliases": [f"alias {lang}"]}
        found += [
            parsed(service("pub-tag", related=["pub-plate"], supersedes=["pub-rules"], **named)),
            parsed(service("pub-plate", related=["pub-tag", "pub-rules"], **named), prose),
            parsed(guide("pub-rules", related=["pub-tag"], part_of=["pub-tag", "pub-course"], topic="规则", **named), prose),
            parsed(guide("pub-course", type="training", training=course, topic="课程", related=["pub-rules"], **named), prose),
            parsed(guide("org-fleet", level="members", topic="车队", **named)),
            parsed(guide("stf-audit", level="internal", related=["pub-tag", "org-fleet"], topic="盘点", **named), prose.replace("](", "](../../public/")),
        ]  # fmt: skip
    found.append(parsed(guide("pub-post", topic="邮寄")))
    root.mkdir()
    (root / "journeys.yml").write_text(JOURNEYS, encoding="utf-8")
    return replace(office(*found), root=root, site=SITE)


def _generation(library: Library, path: Path) -> Generation:
    """Site and records of one circle, as a build leaves them; no index is asked for."""
    folder = path / "circles" / CIRCLE.name
    folder.mkdir(parents=True)
    for lang, built in (("zh", folder / "site"), ("en", folder / "site" / "en")):
        shelf = write_tree(library, CIRCLE, lang, path / f"tree-{lang}", TODAY)
        build_site(path / f"tree-{lang}", lang, built)
        write_twins(shelf, built)
    own = readable_guides(library, CIRCLE)
    records = json.dumps([record(found, own) for found in own], ensure_ascii=False)
    (folder / "guides.json").write_text(records, encoding="utf-8")
    manifest = {"restricted": {}, "circles": [{"level": "internal", "restricted": []}]}
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Generation(path, manifest)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The office of these tests."""
    return _library(tmp_path_factory.mktemp("office") / "docs")


@pytest.fixture(scope="module")
def built(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Its site with every guide."""
    return _generation(library, tmp_path_factory.mktemp("all") / "g-all")


def _comparable(file: Path, data: bytes) -> Any:
    """Content without what two builds of one site may differ in: blanks between tags, and how a link is written."""
    if file.suffix == ".zip":
        with zipfile.ZipFile(BytesIO(data)) as packed:
            return {name: _comparable(Path(name), packed.read(name)) for name in packed.namelist()}
    if file.suffix != ".html":
        return data
    page = LexborHTMLParser(data.decode())
    for link in page.css("a[href], link[href]"):
        link.attrs["href"] = urljoin(f"http://site/{file}", link.attributes["href"] or "")
    return re.sub(r"\s+", "", (page.html or "").replace('=""', ""))


def _files(root: Path) -> set[Path]:
    return {file.relative_to(root) for file in root.rglob("*") if file.is_file()}


def _shown(withdrawals: Withdrawals, root: Path, gone: Gone) -> dict[Path, bytes]:
    shown = {}
    for file in _files(root):
        try:
            content = withdrawals.content(root, root / file, gone)
        except Absent:
            continue
        shown[file] = (root / file).read_bytes() if content is None else content
    return shown


@pytest.mark.parametrize("ids", WITHDRAWN.values(), ids=WITHDRAWN)
def test_the_site_is_as_if_built_without_them(
    library: Library, built: Generation, ids: set[str], tmp_path: Path
) -> None:
    """Every page, list, record, search entry, zip and text is what a build without the guides would hold."""
    without = _generation(library.without(ids), tmp_path / "g-less")
    withdrawals, root, wanted = Withdrawals(), built.site_folder(CIRCLE), without.site_folder(CIRCLE)
    gone = withdrawals.gone(built, CIRCLE, frozenset(ids))
    assert gone is not None
    shown = _shown(withdrawals, root, gone)
    assert set(shown) == _files(wanted) != _files(root)
    for file, data in shown.items():
        assert _comparable(file, data) == _comparable(file, (wanted / file).read_bytes()), file
    assert built.records(CIRCLE, frozenset(ids)) == without.records(CIRCLE)


def test_a_circle_without_the_guide_is_left_alone(built: Generation) -> None:
    """Where a circle never held the guide, nothing of its site changes, so nobody can tell that it is withdrawn."""
    assert Withdrawals().gone(built, CIRCLE, frozenset({"off-theft"})) is None


def test_a_file_of_an_unknown_kind_that_names_the_guide_is_absent(built: Generation, tmp_path: Path) -> None:
    """A list of a kind that this program does not know is not served while it names a withdrawn guide."""
    gone = Gone(frozenset({"pub-tag"}), frozenset({"/public/pub-tag/"}))
    (tmp_path / "feed.rss").write_text("<item>pub-tag</item>", encoding="utf-8")
    (tmp_path / "other.rss").write_text("<item>pub-rules</item>", encoding="utf-8")
    with pytest.raises(Absent):
        Withdrawals().content(tmp_path, tmp_path / "feed.rss", gone)
    assert Withdrawals().content(tmp_path, tmp_path / "other.rss", gone) is None
