"""The default encoders, loaded once for all offices of a test run; what was encoded once is not encoded again.

The offices are asked the same questions, and a vector depends on its text alone. A release run does without.
"""

from functools import cache

import numpy as np

from rag.embed import load_embedding
from rag.encoders import PairEmbedding
from rag.settings import Settings

NAME = "tests.leak.encoder:Remembering"
"""Value of the setting `embedder`."""


class Remembering(PairEmbedding):
    """The pair of encoders with one memory for the whole process."""

    def __init__(self) -> None:
        super().__init__(_pair()._first)

    def query_vector(self, query: str) -> np.ndarray:
        """The vector of a question."""
        return _query(query)

    def passage_vector(self, text: str) -> np.ndarray:
        """The vector of a passage."""
        return _pair().passage_vector(text)


@cache
def _pair() -> PairEmbedding:
    found = load_embedding("pair", Settings().models)
    assert isinstance(found, PairEmbedding)
    return found


@cache
def _query(query: str) -> np.ndarray:
    vector = _pair().query_vector(query)
    vector.setflags(write=False)
    return vector
