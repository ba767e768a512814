"""One guide as its page: generated sections from fields around the author's prose, in one fixed order.

The site shows `markdown`, the index takes `sections`; both carry the same words and the same anchors.
"""

from dataclasses import dataclass

from rag.body import blocks
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
    """A heading of a page with its visible lines. The first section is the summary, without a heading."""

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

    @property
    def markdown(self) -> str:
        """Everything below the title as Markdown, each heading with its pinned anchor."""
        parts = []
        for section in self.sections:
            if section.heading:
                parts.append(f"{'#' * section.depth} {section.heading} {{#{section.anchor}}}")
            if section.markdown:
                parts.append(section.markdown)
        return "\n\n".join(parts) + "\n"


def page_of(guide: Guide, library: Library) -> Page:
    """The page of a guide. Empty fields make no section."""
    lines = facet_lines(guide, library)
    sections = [Section("", "", 0, None, (sentence(guide.meta.summary, guide.lang),), "")]
    sections += [_field_section(f, lines[f], guide.lang) for f in _BEFORE_BODY if f in lines]
    taken = frozenset(heading.anchor for heading in HEADINGS.values())
    for block in blocks(guide.body, taken):
        depth = max(2, block.depth)
        sections.append(Section(block.anchor, block.heading, depth, None, block.lines, block.markdown))
    sections += _faq_sections(guide)
    sections += [_field_section(f, lines[f], guide.lang) for f in _AFTER_FAQ if f in lines]
    return Page(guide, tuple(sections))


def _field_section(facet: Facet, lines: list[str], lang: str) -> Section:
    heading = HEADINGS[facet]
    listed = "\n".join(f"- {_escape(line)}" for line in lines)
    return Section(heading.anchor, heading.said(lang), 2, facet, tuple(lines), listed)


def _faq_sections(guide: Guide) -> list[Section]:
    if not guide.meta.faq:
        return []
    heading = HEADINGS[Facet.FAQ]
    top = Section(heading.anchor, heading.said(guide.lang), 2, Facet.FAQ, (), "")
    items = [
        Section(
            f"{heading.anchor}-{n}", item.q, 3, Facet.FAQ, (sentence(item.a, guide.lang),), _escape(item.a)
        )
        for n, item in enumerate(guide.meta.faq, 1)
    ]
    return [top, *items]


def _escape(text: str) -> str:
    """Field text is text: characters that Markdown would take for marks are escaped."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in text)
