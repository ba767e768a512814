"""Deterministic stand-ins for models, so that most tests need no weights."""

import hashlib

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

DIMENSIONS = 256


class HashEmbedding(BaseEmbedding):
    """Unit vectors of 256 dimensions from hashed characters and pairs, so that Chinese ranks sensibly."""

    def __init__(self) -> None:
        super().__init__(model_name="hash-256")

    def _get_query_embedding(self, query: str) -> list[float]:
        return _hashed(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return _hashed(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return _hashed(text)


def _hashed(text: str) -> list[float]:
    """Signed feature hashing of characters and pairs; a pair says more, so it counts twice."""
    letters = "".join(character for character in text.casefold() if character.isalnum()) or text
    vector = np.zeros(DIMENSIONS)
    for size, weight in ((1, 1.0), (2, 2.0)):
        for start in range(len(letters) - size + 1):
            digest = hashlib.blake2b(letters[start : start + size].encode("utf-8"), digest_size=4).digest()
            vector[digest[0] % DIMENSIONS] += weight if digest[1] % 2 else -weight
    if not vector.any():  # opposite signs may cancel in a very short text
        vector[0] = 1.0
    return (vector / np.linalg.norm(vector)).tolist()  # type: ignore[no-any-return]  # NumPy types tolist() as Any
