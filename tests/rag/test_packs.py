"""The print page and the offline zip: complete, readable without a server, and never above their circle."""

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rag.access import Circle, Level
from rag.guides import Library, read_library
from rag.packs import OFFLINE, offline, write_packs
from rag.settings import ROOT
from rag.site import build_site, write_tree


class _Ids(HTMLParser):
    """Ids and links of a page."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag carries."""
        held = dict(attrs)
        self.ids += [held["id"] or ""] if "id" in held else []
        self.links += [held["href"] or ""] if "href" in held else []


@pytest.fixture(scope="module")
def library() -> Library:
    """The guides of a university library."""
    return read_library(ROOT / "tests" / "guides" / "library")[0]


@pytest.fixture(scope="module")
def sites(library: Library, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The Chinese site of the open and of the internal circle."""
    found = {}
    for level in (Level.OPEN, Level.INTERNAL):
        folder = tmp_path_factory.mktemp(level.value)
        write_tree(library, Circle(level), "zh", folder / "tree")
        build_site(folder / "tree", "zh", folder / "site")
        found[level.value] = folder / "site"
    return found


def _print_page(site: Path) -> str:
    return (site / "print" / "index.html").read_text(encoding="utf-8")


def test_the_print_page_holds_every_guide_of_its_circle_and_no_other(
    library: Library, sites: dict[str, Path]
) -> None:
    """Titles of open guides are on the open page, internal ones on the internal page alone."""
    pages = {level: _print_page(site) for level, site in sites.items()}
    for guide in library.guides:
        if guide.lang == "zh" and guide.meta.level in (Level.OPEN, Level.INTERNAL):
            assert f'id="{guide.id}"' in pages["internal"]
            assert (f'id="{guide.id}"' in pages["open"]) is (guide.meta.level is Level.OPEN)


def test_print_anchors_are_unique_and_links_lead_somewhere(sites: dict[str, Path]) -> None:
    """Guides on one page do not share an anchor, and a link within the page has its target there."""
    page = _Ids(_print_page(sites["internal"]))
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#") and link != "#"} <= set(page.ids)


def test_the_print_page_has_one_heading_above_all_guides(sites: dict[str, Path]) -> None:
    """A guide's title is one level below the page's, so the outline stays true."""
    assert len(re.findall(r"<h1[\s>]", _print_page(sites["open"]))) == 1


def test_the_zip_reads_without_a_server(sites: dict[str, Path], tmp_path: Path) -> None:
    """Every link of every page names a file of the zip, and no page asks for scripts."""
    with zipfile.ZipFile(sites["internal"] / OFFLINE) as packed:
        packed.extractall(tmp_path)
    pages = sorted((tmp_path / "guides-zh").rglob("*.html"))
    assert len(pages) > 8
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "<script" not in html
        for link in _Ids(html).links:
            if not re.match(r"[a-z]+:|#", link):
                assert (page.parent / link.partition("#")[0]).is_file(), (page, link)


def test_the_zip_of_a_circle_holds_nothing_above_it(library: Library, sites: dict[str, Path]) -> None:
    """No byte of the open zip shows the id or title of a higher guide."""
    with zipfile.ZipFile(sites["open"] / OFFLINE) as packed:
        text = "\n".join(packed.namelist()) + "".join(
            packed.read(name).decode("utf-8")
            for name in packed.namelist()
            if name.endswith((".html", ".css", ".svg"))
        )
    for guide in library.guides:
        if guide.meta.level is not Level.OPEN:
            assert guide.id not in text
            assert guide.meta.title not in text


def test_the_same_site_makes_the_same_zip(sites: dict[str, Path], tmp_path: Path) -> None:
    """Nothing in a zip depends on the clock."""
    before = (sites["open"] / OFFLINE).read_bytes()
    (sites["open"] / OFFLINE).unlink()
    write_packs(sites["open"], "guides-zh")
    assert (sites["open"] / OFFLINE).read_bytes() == before


@pytest.mark.parametrize(
    ("href", "file"),
    [
        ("../", "../index.html"),
        ("..", "../index.html"),
        (".", "./index.html"),
        ("a/#b", "a/index.html#b"),
        ("#b", "#b"),
        ("https://x.example/a/", "https://x.example/a/"),
        ("tel:12345", "tel:12345"),
        ("assets/zhinan.css", "assets/zhinan.css"),
    ],
)
def test_links_name_files(href: str, file: str) -> None:
    """A folder becomes its index.html; anchors, files and other hosts stay."""
    assert offline(f'<a href="{href}">x</a>') == f'<a href="{file}">x</a>'
