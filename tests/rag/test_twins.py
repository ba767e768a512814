"""Twins of open guides: Markdown, JSON, llms.txt, sitemap.xml and robots.txt."""

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from rag.access import Audience, Circle, Level
from rag.guides import Guide, Library, read_library
from rag.journeys import Journey, JourneyEntry
from rag.page import page_of
from rag.record import OPEN, readable_guides, record
from rag.settings import ROOT
from rag.twins import open_twins
from tests.library import guide, office, parsed, service, shelf_of

SITE = "https://guide.example"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
BODY = (
    "前言见[号牌](pub-plate.md)。\n\n## 说明 {#how}\n\n见[补领](pub-plate.md#faq)、[车队](../organisations/members/org-fleet.md)、"
    '[盘点](<../staff/internal/stf-audit.md> "CANARY")和[网站](https://a.example/x)。\n\n'
    "[暗号]: ../staff/internal/stf-audit.md\n"
)


def _library(*guides: Guide) -> Library:
    return office(*guides)


def _office() -> Library:
    """Two open guides, one of them in English too, and one guide of each higher level."""
    extra = {"level_setter": "定级岗"}
    return _library(
        parsed(service("pub-tag", related=["pub-plate", "org-fleet"]), BODY),
        parsed(guide("pub-plate", reviewed_on="2026-10-01"), "## 说明\n\n号牌。\n"),
        parsed(
            guide("pub-plate", lang="en", title="Plates", summary="About plates", reviewed_on="2026-10-09")
        ),
        parsed(guide("org-fleet", "members", title="CANARY车队")),
        parsed(guide("stf-audit", "internal", title="CANARY盘点")),
        parsed(guide("off-theft", "restricted", title="CANARY失窃") | extra),
        parsed(guide("pub-draft", status="draft", title="CANARY草稿")),
    )


def _twins(library: Library, lang: str = "zh", site: str = SITE, circle: Circle = OPEN) -> dict[str, str]:
    return open_twins(shelf_of(library, circle, lang), site)


def test_each_open_guide_has_both_twins() -> None:
    """Markdown and JSON lie in the folder of the page; robots.txt is at the root of the site alone."""
    common = {"llms.txt", "sitemap.xml"}
    of_plate = {"public/pub-plate/index.md", "public/pub-plate/guide.json"}
    of_tag = {"public/pub-tag/index.md", "public/pub-tag/guide.json"}
    assert _twins(_office()).keys() == common | of_plate | of_tag | {"robots.txt"}
    assert _twins(_office(), "en").keys() == common | of_plate


# -- Markdown ----------------------------------------------------------------------------------------------


def test_markdown_has_title_summary_sections_and_origin() -> None:
    """The Markdown begins with title and summary, keeps the page's order and ends with where it comes from."""
    text = _twins(_office())["public/pub-tag/index.md"]
    assert text.startswith("# 自行车号牌 pub-tag\n\n> 自行车号牌的说明。\n\n示范数据")
    headings = re.findall(r"^#{2,3} (.+)$", text, re.MULTILINE)
    sections = page_of(_office().guides[0], _office()).sections
    assert headings == [section.heading for section in sections if section.heading]
    assert "- 身份证：查验原件，必须提供。" in text
    for line in (f"- 来源：<{SITE}/public/pub-tag/>", "- 编号：pub-tag", "- 版本：1", "- 复核日期：2026-11-01",
                 "- 下次复核：2027-03-01", "- 负责单位：自行车管理处",
                 f"- 结构化数据：<{SITE}/public/pub-tag/guide.json>"):  # fmt: skip
        assert line in text


def test_links_lead_to_open_twins_and_all_others_become_words() -> None:
    """A link to an open guide leads to its twin; one to a higher guide leaves its words and no path."""
    text = _twins(_office())["public/pub-tag/index.md"]
    twin = f"{SITE}/public/pub-plate/index.md"
    assert f"前言见[号牌]({twin})。" in text
    assert f"见[补领]({twin}#faq)、车队、盘点和[网站](https://a.example/x)。" in text
    assert f"- 相关指南：[自行车号牌 pub-plate]({twin})" in text
    assert not re.search("CANARY|org-fleet|stf-audit", text)


def test_a_translation_is_linked_where_it_is_open() -> None:
    """Both languages link to each other's Markdown; without a translation the line is missing."""
    assert (
        f"- English：[Plates]({SITE}/en/public/pub-plate/index.md)"
        in _twins(_office())["public/pub-plate/index.md"]
    )
    english = _twins(_office(), "en")["public/pub-plate/index.md"]
    assert f"- 中文: [自行车号牌 pub-plate]({SITE}/public/pub-plate/index.md)" in english
    assert f"- Source: <{SITE}/en/public/pub-plate/>" in english
    assert "English" not in _twins(_office())["public/pub-tag/index.md"]


def test_text_of_fields_never_becomes_marks() -> None:
    """What Markdown or HTML would take for marks in a field is escaped."""
    hostile = "1. <b>x</b> *y* [z](u)"
    library = _library(parsed(service("pub-tag", title=hostile, faq=[{"q": hostile, "a": hostile}])))
    text = _twins(library)["public/pub-tag/index.md"]
    assert "<b>" not in text and "*y*" not in text.replace(r"\*y\*", "") and r"\[z\](u)" in text


# -- JSON --------------------------------------------------------------------------------------------------


def test_json_is_the_record_of_an_anonymous_reader() -> None:
    """guide.json is what the API gives without a key: no id of a higher guide."""
    library = _office()
    data = json.loads(_twins(library)["public/pub-tag/guide.json"])
    assert data == record(library.guides[0], readable_guides(library, OPEN))
    assert data["related"] == ["pub-plate"]


# -- lists -------------------------------------------------------------------------------------------------


def test_llms_txt_lists_open_guides_by_audience() -> None:
    """One title, one quotation, then sections whose entries are links to Markdown with the summary."""
    library = _library(*_office().guides, parsed(guide("org-talk", summary="怎样对话")))
    lines = _twins(library)["llms.txt"].splitlines()
    assert lines[0] == "# 指南" and lines[2].startswith("> ")
    assert [line for line in lines if line.startswith("#")][1:] == ["## 公众", "## 组织", "## 其他语言"]
    assert f"- [自行车号牌 org-talk]({SITE}/organisations/org-talk/index.md): 怎样对话" in lines
    assert f"- [English]({SITE}/en/llms.txt)" in lines
    assert all(re.match(r"- \[.+\]\(https://\S+\)(: .+)?$", line) for line in lines if line.startswith("-"))


def _urls(text: str) -> dict[str, tuple[str | None, dict[str, str]]]:
    """Last change and alternates of each address of a sitemap."""
    found = {}
    for url in ElementTree.fromstring(text):
        alternates = {link.get("hreflang", ""): link.get("href", "") for link in url.findall(f"{XHTML}link")}
        found[url.findtext(f"{SITEMAP}loc", "")] = (url.findtext(f"{SITEMAP}lastmod"), alternates)
    return found


def test_the_sitemap_lists_open_pages_of_both_languages() -> None:
    """Home, audiences and guides with their last review; pages in two languages name each other."""
    urls = _urls(_twins(_office())["sitemap.xml"])
    pages = ["/", "/public/", "/public/pub-tag/", "/public/pub-plate/"]
    english = ["/en/", "/en/public/", "/en/public/pub-plate/"]
    assert set(urls) == {SITE + page for page in pages + english}
    assert urls[f"{SITE}/"][0] == "2026-11-01"
    assert urls[f"{SITE}/en/public/pub-plate/"][0] == "2026-10-09"
    assert urls[f"{SITE}/public/pub-plate/"][1] == {
        "zh-Hans": f"{SITE}/public/pub-plate/",
        "en": f"{SITE}/en/public/pub-plate/",
        "x-default": f"{SITE}/public/pub-plate/",
    }
    assert urls[f"{SITE}/public/pub-tag/"][1] == {}


def test_the_english_sitemap_lists_what_lies_below_it() -> None:
    """A sitemap in en/ may name pages in en/ alone."""
    urls = _urls(_twins(_office(), "en")["sitemap.xml"])
    assert urls and all(address.startswith(f"{SITE}/en/") for address in urls)


def _journey(*guides: str) -> Journey:
    words = {"zh": "一", "en": "one"}
    steps = [{"guide": guide_id, "when": words, "do": words} for guide_id in guides]
    entry = {"audience": Audience.PUBLIC, "title": words, "summary": words, "steps": steps}
    return Journey("first-month", JourneyEntry.model_validate(entry), 1)


def test_a_journey_is_listed_where_all_its_guides_are_open() -> None:
    """A journey over a higher guide is in no sitemap; in two languages only if every guide is."""
    shelf = shelf_of(_office(), Circle(Level.MEMBERS), "zh")
    opened = replace(shelf, journeys=(_journey("pub-tag", "pub-plate"),))
    closed = replace(shelf, journeys=(_journey("pub-tag", "org-fleet"),))
    urls = _urls(open_twins(opened, SITE)["sitemap.xml"])
    assert urls[f"{SITE}/journeys/first-month/"] == ("2026-11-01", {})
    assert "journeys" not in open_twins(closed, SITE)["sitemap.xml"]


def test_robots_txt_names_the_sitemap_of_the_configured_site() -> None:
    """The sitemap's line is a full address, or missing where the office names no site."""
    assert _twins(_office())["robots.txt"] == f"User-agent: *\nAllow: /\n\nSitemap: {SITE}/sitemap.xml\n"
    assert "Sitemap" not in _twins(_office(), site="")["robots.txt"]


def test_without_a_site_addresses_are_site_relative() -> None:
    """No twin invents a host."""
    twins = _twins(_office(), site="")
    assert "- 来源：</public/pub-tag/>" in twins["public/pub-tag/index.md"]
    assert set(_urls(twins["sitemap.xml"])) >= {"/", "/public/pub-tag/", "/en/public/pub-plate/"}


def test_an_office_without_open_guides_has_a_home_page_alone() -> None:
    """Nothing but the home page is listed where every guide is higher."""
    library = _library(parsed(guide("org-fleet", "members")))
    twins = _twins(library, circle=Circle(Level.MEMBERS))
    assert set(_urls(twins["sitemap.xml"])) == {f"{SITE}/"}
    assert twins.keys() == {"llms.txt", "sitemap.xml", "robots.txt"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_twins_of_the_real_guides_link_to_each_other_alone(lang: str) -> None:
    """Every address of our site in a real twin is a page or twin of an open guide, or a list of them."""
    library, _ = read_library(ROOT / "docs")
    whole = {("" if x == "zh" else "en/") + path for x in ("zh", "en") for path in _twins(library, x)}
    known = {f"{SITE}/{path}" for path in whole}
    known |= {path.removesuffix("index.md") for path in known}
    texts: dict[str, Any] = _twins(library, lang)
    assert len(texts) > 10
    for path, text in texts.items():
        if path.endswith((".md", "llms.txt")):
            assert {found for found in re.findall(rf"{SITE}[^)>#\s]*", text)} <= known
