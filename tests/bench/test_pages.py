"""The pages of measurements are made from result files alone, and are the same every time."""

from pathlib import Path
from typing import Any

import pytest

from rag.answers_report import End
from tests.bench.pages import write_pages
from tests.bench.results import write

_FIGURES = {"R@1": 60.0, "R@5": 80.0, "R@10": 90.0, "MRR@10": 70.0, "nDCG@10": 75.0}
_INTERVALS = {measure: [mean - 5, mean + 5] for measure, mean in _FIGURES.items()}
_MS = {"p50": 1.0, "p95": 2.0, "p99": 3.0, "calls": 10}
_WHERE = {
    "configuration": {"version": "1", "embedder": "e", "code": "c", "cards": {"card.json": "d"}},
    "machine": {"processor": "p", "cores": 2, "memory_gib": 4.0, "python": "3", "platform": "Linux"},
    "date": "2026-01-02",
}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """One result file of each kind."""
    legs = ("lexical", "vector", "fused")
    counted: dict[str, Any] = {"name": "made", "documents": 3, "queries": 2, **_WHERE}
    ranked = {"figures": _FIGURES, "intervals": _INTERVALS, "recall": [60.0, 70.0, 80.0]}
    by_leg = {key: {leg: value for leg in legs} for key, value in ranked.items()}
    own = {"latency_ms": {leg: _MS for leg in legs}, "windows_per_second": 9.0}
    costs = {"ms": _MS, "index_seconds": 1.0, "embedded": 3, "embedding_seconds_estimated": 1.0}
    memory = {"memory_before_mib": 10.0, "memory_mib": 12.0}
    seconds = {
        "first_ask_seconds": 1.0,
        "open_seconds": 1.0,
        "index_seconds": 1.0,
        "embed_seconds_estimated": 9.0,
    }
    rss = {"rss_before_mib": 1.0, "rss_opened_mib": 2.0, "rss_serving_mib": 3.0}
    growth = {"chunks": 500, "search_ms": _MS, "ask_ms": _MS, "embed_share": 0.9, **seconds, **rss}
    load = {"workers": 1, "clients": 16, "asks_per_second": 9.0, "failed": 0, "ms": _MS}
    folder = tmp_path / "measurements"
    write(folder, "retrieval-made", {**counted, **by_leg, **own})
    shares = dict.fromkeys(("over_refusal", "coverage_at_95", "citation_right"), 50.0)
    decided = {
        "answerable": 2, "unanswerable": 1, "disputed": 1, "answer_at": 0.4, "figures": {"auroc": 0.75, **shares},
        "intervals": {"auroc": [0.5, 1.0], **{figure: [40.0, 60.0] for figure in shares}},
        "curve": [[0.9, 50.0, 100.0], [0.2, 100.0, 66.7]], "ends": {End.WRONG.value: 7},
    }  # fmt: skip
    write(folder, "answers-made", {**counted, **decided})
    write(folder, "peers-made", {**counted, "peers": [{"peer": "Zhinan", **ranked, **costs, **memory}]})
    ways = ("alone", "talk", "standalone")
    three = {key: dict.fromkeys(ways, value) for key, value in ranked.items()}
    told = {
        "cited": {way: {"sure": 2, "sure_right": 1} for way in ways},
        "ratio": {f"R@{k}": [95.0, 90.0, 99.0] for k in (1, 5, 10)},
    }
    ends = {"short": {"all": 3, "clarify": 2, "choices": 1}}
    write(folder, "turns-made", {**counted, **three, **told, "ends": ends})
    write(folder, "latency", {"chunks": 3, "cases": 2, "search": _MS, "ask": _MS, "retrieved": _MS, **_WHERE})
    write(folder, "clients", {"rows": [load], **_WHERE})
    write(folder, "scale", {"rows": [growth, {**growth, "chunks": 2000}], **_WHERE})
    return folder


def test_pages_and_plots_are_the_same_every_time(tmp_path: Path, results: Path) -> None:
    """Five plots and two pages, byte for byte the same when made again; every plot has a text in its stead."""
    for lang in ("zh", "en"):
        (tmp_path / lang / "trainers").mkdir(parents=True)
    first = {file: file.read_bytes() for file in write_pages(results, tmp_path)}
    again = {file: file.read_bytes() for file in write_pages(results, tmp_path)}
    assert first == again
    assert sorted(file.name for file in first) == [
        "answers.svg", "measurements.md", "measurements.md", "peers.svg", "recall.svg", "retrieval.svg", "scale.svg"
    ]  # fmt: skip
    page = (tmp_path / "en" / "trainers" / "measurements.md").read_text(encoding="utf-8")
    assert "75.0 (70.0–80.0)" in page and page.count("![") == 5 and "![]" not in page


def test_answers_show_what_the_data_can_give(tmp_path: Path, results: Path) -> None:
    """A figure stands with its interval, a figure that the data cannot give as a dash, and counts by end."""
    for lang in ("zh", "en"):
        (tmp_path / lang / "trainers").mkdir(parents=True)
    write_pages(results, tmp_path)
    page = (tmp_path / "en" / "trainers" / "measurements.md").read_text(encoding="utf-8")
    assert (
        "| made | 2 | 1 | 1 | 0.750 (0.500–1.000) | – | – | 50.0 (40.0–60.0) | 50.0 (40.0–60.0) | – |" in page
    )
    assert "| made | 0 | 0 | 0 | 0 | 0 | 7 | 0 | 0 | 0 | 0 |" in page


def test_a_measurement_that_is_missing_is_left_out(tmp_path: Path, results: Path) -> None:
    """Without results of peers the page has no such section."""
    (results / "peers-made.json").unlink()
    for lang in ("zh", "en"):
        (tmp_path / lang / "trainers").mkdir(parents=True)
    assert {file.name for file in write_pages(results, tmp_path)} == {
        "answers.svg",
        "measurements.md",
        "retrieval.svg",
        "scale.svg",
    }


def test_turns_are_shown_beside_their_standalone_questions(tmp_path: Path, results: Path) -> None:
    """Each way of asking has a row, then comes the ratio; replies to short questions are counted."""
    for lang in ("zh", "en"):
        (tmp_path / lang / "trainers").mkdir(parents=True)
    write_pages(results, tmp_path)
    page = (tmp_path / "en" / "trainers" / "measurements.md").read_text(encoding="utf-8")
    assert "| made | with history ÷ standalone |  | 0.95 (0.90–0.99) |" in page
    assert "| made | at most three words, no history | 3 | 2 | 1 | 0 | 0 | 0 | 0 | 0 |" in page
