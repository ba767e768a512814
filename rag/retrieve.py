"""Retrieval: both legs over one circle's index, fused by evidence rather than by rank.

The lexical leg counts by how much of the question's information a chunk holds, so it fades by itself where
it has nothing to say: a question in another language than the guides. Naive rank fusion does not
(it lost 5 to 37 points of R@1 across languages in our measurement).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.access import Reader, may_read
from rag.chunks import Chunk
from rag.index import Index
from rag.text import terms

VECTOR_WEIGHT = 0.06
"""Worth of one standard deviation of similarity, in shares of the question's lexical information."""

OVERDUE_DAYS = 30
"""A guide this long overdue for review is no longer answered from."""

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Ranking:
    """Scores of every chunk for one query: lexical share (0–1), vector z-score, and their fusion.

    Chunks outside the pool have a fused score of -inf. `cosine` is that of each chunk's best window,
    `windows` are the z-scores of all windows.
    """

    lexical: Scores
    vector: Scores
    cosine: Scores
    fused: Scores
    windows: Scores

    def top(self, limit: int) -> list[int]:
        """Best chunks first."""
        order = np.argsort(-self.fused, kind="stable")[:limit]
        return [int(i) for i in order if np.isfinite(self.fused[i])]


@dataclass(frozen=True)
class Hit:
    """A ranked chunk and why it ranks there."""

    chunk: Chunk
    score: float
    lexical: float
    vector: float
    lexical_rank: int
    vector_rank: int

    def as_json(self) -> dict[str, Any]:
        """For the search route and command."""
        chunk = self.chunk
        return {
            "id": chunk.id,
            "guide": chunk.guide,
            "lang": chunk.lang,
            "title": chunk.title,
            "section": chunk.section,
            "url": f"{chunk.url}#{chunk.anchor}" if chunk.anchor else chunk.url,
            "text": chunk.text,
            "score": round(self.score, 4),
            "why": {
                "lexical": round(self.lexical, 4),
                "lexical_rank": self.lexical_rank,
                "vector": round(self.vector, 3),
                "vector_rank": self.vector_rank,
            },
        }


def in_use(chunk: Chunk, today: date) -> bool:
    """Whether a chunk's guide is valid today and not long overdue for review."""
    ended = chunk.valid_to is not None and chunk.valid_to < today
    return chunk.valid_from <= today and not ended and today <= chunk.review_by + timedelta(days=OVERDUE_DAYS)


def pool(index: Index, reader: Reader, lang: str, today: date) -> NDArray[np.bool_]:
    """Chunks a question may be answered from: readable, in use, and in the asker's language where the
    guide has it. The index is the reader's own already; levels are asked again all the same."""
    spoken = {chunk.guide for chunk in index.chunks if chunk.lang == lang}
    return np.array(
        [
            may_read(reader, chunk.level, chunk.readers)
            and in_use(chunk, today)
            and (chunk.lang == lang or chunk.guide not in spoken)
            for chunk in index.chunks
        ],
        dtype=bool,
    )


def rank(
    index: Index, query_terms: Iterable[str], query_vector: Scores, within: NDArray[np.bool_]
) -> Ranking:
    """Scores of all chunks for a query given as terms and as a unit vector."""
    query_terms = list(query_terms)
    lexical = index.lexical.scores(query_terms) / np.float32(index.lexical.ideal(query_terms))
    similarity = index.similarity(query_vector)
    best = index.best(similarity)
    mean, spread = float(best[within].mean()), float(best[within].std())
    vector = (best - mean) / max(spread, 1e-6)
    fused = lexical + np.float32(VECTOR_WEIGHT) * vector
    windows = (similarity - mean) / max(spread, 1e-6)
    fused = np.where(within, fused, np.float32(-np.inf))
    return Ranking(
        lexical, vector.astype(np.float32), best, fused.astype(np.float32), windows.astype(np.float32)
    )


def search(
    index: Index,
    query: str,
    embed: Callable[[str], Scores],
    within: NDArray[np.bool_],
    limit: int,
) -> list[Hit]:
    """The best chunks for a query in words."""
    if not within.any():
        return []
    ranking = rank(index, terms(query), embed(query), within)
    places = [_places(ranking.lexical, within), _places(ranking.vector, within)]
    return [
        Hit(
            index.chunks[i],
            float(ranking.fused[i]),
            float(ranking.lexical[i]),
            float(ranking.vector[i]),
            int(places[0][i]),
            int(places[1][i]),
        )
        for i in ranking.top(limit)
    ]


def _places(scores: Scores, within: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rank of each chunk within the pool, from 1."""
    order = np.argsort(-np.where(within, scores, -np.inf), kind="stable")
    places = np.empty(len(scores), dtype=np.int64)
    places[order] = np.arange(1, len(scores) + 1)
    return places
