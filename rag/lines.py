"""The lines of a scope and how well each bears on a part of a question: what the line ranker sees.

A line is the smallest thing that is quoted. Its features are shares, z-scores and flags, never words of a
guide, so that a model fitted on one office's guides means the same for another's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.access import Audience
from rag.chunks import Chunk
from rag.facets import Facet
from rag.index import Index
from rag.lexical import Bags, Cut, union

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


class Feature(Enum):
    """What is known of a line, in the order of the columns."""

    NAMING = "share of the part's content in the guide's title and aliases"
    COVERAGE = "share of the content anywhere in the guide"
    LEFT = "share of the content that the names leave over"
    GUIDE_LEXICAL = "best lexical share of the guide's sections"
    GUIDE_VECTOR = "best vector z-score of the guide's sections"
    GUIDE_MARGIN = "rank score of the guide's best section below that of the best of all"
    AUDIENCE = "written for the reader's audience"
    LEXICAL = "lexical share of the section"
    VECTOR = "vector z-score of the section"
    PASSAGE = "rank score of the section below that of the best of all"
    SECTION_LEFT = "share of what is left over in the section"
    HEADING_LEFT = "share of what is left over in the heading"
    HEADING_ALL = "share of all the question's terms in the heading"
    FIT = "how well the section is made for the facet asked"
    OTHER = "the section answers a question about another facet"
    MISFIT = "the section is made for another facet"
    NO_FACET = "no facet was asked"
    SUMMARY = "the guide's summary"
    PROSE = "the author's prose"
    FAQ = "an answer to a common question"
    STEPS = "a step"
    APPLIES = "a condition"
    MATERIALS = "a document to bring"
    TIME_LIMIT = "a time limit"
    CHANNELS = "a way to apply"
    CONTACT = "whom to ask or complain to"
    LEGAL_BASIS = "a legal basis"
    WINDOW = "vector z-score of the window that holds the line"
    ASKED = "vector z-score of the most similar question that leads to the section"
    SECOND_WINDOW = "the same by the second encoder alone"
    CONTENT = "share of the content in the line and its heading"
    LINE_LEFT = "share of what is left over in the line and its heading"
    LINE_LEFT_ALONE = "share of what is left over in the line alone"
    LINE_ALL = "share of all the question's terms in the line alone"
    SHAPED = "looks like an answer to the facet"
    SHAPE_ASKED = "the facet has such a look"
    FACT = "states a fact of the facet asked"
    ANY_FACT = "states a fact"
    LENGTH = "length, at most 120 characters"
    PLACE = "place in the section, 0 first"
    NUMBER = "holds a number"
    WORDS = "number of content terms, at most 12, divided by 12"


_KINDS = {
    Feature.PROSE: (None,),
    Feature.FAQ: (Facet.FAQ,),
    Feature.STEPS: (Facet.STEPS,),
    Feature.APPLIES: (Facet.APPLIES,),
    Feature.MATERIALS: (Facet.MATERIALS,),
    Feature.TIME_LIMIT: (Facet.TIME_LIMIT,),
    Feature.CHANNELS: (Facet.CHANNELS,),
    Feature.CONTACT: (Facet.CONTACT, Facet.COMPLAINT),
    Feature.LEGAL_BASIS: (Facet.LEGAL_BASIS,),
}
COLUMN = {feature: n for n, feature in enumerate(Feature)}
"""Column of each feature."""


@dataclass(frozen=True)
class Lines:
    """Every line by row: its chunk, its number there, and what does not depend on the question.

    `guide` and `section` are numbers into `guides` and `section_chunks`; rows of one guide are neighbours,
    from `begins[guide]` on. Bags hold distinct terms: of the line `alone`, of the line and its heading
    (`headed`), and of each section's heading, section, guide's names and guide.
    """

    chunk: Rows
    number: Rows
    guide: Rows
    guides: tuple[str, ...]
    section: Rows
    section_chunks: Rows
    text: tuple[str, ...]
    fixed: Floats
    alone: Cut
    headed: Cut
    headings: Cut
    sections: Cut
    names: Bags
    known: Bags
    windows: Rows
    facts: tuple[frozenset[Facet], ...]

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self.chunk)

    @cached_property
    def guide_numbers(self) -> dict[str, int]:
        """Number of each guide."""
        return {guide: g for g, guide in enumerate(self.guides)}

    @cached_property
    def begins(self) -> Rows:
        """First row of each guide, and the number of rows at the end."""
        return np.searchsorted(self.guide, np.arange(len(self.guides) + 1))

    @cached_property
    def chunk_guide(self) -> dict[int, int]:
        """Number of the guide of each chunk."""
        return dict(zip(self.chunk.tolist(), self.guide.tolist(), strict=True))


def lines_of(index: Index, members: Mapping[str, Sequence[int]], audience: Audience) -> Lines:
    """The lines of the member chunks of each guide."""
    stored, vocabulary = index.lines, len(index.lexical.vocabulary)
    own = np.array([i for chunks in members.values() for i in chunks], dtype=np.int64)
    owner = np.repeat(np.arange(len(members)), [len(chunks) for chunks in members.values()])
    sizes = stored.edges[own + 1] - stored.edges[own]
    section = np.repeat(np.arange(len(own)), sizes)
    number = np.arange(len(section)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    line = stored.edges[own][section] + number
    names = union([(index.names, own, owner)], len(members), vocabulary)
    guides = np.arange(len(members))
    known = union([(stored.sections, own, owner), (names, guides, guides)], len(members), vocabulary)
    return Lines(
        chunk=own[section],
        number=number,
        guide=owner[section],
        guides=tuple(members),
        section=section,
        section_chunks=own,
        text=tuple(text for i in own.tolist() for text in index.chunks[i].lines),
        fixed=_fixed(index, audience, own, section, number),
        alone=Cut(stored.alone, line),
        headed=Cut(stored.headed, line),
        headings=Cut(stored.headings, own),
        sections=Cut(stored.sections, own),
        names=names,
        known=known,
        windows=_windows(index)[line],
        facts=tuple(_facts_of(index.chunks[i], text) for i in own.tolist() for text in index.chunks[i].lines),
    )


def _facts_of(chunk: Chunk, line: str) -> frozenset[Facet]:
    """Facets of which a line states a fact."""
    return frozenset(f for f, quote in chunk.facts if quote in line or line in quote)


def _fixed(index: Index, audience: Audience, own: Rows, section: Rows, number: Rows) -> Floats:
    """Columns that hold for every question; all others are left 0."""
    fixed = np.zeros((len(section), len(Feature)), dtype=np.float32)
    chunks, stored = [index.chunks[i] for i in own.tolist()], index.lines
    lines = [(chunk, line) for chunk in chunks for line in chunk.lines]
    by_chunk = {
        Feature.AUDIENCE: [audience in chunk.audience for chunk in chunks],
        Feature.SUMMARY: [not chunk.anchor for chunk in chunks],
    } | {kind: [chunk.facet in of for chunk in chunks] for kind, of in _KINDS.items()}
    by_line = {
        Feature.ANY_FACT: [any(quote in line for _, quote in chunk.facts) for chunk, line in lines],
        Feature.LENGTH: [min(len(t) if not t.isascii() else len(t) / 3, 120) / 120 for _, t in lines],
        Feature.PLACE: number / (stored.edges[own + 1] - stored.edges[own])[section],
        Feature.NUMBER: stored.numbered[stored.edges[own][section] + number],
    }
    for feature, flags in by_chunk.items():
        fixed[:, COLUMN[feature]] = np.array(flags, dtype=np.float32)[section]
    for feature, values in by_line.items():
        fixed[:, COLUMN[feature]] = values
    return fixed


def _windows(index: Index) -> Rows:
    """The window that holds each line of the index: windows before a chunk's lines span none."""
    sizes = (index.spans[:, 1] - index.spans[:, 0]).astype(np.int64)
    first = index.lines.edges[index.owners] + index.spans[:, 0]
    held = np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    found = np.full(index.lines.edges[-1], -1, dtype=np.int64)
    found[held] = np.repeat(np.arange(len(sizes)), sizes)
    return found
