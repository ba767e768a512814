"""The line ranker: how surely each line of a scope answers a part of a question.

Shares, z-scores and flags of every line (lines.Feature) go through trees fitted on the case files by
`python -m rag.calibrate`; line_ranker.json holds them with a card. The best line names the guide and section.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

from rag.facets import Facet
from rag.lines import COLUMN, Feature, Floats, Lines, Rows
from rag.question import Part
from rag.retrieve import Ranking
from rag.scope import ANSWER_SHAPE, Scope, asks_other, facet_fit
from rag.text import terms
from rag.trees import Trees, from_json

RANKER = Path(__file__).parent / "line_ranker.json"

CANDIDATES = 200
"""Lines that the trees see: trees cost more than all features together."""

_RELATIVE = (
    Feature.NAMING,
    Feature.COVERAGE,
    Feature.GUIDE_LEXICAL,
    Feature.GUIDE_VECTOR,
    Feature.LEXICAL,
    Feature.VECTOR,
    Feature.SECTION_LEFT,
    Feature.WINDOW,
    Feature.CONTENT,
    Feature.LINE_LEFT,
    Feature.LINE_ALL,
)
"""Columns that also say how far a line stands below the best line."""


def columns() -> list[str]:
    """Names of the columns of `features`, in order."""
    return [*(f.name.lower() for f in Feature), *(f"{f.name.lower()}_below_best" for f in _RELATIVE)]


@cache
def line_ranker() -> Trees:
    """The fitted trees, read once; they must have been fitted on these columns."""
    card = json.loads(RANKER.read_text(encoding="utf-8"))
    if card["columns"] != columns():
        raise ValueError(f"{RANKER.name} was fitted on other columns: run python -m rag.calibrate")
    return from_json(card["trees"])


def score_lines(part: Part, scope: Scope, ranking: Ranking, trees: Trees) -> tuple[Rows, Floats]:
    """Rows of the likeliest lines of `scope.lines`, and how surely each answers the part, as log-odds."""
    rows, x = features(part, scope, ranking)
    likely = np.argsort(-likelihood(x), kind="stable")[:CANDIDATES]
    return rows[likely], trees.scores(x[likely])


def likelihood(x: Floats) -> Floats:
    """A rough order that needs no trees: lexical, vector and content shares, and the guide's best section."""
    rough = {Feature.LEXICAL: 1.0, Feature.VECTOR: 0.24, Feature.CONTENT: 0.3, Feature.GUIDE_MARGIN: 0.2}
    total = np.zeros(len(x), dtype=np.float32)
    for feature, weight in rough.items():
        total += np.float32(weight) * x[:, COLUMN[feature]]
    return total


def features(part: Part, scope: Scope, ranking: Ranking) -> tuple[Rows, Floats]:
    """Rows that may be used, and their features for a part: every Feature, then those of _RELATIVE below the
    best; shape (rows, columns)."""
    lines, lexical = scope.lines, scope.index.lexical
    x = lines.fixed.copy()
    values: dict[Feature, Floats | float] = {
        Feature.NAMING: lines.names.share(part.content, lexical)[lines.guide],
        Feature.COVERAGE: lines.known.share(part.content, lexical)[lines.guide],
        Feature.LEXICAL: ranking.lexical[lines.chunk],
        Feature.VECTOR: ranking.vector[lines.chunk] / np.float32(4.0),
        Feature.WINDOW: ranking.windows[lines.windows] / np.float32(4.0),
        Feature.CONTENT: lines.headed.share(part.content, lexical),
        Feature.LINE_ALL: lines.alone.share(terms(part.query), lexical),
        Feature.HEADING_ALL: lines.headings.share(terms(part.query), lexical),
        Feature.WORDS: min(len(part.content), 12) / 12,
    }
    values |= _of_guides(lines, ranking) | _left_over(part, scope) | _facet(part, scope)
    for feature, column in values.items():
        x[:, COLUMN[feature]] = column
    rows = np.flatnonzero(scope.within[lines.chunk])
    x = x[rows]
    relative = x[:, [COLUMN[feature] for feature in _RELATIVE]]
    return rows, np.hstack([x, relative - relative.max(axis=0, initial=-np.inf)])


def _of_guides(lines: Lines, ranking: Ranking) -> dict[Feature, Floats | float]:
    """The best scores of each line's guide."""
    starts = np.flatnonzero(np.r_[True, lines.guide[1:] != lines.guide[:-1]])
    best = {
        Feature.GUIDE_LEXICAL: ranking.lexical,
        Feature.GUIDE_VECTOR: ranking.vector / np.float32(4.0),
        Feature.GUIDE_MARGIN: ranking.fused,
    }
    tops = {feature: np.maximum.reduceat(scores[lines.chunk], starts) for feature, scores in best.items()}
    tops[Feature.GUIDE_MARGIN] = tops[Feature.GUIDE_MARGIN] - tops[Feature.GUIDE_MARGIN].max()
    return {feature: values[lines.guide] for feature, values in tops.items()}


def _left_over(part: Part, scope: Scope) -> dict[Feature, Floats | float]:
    """Shares of the content that a guide's own name does not explain; guides that explain the same together."""
    lines, lexical = scope.lines, scope.index.lexical
    zero, one = np.zeros(lines.size, dtype=np.float32), np.ones(lines.size, dtype=np.float32)
    found = {f: zero.copy() for f in (Feature.LEFT, Feature.HEADING_LEFT, Feature.LINE_LEFT_ALONE)}
    found |= {f: one.copy() for f in (Feature.SECTION_LEFT, Feature.LINE_LEFT)}
    total = sum(lexical.rarity(term) for term in part.content) or 1.0
    groups: dict[tuple[str, ...], list[int]] = {}
    for g, guide in enumerate(lines.guides):
        names = scope.names.get(guide, frozenset())
        groups.setdefault(tuple(t for t in part.content if t not in names), []).append(g)
    for residual, guides in groups.items():
        if not residual:
            continue
        rows = np.isin(lines.guide, guides)
        found[Feature.LEFT][rows] = sum(lexical.rarity(term) for term in residual) / total
        found[Feature.LINE_LEFT][rows] = lines.headed.share(residual, lexical)[rows]
        found[Feature.LINE_LEFT_ALONE][rows] = lines.alone.share(residual, lexical)[rows]
        found[Feature.HEADING_LEFT][rows] = lines.headings.share(residual, lexical)[rows]
        found[Feature.SECTION_LEFT][rows] = lines.sections.share(residual, lexical)[lines.section[rows]]
    return dict(found)


def _facet(part: Part, scope: Scope) -> dict[Feature, Floats | float]:
    """What the line and its section are made for, beside the facet asked."""
    if part.facet is None:
        return {Feature.NO_FACET: 1.0}
    if part.facet not in scope.facet_columns:
        scope.facet_columns[part.facet] = _facet_columns(part, part.facet, scope)
    return dict(scope.facet_columns[part.facet])


def _facet_columns(part: Part, facet: Facet, scope: Scope) -> dict[Feature, Floats]:
    """The columns of a facet, the same for every question that asks for it."""
    lines, chunks, shape = scope.lines, scope.index.chunks, ANSWER_SHAPE.get(facet)
    own = [int(i) for i in lines.section_chunks]

    def column(values: Iterable[float]) -> Floats:
        return np.fromiter(values, dtype=np.float32)

    found = {
        Feature.FIT: column(facet_fit(i, part, scope) for i in own)[lines.section],
        Feature.OTHER: column(asks_other(i, part, scope) for i in own)[lines.section],
        Feature.MISFIT: column(chunks[i].facet not in (None, Facet.FAQ, facet) for i in own)[lines.section],
        Feature.FACT: column(facet in facets for facets in lines.facts),
    }
    if shape:
        found[Feature.SHAPE_ASKED] = np.ones(lines.size, dtype=np.float32)
        found[Feature.SHAPED] = column(bool(shape.search(text)) for text in lines.text)
    return found
