"""The two legs alone, as textbooks have them: BM25 over characters and pairs, and one vector a passage."""

import re
from collections.abc import Sequence

import bm25s
import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from tests.peers.peer import Document

_RUNS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+")


def characters_and_pairs(text: str) -> list[str]:
    """Chinese characters and pairs of neighbours, Latin words and numbers, in lower case."""
    found: list[str] = []
    for run in _RUNS.findall(text.lower()):
        if run.isascii():
            found.append(run)
        else:
            found += [*run, *(run[i : i + 2] for i in range(len(run) - 1))]
    return found


class PlainBM25:
    """BM25 (bm25s) with k1 1.2 and b 0.75 over characters, pairs and words; no folding, no stems."""

    name = "BM25"

    def index(self, documents: Sequence[Document]) -> None:
        """Count the terms of all documents."""
        self._ids = [document.id for document in documents]
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75)
        self._bm25.index([characters_and_pairs(d.whole) for d in documents], show_progress=False)

    def rank(self, query: str, k: int) -> list[str]:
        """Best documents by BM25."""
        known = [term for term in characters_and_pairs(query) if term in self._bm25.vocab_dict]
        if not known:
            return []
        found, scores = self._bm25.retrieve([known], k=min(k, len(self._ids)), show_progress=False)
        return [self._ids[int(i)] for i, score in zip(found[0], scores[0], strict=True) if score > 0]


class PlainVector:
    """Cosine to one vector of the whole passage, computed exactly."""

    name = "vector"

    def __init__(self, embedding: BaseEmbedding) -> None:
        self._embedding = embedding

    def index(self, documents: Sequence[Document]) -> None:
        """Embed every document whole."""
        self._ids = [document.id for document in documents]
        texts = [document.whole for document in documents]
        self._vectors = np.array(self._embedding.get_text_embedding_batch(texts), dtype=np.float32)

    def rank(self, query: str, k: int) -> list[str]:
        """Nearest documents."""
        vector = np.array(self._embedding.get_query_embedding(query), dtype=np.float32)
        order = np.argsort(-(self._vectors @ vector), kind="stable")[:k]
        return [self._ids[int(i)] for i in order]
