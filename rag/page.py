"""One guide as its page: generated sections from fields around the author's prose, in one fixed order.

The site and the index are both made from its sections, so they carry the same words and the same anchors.
"""

from dataclasses import dataclass

from rag.body import Block, blocks
from rag.facets import HEADINGS, Facet
from rag.fields import facet_lines, sentence
from rag.guides import Guide, Library

_BEFORE_BODY = (
    Facet.APPLIES,
    Facet.MATERIALS,
    Facet.STEPS,
    Facet.TIME_LIMIT,
    Facet.FEE,
    Facet.CHANNELS,
    Facet.RESULT,
    Facet.PROGRESS,
)
_AFTER_FAQ = (Facet.CONTACT, Facet.COMPLAINT, Facet.REMEDY, Facet.LEGAL_BASIS)


@dataclass(frozen=True)
class Section:
    """A heading of a page with its visible lines; prose keeps the Markdown that its author wrote.

    The first section is the summary, without a heading.
    """

    anchor: str
    heading: str
    depth: int
    facet: Facet | None
    lines: tuple[str, ...]
    markdown: str


@dataclass(frozen=True)
class Page:
    """A guide's page: title, and sections in reading order."""

    guide: Guide
    sections: tuple[Section, ...]


def page_of(guide: Guide, library: Library) -> Page:
    """The page of a guide. Empty fields make no section."""
    lines = facet_lines(guide, library)
    faq = _faq_sections(guide)
    taken = {heading.anchor for heading in HEADINGS.values()} | {section.anchor for section in faq}
    prose = [_prose_section(block) for block in blocks(guide.body, frozenset(taken))]
    sections = [_top_section(guide, [section for section in prose if not section.anchor])]
    sections += [_field_section(f, lines[f], guide.lang) for f in _BEFORE_BODY if f in lines]
    sections += [section for section in prose if section.anchor]
    sections += faq
    sections += [_field_section(f, lines[f], guide.lang) for f in _AFTER_FAQ if f in lines]
    return Page(guide, tuple(sections))


def _top_section(guide: Guide, lead: list[Section]) -> Section:
    """The summary, with the prose that stands before the first heading of the body."""
    lines = (sentence(guide.meta.summary, guide.lang), *(line for part in lead for line in part.lines))
    return Section("", "", 0, None, lines, "\n\n".join(part.markdown for part in lead))


def _prose_section(block: Block) -> Section:
    return Section(block.anchor, block.heading, max(2, block.depth), None, block.lines, block.markdown)


def _field_section(facet: Facet, lines: list[str], lang: str) -> Section:
    heading = HEADINGS[facet]
    return Section(heading.anchor, heading.said(lang), 2, facet, tuple(lines), "")


def _faq_sections(guide: Guide) -> list[Section]:
    if not guide.meta.faq:
        return []
    heading = HEADINGS[Facet.FAQ]
    top = Section(heading.anchor, heading.said(guide.lang), 2, Facet.FAQ, (), "")
    items = [
        Section(f"{heading.anchor}-{n}", item.q, 3, Facet.FAQ, (sentence(item.a, guide.lang),), "")
        for n, item in enumerate(guide.meta.faq, 1)
    ]
    return [top, *items]
