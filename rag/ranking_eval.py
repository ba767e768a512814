"""Judging retrieval on public data (ranking_data), through the same chunks, legs and fusion as the product."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from rag.access import Level
from rag.chunks import Chunk, windows_of
from rag.embed import VectorCache, embed_passages, embed_query, embedder_id, load_embedding, widths
from rag.index import Index, index_of
from rag.measured import configuration, peak_memory_mib
from rag.ranking_data import Collection, Row, asked, best_targets, id_of, read_collection
from rag.ranking_report import Figures, RetrievalReport, figures_of
from rag.retrieve import Ranking, rank
from rag.settings import Settings
from rag.text import has_han, sentences, terms

LEGS = ("lexical", "vector", "fused")
ALWAYS = date(2000, 1, 1)
"""The day on which documents without dates hold."""
PASSAGES = 100
"""Passages looked through for the best documents, where whole documents are judged."""
_TIMED = 128
"""Windows embedded once more to learn the speed, where the cache had nearly all of them."""

Steps = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Indexed:
    """The product's index over documents, in memory, and what making it took."""

    index: Index
    embedding: Any
    seconds: dict[str, float]
    embedded: int
    windows_per_second: float


def evaluate_retrieval(
    folder: Path,
    settings: Settings,
    split: str | None = None,
    limit: int | None = None,
    on_step: Steps | None = None,
) -> RetrievalReport:
    """Index a folder and rank its queries by each leg and by their fusion.

    `split` names a variant of the files (`queries_<split>.jsonl`, `qrels_<split>.tsv`) or a value of the
    queries' `split` field. The haystack is the documents in the languages of the relevant ones, so that a
    parallel translation is not counted as a miss.
    """
    data = read_collection(folder, split, limit)
    made = index_rows(data.documents, settings, on_step)
    targets = data.targets
    runs: dict[str, dict[str, list[str]]] = {leg: {} for leg in LEGS}
    spent: dict[str, list[float]] = {leg: [] for leg in LEGS}
    for n, query in enumerate(data.queries):
        text = asked(query)
        began = time.perf_counter()
        made.index.lexical.scores(terms(text))
        lexical = time.perf_counter() - began
        began = time.perf_counter()
        ranking = ranked(made, text)
        total = time.perf_counter() - began
        for leg, seconds in zip(LEGS, (lexical, total - lexical, total), strict=True):
            runs[leg][id_of(query)] = _found(ranking, leg, targets)
            spent[leg].append(seconds * 1000)
        if on_step:
            on_step("queries", n + 1, len(data.queries))
    figures = {leg: figures_of(run, data.relevant) for leg, run in runs.items()}
    return _report(folder.name, split, data, made, figures, spent)


def _report(
    name: str,
    split: str | None,
    data: Collection,
    made: Indexed,
    figures: dict[str, Figures],
    spent: dict[str, list[float]],
) -> RetrievalReport:
    embedder = embedder_id(made.embedding)
    return RetrievalReport(
        name=name,
        split=split or "all",
        documents=len(data.documents),
        windows=len(made.index.owners),
        queries=len(data.queries),
        embedder=embedder,
        index_seconds=round(sum(made.seconds.values()), 2),
        figures={leg: found.means for leg, found in figures.items()},
        ms_per_query={leg: round(float(np.median(ms)), 2) for leg, ms in spent.items()},
        intervals={leg: found.intervals for leg, found in figures.items()},
        recall={leg: found.recall for leg, found in figures.items()},
        latency_ms={leg: _percentiles(ms) for leg, ms in spent.items()},
        index_seconds_by={part: round(seconds, 2) for part, seconds in made.seconds.items()},
        windows_embedded=made.embedded,
        windows_per_second=round(made.windows_per_second, 1),
        peak_memory_mib=peak_memory_mib(),
        configuration=configuration(embedder),
        corpus=data.digest,
    )


def _percentiles(spent: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(spent, (50, 95))
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}


def ranked(made: Indexed, text: str) -> Ranking:
    """The product's ranking of all documents for a question: the one call into it."""
    everything = np.ones(len(made.index.chunks), dtype=bool)
    return rank(made.index, text, embed_query(made.embedding, text), everything)


def index_rows(documents: Sequence[Row], settings: Settings, on_step: Steps | None = None) -> Indexed:
    """The product's index over documents; vectors are cached beside the product's."""
    embedding = load_embedding(settings.embedder, settings.models)
    embedding.get_query_embedding("warm")
    began = time.perf_counter()
    chunks = [_chunk(document) for document in documents]
    windows = windows_of(chunks)
    embedding_began = time.perf_counter()
    cache = settings.cache.with_name("evaluation-vectors.sqlite")
    texts = [window.text for window in windows]
    with VectorCache(cache) as stored:
        vectors = embed_passages(
            embedding,
            texts,
            stored,
            on_progress=lambda done, total: on_step("embed", done, total) if on_step else None,
        )
        fresh = stored.misses
    embedding_took = time.perf_counter() - embedding_began
    index = index_of(chunks, windows, vectors, widths(embedding))
    rest = time.perf_counter() - began - embedding_took
    rate = fresh / embedding_took if fresh > len(texts) / 2 else _speed(embedding, texts)
    return Indexed(index, embedding, {"embedding": embedding_took, "rest": rest}, fresh, rate)


def _speed(embedding: Any, texts: Sequence[str]) -> float:
    """Texts a second, from a few of them spread over all and without the cache."""
    some = list(texts[:: max(1, len(texts) // _TIMED)][:_TIMED])
    began = time.perf_counter()
    embedding.get_text_embedding_batch(some)
    return len(some) / (time.perf_counter() - began)


def _chunk(document: Row) -> Chunk:
    text = document["text"]
    lines = tuple(sentences(text)) or (document.get("title") or "-",)
    return Chunk(
        id=id_of(document), guide=id_of(document), lang="zh" if has_han(text) else "en", level=Level.OPEN,
        readers=frozenset(), audience=(), type="document", title=document.get("title") or "",
        aliases=tuple(document.get("aliases") or ()),
        section=document.get("section") or "", anchor="", url="/", facet=None, lines=lines, facts=(), asked=(), unanswered=(), version=1,
        valid_from=ALWAYS, valid_to=None, reviewed_on=ALWAYS, review_by=ALWAYS, owner_unit="",
    )  # fmt: skip


def _found(ranking: Ranking, leg: str, targets: Sequence[str]) -> list[str]:
    return best_targets(targets[i] for i in np.argsort(-getattr(ranking, leg), kind="stable")[:PASSAGES])
