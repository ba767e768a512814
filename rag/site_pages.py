"""One guide as a page of the site: front matter for the template and Markdown for the builder.

The words are those of `page_of`, so the page, the index and every quote agree; only marks are added here.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape as html_escape
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

from pymdownx.slugs import slugify

from rag.access import AUDIENCES, Audience
from rag.diagram import steps_diagram
from rag.facets import Facet
from rag.fields import duration, facet_lines
from rag.guides import Guide, Library
from rag.journeys import Journey
from rag.page import Page, Section, page_of
from rag.schema import GuideType
from rag.schema_org.documents import guide_json_ld

_GLANCE = {
    Facet.APPLIES: ("谁可以用", "Who it is for"),
    Facet.TIME_LIMIT: ("多久办好", "How long it takes"),
    Facet.FEE: ("费用", "Cost"),
    Facet.CHANNELS: ("在哪儿办", "Where to apply"),
    Facet.CONTACT: ("咨询电话", "Phone"),
}
_TYPES = {
    GuideType.SERVICE: ("办事服务", "Service"),
    GuideType.HOW_TO: ("操作指引", "How-to"),
    GuideType.TECHNICAL: ("技术参考", "Technical reference"),
    GuideType.POLICY: ("政策说明", "Policy"),
    GuideType.TRAINING: ("培训课程", "Course"),
}
_LABEL = re.compile(r"第\d+步|Step \d+\.|[^：:]{1,60}(?:：|:(?= ))")
_GUIDE_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s#]+\.md)(#[^)\s]*)?\)")
_ADDRESS = re.compile(r"https?://[^\s，。；、（）()<>]+")
_MARKS = re.compile(r"[\\`*_{}\[\]#]|^[-+](?=\s)|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


@dataclass(frozen=True)
class Shelf:
    """What one tree is made of: the readable guides of its language, and those of the other one."""

    library: Library
    lang: str
    guides: tuple[Guide, ...]
    twins: Mapping[str, Guide]
    topics: Mapping[str, Mapping[str, str]]
    journeys: tuple[Journey, ...]
    today: date

    @cached_property
    def titles(self) -> dict[str, dict[str, str]]:
        """Title and address of each guide in the tree."""
        return {guide.id: {"title": guide.meta.title, "url": url_of(guide)} for guide in self.guides}

    @cached_property
    def files(self) -> frozenset[str]:
        """Files of the guides in the tree, as a link between them would name them."""
        return frozenset(str(file_of(guide)) for guide in self.guides)

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Each guide of the tree as its page."""
        return {guide.id: page_of(guide, self.library) for guide in self.guides}

    def say(self, pair: tuple[str, str]) -> str:
        """One of two wordings, by language."""
        return pair[0] if self.lang == "zh" else pair[1]

    def topic(self, guide: Guide) -> str:
        """The topic of a guide in the language of the tree."""
        return self.topics.get(guide.meta.topic, {}).get(self.lang, guide.meta.topic)

    def of(self, audience: Audience) -> list[Guide]:
        """Guides for an audience."""
        return [guide for guide in self.guides if audience in guide.meta.audience]


def file_of(guide: Guide) -> PurePosixPath:
    """Its file in the tree, at the same place as its source."""
    return PurePosixPath(*guide.path.parts[1:])


def url_of(guide: Guide) -> str:
    """Address of its page below the root of its language."""
    return f"{file_of(guide).with_suffix('')}/"


def anchor_of(topic: str) -> str:
    """Anchor of a topic on a page that lists guides."""
    return str(slugify(case="lower")(topic, "-"))


def escape(text: str) -> str:
    """Text as Markdown that shows exactly this text."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;")
    return _MARKS.sub(lambda mark: "\\" + mark[0], text)


def guide_meta(guide: Guide, shelf: Shelf) -> dict[str, Any]:
    """What the template of a guide shows around its sections."""
    meta, twin, topic = guide.meta, shelf.twins.get(guide.id), shelf.topic(guide)
    folder = Audience(guide.folder)
    translated = twin.meta.translations.get(meta.lang) if twin else None
    owner = shelf.library.units.get(meta.owner_unit)
    return {
        "template": "guide.html",
        "title": meta.title,
        "description": meta.summary,
        "twin": url_of(twin) if twin else "",
        "trail": [
            {"title": shelf.say(AUDIENCES[folder]), "url": f"{folder}/"},
            {"title": topic, "url": f"{folder}/#{anchor_of(topic)}"},
        ],
        "level": meta.level.value,
        "demo": meta.demo,
        "expired": bool(meta.valid_to and meta.valid_to < shelf.today),
        "overdue": meta.review_by < shelf.today,
        "older": bool(twin and translated and translated.source_version < twin.meta.version),
        "kind": type_of(guide, shelf),
        "tags": _tags(guide, shelf),
        "glance": glance(guide, shelf),
        "training": _training(guide, shelf),
        "id": guide.id,
        "owner": owner.said(shelf.lang) if owner else meta.owner_unit,
        "version": meta.version,
        "reviewed_on": str(meta.reviewed_on),
        "review_by": str(meta.review_by),
        "change_note": meta.change_note,
        "linked_data": _linked_data(guide, shelf),
        "related": [shelf.titles[other] for other in meta.related if other in shelf.titles],
        "journeys": [
            {"title": journey.entry.title.said(shelf.lang), "url": journey.url}
            for journey in shelf.journeys
            if guide.id in journey.guides
        ],
    }


def _linked_data(guide: Guide, shelf: Shelf) -> str:
    """JSON-LD of an open guide for the page's head, '' for every other; it cannot end the element it stands in."""
    data = guide_json_ld(guide, shelf.library, shelf.library.site, shelf.topic(guide))
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c") if data else ""


def type_of(guide: Guide, shelf: Shelf) -> str:
    """What kind of page it is, in words."""
    return shelf.say(_TYPES[guide.meta.type])


def _tags(guide: Guide, shelf: Shelf) -> list[dict[str, str]]:
    """Where else a reader may look: the guide's topic, and each audience that has a page."""
    topic = shelf.topic(guide)
    tags = [{"title": topic, "url": f"topics/#{anchor_of(topic)}"}]
    return tags + [
        {"title": shelf.say(AUDIENCES[a]), "url": f"{a}/"} for a in AUDIENCES if a in guide.meta.audience
    ]


def _training(guide: Guide, shelf: Shelf) -> dict[str, Any] | None:
    """The learning side of a course; answers are shown on the page, never told by the assistant."""
    course = guide.meta.training
    if course is None:
        return None
    return {
        "minutes": course.minutes,
        "competences": course.competences,
        "quiz": [
            {
                "q": item.q,
                "options": item.options,
                "answer": item.options[item.answer],
                "letter": chr(ord("A") + item.answer),
                "explanation": item.explanation,
                "source": _source(item.source, guide, shelf),
            }
            for item in course.quiz
        ],
    }


def _source(source: str | None, guide: Guide, shelf: Shelf) -> dict[str, str] | None:
    """The section that answers a question, `guide-id#anchor`; None where this reader cannot open it."""
    target, _, anchor = (source or "").partition("#")
    if target not in shelf.titles:
        return None
    found = shelf.titles[target]
    return {"title": found["title"], "url": f"{found['url']}#{anchor}" if anchor else found["url"]}


def glance(guide: Guide, shelf: Shelf) -> list[dict[str, str]]:
    """Rows of the table at the top: only what the guide states, each with the anchor of its section."""
    meta, lines = guide.meta, facet_lines(guide, shelf.library)
    kinds = [re.split("[：:]", line)[0] for line in lines.get(Facet.CHANNELS, [])[: len(meta.channels)]]
    visits = "" if meta.visits is None else shelf.say((f"{meta.visits}次", str(meta.visits)))
    values = [
        (Facet.APPLIES, _GLANCE[Facet.APPLIES], meta.applies_to.who[0] if meta.applies_to else ""),
        (
            Facet.TIME_LIMIT,
            _GLANCE[Facet.TIME_LIMIT],
            duration(meta.time_limit.promised, shelf.lang) if meta.time_limit else "",
        ),
        (Facet.FEE, _GLANCE[Facet.FEE], lines.get(Facet.FEE, [""])[0]),
        (Facet.CHANNELS, ("到现场", "Visits in person"), visits),
        (Facet.CHANNELS, _GLANCE[Facet.CHANNELS], shelf.say(("、", ", ")).join(dict.fromkeys(kinds))),
        (Facet.CONTACT, _GLANCE[Facet.CONTACT], meta.contact.phone or ""),
    ]
    anchors = {section.facet: section.anchor for section in shelf.pages[guide.id].sections}
    return [
        {"label": shelf.say(label), "value": value.rstrip("。."), "anchor": anchors[facet]}
        for facet, label, value in values
        if value and facet in anchors
    ]


def guide_text(guide: Guide, shelf: Shelf) -> str:
    """The sections, less the summary that the template shows; headings keep the anchors of citations."""
    sections = shelf.pages[guide.id].sections
    return "\n\n".join(_section_text(section, guide, shelf) for section in sections) + "\n"


def _section_text(section: Section, guide: Guide, shelf: Shelf) -> str:
    heading = (
        f"{'#' * section.depth} {escape(section.heading)} {{#{section.anchor}}}" if section.heading else ""
    )
    if section.facet is None:
        text = _without_closed_links(section.markdown, guide, shelf)
    elif section.facet is Facet.FAQ:
        text = "\n\n".join(_linked(line) for line in section.lines)
    else:
        text = "\n".join(f"- {_labelled(line)}" for line in section.lines)
    if section.facet is Facet.STEPS:
        text += "\n\n" + figure(steps_diagram(guide), _lanes_said(guide, shelf))
    return f"{heading}\n\n{text}".strip()


def _lanes_said(guide: Guide, shelf: Shelf) -> str:
    """Caption of a guide's drawing: who stands on which side."""
    reader, *others = dict.fromkeys(step.actor for step in guide.meta.steps)
    if not others:
        return shelf.say(("流程图", "Process diagram"))
    side = shelf.say(("、", ", ")).join(others) if len(others) <= 2 else shelf.say(("其他各方", "the others"))
    return shelf.say(
        (
            f"流程图：左边是{reader}，右边是{side}",
            f"Process diagram: {reader} on the left, {side} on the right",
        )
    )


def figure(svg: str, caption: str) -> str:
    """A drawing with its caption, as HTML that the Markdown parser leaves alone."""
    return (
        f'<figure class="zn-figure">{svg}<figcaption>{html_escape(caption)}</figcaption></figure>'
        if svg
        else ""
    )


def _labelled(line: str) -> str:
    """A line of fields with its label in bold: `**名称：**值`."""
    match = _LABEL.match(line)
    if not match:
        return _linked(line)
    return f"**{escape(match[0])}**{_linked(line[match.end() :])}"


def _linked(text: str) -> str:
    """Escaped text whose web addresses can be followed."""
    parts, end = [], 0
    for match in _ADDRESS.finditer(text):
        parts += [escape(text[end : match.start()]), f"[{escape(match[0])}](<{match[0]}>)"]
        end = match.end()
    return "".join([*parts, escape(text[end:])])


def _without_closed_links(markdown: str, guide: Guide, shelf: Shelf) -> str:
    """Links to guides that are not in the tree become their words."""
    folder = file_of(guide).parent

    def kept(match: re.Match[str]) -> str:
        return match[0] if normpath(str(folder / match[2])) in shelf.files else match[1]

    return _GUIDE_LINK.sub(kept, markdown)
