"""The legs of retrieval: what the words and what each encoder say of every chunk, before they are weighed.

The lexical leg counts by how much of the question's information a chunk holds, so it fades by itself where
it has nothing to say: a question in another language than the guides. An encoder's cosines mean little by
themselves; how far one stands out from all others does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.index import Index

Scores = NDArray[np.float32]
Pool = NDArray[np.bool_]

VIEW_WEIGHTS = (1.0, 0.6)
"""Worth of a standard deviation in the first and second encoder."""

VECTOR_WEIGHT = 0.06
"""Worth of one standard deviation of similarity, in shares of the question's lexical information."""


UNASKED_BELOW = 0.5
"""How far below its own similarity a chunk is taken to stand that no question leads to, in standard deviations."""


@dataclass(frozen=True)
class Legs:
    """Scores of every chunk for one query, chunks outside the pool included.

    `lexical` is the share (0–1) of the best possible BM25, `cosines` those of each chunk's best window by
    encoder (views, chunks), `views` the same in standard deviations over the pool, `vector` and `windows`
    both encoders' together by chunk and by window, `second_windows` the last encoder's alone, `rough` a linear
    sum of lexical and vector. `asked` is the z-score of the most similar question alone that leads to a
    chunk; where there is none, somewhat less than its own similarity.
    """

    lexical: Scores
    cosines: Scores
    views: Scores
    vector: Scores
    windows: Scores
    second_windows: Scores
    asked: Scores
    rough: Scores


def legs(index: Index, query_terms: Iterable[str], query_vector: Scores, within: Pool) -> Legs:
    """All legs for a query given as terms and as a unit vector."""
    query_terms = list(query_terms)
    lexical = index.lexical.scores(query_terms) / np.float32(index.lexical.ideal(query_terms))
    similarity = index.similarity(query_vector)
    cosines = index.best(similarity)
    mean = cosines[:, within].mean(axis=1, keepdims=True)
    spread = np.maximum(cosines[:, within].std(axis=1, keepdims=True), 1e-6)
    views, windows = (cosines - mean) / spread, (similarity - mean) / spread
    weights = np.array(VIEW_WEIGHTS[: len(views)], dtype=np.float32)
    vector = weights @ views
    unit = np.float32(max(float(vector[within].std()), 1e-6))
    vector = vector / unit
    rough = lexical + np.float32(VECTOR_WEIGHT) * vector
    together = weights @ windows / unit
    asked = np.full(len(index.chunks), -np.inf, dtype=np.float32)
    np.maximum.at(asked, index.owners[index.question_windows], together[index.question_windows])
    asked = np.where(np.isfinite(asked), asked, vector - np.float32(UNASKED_BELOW))
    return Legs(lexical, cosines, views, vector, together, windows[-1], asked, rough)
