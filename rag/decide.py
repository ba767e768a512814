"""From a ranking to evidence: which guide and which of its sections answer a part, and how surely.

The probability comes from a logistic model whose weights were fitted by `zhinan eval fit` and are stored
with their data and date in calibration.json. Features are shares and z-scores, so they mean the same in a
corpus of any size and subject.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.access import Reader
from rag.facets import Facet
from rag.index import Index
from rag.question import Part, Vocabulary, facets_of
from rag.retrieve import Ranking
from rag.spelling import Speller, speller
from rag.text import fold, has_han, terms

CALIBRATION = Path(__file__).parent / "calibration.json"

_FACET_WEIGHT, _RESIDUAL_WEIGHT = 0.25, 0.4
"""Within a guide: worth of a section made for the facet asked, and of covering the question's other words."""
_NAMING_WEIGHT, _COVERAGE_WEIGHT, _AUDIENCE_WEIGHT = 0.5, 0.3, 0.03
"""Between guides: worth of being named, of covering the question's words, of being written for the reader."""


@dataclass(frozen=True)
class Scope:
    """What one kind of reader can be answered from in one language today."""

    index: Index
    reader: Reader
    lang: str
    within: NDArray[np.bool_]

    @cached_property
    def members(self) -> Mapping[str, list[int]]:
        """Chunk numbers of each guide in reading order."""
        found: dict[str, list[int]] = {}
        for i in np.flatnonzero(self.within):
            found.setdefault(self.index.chunks[i].guide, []).append(int(i))
        return found

    @cached_property
    def chunk_terms(self) -> Mapping[int, frozenset[str]]:
        """Distinct terms of each chunk's heading and text."""
        chunks = self.index.chunks
        return {
            i: frozenset(terms(f"{chunks[i].section}\n{chunks[i].text}"))
            for g in self.members.values()
            for i in g
        }

    @cached_property
    def names(self) -> Mapping[str, frozenset[str]]:
        """Terms of each guide's title and aliases."""
        chunks = self.index.chunks
        return {
            guide: frozenset(
                term for i in own for term in terms("；".join((chunks[i].title, *chunks[i].aliases)))
            )
            for guide, own in self.members.items()
        }

    @cached_property
    def known(self) -> Mapping[str, frozenset[str]]:
        """All terms of each guide."""
        return {
            guide: self.names[guide].union(*(self.chunk_terms[i] for i in own))
            for guide, own in self.members.items()
        }

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
    def words(self) -> Vocabulary:
        """Known and naming terms over all guides of this scope."""
        known = frozenset[str]().union(*self.known.values())
        names = frozenset(t for t in frozenset[str]().union(*self.names.values()) if len(t) > 1)
        return Vocabulary(known.__contains__, names.__contains__)

    @cached_property
    def speller(self) -> Speller:
        """Corrects typing errors towards the words of these guides."""
        pairs = Counter(t for found in self.known.values() for t in found if len(t) == 2 and has_han(t))
        first = {own[0]: self.index.chunks[own[0]] for own in self.members.values()}
        return speller((fold(name) for c in first.values() for name in (c.title, *c.aliases)), pairs)

    def share(self, wanted: Iterable[str], there: frozenset[str]) -> float:
        """Share of the wanted terms' rarity that is there; 0 when nothing is wanted."""
        rarity = {term: self.index.lexical.rarity(term) for term in wanted}
        total = sum(rarity.values())
        return sum(value for term, value in rarity.items() if term in there) / total if total else 0.0


@dataclass(frozen=True)
class Features:
    """What the evidence is judged by; every value is a share (0–1) or a z-score."""

    naming: float
    coverage: float
    chunk_coverage: float
    residual: float
    residual_coverage: float
    unknown: float
    lexical: float
    vector: float
    margin: float
    facet_fit: float
    facet_asked: float

    def vector_of(self) -> list[float]:
        """The values in declared order, with the one product that matters."""
        return [*astuple(self), self.naming * self.facet_fit]

    @classmethod
    def labels(cls) -> list[str]:
        """Names for `vector_of`."""
        return [*(f.name for f in fields(cls)), "naming*facet_fit"]


@dataclass(frozen=True)
class Evidence:
    """The best section of one guide for a part."""

    part: Part
    guide: str
    chunk: int
    score: float
    residual: tuple[str, ...]
    features: Features
    probability: float


@dataclass(frozen=True)
class Calibration:
    """Fitted weights and thresholds; see the module docstring."""

    weights: tuple[float, ...]
    bias: float
    answer_at: float
    several_within: float

    def probability(self, features: Features) -> float:
        """Probability that the evidence answers the part."""
        total = self.bias + sum(w * x for w, x in zip(self.weights, features.vector_of(), strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def load_calibration(path: Path = CALIBRATION) -> Calibration:
    """The stored calibration."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    weights = tuple(data["weights"][name] for name in Features.labels())
    return Calibration(weights, data["bias"], data["answer_at"], data["several_within"])


def weigh(part: Part, scope: Scope, ranking: Ranking, calibration: Calibration) -> list[Evidence]:
    """Evidence of the guides that rank best for a part, surest guide first."""
    near = dict.fromkeys(scope.index.chunks[i].guide for i in ranking.top(30))
    named = [g for g in scope.members if any(term in scope.names[g] for term in part.content)]
    found = [_of_guide(guide, part, scope, ranking) for guide in dict.fromkeys((*near, *named))]
    found.sort(key=lambda item: -item[0])
    evidence = []
    for place, (score, guide, chunk, residual) in enumerate(found[:6]):
        rival = found[1][0] if place == 0 and len(found) > 1 else found[0][0]
        features = _features(part, scope, ranking, guide, chunk, residual, score - rival)
        evidence.append(
            Evidence(part, guide, chunk, score, residual, features, calibration.probability(features))
        )
    return evidence


def _of_guide(
    guide: str, part: Part, scope: Scope, ranking: Ranking
) -> tuple[float, str, int, tuple[str, ...]]:
    """Score of a guide, its best chunk, and the content terms that its name does not explain."""
    names = scope.names[guide]
    residual = tuple(term for term in part.content if term not in names)
    best = max(scope.members[guide], key=lambda i: chunk_score(i, part, residual, scope, ranking))
    score = chunk_score(best, part, residual, scope, ranking)
    score += _NAMING_WEIGHT * scope.share(part.content, names)
    score += _COVERAGE_WEIGHT * scope.share(part.content, scope.known[guide])
    if scope.reader.audience in scope.index.chunks[best].audience:
        score += _AUDIENCE_WEIGHT
    return score, guide, best, residual


def chunk_score(i: int, part: Part, residual: tuple[str, ...], scope: Scope, ranking: Ranking) -> float:
    """How well a chunk serves a part: fused evidence, the facet asked for, the words left over."""
    score = float(ranking.fused[i]) + _FACET_WEIGHT * facet_fit(i, part, scope)
    return score + _RESIDUAL_WEIGHT * scope.share(residual, scope.chunk_terms[i])


def facet_fit(i: int, part: Part, scope: Scope) -> float:
    """1 for the section of the facet asked, less for a fact or an FAQ entry about it, 0 otherwise."""
    chunk = scope.index.chunks[i]
    if part.facet is None:
        return 0.0
    if chunk.facet is part.facet:
        return 1.0
    if any(facet is part.facet for facet, _ in chunk.facts):
        return 0.8
    return 0.6 if part.facet in scope.faq_facets.get(i, ()) else 0.0


def _features(
    part: Part,
    scope: Scope,
    ranking: Ranking,
    guide: str,
    chunk: int,
    residual: tuple[str, ...],
    margin: float,
) -> Features:
    everywhere = scope.chunk_terms[chunk] | scope.names[guide]
    unknown = [term for term in part.content if not scope.words.known(term)]
    total = sum(scope.index.lexical.rarity(term) for term in part.content) or 1.0
    return Features(
        naming=scope.share(part.content, scope.names[guide]),
        coverage=scope.share(part.content, scope.known[guide]),
        chunk_coverage=scope.share(part.content, everywhere),
        residual=sum(scope.index.lexical.rarity(term) for term in residual) / total,
        residual_coverage=scope.share(residual, scope.chunk_terms[chunk]) if residual else 1.0,
        unknown=sum(scope.index.lexical.rarity(term) for term in unknown) / total,
        lexical=float(ranking.lexical[chunk]),
        vector=float(ranking.vector[chunk]) / 4.0,
        margin=margin,
        facet_fit=facet_fit(chunk, part, scope),
        facet_asked=float(part.facet is not None),
    )
