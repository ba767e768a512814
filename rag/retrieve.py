"""Retrieval: the legs over one circle's index, fused by evidence rather than by rank, and reranked.

Naive rank fusion believes a leg that has nothing to say (it lost 5 to 37 points of R@1 across languages in
our measurement); here the legs' scores go on as they are, and fitted trees weigh them (rag.rerank).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from rag.access import Reader, may_read
from rag.chunks import Chunk
from rag.index import Index
from rag.legs import Pool, Scores, legs
from rag.rerank import candidates, features, passage_ranker
from rag.text import terms

OVERDUE_DAYS = 30
"""A guide this long overdue for review is no longer answered from."""


@dataclass(frozen=True)
class Ranking:
    """Scores of every chunk for one query: lexical share (0–1), both encoders' z-score, and their fusion.

    Chunks outside the pool have a fused score of -inf. `cosines` are those of each chunk's best window by
    encoder, `windows` the z-scores of all windows (`second_windows`: of the last encoder alone),
    `asked` that of the most similar question alone that leads to a chunk; `scale` is about how large
    a z-score of the best of so many chunks is. `fused` is in log-odds, roughly, of the reranking stage; chunks
    that it did not look at stand below all that it did.
    """

    lexical: Scores
    vector: Scores
    cosines: Scores
    fused: Scores
    windows: Scores
    second_windows: Scores
    asked: Scores
    scale: np.float32

    def top(self, limit: int) -> list[int]:
        """Best chunks first."""
        among = np.flatnonzero(np.isfinite(self.fused))
        if len(among) > limit:  # the order of all the others would cost more than all else
            least = np.partition(self.fused[among], len(among) - limit)[len(among) - limit]
            among = among[self.fused[among] >= least]
        order = among[np.argsort(-self.fused[among], kind="stable")]
        return [int(i) for i in order[:limit]]


_NONE = np.zeros(0, dtype=np.float32)

NOTHING = Ranking(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE, np.float32(1.0))
"""The ranking of no chunks."""


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


def pool(index: Index, reader: Reader, lang: str, today: date, without: frozenset[str] = frozenset()) -> Pool:
    """Chunks a question may be answered from: readable, in use, not of a guide of `without`, and in the asker's
    language where the guide has it. The index is the reader's own already; levels are asked again all the same."""
    spoken = {chunk.guide for chunk in index.chunks if chunk.lang == lang}
    return np.array(
        [
            may_read(reader, chunk.level, chunk.readers)
            and in_use(chunk, today)
            and chunk.guide not in without
            and (chunk.lang == lang or chunk.guide not in spoken)
            for chunk in index.chunks
        ],
        dtype=bool,
    )


def rank(index: Index, query: str, query_vector: Scores, within: Pool) -> Ranking:
    """Scores of all chunks for a query in words and as a unit vector."""
    query_terms = terms(query)
    found = legs(index, query_terms, query_vector, within)
    chosen = candidates(found, within)
    reranked = passage_ranker().scores(features(index, query, query_terms, found, chosen))
    fused = np.where(within, found.rough, np.float32(-np.inf))
    others = np.delete(np.arange(len(fused)), chosen)
    if len(chosen):
        fused[others] += reranked.min() - fused.max() - 1.0
    fused[chosen] = reranked
    return Ranking(
        found.lexical,
        found.vector,
        found.cosines,
        fused,
        found.windows,
        found.second_windows,
        found.asked,
        _largest(int(within.sum())),
    )


def _largest(count: int) -> np.float32:
    """About the largest of so many standard normal values (Cramér 1946): the best of ten sections stands out less
    than the best of a thousand, and is no worse for that."""
    return np.float32(np.sqrt(2.0 * np.log(max(8, count))))


def search(
    index: Index,
    query: str,
    embed: Callable[[str], Scores],
    within: Pool,
    limit: int,
) -> list[Hit]:
    """The best chunks for a query in words."""
    if not within.any():
        return []
    ranking = rank(index, query, embed(query), within)
    return [
        Hit(
            index.chunks[i],
            float(ranking.fused[i]),
            float(ranking.lexical[i]),
            float(ranking.vector[i]),
            _place(i, ranking.lexical, within),
            _place(i, ranking.vector, within),
        )
        for i in ranking.top(limit)
    ]


def _place(i: int, scores: Scores, within: Pool) -> int:
    """Rank of a chunk within the pool, from 1; of equals the first comes first."""
    before = np.count_nonzero(within & (scores > scores[i]))
    return 1 + int(before) + int(np.count_nonzero(within[:i] & (scores[:i] == scores[i])))
