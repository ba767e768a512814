"""Chunks: a heading's worth of a guide, the unit of search and of citation.

A chunk's id is its place (guide, language, anchor); its digest is its text. The two are never mixed up.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any

from rag.access import Level
from rag.asked import UNANSWERED, Asked, read_asked
from rag.facets import Facet, facet_of_fact
from rag.guides import Library
from rag.page import Page, Section, page_of

WINDOW_CHARS = 120
"""Embedded windows hold about this many Chinese characters; Latin text may be three times as long."""


@dataclass(frozen=True)
class Chunk:
    """One section of one guide with what search, citation and access control need to know about it."""

    id: str
    guide: str
    lang: str
    level: Level
    readers: frozenset[str]
    audience: tuple[str, ...]
    type: str
    title: str
    aliases: tuple[str, ...]
    section: str
    anchor: str
    url: str
    facet: Facet | None
    lines: tuple[str, ...]
    facts: tuple[tuple[Facet, str], ...]
    asked: tuple[str, ...]
    unanswered: tuple[str, ...]
    version: int
    valid_from: date
    valid_to: date | None
    reviewed_on: date
    review_by: date
    owner_unit: str

    @cached_property
    def text(self) -> str:
        """Visible lines joined by newlines; every quote is a span of it."""
        return "\n".join(self.lines)

    @property
    def is_summary(self) -> bool:
        """Whether this is the chunk of the title and summary."""
        return not self.anchor

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that is searched."""
        whole = [self.title, self.section, *self.aliases, *self.asked, *self.unanswered, *self.lines]
        return hashlib.sha256("\0".join(whole).encode()).hexdigest()

    def to_json(self) -> str:
        """One line of a generation's manifest."""
        data = asdict(self) | {"readers": sorted(self.readers)}
        return json.dumps(data, ensure_ascii=False, default=str)

    @classmethod
    def from_json(cls, line: str) -> "Chunk":
        """The chunk of a manifest line; an unknown level or facet raises ValueError."""
        data: dict[str, Any] = json.loads(line)
        for name in ("valid_from", "valid_to", "reviewed_on", "review_by"):
            data[name] = date.fromisoformat(data[name]) if data[name] else None
        return cls(
            **data
            | {
                "level": Level(data["level"]),
                "readers": frozenset(data["readers"]),
                "audience": tuple(data["audience"]),
                "aliases": tuple(data["aliases"]),
                "lines": tuple(data["lines"]),
                "facet": Facet(data["facet"]) if data["facet"] else None,
                "asked": tuple(data["asked"]),
                "unanswered": tuple(data.get("unanswered", ())),
                "facts": tuple((Facet(facet), quote) for facet, quote in data["facts"]),
            }
        )


NOWHERE = -1
"""First and last line of a window whose question no line answers."""


@dataclass(frozen=True)
class Window:
    """A few lines of a chunk as they are embedded, title in front; a chunk scores by its best window.

    A question that no guide answers has the span NOWHERE; near no guide, `chunk` is -1.
    """

    chunk: int
    first: int
    last: int
    text: str


def chunks_of(library: Library) -> list[Chunk]:
    """Chunks of every guide that the assistant may use: published, and not excluded by `ai_use`."""
    found: list[Chunk] = []
    asked, _ = read_asked(library)
    for guide in library.guides:
        if guide.meta.status == "published" and guide.meta.ai_use != "excluded":
            page = page_of(guide, library)
            found += [_chunk(page, section, asked) for section in page.sections if section.lines]
    return found


def _chunk(page: Page, section: Section, asked: Asked) -> Chunk:
    guide, meta = page.guide, page.guide.meta
    text = "\n".join(section.lines)
    facts = [(facet_of_fact(fact.key), fact.quote) for fact in meta.answer_facts]
    return Chunk(
        id=f"{guide.id}:{guide.lang}:{section.anchor}",
        guide=guide.id,
        lang=guide.lang,
        level=meta.level,
        readers=guide.readers,
        audience=tuple(meta.audience),
        type=meta.type,
        title=meta.title,
        aliases=tuple(meta.aliases) if not section.anchor else (),
        section=section.heading,
        anchor=section.anchor,
        url=guide.url,
        facet=section.facet,
        lines=section.lines,
        facts=tuple((facet, quote) for facet, quote in facts if facet and quote in text),
        asked=asked.get((guide.id, guide.lang, section.anchor), ()),
        unanswered=() if section.anchor else asked.get((guide.id, guide.lang, UNANSWERED), ()),
        version=meta.version,
        valid_from=meta.valid_from,
        valid_to=meta.valid_to,
        reviewed_on=meta.reviewed_on,
        review_by=meta.review_by,
        owner_unit=meta.owner_unit,
    )


def windows_of(chunks: list[Chunk]) -> list[Window]:
    """Every chunk cut into windows of whole lines, before them one of the aliases for a guide's summary and one
    for each question alone that the chunk answers, an FAQ's or an asked one: questions are most like
    questions. Windows before the lines span none."""
    found: list[Window] = []
    for index, chunk in enumerate(chunks):
        head = f"{chunk.title} {chunk.section}".strip()
        if chunk.aliases:
            found.append(Window(index, 0, 0, f"{head}\n{'；'.join(chunk.aliases)}"))
        questions = (chunk.section, *chunk.asked) if chunk.facet is Facet.FAQ else chunk.asked
        found += [Window(index, 0, 0, question) for question in dict.fromkeys(questions)]
        for first, last in _spans(chunk.lines):
            found.append(Window(index, first, last, "\n".join([head, *chunk.lines[first:last]])))
    return found


def unanswered_windows(chunks: Sequence[Chunk], general: Sequence[str] = ()) -> list[Window]:
    """A window for each question that no guide answers: near none of them, then near those of the chunks."""
    near = [(i, question) for i, chunk in enumerate(chunks) for question in chunk.unanswered]
    return [
        Window(chunk, NOWHERE, NOWHERE, question)
        for chunk, question in [*((-1, question) for question in general), *near]
    ]


def general_questions(library: Library) -> tuple[str, ...]:
    """Questions near no guide that no guide answers, in both languages."""
    asked, _ = read_asked(library)
    return tuple(question for lang in ("zh", "en") for question in asked.get(("", lang, UNANSWERED), ()))


def _spans(lines: tuple[str, ...]) -> list[tuple[int, int]]:
    """Half-open line ranges of at most WINDOW_CHARS each (a longer line stands alone)."""
    spans, first, size = [], 0, 0.0
    for i, line in enumerate(lines):
        length = len(line) if not line.isascii() else len(line) / 3
        if size and size + length > WINDOW_CHARS:
            spans.append((first, i))
            first, size = i, 0.0
        size += length
    return [*spans, (first, len(lines))]
