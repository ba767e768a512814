"""Result files: one small JSON file a measurement, from which the pages are made without measuring again."""

import json
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rag.embed import embedder_id, load_embedding
from rag.measured import configuration, this_machine, today
from rag.settings import ROOT, Settings

FOLDER = ROOT / "docs" / "measurements"

Given = TypeVar("Given")


def circumstances() -> dict[str, Any]:
    """What every result states: configuration, machine and date."""
    settings = Settings()
    embedder = embedder_id(load_embedding(settings.embedder, settings.models))
    return {
        "configuration": configuration(embedder),
        "machine": this_machine(),
        "date": today(),
    }


def write(folder: Path, name: str, result: dict[str, Any]) -> None:
    """Write a result; figures are kept, runs are not."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def read(folder: Path, prefix: str) -> list[dict[str, Any]]:
    """Results whose file begins with a prefix, in order of file name."""
    files = sorted(folder.glob(f"{prefix}*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def alone(call: Callable[..., Given], *arguments: Any) -> Given:
    """The result of a call made in a fresh process, whose memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(call, *arguments).result()


def spread(spent: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile of milliseconds, and how many calls they rest on."""
    p50, p95, p99 = (round(float(value), 2) for value in np.percentile(spent, (50, 95, 99)))
    return {"p50": p50, "p95": p95, "p99": p99, "calls": len(spent)}
