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
from rag.facets import Facet
from rag.index import Index
from rag.lexical import Bags, bags_of
from rag.text import numbers, terms

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
    alone: Bags
    headed: Bags
    headings: Bags
    sections: Bags
    names: Bags
    known: Bags
    windows: Rows
    facts: tuple[frozenset[Facet], ...]

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self.chunk)

    @cached_property
    def begins(self) -> Rows:
        """First row of each guide, and the number of rows at the end."""
        return np.searchsorted(self.guide, np.arange(len(self.guides) + 1))

    @cached_property
    def chunk_guide(self) -> dict[int, int]:
        """Number of the guide of each chunk."""
        return dict(zip(self.chunk.tolist(), self.guide.tolist(), strict=True))


def lines_of(
    index: Index,
    members: Mapping[str, Sequence[int]],
    names: Mapping[str, frozenset[str]],
    known: Mapping[str, frozenset[str]],
    audience: Audience,
) -> Lines:
    """The lines of the member chunks of each guide, with the terms of its names and all its terms."""
    chunks, guides = index.chunks, tuple(members)
    owner = {i: g for g, guide in enumerate(guides) for i in members[guide]}
    own = list(owner)
    place = [(s, i, n) for s, i in enumerate(own) for n in range(len(chunks[i].lines))]
    heads = [frozenset(terms(chunks[i].section)) for i in own]
    texts = [frozenset(terms(chunks[i].lines[n])) for _, i, n in place]
    headed = [text | heads[s] for text, (s, _, _) in zip(texts, place, strict=True)]
    vocabulary = index.lexical.vocabulary
    sections: list[set[str]] = [set() for _ in own]
    for text, (s, _, _) in zip(headed, place, strict=True):
        sections[s] |= text
    return Lines(
        chunk=np.array([i for _, i, _ in place], dtype=np.int64),
        number=np.array([n for _, _, n in place], dtype=np.int64),
        guide=np.array([owner[i] for _, i, _ in place], dtype=np.int64),
        guides=guides,
        section=np.array([s for s, _, _ in place], dtype=np.int64),
        section_chunks=np.array(own, dtype=np.int64),
        text=tuple(chunks[i].lines[n] for _, i, n in place),
        fixed=_fixed(index, audience, [(i, n) for _, i, n in place]),
        alone=bags_of(texts, vocabulary),
        headed=bags_of(headed, vocabulary),
        headings=bags_of(heads, vocabulary),
        sections=bags_of(sections, vocabulary),
        names=bags_of((names[guide] for guide in guides), vocabulary),
        known=bags_of((known[guide] for guide in guides), vocabulary),
        windows=np.array([_window_of(index, i, n) for _, i, n in place], dtype=np.int64),
        facts=tuple(_facts_of(index, i, n) for _, i, n in place),
    )


def _facts_of(index: Index, chunk: int, line: int) -> frozenset[Facet]:
    """Facets of which a line states a fact."""
    text = index.chunks[chunk].lines[line]
    return frozenset(f for f, quote in index.chunks[chunk].facts if quote in text or text in quote)


def _fixed(index: Index, audience: Audience, place: Sequence[tuple[int, int]]) -> Floats:
    """Columns that hold for every question; all others are left 0."""
    fixed = np.zeros((len(place), len(Feature)), dtype=np.float32)
    for row, (i, n) in enumerate(place):
        chunk = index.chunks[i]
        line = chunk.lines[n]
        said = {
            Feature.AUDIENCE: audience in chunk.audience,
            Feature.SUMMARY: not chunk.anchor,
            Feature.ANY_FACT: any(quote in line for _, quote in chunk.facts),
            Feature.LENGTH: min(len(line) if not line.isascii() else len(line) / 3, 120) / 120,
            Feature.PLACE: n / len(chunk.lines),
            Feature.NUMBER: bool(numbers(line)),
        } | {kind: chunk.facet in of for kind, of in _KINDS.items()}
        for feature, value in said.items():
            fixed[row, COLUMN[feature]] = float(value)
    return fixed


def _window_of(index: Index, chunk: int, line: int) -> int:
    """The last window of a chunk that holds a line: the first ones may be its aliases or its question."""
    rows = index.windows_of(chunk)
    holding = [
        row for row in range(rows.start, rows.stop) if index.spans[row][0] <= line < index.spans[row][1]
    ]
    return holding[-1]
