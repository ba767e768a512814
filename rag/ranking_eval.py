"""Judging retrieval on public data in BEIR layout, through the same chunks, legs and fusion as the product.

A folder holds corpus.jsonl ({_id|id, title, text, section?, lang?}), queries.jsonl ({_id|id, text, split?})
and qrels.tsv (query-id, corpus-id, score). Metrics are trec_eval's (pytrec_eval).
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.access import Level
from rag.chunks import Chunk, windows_of
from rag.embed import VectorCache, embed_passages, embed_query, load_embedding
from rag.index import Index, lexical_of
from rag.retrieve import Ranking, rank
from rag.settings import Settings
from rag.text import has_han, sentences, terms

if TYPE_CHECKING:
    from rich.table import Table

METRICS = {"recall_1": "R@1", "recall_5": "R@5", "recall_10": "R@10", "recip_rank": "MRR@10", "ndcg_cut_10": "nDCG@10"}  # fmt: skip
LEGS = ("lexical", "vector", "fused")
_DEPTH = 10
_ALWAYS = date(2000, 1, 1)


@dataclass(frozen=True)
class RetrievalReport:
    """Figures per leg in percent, with what was measured and how long it took."""

    name: str
    split: str
    documents: int
    windows: int
    queries: int
    embedder: str
    index_seconds: float
    figures: dict[str, dict[str, float]]
    ms_per_query: dict[str, float]

    @property
    def passed(self) -> bool:
        """Measuring has no threshold of its own."""
        return True

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return vars(self)

    def table(self) -> "Table":
        """One row a leg."""
        from rich.table import Table

        title = f"{self.name} {self.split}: {self.queries} queries, {self.documents} documents"
        table = Table(title=title, caption=f"indexed in {self.index_seconds:.1f} s, {self.embedder}")
        for column in ("leg", *METRICS.values(), "ms/query"):
            table.add_column(column, justify="right")
        for leg, row in self.figures.items():
            cells = [f"{row[name]:.1f}" for name in METRICS.values()]
            table.add_row(leg, *cells, f"{self.ms_per_query[leg]:.2f}")
        return table


def evaluate_retrieval(
    folder: Path,
    settings: Settings,
    split: str | None = None,
    limit: int | None = None,
    on_step: Callable[[str, int, int], None] | None = None,
) -> RetrievalReport:
    """Index a folder and rank its queries by each leg and by their fusion.

    `split` names a variant of the files (`queries_<split>.jsonl`, `qrels_<split>.tsv`) or a value of the
    queries' `split` field. The haystack is the documents in the languages of the relevant ones, so that a
    parallel translation is not counted as a miss.
    """
    queries, relevant = _queries(folder, split)
    documents = _haystack(_read(folder / "corpus.jsonl"), relevant)
    queries = [query for query in queries if relevant.get(_id(query))][:limit]
    began = time.perf_counter()
    index, embedding, ids = _index(documents, settings, on_step)
    indexed = time.perf_counter() - began
    runs: dict[str, dict[str, dict[str, float]]] = {leg: {} for leg in LEGS}
    spent: dict[str, list[float]] = {leg: [] for leg in LEGS}
    everything = np.ones(len(index.chunks), dtype=bool)
    for n, query in enumerate(queries):
        started = time.perf_counter()
        words = terms(query["text"])
        index.lexical.scores(words)
        lexical_ms = time.perf_counter() - started
        ranking = rank(index, words, embed_query(embedding, query["text"]), everything)
        total = time.perf_counter() - started
        for leg, seconds in zip(LEGS, (lexical_ms, total - lexical_ms, total), strict=True):
            runs[leg][_id(query)] = _run(ranking, leg, ids)
            spent[leg].append(seconds * 1000)
        if on_step:
            on_step("queries", n + 1, len(queries))
    return RetrievalReport(
        folder.name,
        split or "all",
        len(documents),
        len(index.owners),
        len(queries),
        embedding.model_name,
        round(indexed, 2),
        {leg: _figures(run, relevant) for leg, run in runs.items()},
        {leg: round(float(np.median(ms)), 2) for leg, ms in spent.items()},
    )


def _read(file: Path) -> list[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _id(row: dict[str, Any]) -> str:
    return str(row.get("_id") or row["id"])


def _queries(folder: Path, split: str | None) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]]]:
    """Queries and relevance of a split; see `evaluate_retrieval`."""
    variants = [folder / f"queries_{split}.jsonl", folder / f"queries_{str(split).partition('2')[0]}.jsonl"]
    file = next((file for file in variants if file.is_file()), folder / "queries.jsonl")
    judged = [folder / f"qrels_{split}.tsv", folder / "qrels" / f"{split}.tsv", folder / "qrels.tsv"]
    relevant: dict[str, dict[str, int]] = {}
    lines = next(file for file in judged if file.is_file()).read_text(encoding="utf-8").splitlines()
    for line in lines:
        query, document, score = line.split("\t")
        if score.lstrip("-").isdigit() and int(score) > 0:
            relevant.setdefault(query, {})[document] = int(score)
    queries = _read(file)
    if split and file.name == "queries.jsonl" and any("split" in query for query in queries):
        queries = [query for query in queries if query.get("split") == split]
    return queries, relevant


def _haystack(documents: list[dict[str, Any]], relevant: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    wanted = {document for documents in relevant.values() for document in documents}
    langs = {document.get("lang") for document in documents if _id(document) in wanted}
    return [document for document in documents if document.get("lang") in langs]


def _index(
    documents: Sequence[dict[str, Any]],
    settings: Settings,
    on_step: Callable[[str, int, int], None] | None,
) -> tuple[Index, Any, list[str]]:
    """The product's index over documents, in memory; vectors are cached beside the product's."""
    chunks = [_chunk(document) for document in documents]
    windows = windows_of(chunks)
    embedding = load_embedding(settings.embedder, settings.models)
    cache = settings.cache.with_name("evaluation-vectors.sqlite")
    cache.parent.mkdir(parents=True, exist_ok=True)
    with VectorCache(cache) as stored:
        vectors = embed_passages(
            embedding,
            [window.text for window in windows],
            stored,
            on_progress=lambda done, total: on_step("embed", done, total) if on_step else None,
        )
    owners = np.array([window.chunk for window in windows], dtype=np.int32)
    spans = np.array([(window.first, window.last) for window in windows], dtype=np.int32)
    index = Index(tuple(chunks), lexical_of(chunks), vectors, owners, spans)
    return index, embedding, [_id(document) for document in documents]


def _chunk(document: dict[str, Any]) -> Chunk:
    text = document["text"]
    lines = tuple(sentences(text)) or (document.get("title") or "-",)
    return Chunk(
        id=_id(document), guide=_id(document), lang="zh" if has_han(text) else "en", level=Level.OPEN,
        readers=frozenset(), audience=(), type="document", title=document.get("title") or "", aliases=(),
        section=document.get("section") or "", anchor="", url="/", facet=None, lines=lines, facts=(), version=1,
        valid_from=_ALWAYS, valid_to=None, reviewed_on=_ALWAYS, review_by=_ALWAYS, owner_unit="",
    )  # fmt: skip


def _run(ranking: Ranking, leg: str, ids: Sequence[str]) -> dict[str, float]:
    scores = getattr(ranking, leg)
    best: Iterable[int] = np.argsort(-scores, kind="stable")[:_DEPTH]
    # trec_eval breaks ties by id: give each place a score of its own.
    return {ids[i]: float(_DEPTH - place) for place, i in enumerate(best)}


def _figures(run: dict[str, dict[str, float]], relevant: dict[str, dict[str, int]]) -> dict[str, float]:
    import pytrec_eval

    judged = {query: relevant[query] for query in run}
    rows = pytrec_eval.RelevanceEvaluator(judged, {"recall.1,5,10", "recip_rank", "ndcg_cut.10"}).evaluate(
        run
    )
    return {
        shown: round(100 * float(np.mean([row[name] for row in rows.values()])), 2)
        for name, shown in METRICS.items()
    }
