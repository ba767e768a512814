"""Judging retrieval on a BEIR folder: figures equal to those computed by hand."""

import json
import math
from pathlib import Path

import pytest

from rag.ranking_eval import LEGS, evaluate_retrieval
from rag.ranking_report import METRICS
from rag.settings import Settings

DOCUMENTS = {
    "a": "苹果在秋天成熟。",
    "b": "石榴在夏天开花。",
    "c": "冬瓜在夏天成熟。",
    "d": "樱桃在春天成熟。",
    "e": "白菜在冬天收割。",
}
QUERIES = {"q1": "苹果", "q2": "石榴", "q3": "白菜", "q4": "没有判断"}


def _write(folder: Path, relevant: list[tuple[str, str, int]], split: str = "") -> None:
    corpus = [{"_id": i, "title": "", "text": text} for i, text in DOCUMENTS.items()]
    queries = [{"_id": i, "text": text} for i, text in QUERIES.items()]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in relevant)]
    (folder / f"qrels{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a cache of their own and an encoder that needs no weights."""
    return Settings(cache=tmp_path / "cache" / "vectors.sqlite", embedder="tests.fakes:HashEmbedding")


def test_figures_are_those_computed_by_hand(tmp_path: Path, settings: Settings) -> None:
    """Two queries find their only document first; the third has its second one beyond every term."""
    # Only a holds 苹果, only b 石榴, only e 白菜: the lexical leg ranks it first, then the rest in file order.
    _write(tmp_path, [("q1", "a", 1), ("q2", "b", 1), ("q3", "a", 1), ("q3", "e", 1), ("q4", "b", 0)])
    report = evaluate_retrieval(tmp_path, settings)
    # q3: e first, then a (first of the zero scores): both in the first two places.
    assert report.figures["lexical"] == {
        "R@1": round(100 * (1 + 1 + 0.5) / 3, 2), "R@5": 100.0, "R@10": 100.0, "MRR@10": 100.0, "nDCG@10": 100.0
    }  # fmt: skip
    assert (report.documents, report.queries, report.split) == (5, 3, "all")
    assert set(report.figures) == set(LEGS) and set(report.ms_per_query) == set(LEGS)
    assert all(set(row) == set(METRICS.values()) for row in report.figures.values())


def test_a_relevant_document_lower_down_costs_what_it_should(tmp_path: Path, settings: Settings) -> None:
    """A relevant document in third place: reciprocal rank 1/3, gain discounted by log2(4)."""
    # 苹果 ranks a first, then b, c, d, e in file order: c stands third.
    _write(tmp_path, [("q1", "c", 1)])
    assert evaluate_retrieval(tmp_path, settings).figures["lexical"] == {
        "R@1": 0.0, "R@5": 100.0, "R@10": 100.0, "MRR@10": 33.33, "nDCG@10": round(100 / math.log2(4), 2)
    }  # fmt: skip


def test_splits_and_limits(tmp_path: Path, settings: Settings) -> None:
    """A split has its own judgements, and a limit takes the first judged queries."""
    _write(tmp_path, [("q1", "a", 1), ("q2", "b", 1)], "_test")
    report = evaluate_retrieval(tmp_path, settings, split="test", limit=1)
    assert (report.queries, report.split) == (1, "test")
    assert report.table().row_count == len(LEGS)
    assert json.loads(json.dumps(report.as_json()))["queries"] == 1


def test_progress_and_the_cache_of_vectors(tmp_path: Path, settings: Settings) -> None:
    """Embedding and queries are counted to their ends, and vectors are kept apart from the product's."""
    _write(tmp_path, [("q1", "a", 1)])
    steps: list[tuple[str, int, int]] = []
    evaluate_retrieval(tmp_path, settings, on_step=lambda *step: steps.append(step))
    assert ("embed", 5, 5) in steps and steps[-1] == ("queries", 1, 1)
    assert not settings.cache.exists()
    assert (settings.cache.parent / "evaluation-vectors.sqlite").exists()


def test_intervals_are_seeded_and_hold_the_mean(tmp_path: Path, settings: Settings) -> None:
    """Two runs give the same 95 % intervals, each around its mean."""
    _write(tmp_path, [("q1", "a", 1), ("q2", "b", 1), ("q3", "a", 1)])
    first, again = (evaluate_retrieval(tmp_path, settings) for _ in range(2))
    assert first.intervals == again.intervals
    for leg, row in first.figures.items():
        assert all(
            first.intervals[leg][m][0] <= mean <= first.intervals[leg][m][1] for m, mean in row.items()
        )


def test_a_report_says_what_was_measured_on_what(tmp_path: Path, settings: Settings) -> None:
    """Other judgements are another corpus; the machine is described without its name or folders."""
    _write(tmp_path, [("q1", "a", 1)])
    first = evaluate_retrieval(tmp_path, settings)
    _write(tmp_path, [("q1", "b", 1)])
    assert evaluate_retrieval(tmp_path, settings).corpus != first.corpus
    assert set(first.machine) == {"processor", "cores", "memory_gib", "python", "platform"}
    assert first.configuration["cards"] and str(tmp_path) not in json.dumps(first.as_json())
    assert first.index_seconds_by.keys() == {"embedding", "rest"} and first.windows_per_second > 0


def test_judged_documents_stand_where_their_best_passage_does(tmp_path: Path, settings: Settings) -> None:
    """Where judgements name whole documents, passages found stand for theirs, each document once."""
    _write(tmp_path, [("q1", "fruit", 1)], "_doc")
    corpus = [{"_id": i, "text": t, "doc": "fruit" if i in "ab" else i} for i, t in DOCUMENTS.items()]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in corpus]
    (tmp_path / "corpus.jsonl").write_text("".join(lines), encoding="utf-8")
    assert evaluate_retrieval(tmp_path, settings).figures["lexical"]["R@1"] == 100.0
