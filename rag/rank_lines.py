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
from rag.lexical import Bags, Cut
from rag.lines import COLUMN, Feature, Floats, Lines, Rows
from rag.question import Part
from rag.retrieve import Ranking
from rag.scope import ANSWER_SHAPE, Scope, asks_other, facet_fit
from rag.text import terms
from rag.trees import Trees, from_json

RANKER = Path(__file__).parent / "line_ranker.json"

CANDIDATES = 200
"""Lines that the trees see: features and trees cost more than all else together."""

CHUNKS, GUIDES = 400, 40
"""Best chunks whose guides are looked at, and how many guides at most: what bounds the work in a large scope."""

_RELATIVE = (
    Feature.NAMING,
    Feature.COVERAGE,
    Feature.GUIDE_LEXICAL,
    Feature.GUIDE_VECTOR,
    Feature.LEXICAL,
    Feature.VECTOR,
    Feature.SECTION_LEFT,
    Feature.WINDOW,
    Feature.ASKED,
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
    return rows, trees.scores(x)


def candidates(part: Part, scope: Scope, ranking: Ranking) -> Rows:
    """Rows of the likeliest lines of the best GUIDES guides, by a rough order that needs no trees: lexical,
    vector and content shares, and the guide's best section."""
    lines = scope.lines
    guides = _best_guides(lines, ranking)
    rows = np.concatenate([np.arange(lines.begins[g], lines.begins[g + 1]) for g in guides])
    rows = rows[scope.within[lines.chunk[rows]]]
    chunk = lines.chunk[rows]
    rough = ranking.lexical[chunk] + np.float32(0.06) * ranking.vector[chunk]
    rough += np.float32(0.3) * lines.headed.held(scope.index.lexical.worth(part.content), rows)
    rough += np.float32(0.03) * _best_of_guides(lines, ranking, rows)[Feature.GUIDE_MARGIN]
    return np.sort(rows[np.argsort(-rough, kind="stable")[:CANDIDATES]])


def features(part: Part, scope: Scope, ranking: Ranking) -> tuple[Rows, Floats]:
    """Rows of the candidates, and their features for a part: every Feature, then those of _RELATIVE below the
    best; shape (rows, columns)."""
    lines, lexical = scope.lines, scope.index.lexical
    rows = candidates(part, scope, ranking)
    content, everything = lexical.worth(part.content), lexical.worth(terms(part.query))
    chunk, window = lines.chunk[rows], lines.windows[rows]
    values: dict[Feature, Floats | float] = {
        Feature.NAMING: _of_guides(lines.names, content, lines.guide[rows]),
        Feature.COVERAGE: _of_guides(lines.known, content, lines.guide[rows]),
        Feature.LEXICAL: ranking.lexical[chunk],
        Feature.VECTOR: ranking.vector[chunk] / ranking.scale,
        Feature.PASSAGE: ranking.fused[chunk] - ranking.fused[chunk].max(initial=-np.inf),
        Feature.WINDOW: ranking.windows[window] / ranking.scale,
        Feature.SECOND_WINDOW: ranking.second_windows[window] / ranking.scale,
        Feature.ASKED: ranking.asked[chunk] / ranking.scale,
        Feature.CONTENT: lines.headed.held(content, rows),
        Feature.LINE_ALL: lines.alone.held(everything, rows),
        Feature.HEADING_ALL: lines.headings.held(everything, lines.section[rows]),
        Feature.WORDS: min(len(part.content), 12) / 12,
    }
    values |= (
        _best_of_guides(lines, ranking, rows) | _left_over(part, scope, rows) | _facet(part, scope, rows)
    )
    x = lines.fixed[rows]
    for feature, column in values.items():
        x[:, COLUMN[feature]] = column
    relative = x[:, [COLUMN[feature] for feature in _RELATIVE]]
    return rows, np.hstack([x, relative - relative.max(axis=0, initial=-np.inf)])


def _best_guides(lines: Lines, ranking: Ranking) -> list[int]:
    """Numbers of the guides whose sections rank best, in order of number."""
    best: dict[int, None] = {}
    for i in ranking.top(CHUNKS):
        if (guide := lines.chunk_guide.get(i)) is not None:
            best[guide] = None
    return sorted(list(best)[:GUIDES])


def _of_guides(bags: Bags, worth: Floats, guides: Rows) -> Floats:
    """A share for each row's guide."""
    own, place = np.unique(guides, return_inverse=True)
    return bags.held(worth, own)[place]


def _best_of_guides(lines: Lines, ranking: Ranking, rows: Rows) -> dict[Feature, Floats]:
    """The best scores of each row's guide."""
    chunk, guide = lines.chunk[rows], lines.guide[rows]
    starts = np.flatnonzero(np.r_[True, guide[1:] != guide[:-1]])
    place = np.cumsum(np.r_[True, guide[1:] != guide[:-1]]) - 1
    best = {
        Feature.GUIDE_LEXICAL: ranking.lexical,
        Feature.GUIDE_VECTOR: ranking.vector / ranking.scale,
        Feature.GUIDE_MARGIN: ranking.fused,
    }
    tops = {feature: np.maximum.reduceat(scores[chunk], starts) for feature, scores in best.items()}
    tops[Feature.GUIDE_MARGIN] = tops[Feature.GUIDE_MARGIN] - tops[Feature.GUIDE_MARGIN].max()
    return {feature: values[place] for feature, values in tops.items()}


def _left_over(part: Part, scope: Scope, rows: Rows) -> dict[Feature, Floats | float]:
    """Shares of the content that a guide's own name does not explain."""
    lines, lexical = scope.lines, scope.index.lexical
    guides, place = np.unique(lines.guide[rows], return_inverse=True)
    rarity = np.array([lexical.rarity(term) for term in part.content])
    named = [scope.names.get(lines.guides[g], frozenset()) for g in guides]
    unsaid = np.array([[term not in names for term in part.content] for names in named], dtype=float)
    left = unsaid.reshape(len(guides), len(rarity)) * rarity
    rest = left.sum(axis=1, keepdims=True)
    # All is said of nothing: 1 where what is left over is looked for in more than the line's own words.
    none = (rest == 0)[place, 0]
    worth = (left / np.where(rest == 0, 1.0, rest)).astype(np.float32)[place]
    section, columns = lines.section[rows], lexical.columns(part.content)

    def held(bags: Cut, texts: Rows, of_nothing: float) -> Floats:
        there = bags.holds(columns, len(rarity), texts)
        shares = np.einsum("ij,ij->i", there, worth, dtype=float)
        return np.where(none, of_nothing, shares).astype(np.float32)

    return {
        Feature.LEFT: (rest[place, 0] / (rarity.sum() or 1.0)).astype(np.float32),
        Feature.LINE_LEFT: held(lines.headed, rows, 1.0),
        Feature.LINE_LEFT_ALONE: held(lines.alone, rows, 0.0),
        Feature.HEADING_LEFT: held(lines.headings, section, 0.0),
        Feature.SECTION_LEFT: held(lines.sections, section, 1.0),
    }


def _facet(part: Part, scope: Scope, rows: Rows) -> dict[Feature, Floats | float]:
    """What the line and its section are made for, beside the facet asked."""
    if part.facet is None:
        return {Feature.NO_FACET: 1.0}
    if part.facet not in scope.facet_columns:
        scope.facet_columns[part.facet] = _facet_columns(part, part.facet, scope)
    return {feature: column[rows] for feature, column in scope.facet_columns[part.facet].items()}


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
