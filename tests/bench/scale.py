"""The scale curve: search, ask, memory and index time from 500 to 60,000 chunks, each size in processes of its own."""

import json
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.access import ANONYMOUS, Circle, Level
from rag.answer import Assistant
from rag.embed import embedder_id, load_embedding
from rag.exchange import Question
from rag.generation import open_generation
from rag.index import Index, read_index, write_index
from rag.measured import peak_memory_mib
from rag.settings import ROOT, Settings
from tests.bench.results import alone, spread
from tests.bench.synthetic import corpus, generation_of

SIZES = (500, 2_000, 10_000, 30_000, 60_000)
SECONDS = 15.0
"""Each kind of call is repeated for at most this long."""
EMBEDDED = 256
"""Windows embedded afresh to learn how many a second this machine does."""


def measured(
    sizes: Sequence[int] = SIZES, on_size: Callable[[int], None] = lambda size: None
) -> list[dict[str, Any]]:
    """One row a size; building and serving in fresh processes, so that memory is each one's own."""
    rows = []
    for size in sizes:
        on_size(size)
        with tempfile.TemporaryDirectory(prefix="zhinan-scale-") as folder:
            index = str(Path(folder) / "index")
            built = alone(_build, size, index)
            rows.append({"chunks": size} | built | alone(_serve, index))
    return rows


def source() -> Index:
    """The open guides of the current generation: what the made corpus is made of."""
    return open_generation(Settings().out).index(Circle(Level.OPEN, frozenset()))


def _build(size: int, folder: str) -> dict[str, Any]:
    """Write an index of a made corpus as a build does; seconds without embedding, and what embedding would add."""
    made = corpus(source(), size)
    began = time.perf_counter()
    write_index(Path(folder), made.chunks, made.windows, made.vectors, made.widths)
    seconds = time.perf_counter() - began
    settings = Settings()
    embedding = load_embedding(settings.embedder, settings.models)
    rng = np.random.default_rng(1)
    texts = [made.windows[int(i)].text for i in rng.integers(len(made.windows), size=EMBEDDED)]
    embedding.get_text_embedding_batch(texts[:8])
    began = time.perf_counter()
    embedding.get_text_embedding_batch(texts)
    rate = len(texts) / (time.perf_counter() - began)
    embed_seconds = len(made.windows) / rate
    return {
        "windows": len(made.windows),
        "index_seconds": round(seconds, 2),
        "windows_per_second": round(rate, 1),
        "embed_seconds_estimated": round(embed_seconds, 1),
        "embed_share": round(embed_seconds / (embed_seconds + seconds), 3),
        "build_peak_mib": peak_memory_mib(),
    }


def _serve(folder: str) -> dict[str, Any]:
    """Open the index and ask it the questions of the public case file."""
    settings = Settings()
    embedding = load_embedding(settings.embedder, settings.models)
    embedding.get_query_embedding("warm")
    before = rss_mib()
    began = time.perf_counter()
    index = read_index(Path(folder))
    opened = time.perf_counter() - began
    held = rss_mib()
    assistant = Assistant(generation_of(index, embedder_id(embedding)), embedding)
    texts = questions()
    began = time.perf_counter()
    assistant.ask(Question(texts[0]), ANONYMOUS)
    first = time.perf_counter() - began
    for text in texts[1:12]:
        assistant.ask(Question(text), ANONYMOUS)
    search = timed(lambda i: assistant.search(texts[i], ANONYMOUS), len(texts), SECONDS)
    ask = timed(lambda i: assistant.ask(Question(texts[i]), ANONYMOUS), len(texts), SECONDS)
    return {
        "open_seconds": round(opened, 2),
        "first_ask_seconds": round(first, 2),
        "search_ms": search,
        "ask_ms": ask,
        "rss_before_mib": before,
        "rss_opened_mib": held,
        "rss_serving_mib": rss_mib(),
        "peak_mib": peak_memory_mib(),
    }


def questions() -> list[str]:
    """Chinese questions of the public case file, all of which reach retrieval or are screened as in life."""
    file = ROOT / "tests" / "cases" / "public.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [row["question"] for row in rows if row.get("lang", "zh") == "zh"]


def timed(call: Callable[[int], object], count: int, seconds: float) -> dict[str, float]:
    """Milliseconds of each call, once over all or until the time is up; `cpu` is the median of processor time,
    which other work on the machine disturbs less."""
    spent: list[float] = []
    cpu: list[float] = []
    end = time.perf_counter() + seconds
    for i in range(count):
        began, worked = time.perf_counter(), time.process_time()
        call(i)
        spent.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
        if time.perf_counter() > end:
            break
    return spread(spent) | {"cpu": round(float(np.median(cpu)), 2)}


def rss_mib() -> float:
    """Resident memory of this process now, in MiB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * resource.getpagesize() / 2**20, 1)
