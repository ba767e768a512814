"""Peers side by side: the same documents and queries through each searcher, each in a process of its own."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.embed import load_embedding
from rag.measured import peak_memory_mib
from rag.ranking_report import DEPTH, figures_of
from rag.settings import Settings
from rag.text import has_han
from tests.bench.results import alone, circumstances, spread
from tests.bench.sets import Measured, load
from tests.peers.embedding import CachedEmbedding
from tests.peers.llama import Quickstart, hybrid_as_installed, hybrid_with_jieba
from tests.peers.ours import Ours
from tests.peers.peer import Peer, first_seen
from tests.peers.plain import PlainBM25, PlainVector
from tests.peers.sites import MaterialSite, OwnSite, node

_PASSAGES = 5
"""Times as many passages are fetched as documents are judged, where whole documents are."""
_TIMED = 64
"""Passages embedded afresh to learn how many a second this machine does."""

Make = Callable[[Measured, Settings, CachedEmbedding], Peer]
MAKERS: dict[str, Make] = {
    "Zhinan": lambda given, settings, embedding: Ours(settings),
    "BM25": lambda given, settings, embedding: PlainBM25(),
    "vector": lambda given, settings, embedding: PlainVector(embedding),
    "LlamaIndex vector": lambda given, settings, embedding: Quickstart(embedding),
    "LlamaIndex hybrid": lambda given, settings, embedding: hybrid_as_installed(embedding),
    "LlamaIndex hybrid, jieba": lambda given, settings, embedding: hybrid_with_jieba(embedding),
    "site search, Material": lambda given, settings, embedding: MaterialSite(given.lang),
    "site search, ours": lambda given, settings, embedding: OwnSite(given.site or {}),
}
WITH_ENCODER = ("vector", "LlamaIndex vector", "LlamaIndex hybrid", "LlamaIndex hybrid, jieba")


def measured(
    data: Path | None,
    folder: str,
    split: str | None,
    limit: int | None,
    on_peer: Callable[[str], None] = lambda name: None,
) -> dict[str, Any]:
    """Every peer that fits a set, one after the other."""
    given = load(data, folder, split, limit)
    rows = []
    for name in fitting(given):
        on_peer(name)
        rows.append(alone(_row, data, folder, split, limit, name))
    return {
        "name": given.name,
        "documents": len(given.documents),
        "queries": len(given.queries),
        "corpus": given.digest,
        "peers": rows,
        **circumstances(),
    }


def fitting(given: Measured) -> list[str]:
    """Names of the peers that make sense for a set and can run here."""
    sites = given.site is not None and node() is not None
    chinese = any(has_han(document.text) for document in given.documents[:20])
    return [
        name
        for name in MAKERS
        if (sites or not name.startswith("site")) and (chinese or not name.endswith("jieba"))
    ]


def _row(data: Path | None, folder: str, split: str | None, limit: int | None, name: str) -> dict[str, Any]:
    """Quality, speed and memory of one peer on one set."""
    given, settings = load(data, folder, split, limit), Settings()
    inner = load_embedding(settings.embedder, settings.models)
    inner.get_query_embedding("warm")
    embedding = CachedEmbedding(inner, settings.cache.with_name("evaluation-vectors.sqlite"))
    peer = MAKERS[name](given, settings, embedding)
    before = peak_memory_mib()
    began = time.perf_counter()
    peer.index(given.documents)
    seconds = time.perf_counter() - began
    depth = DEPTH if len(set(given.targets.values())) == len(given.targets) else DEPTH * _PASSAGES
    run: dict[str, list[str]] = {}
    spent = []
    peer.rank(next(iter(given.queries.values())), depth)  # loads what a first question loads
    for query, text in given.queries.items():
        began = time.perf_counter()
        found = peer.rank(text, depth)
        spent.append((time.perf_counter() - began) * 1000)
        run[query] = first_seen([given.targets[document] for document in found], DEPTH)
    figures = figures_of(run, given.relevant)
    return {
        "peer": name,
        "figures": figures.means,
        "intervals": figures.intervals,
        "recall": figures.recall,
        "ms": spread(spent),
        **_costs(name, peer, embedding, seconds, given),
        "memory_before_mib": before,
        "memory_mib": _memory(peer),
    }


def _costs(
    name: str, peer: Peer, embedding: CachedEmbedding, seconds: float, given: Measured
) -> dict[str, Any]:
    """Index seconds without embedding, and what embedding would take without the shared cache."""
    if isinstance(peer, Ours) and peer.made:
        texts, rate, rest = (
            len(peer.made.index.owners),
            peer.made.windows_per_second,
            peer.made.seconds["rest"],
        )
    elif name in WITH_ENCODER:
        texts, rate, rest = embedding.passages, _speed(embedding, given), seconds - embedding.passage_seconds
    else:
        texts, rate, rest = 0, 0.0, seconds
    return {
        "index_seconds": round(rest, 2),
        "embedded": texts,
        "embedded_per_second": round(rate, 1),
        "embedding_seconds_estimated": round(texts / rate, 1) if texts else 0.0,
    }


def _speed(embedding: CachedEmbedding, given: Measured) -> float:
    """Passages a second without the cache, from a few spread over the set."""
    some = [d.whole for d in given.documents[:: max(1, len(given.documents) // _TIMED)]][:_TIMED]
    began = time.perf_counter()
    embedding.inner.get_text_embedding_batch(some)
    return len(some) / (time.perf_counter() - began)


def _memory(peer: Peer) -> float:
    """Peak memory of this process, or of the Node process that does the searching."""
    if not isinstance(peer, OwnSite | MaterialSite):
        return peak_memory_mib()
    status = Path(f"/proc/{peer.page.pid}/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    peer.close()
    return round(int(peak.split()[1]) / 2**10, 1)
