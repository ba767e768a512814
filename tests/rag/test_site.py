"""The site of each circle: what it holds, what it never holds, and that citations and pages agree."""

import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from rag.access import Circle, Level, circles
from rag.chunks import Chunk, chunks_of
from rag.guides import Guide, Library, read_library
from rag.settings import ROOT
from rag.site import CONFIGS, SiteError, build_site, tree_digest, write_tree

CORPUS = ROOT / "tests" / "guides" / "library"
TODAY = date(2026, 11, 22)
LANGS = ("zh", "en")


class _Html(HTMLParser):
    """Ids, addresses and visible text of a page."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.text = ""
        self._tag = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag carries."""
        held = dict(attrs)
        self._tag = tag
        self.ids.add(held.get("id") or "")
        self.links += [held["href"] or ""] if tag == "a" and "href" in held else []
        self.loaded += [held[key] or "" for key in ("src", "href") if key in held and tag != "a"]
        self.inline += [f"{tag} {key}" for key in held if key == "style" or key.startswith("on")]
        # JSON-LD is data: no browser runs it, and a content security policy lets it stand.
        if tag == "style" or (
            tag == "script" and "src" not in held and held.get("type") != "application/ld+json"
        ):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep visible text, spaces folded."""
        if self._tag not in ("script", "style", "title"):
            self.text = re.sub(r"\s+", " ", self.text + data)


def _canary(level: Level) -> str:
    return f"canary{level.rank}x9"


def _planted(guide: Guide) -> Guide:
    """The guide with the canary of its level in title, summary, aliases, topic, FAQ and body."""
    mark, meta = _canary(guide.meta.level), guide.meta
    faq = [item.model_copy(update={"a": f"{item.a} {mark}"}) for item in meta.faq]
    words = {
        "title": f"{meta.title} {mark}",
        "summary": f"{mark} {meta.summary}",
        "topic": f"{meta.topic} {mark}",
    }
    words |= {"change_note": mark, "aliases": [*meta.aliases, mark]} if meta.level is not Level.OPEN else {}
    if meta.level is Level.OPEN:
        return guide
    return replace(guide, meta=meta.model_copy(update=words | {"faq": faq}), body=f"{guide.body}\n\n{mark}\n")


@pytest.fixture(scope="module")
def library() -> Library:
    """The guides of a university library, canaries planted above the open level."""
    found, problems = read_library(CORPUS)
    assert problems == []
    return replace(found, guides=tuple(_planted(guide) for guide in found.guides))


def _widest(library: Library) -> Circle:
    return circles(library.restricted())[-1]


def _built(library: Library, circle: Circle, folder: Path) -> Path:
    for lang in LANGS:
        write_tree(library, circle, lang, folder / lang, TODAY)
        build_site(folder / lang, lang, folder / "site" if lang == "zh" else folder / "site" / lang)
    return folder / "site"


@pytest.fixture(scope="module")
def open_site(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site that everybody may read."""
    return _built(library, Circle(Level.OPEN), tmp_path_factory.mktemp("open"))


@pytest.fixture(scope="module")
def full_site(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the widest circle."""
    return _built(library, _widest(library), tmp_path_factory.mktemp("full"))


@cache
def _page(site: Path, url: str) -> _Html:
    return _Html((site / url.strip("/") / "index.html").read_text(encoding="utf-8"))


def _pages(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    assert len(found) > 10
    return found


def _strangers(folder: Path, words: list[str]) -> list[str]:
    """Files below a folder whose path or bytes hold one of the words."""
    wanted = [word.encode() for word in words]
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file()
        and any(w in str(file.relative_to(folder)).encode() + file.read_bytes() for w in wanted)
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_a_tree_holds_nothing_of_a_higher_circle(library: Library, tmp_path: Path, lang: str) -> None:
    """No byte and no file name of a circle's tree comes from a guide that the circle may not read."""
    for circle in circles(library.restricted()):
        closed = [guide for guide in library.guides if not circle.opens(guide.id, guide.meta.level)]
        words = [guide.id for guide in closed] + [_canary(guide.meta.level) for guide in closed]
        write_tree(library, circle, lang, tmp_path / circle.name, TODAY)
        assert _strangers(tmp_path / circle.name, words) == []


def test_the_open_site_holds_nothing_of_a_higher_circle(library: Library, open_site: Path) -> None:
    """No byte of the built open site, sitemap and search data included, comes from a closed guide."""
    closed = [guide for guide in library.guides if guide.meta.level is not Level.OPEN]
    assert len({guide.meta.level for guide in closed}) == 3
    assert _strangers(open_site, [w for g in closed for w in (g.id, _canary(g.meta.level))]) == []


def test_the_full_site_holds_every_guide(library: Library, full_site: Path) -> None:
    """The widest circle's site has a page for each guide: the leak test would notice a canary."""
    for guide in library.guides:
        assert guide.meta.title in _page(full_site, guide.url).text
    assert _strangers(full_site, [_canary(Level.RESTRICTED)])


def _chunks(library: Library) -> list[Chunk]:
    found = chunks_of(library)
    assert len(found) > 60
    return found


def test_every_citation_leads_to_its_heading(library: Library, full_site: Path) -> None:
    """The address and anchor of each chunk exist in the built pages."""
    missing = [c.id for c in _chunks(library) if c.anchor and c.anchor not in _page(full_site, c.url).ids]
    assert missing == []


def test_pages_show_the_words_that_are_indexed(library: Library, full_site: Path) -> None:
    """Each line of a generated section stands on its page word for word, spaces and marks included."""
    for chunk in _chunks(library):
        if chunk.facet or chunk.is_summary:
            text = _page(full_site, chunk.url).text
            assert [line for line in chunk.lines if re.sub(r"\s+", " ", line).rstrip("。.") not in text] == []


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(full_site: Path) -> None:
    """Scripts, styles and images are files of the site, so a strict content security policy holds."""
    for file in _pages(full_site):
        page = _Html(file.read_text(encoding="utf-8"))
        assert [address for address in page.loaded if re.match(r"[a-z]+:|//", address)] == []
        assert page.inline == []
    sheets = {sheet: sheet.read_text(encoding="utf-8") for sheet in full_site.rglob("*.css")}
    assert len(sheets) > 4
    for text in sheets.values():
        assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:data:|(?:https?:)?//)[^)]*", text) == []
    assert not (full_site / "assets" / "javascripts").exists()


def test_every_link_of_the_site_leads_to_a_page(full_site: Path) -> None:
    """Relative links, the language switch included, end at a file of the site, in whatever folder it is put, or at
    the server's sign-in in that same folder."""
    for file in _pages(full_site):
        if file.name == "404.html":
            continue
        for link in _Html(file.read_text(encoding="utf-8")).links:
            if link.startswith(("#", "tel:", "http")):
                continue
            path, _, anchor = link.partition("#")
            target = (file.parent / path.partition("?")[0]).resolve()
            if target == full_site.resolve() / "sign-in":
                continue
            assert target.is_relative_to(full_site.resolve()), f"{file}: {link}"
            target = target if target.is_file() else target / "index.html"
            assert target.is_file(), f"{file}: {link}"
            assert not anchor or anchor in _Html(target.read_text(encoding="utf-8")).ids, link


def test_every_page_leads_staff_to_sign_in(open_site: Path, full_site: Path) -> None:
    """In every circle, each page has the one link to sign-in in its own language, as the site and not as the
    guides say; the copy to read offline has none."""
    for site in (open_site, full_site):
        for file in _pages(site):
            english = file.relative_to(site).parts[0] == "en"
            page = _Html(file.read_text(encoding="utf-8"))
            (link,) = (one for one in page.links if "sign-in" in one)
            assert link.endswith(f"/sign-in?lang={'en' if english else 'zh'}")
            assert page.text.count("Staff sign-in" if english else "工作人员登录") == 1
            if file.name != "404.html":
                assert (file.parent / link.partition("?")[0]).resolve() == site.resolve() / "sign-in"
    with zipfile.ZipFile(full_site / "offline.zip") as packed:
        texts = [packed.read(name).decode() for name in packed.namelist() if name.endswith(".html")]
    assert texts
    assert not any("sign-in?" in text for text in texts)


def test_the_page_of_an_absent_address_names_no_other_host(full_site: Path) -> None:
    """Its links count from the host's root with one slash: two would lead to a host of that name."""
    for file in (full_site / "404.html", full_site / "en" / "404.html"):
        markup = file.read_text(encoding="utf-8")
        links = _Html(markup).links
        assert links
        assert not any(link.startswith("//") for link in links)
        assert 'base="//' not in markup


def test_a_guide_links_to_its_twin(full_site: Path) -> None:
    """The language switch of a guide leads to the same guide in the other language, both ways."""
    assert "../../en/public/pub-lost-book/" in _page(full_site, "/public/pub-lost-book/").links
    assert "../../../public/pub-lost-book/" in _page(full_site, "/en/public/pub-lost-book/").links


def _tree_of(library: Library, target: Path, lang: str = "zh", today: date = TODAY) -> Path:
    write_tree(library, _widest(library), lang, target, today)
    return target


def _with(library: Library, guide_id: str, lang: str, body: str | None = None, **fields: Any) -> Library:
    """The library with fields (and the body) of one guide changed."""

    def changed(guide: Guide) -> Guide:
        if guide.id != guide_id or guide.lang != lang:
            return guide
        meta = guide.meta.model_copy(update=fields)
        return replace(guide, meta=meta, body=guide.body if body is None else body)

    return replace(library, guides=tuple(changed(guide) for guide in library.guides))


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn", "archived"])
def test_only_published_guides_are_there(library: Library, tmp_path: Path, status: str) -> None:
    """A guide of any other status is in no file; its translation then switches to the home page."""
    tree = _tree_of(_with(library, "pub-lost-book", "en", status=status), tmp_path / "en", "en")
    assert _strangers(tree, ["pub-lost-book"]) == []
    other = _tree_of(_with(library, "pub-lost-book", "en", status=status), tmp_path / "zh")
    assert "\ntwin: ''\n" in (other / "public" / "pub-lost-book.md").read_text(encoding="utf-8")


def test_links_to_guides_outside_the_circle_become_words(library: Library, tmp_path: Path) -> None:
    """A link keeps its words where its target is not published to the same readers, else it stays a link."""
    body = "See [the rules](pub-borrow-books.md#x), [shelving](../staff/internal/stf-shelving.md) and [it](no.md)."
    changed = _with(library, "pub-lost-book", "en", body=body)
    write_tree(changed, Circle(Level.OPEN), "en", tmp_path / "en", TODAY)
    text = (tmp_path / "en" / "public" / "pub-lost-book.md").read_text(encoding="utf-8")
    assert "See [the rules](pub-borrow-books.md#x), shelving and it." in text


def test_text_of_fields_is_shown_and_never_becomes_marks(library: Library, tmp_path: Path) -> None:
    """Characters that Markdown, HTML and YAML would take for marks reach the page as they are."""
    hostile = "1. <b>x</b> & *y* [z](u) {#id} | `c` \\ # '\"---: ${{ }} </title><script>x()</script>"
    changed = _with(library, "pub-lost-book", "zh", title=hostile, summary=hostile)
    meta = next(guide.meta for guide in changed.guides if (guide.id, guide.lang) == ("pub-lost-book", "zh"))
    faq = [item.model_copy(update={"q": hostile, "a": hostile}) for item in meta.faq]
    steps = [step.model_copy(update={"action": hostile}) for step in meta.steps]
    changed = _with(changed, "pub-lost-book", "zh", faq=faq, steps=steps, aliases=[hostile])
    build_site(_tree_of(changed, tmp_path / "tree"), "zh", tmp_path / "site")
    for url in ("public/pub-lost-book", "public", "search"):
        page = _page(tmp_path / "site", url)
        assert hostile in page.text
        assert page.inline == []
    assert _page(tmp_path / "site", "public/pub-lost-book").text.count(hostile) >= 2 + len(faq) * 2 + len(
        steps
    )


def test_pages_say_when_they_are_late(library: Library, tmp_path: Path) -> None:
    """A guide past its review date, past its validity or behind its translation says so."""
    newer = _with(library, "pub-lost-book", "zh", version=2, change_note="x", valid_to=date(2026, 11, 1))
    build_site(_tree_of(newer, tmp_path / "zh", today=date(2028, 1, 1)), "zh", tmp_path / "site")
    build_site(_tree_of(newer, tmp_path / "en", "en"), "en", tmp_path / "site" / "en")
    zh, en = (_page(tmp_path / "site", f"{lang}public/pub-lost-book").text for lang in ("", "en/"))
    assert "待复核" in zh and "已过有效期" in zh and "译文较旧" not in zh
    assert "Older translation" in en and "Review overdue" not in en


def test_search_data_has_each_section_once(library: Library, tmp_path: Path) -> None:
    """Entries are the sections of readable guides; aliases stand on the first; Traditional pairs are there."""
    write_tree(library, Circle(Level.OPEN), "zh", tmp_path / "zh", TODAY)
    data = json.loads((tmp_path / "zh" / "search-data.json").read_text(encoding="utf-8"))
    addresses = [entry["url"] for entry in data["entries"]]
    assert len(addresses) == len(set(addresses)) > 20
    assert all(("aliases" in entry) == ("#" not in entry["url"]) for entry in data["entries"])
    pairs = {data["fold"][i : i + 2] for i in range(0, len(data["fold"]), 2)}
    assert {"書书", "館馆"} <= pairs


def test_equal_trees_have_equal_digests(library: Library, tmp_path: Path) -> None:
    """The digest depends on what is in the tree alone, and one changed byte changes it."""
    one, two = _tree_of(library, tmp_path / "one"), _tree_of(library, tmp_path / "two")
    assert tree_digest(one) == tree_digest(two)
    (two / "search-data.json").write_text("{}", encoding="utf-8")
    assert tree_digest(one) != tree_digest(two)


def test_a_broken_tree_fails_with_the_builders_log(library: Library, tmp_path: Path) -> None:
    """A dead link or anchor stops the build, and the error says which."""
    tree = _tree_of(library, tmp_path / "tree")
    (tree / "assistant.md").write_text("---\ntitle: x\n---\n\n[a](nowhere.md)\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"nowhere\.md") as caught:
        build_site(tree, "zh", tmp_path / "site")
    assert caught.value.lang == "zh"


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_folder_of_guides_is_never_published_as_it_is(tmp_path: Path, config: Path) -> None:
    """MkDocs run by hand without a tree stops, instead of publishing docs/ with every level in it."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ZHINAN_")}
    command = [sys.executable, "-m", "mkdocs", "build", "-f", str(config), "-d", str(tmp_path / "site")]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode != 0
    assert not (tmp_path / "site").exists()
