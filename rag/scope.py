"""What one kind of reader can be answered from in one language today, and what its sections are made for."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.access import Reader
from rag.chunks import Chunk
from rag.facets import Facet
from rag.index import Index
from rag.lines import Feature, Lines, lines_of
from rag.question import Part, Vocabulary, facets_of
from rag.spelling import Speller, speller
from rag.text import fold, has_han

ANSWER_SHAPE = {
    Facet.TIME_LIMIT: re.compile(
        r"\d\s*(个?工作日|日|天|个?小时|个?工作小时|分钟|个?月|年|working|day|hour|minute|month|year)"
    ),
    Facet.FEE: re.compile(r"费|元|免|fee|free|charge|cost|yuan"),
    Facet.CONTACT: re.compile(r"\d{3}"),
    Facet.HOURS: re.compile(r"\d:\d\d|24\s*(小时|hours)"),
}
"""What a line that answers a facet must look like."""


@dataclass(frozen=True)
class Scope:
    """What one kind of reader can be answered from in one language today."""

    index: Index
    reader: Reader
    lang: str
    within: NDArray[np.bool_]

    def masked(self, keep: NDArray[np.bool_]) -> "Scope":
        """The same without some chunks of whole guides; what was made of the others is kept, not made again."""
        less = replace(self, within=self.within & keep)
        for name in ("lines", "facet_columns", "faq_facets"):
            vars(less)[name] = getattr(self, name)
        return less

    @cached_property
    def members(self) -> Mapping[str, list[int]]:
        """Chunk numbers of each guide in reading order."""
        found: dict[str, list[int]] = {}
        for i in np.flatnonzero(self.within).tolist():
            found.setdefault(self.index.chunks[i].guide, []).append(i)
        return found

    def texts(self, guide: str) -> Iterator[str]:
        """All that a guide says and is asked, text by text."""
        for chunk in (self.index.chunks[i] for i in self.members[guide]):
            yield "\n".join((chunk.title, chunk.section, chunk.text, *chunk.aliases, *chunk.asked))

    @cached_property
    def size(self) -> int:
        """How many chunks there are."""
        return int(self.within.sum())

    @cached_property
    def names(self) -> Mapping[str, frozenset[str]]:
        """Terms of each guide's title and aliases."""
        return {guide: self._said(self.lines.names.of(g)) for guide, g in self._numbers.items()}

    @property
    def _numbers(self) -> dict[str, int]:
        """Numbers of these guides among those of the lines, which may be more."""
        return {guide: self.lines.guide_numbers[guide] for guide in self.members}

    def _said(self, numbers: NDArray[np.int32]) -> frozenset[str]:
        """Terms by their numbers."""
        terms = self.index.lexical.terms
        return frozenset([terms[number] for number in numbers.tolist()])

    @cached_property
    def faq_facets(self) -> Mapping[int, frozenset[Facet]]:
        """Facets that the question of each FAQ chunk asks for."""
        chunks = self.index.chunks
        return {
            i: frozenset(facets_of(chunks[i].section))
            for own in self.members.values()
            for i in own
            if chunks[i].facet is Facet.FAQ
        }

    @cached_property
    def lines(self) -> Lines:
        """Every line of these guides, ready to be ranked."""
        return lines_of(self.index, self.members, self.reader.audience)

    @cached_property
    def facet_columns(self) -> dict[Facet, dict[Feature, NDArray[np.float32]]]:
        """What the line ranker has worked out for each facet so far."""
        return {}

    @cached_property
    def words(self) -> Vocabulary:
        """Known and naming terms over all guides of this scope."""
        known, names = (
            self._said(np.unique(np.concatenate([bags.of(g) for g in self._numbers.values()])))
            if self._numbers
            else frozenset[str]()
            for bags in (self.lines.known, self.lines.names)
        )
        names = frozenset(term for term in names if len(term) > 1)
        return Vocabulary(known.__contains__, names.__contains__)

    @cached_property
    def speller(self) -> Speller:
        """Corrects typing errors towards the words of these guides."""
        guides = np.bincount(self.lines.known.terms).tolist()
        said = zip(self.index.lexical.terms, guides, strict=False)
        counts = {term: count for term, count in said if count and len(term) in (2, 3) and has_han(term)}
        pairs = {term: count for term, count in counts.items() if len(term) == 2}
        names = Counter({term: count for term, count in counts.items() if len(term) == 3})
        first = [self.index.chunks[own[0]] for own in self.members.values()]
        names.update(fold(name) for c in first for name in (c.title, *c.aliases))
        texts = (self.index.chunks[i].text for own in self.members.values() for i in own)
        return speller(names, pairs, texts if self.lang == "en" else ())

    def share(self, wanted: Iterable[str], there: frozenset[str]) -> float:
        """Share of the wanted terms' rarity that is there; 0 when nothing is wanted."""
        rarity = {term: self.index.lexical.rarity(term) for term in wanted}
        total = sum(rarity.values())
        return sum(value for term, value in rarity.items() if term in there) / total if total else 0.0


def asks_other(i: int, part: Part, scope: Scope) -> bool:
    """Whether a chunk is the answer to a question about other facets."""
    asked = scope.faq_facets.get(i, frozenset())
    return part.facet is not None and bool(asked) and part.facet not in asked


def facet_fit(i: int, part: Part, scope: Scope) -> float:
    """1 for the section of the facet asked, less for a fact or an FAQ entry about it, 0 otherwise."""
    chunk = scope.index.chunks[i]
    if part.facet is None:
        return 0.0
    if chunk.facet is part.facet:
        return 1.0
    if any(facet is part.facet for facet, _ in chunk.facts) or _tells_hours(chunk, part.facet):
        return 0.8
    return 0.6 if part.facet in scope.faq_facets.get(i, ()) else 0.0


def _tells_hours(chunk: Chunk, facet: Facet) -> bool:
    """Opening hours have no section of their own: they stand with the places and phones."""
    placed = facet is Facet.HOURS and chunk.facet in (Facet.CHANNELS, Facet.CONTACT)
    return placed and any(ANSWER_SHAPE[Facet.HOURS].search(line) for line in chunk.lines)


def tells(i: int, facet: Facet, scope: Scope) -> bool:
    """Whether a chunk is the section of a facet or states a fact of it."""
    chunk = scope.index.chunks[i]
    return chunk.facet is facet or any(fact is facet for fact, _ in chunk.facts) or _tells_hours(chunk, facet)
