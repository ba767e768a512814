"""From a ranking to evidence: which guide and which of its lines answer a part, and how surely.

The probability comes from a logistic model whose weights were fitted by `python -m rag.calibrate` and are stored
with their data and date in calibration.json. Features are shares and z-scores, so they mean the same in a
corpus of any size and subject.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from rag.facets import Facet
from rag.question import Part
from rag.rank_lines import score_lines
from rag.retrieve import Ranking
from rag.scope import ANSWER_SHAPE, Scope, facet_fit, tells
from rag.trees import Trees

CALIBRATION = Path(__file__).parent / "calibration.json"

_FIELD_FACETS = frozenset(Facet) - {Facet.STEPS, Facet.APPLIES, Facet.CHANNELS, Facet.MATERIALS, Facet.FAQ}
"""Facets that prose seldom answers by the way."""

_LOOKED_AT, _WEIGHED = 80, 4
"""Best lines that are looked at, and guides that are weighed."""
_ALIKE = 0.4
"""Standard deviations by which a question must be more alike to count e times as much."""
_NOT_TOLD = 1.6
"""Words that no guide holds which the words of its own that a part has and the guide lacks may at most be worth."""
_CLEAR = 8.0
"""Log-odds that count as beyond doubt where no other guide is left."""


@dataclass(frozen=True)
class Features:
    """What the evidence is judged by: shares (0–1), cosines and z-scores, each said in one line."""

    naming: float
    """Share of the part's content that the guide's title and aliases hold."""
    coverage: float
    """Share of the content that the guide holds anywhere."""
    residual: float
    """Share of the content that the names leave over."""
    residual_coverage: float
    """Share of what is left over that the chosen section holds; 1 if nothing is left over."""
    line_coverage: float
    """Largest share of the content that one line of the section, with its heading, holds."""
    residual_line: float
    """The same for what is left over."""
    unknown: float
    """Share of the content that no readable guide holds."""
    lexical: float
    """BM25 of the section, as a share of the best possible."""
    vector: float
    """Similarity of the section in standard deviations over all sections, divided by Ranking.scale."""
    guide_vector: float
    """The same for the guide's most similar section."""
    vector_margin: float
    """By how much that exceeds the most similar section of any other guide."""
    cosine: float
    """Cosine of the guide's most similar window by the first encoder."""
    second_cosine: float
    """The same by the second encoder (again the first where there is but one)."""
    asked: float
    """Similarity of the most similar question that leads to the section, likewise."""
    unanswered_section: float
    """How far the most similar question that no guide answers stands above the section, likewise."""
    unanswered_line: float
    """How far it stands above the guide's most similar window of lines, likewise."""
    unanswered_share: float
    """Share of such questions among all questions that are alike, the more alike the more they count."""
    guide_share: float
    """Share of questions that the guide answers among them."""
    unanswered_words: float
    """Largest share of the content that one question that no guide answers holds."""
    passage_margin: float
    """How far the section stands below the best in the reranking stage, at most 8, divided by 4."""
    line: float
    """Log-odds that the guide's best line answers, at most 8 either way, divided by 4."""
    margin: float
    """By how much they exceed those of any other guide's best line, likewise."""
    facet_fit: float
    """How well the section is made for the facet asked."""
    facet_told: float
    """Whether the guide has a section or fact of that facet, or no facet was asked."""
    shape: float
    """Whether the section holds a line shaped like an answer (a duration, an amount, a phone)."""
    unfit: float
    """How badly the section is made for a facet that only a field can answer."""
    named_fit: float
    """naming × facet_fit."""
    words: float
    """Number of content terms, at most 12, divided by 12."""

    def vector_of(self) -> list[float]:
        """The values in declared order."""
        return [getattr(self, f.name) for f in fields(self)]

    @classmethod
    def labels(cls) -> list[str]:
        """Names for `vector_of`."""
        return [f.name for f in fields(cls)]


@dataclass(frozen=True)
class Pick:
    """A line of a chunk, and how surely it answers, as log-odds."""

    chunk: int
    line: int
    score: float


@dataclass(frozen=True)
class Evidence:
    """What one guide has for a part: its best lines, best first, and how surely they answer. `is_sure`: enough to
    answer from; `is_certain`: enough to answer without saying that it may not be what was asked."""

    part: Part
    guide: str
    lines: tuple[Pick, ...]
    residual: tuple[str, ...]
    features: Features
    probability: float
    is_sure: bool
    is_certain: bool

    @property
    def chunk(self) -> int:
        """The section that holds the best line."""
        return self.lines[0].chunk

    @property
    def score(self) -> float:
        """Log-odds of the best line."""
        return self.lines[0].score


@dataclass(frozen=True)
class Calibration:
    """Fitted weights and thresholds; see the module docstring."""

    weights: tuple[float, ...]
    bias: float
    answer_at: float
    certain_at: float

    def probability(self, features: Features) -> float:
        """Probability that the evidence answers the part."""
        total = self.bias + sum(w * x for w, x in zip(self.weights, features.vector_of(), strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def load_calibration(embedder: str, *, questions: bool, path: Path = CALIBRATION) -> Calibration:
    """The calibration fitted with this embedder's family, or the one that uses no raw cosine; each for offices
    that have written down `questions` that no guide answers, and for those that have not.

    Cosines of another encoder mean something else; shares and z-scores do not.
    """
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    fitted = data[fit_name(questions=questions, cosine=family(embedder) == data["embedder"])]
    weights = tuple(fitted["weights"][name] for name in Features.labels())
    return Calibration(weights, fitted["bias"], fitted["answer_at"], fitted["certain_at"])


def fit_name(*, questions: bool, cosine: bool) -> str:
    """Name of one of the fits in calibration.json."""
    return f"{'with' if questions else 'without'}_questions_{'with' if cosine else 'without'}_cosine"


def family(embedder: str) -> str:
    """An embedder's id without the digests of its files, which differ between processors."""
    return re.sub(r"-[0-9a-f]{12}(?=\+|$)", "", embedder)


def weigh(
    part: Part, scope: Scope, ranking: Ranking, calibration: Calibration, trees: Trees
) -> list[Evidence]:
    """Evidence of the guides whose lines rank best for a part, surest guide first."""
    rows, scores = score_lines(part, scope, ranking, trees)
    lines, best = scope.lines, dict[int, list[int]]()
    for place in np.argsort(-scores, kind="stable")[:_LOOKED_AT]:
        best.setdefault(int(lines.guide[rows[place]]), []).append(int(place))
    tops = [float(scores[places[0]]) for places in best.values()]
    evidence = []
    for n, places in enumerate(list(best.values())[:_WEIGHED]):
        rival = tops[1] if n == 0 and len(tops) > 1 else tops[0] if n else tops[0] - _CLEAR
        chosen = tuple(
            Pick(int(lines.chunk[rows[k]]), int(lines.number[rows[k]]), float(scores[k])) for k in places
        )
        guide = lines.guides[int(lines.guide[rows[places[0]]])]
        residual = tuple(term for term in part.content if term not in scope.names[guide])
        features = _features(part, scope, ranking, guide, chosen[0], residual, tops[n] - rival)
        probability = calibration.probability(features)
        sure = probability >= calibration.answer_at and _is_told(part, scope, guide)
        certain = probability >= calibration.certain_at
        evidence.append(Evidence(part, guide, chosen, residual, features, probability, sure, certain))
    return sorted(evidence, key=lambda item: -item.probability)


def _is_told(part: Part, scope: Scope, guide: str) -> bool:
    """Whether a guide may tell what a part asks of a subject named before it: "and does it make electricity
    cheaper" is not told by a guide that is sure of the subject and never speaks of electricity."""
    lexical = scope.index.lexical
    number = np.array([scope.lines.guide_numbers[guide]])
    held = float(scope.lines.known.held(lexical.worth(part.own), number)[0]) if part.own else 1.0
    return (1.0 - held) * sum(map(lexical.rarity, part.own)) <= _NOT_TOLD * lexical.rarity("")


def _features(
    part: Part,
    scope: Scope,
    ranking: Ranking,
    guide: str,
    pick: Pick,
    residual: tuple[str, ...],
    margin: float,
) -> Features:
    chunk = pick.chunk
    unknown = [term for term in part.content if not scope.words.known(term)]
    total = sum(scope.index.lexical.rarity(term) for term in part.content) or 1.0
    naming, fit = scope.share(part.content, scope.names[guide]), facet_fit(chunk, part, scope)
    worth, lines = scope.index.lexical.worth, scope.index.lines
    content, left = worth(part.content), worth(residual)
    rows = np.arange(lines.edges[chunk], lines.edges[chunk + 1])
    number = np.array([scope.lines.guide_numbers[guide]])
    own, scale = scope.members[guide], float(ranking.scale)
    guide_vector = float(ranking.vector[own].max())
    others = np.where(scope.within, ranking.vector, -np.inf)
    others[own] = -np.inf
    rival = float(others.max()) if len(own) < scope.size else 0.0
    return Features(
        naming=naming,
        coverage=float(scope.lines.known.held(content, number)[0]),
        residual=sum(scope.index.lexical.rarity(term) for term in residual) / total,
        residual_coverage=float(lines.sections.held(left, np.array([chunk]))[0]) if residual else 1.0,
        line_coverage=float(lines.headed.held(content, rows).max()),
        residual_line=float(lines.headed.held(left, rows).max()) if residual else 1.0,
        unknown=sum(scope.index.lexical.rarity(term) for term in unknown) / total,
        lexical=float(ranking.lexical[chunk]),
        vector=float(ranking.vector[chunk]) / scale,
        guide_vector=guide_vector / scale,
        vector_margin=(guide_vector - rival) / scale,
        cosine=float(ranking.cosines[0, own].max()),
        second_cosine=float(ranking.cosines[-1, own].max()),
        asked=float(ranking.asked[chunk]) / scale,
        **_unanswered(part, scope, ranking, chunk, own),
        passage_margin=max(-_CLEAR, float(ranking.fused[chunk] - ranking.fused.max())) / 4.0,
        line=max(-_CLEAR, min(_CLEAR, pick.score)) / 4.0,
        margin=max(-_CLEAR, min(_CLEAR, margin)) / 4.0,
        facet_fit=fit,
        facet_told=float(part.facet is None or any(tells(i, part.facet, scope) for i in own)),
        shape=float(_is_shaped(chunk, part, scope)),
        unfit=(1.0 - fit) if part.facet in _FIELD_FACETS else 0.0,
        named_fit=naming * fit,
        words=min(len(part.content), 12) / 12,
    )


def _unanswered(
    part: Part, scope: Scope, ranking: Ranking, chunk: int, own: Sequence[int]
) -> dict[str, float]:
    """What questions that no guide answers say against a section; nothing where there are none."""
    index, known = scope.index, len(scope.index.unanswered)
    if not known:
        return dict.fromkeys(
            ("unanswered_section", "unanswered_line", "unanswered_share", "guide_share", "unanswered_words"),
            0.0,
        )
    questions = index.question_windows
    owners = index.owners[questions]
    against, asked = ranking.windows[:known], ranking.windows[questions]
    highest = max(float(against.max()), float(asked[scope.within[owners]].max(initial=-np.inf)))
    none = np.exp((against - highest) / _ALIKE).sum()
    votes = np.where(scope.within[owners], np.exp((asked - highest) / _ALIKE), 0.0)
    everything = float(none + votes.sum())
    best = max(float(ranking.asked[chunk]), float(ranking.vector[chunk]))
    rows = np.concatenate([np.arange(index.edges[i], index.edges[i + 1]) for i in own])
    lines = rows[index.spans[rows, 0] < index.spans[rows, 1]]
    return {
        "unanswered_section": float(against.max() - best) / float(ranking.scale),
        "unanswered_line": float(against.max() - ranking.windows[lines].max()) / float(ranking.scale),
        "unanswered_share": float(none) / everything,
        "guide_share": float(votes[np.isin(owners, own)].sum()) / everything,
        "unanswered_words": index.unanswered_share(part.content),
    }


def _is_shaped(i: int, part: Part, scope: Scope) -> bool:
    shape = ANSWER_SHAPE.get(part.facet) if part.facet else None
    return shape is None or any(shape.search(line) for line in scope.index.chunks[i].lines)
