"""Ours, through the same door: the product's chunks, legs, fusion and reranking over the given documents."""

from collections.abc import Sequence

from rag.ranking_eval import Indexed, index_rows, ranked
from rag.settings import Settings
from tests.peers.peer import Document


class Ours:
    """The product's retrieval as `zhinan eval retrieval` measures it."""

    name = "Zhinan"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.made: Indexed | None = None

    def index(self, documents: Sequence[Document]) -> None:
        """Chunks, windows, vectors and postings in memory."""
        rows = [
            {"id": d.id, "title": d.title, "section": d.section, "text": d.text, "aliases": list(d.aliases)}
            for d in documents
        ]
        self._ids = [document.id for document in documents]
        self.made = index_rows(rows, self._settings)

    def rank(self, query: str, k: int) -> list[str]:
        """Best documents of the fused ranking."""
        assert self.made, "index first"
        return [self._ids[i] for i in ranked(self.made, query).top(k)]
