"""Machine-readable twins of the open guides: Markdown, JSON, llms.txt, sitemap.xml and robots.txt.

They hold open guides only, whatever circle the site is for, so every circle's site carries the same twins.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from posixpath import normpath
from xml.sax.saxutils import escape as escape_xml

from rag.access import AUDIENCES, Level
from rag.guides import Guide
from rag.page import Section
from rag.record import OPEN, readable_guides, record
from rag.site_pages import Shelf, escape, file_of, url_of

_TITLE = ("指南", "Zhinan guides")
_ABOUT = (
    "政务服务办事指南。每条链接是一篇公开指南的 Markdown 全文，同一文件夹里的 guide.json 是结构化数据。",
    "Guides to government services. Each link is the full Markdown of an open guide; guide.json in the same "
    "folder is its structured record.",
)
_DEMO = ("示范数据，不能作为办事依据。", "Demonstration data: do not rely on it for a real matter.")
# [words](path.md#anchor "title"), and reference definitions, which would show a path just as well.
_LINK = re.compile(r"\[([^\]]+)\]\(\s*<?([^)\s#>]+\.md)(#[^)\s>]*)?>?(?:\s+[^)]*)?\)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?\S+\.md(?:#\S*)?>?.*\n?", re.MULTILINE)


def open_twins(shelf: Shelf, site_url: str = "") -> dict[str, str]:
    """Text of every twin by its path below the root of the shelf's language.

    To be written into the *built* site, after MkDocs: in a tree, MkDocs would take each index.md for a page,
    and write its own sitemap.xml over ours. Its own lists every page of the site that it builds, higher ones
    included, once a site address is configured; so in every circle's site sitemap.xml is replaced by this
    one, which names open pages only, and sitemap.xml.gz, which MkDocs writes beside it, is to be removed.
    The Chinese sitemap, at the root, lists both languages; robots.txt stands at the root alone.
    Without `site_url` addresses are site-relative, and robots.txt names no sitemap.
    """
    twins = _Twins(_open_part(shelf), site_url)
    texts: dict[str, str] = {}
    readable = readable_guides(shelf.library, OPEN)
    for guide in twins.shelf.guides:
        data = json.dumps(record(guide, readable), ensure_ascii=False, indent=1)
        texts[f"{url_of(guide)}index.md"] = _markdown(guide, twins)
        texts[f"{url_of(guide)}guide.json"] = data + "\n"
    texts["llms.txt"] = _llms(twins)
    texts["sitemap.xml"] = _sitemap(twins)
    if shelf.lang == "zh":
        texts["robots.txt"] = _robots(site_url)
    return texts


def _open_part(shelf: Shelf) -> Shelf:
    """The shelf without anything above the open level."""
    guides = tuple(guide for guide in shelf.guides if _is_open(guide))
    own = {guide.id for guide in guides}
    return replace(
        shelf,
        guides=guides,
        twins={key: guide for key, guide in shelf.twins.items() if _is_open(guide)},
        journeys=tuple(journey for journey in shelf.journeys if own.issuperset(journey.guides)),
    )


def _is_open(guide: Guide) -> bool:
    return guide.meta.level is Level.OPEN and guide.meta.status == "published"


@dataclass(frozen=True)
class _Twins:
    """The open part of a shelf and the site's address."""

    shelf: Shelf
    site: str

    @cached_property
    def by_file(self) -> Mapping[str, Guide]:
        """Open guides by their file in the tree."""
        return {str(file_of(guide)): guide for guide in self.shelf.guides}

    def root(self, lang: str) -> str:
        """Address of a language's home page."""
        return self.site + ("/" if lang == "zh" else "/en/")

    def page(self, guide: Guide) -> str:
        """Address of a guide's page."""
        return self.site + guide.url

    def markdown(self, guide: Guide) -> str:
        """Address of a guide's Markdown twin."""
        return f"{self.page(guide)}index.md"


# -- Markdown ----------------------------------------------------------------------------------------------


def _markdown(guide: Guide, twins: _Twins) -> str:
    """Title, summary, the sections of the page in its order, and where all this comes from."""
    summary, *sections = twins.shelf.pages[guide.id].sections
    parts = [f"# {escape(guide.meta.title)}", f"> {escape(summary.lines[0])}"]
    if guide.meta.demo:
        parts.append(twins.shelf.say(_DEMO))
    parts.append(_prose(summary.markdown, guide, twins))
    parts += [_section(section, guide, twins) for section in sections]
    parts.append("\n".join(["---", "", *(f"- {line}" for line in _origin(guide, twins))]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section, guide: Guide, twins: _Twins) -> str:
    heading = f"{'#' * section.depth} {escape(section.heading)}"
    if section.facet is None:
        text = _prose(section.markdown, guide, twins)
    elif section.depth > 2:  # the answer to a question
        text = "\n\n".join(escape(line) for line in section.lines)
    else:
        text = "\n".join(f"- {escape(line)}" for line in section.lines)
    return f"{heading}\n\n{text}".strip()


def _prose(markdown: str, guide: Guide, twins: _Twins) -> str:
    """The author's Markdown; links to other open guides lead to their twins, all others become words."""
    folder = file_of(guide).parent

    def led(match: re.Match[str]) -> str:
        target = twins.by_file.get(normpath(str(folder / match[2])))
        return f"[{match[1]}]({twins.markdown(target)}{match[3] or ''})" if target else match[1]

    return _DEFINITION.sub("", _LINK.sub(led, markdown)).strip()


def _origin(guide: Guide, twins: _Twins) -> list[str]:
    meta, shelf = guide.meta, twins.shelf
    owner = shelf.library.units.get(meta.owner_unit)
    other = shelf.twins.get(guide.id)
    pairs = [
        ("来源", "Source", f"<{twins.page(guide)}>"),
        ("编号", "Id", guide.id),
        ("版本", "Version", str(meta.version)),
        ("复核日期", "Reviewed on", str(meta.reviewed_on)),
        ("下次复核", "Next review by", str(meta.review_by)),
        ("负责单位", "Responsible office", escape(owner.said(shelf.lang) if owner else meta.owner_unit)),
        ("结构化数据", "Structured record", f"<{twins.page(guide)}guide.json>"),
    ]
    if other:
        pairs.append(("English", "中文", _link(other, twins)))
    related = [g for g in shelf.guides if g.id in meta.related]
    if related:
        links = shelf.say(("、", ", ")).join(_link(found, twins) for found in related)
        pairs.append(("相关指南", "Related guides", links))
    return [shelf.say((f"{zh}：{value}", f"{en}: {value}")) for zh, en, value in pairs]


def _link(guide: Guide, twins: _Twins) -> str:
    return f"[{escape(guide.meta.title)}]({twins.markdown(guide)})"


# -- lists -------------------------------------------------------------------------------------------------


def _llms(twins: _Twins) -> str:
    """llms.txt (llmstxt.org): each guide once, under the audience in whose folder it lies."""
    shelf = twins.shelf
    parts = [f"# {shelf.say(_TITLE)}", f"> {shelf.say(_ABOUT)}"]
    for audience, title in AUDIENCES.items():
        own = [guide for guide in shelf.guides if guide.folder == audience.value]
        if own:
            entries = [f"- {_link(guide, twins)}: {escape(guide.meta.summary)}" for guide in own]
            parts.append("\n".join([f"## {shelf.say(title)}", "", *entries]))
    if shelf.twins:
        other = "en" if shelf.lang == "zh" else "zh"
        entry = f"- [{shelf.say(('English', '中文'))}]({twins.root(other)}llms.txt)"
        parts.append("\n".join([f"## {shelf.say(('其他语言', 'Other languages'))}", "", entry]))
    return "\n\n".join(parts) + "\n"


@dataclass(frozen=True)
class _Entry:
    """One page of the sitemap: its path below a language's root, the languages it exists in, its last review."""

    path: str
    langs: frozenset[str]
    last: str


def _sitemap(twins: _Twins) -> str:
    """Open pages with their last review and their other language; a sitemap may only list what lies below it."""
    listed = ("zh", "en") if twins.shelf.lang == "zh" else ("en",)
    urls = [
        _url(entry, lang, twins)
        for lang in listed
        for entry in _entries(twins)
        if lang in entry.langs
    ]  # fmt: skip
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    )
    return f'{head} xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{"".join(urls)}</urlset>\n'


def _url(entry: _Entry, lang: str, twins: _Twins) -> str:
    lines = [f"<loc>{escape_xml(twins.root(lang) + entry.path)}</loc>"]
    if entry.last:
        lines.append(f"<lastmod>{entry.last}</lastmod>")
    if len(entry.langs) > 1:
        for tag, other in (("zh-Hans", "zh"), ("en", "en"), ("x-default", "zh")):
            address = escape_xml(twins.root(other) + entry.path, {'"': "&quot;"})
            lines.append(f'<xhtml:link rel="alternate" hreflang="{tag}" href="{address}"/>')
    return "<url>" + "".join(lines) + "</url>\n"


def _entries(twins: _Twins) -> list[_Entry]:
    """Home, audiences, journeys and guides; a page that lists guides is as new as the newest of them."""
    shelf = twins.shelf
    guides = {guide.url: guide for guide in (*shelf.guides, *shelf.twins.values())}.values()
    entries = [_Entry("", _langs(guides) | {shelf.lang}, _last(guides))]
    for audience in AUDIENCES:
        own = [g for g in guides if audience in g.meta.audience or g.folder == audience.value]
        entries += [_Entry(f"{audience.value}/", _langs(own), _last(own))] if own else []
    both = {guide.id for guide in shelf.guides} & shelf.twins.keys()
    for journey in shelf.journeys:
        own = [guide for guide in guides if guide.id in journey.guides]
        langs = frozenset(("zh", "en")) if both.issuperset(journey.guides) else frozenset((shelf.lang,))
        entries.append(_Entry(journey.url, langs, _last(own)))
    for path in dict.fromkeys(url_of(guide) for guide in guides):
        own = [guide for guide in guides if url_of(guide) == path]
        entries.append(_Entry(path, _langs(own), _last(own)))
    return entries


def _langs(guides: Iterable[Guide]) -> frozenset[str]:
    return frozenset(guide.lang for guide in guides)


def _last(guides: Iterable[Guide]) -> str:
    return str(max((guide.meta.reviewed_on for guide in guides), default=""))


def _robots(site_url: str) -> str:
    """Everybody may read the open site; the sitemap's line needs a full address."""
    lines = ["User-agent: *", "Allow: /"]
    if site_url:
        lines += ["", f"Sitemap: {site_url}/sitemap.xml"]
    return "\n".join(lines) + "\n"
