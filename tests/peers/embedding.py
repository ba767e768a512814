"""The product's encoder with a cache and a clock, so that every peer embeds with the same one and once."""

import asyncio
import time
from pathlib import Path
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding

from rag.embed import VectorCache, embed_passages


class CachedEmbedding(BaseEmbedding):
    """Another embedding whose passage vectors come from a cache where it has them.

    `passages` and `passage_seconds` count what was asked for and the time it took, cache included, so that
    index time can be told without it. Queries are always computed.
    """

    _inner: BaseEmbedding
    _cache: Path
    _passages: int = 0
    _seconds: float = 0.0

    def __init__(self, inner: BaseEmbedding, cache: Path) -> None:
        super().__init__(model_name=inner.model_name, embed_batch_size=1_000)
        self._inner, self._cache = inner, cache

    @property
    def inner(self) -> BaseEmbedding:
        """The embedding without the cache."""
        return self._inner

    @property
    def passages(self) -> int:
        """How many passages were asked for."""
        return self._passages

    @property
    def passage_seconds(self) -> float:
        """Seconds that passages took."""
        return self._seconds

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._inner.get_query_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        began = time.perf_counter()
        with VectorCache(self._cache) as cache:
            vectors: Any = embed_passages(self._inner, texts, cache)
        self._seconds += time.perf_counter() - began
        self._passages += len(texts)
        rows: list[list[float]] = vectors.tolist()
        return rows
