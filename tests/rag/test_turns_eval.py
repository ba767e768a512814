"""Judging conversations: three ways of asking, their ratio, and how turns end."""

import json
from pathlib import Path

import pytest

from rag.settings import Settings
from rag.turns_eval import evaluate_turns

DOCUMENTS = {
    "a": "借书要带校园卡。", "b": "自行车号牌当场发放。", "c": "路灯坏了请拨打电话。", "d": "水井每年登记一次。",
}  # fmt: skip


def _rows(file: Path, rows: list[dict[str, object]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four documents, one question, and two turns: one goes on, one stands without a question of its own."""
    said = [{"role": "user", "text": "自行车号牌"}, {"role": "assistant", "text": "当场发放。"}]
    _rows(
        tmp_path / "corpus.jsonl",
        [{"id": i, "title": text[:3], "text": text} for i, text in DOCUMENTS.items()],
    )
    _rows(tmp_path / "queries.jsonl", [{"id": "q", "text": "自行车号牌"}])
    _rows(tmp_path / "queries_multiturn.jsonl", [
        {"id": "m", "text": "要多久", "history": said},
        {"id": "n", "text": "要多久", "history": [{"role": "user", "text": "水井"}]},
    ])  # fmt: skip
    _rows(tmp_path / "answers_multiturn.jsonl", [{"id": "m", "kind": "clarification", "answers": []}])
    head = "query-id\tcorpus-id\tscore\n"
    (tmp_path / "qrels.tsv").write_text(f"{head}q\tb\t1\n", encoding="utf-8")
    (tmp_path / "qrels_multiturn.tsv").write_text(f"{head}m\tb\t1\nn\td\t1\n", encoding="utf-8")
    return tmp_path


def test_a_turn_is_asked_three_ways(folder: Path, tmp_path: Path) -> None:
    """The turn that has a standalone question is judged; with its history it is found as well as that one."""
    settings = Settings(cache=tmp_path / "cache" / "v.sqlite", embedder="tests.fakes:HashEmbedding")
    report = evaluate_turns(folder, settings)
    assert report.queries == 1 and set(report.figures) == {"alone", "talk", "standalone"}
    assert report.figures["talk"]["R@1"] == report.figures["standalone"]["R@1"] == 100.0
    assert report.ratio["R@1"] == (100.0, 100.0, 100.0)


def test_replies_are_counted_by_what_was_wanted(folder: Path, tmp_path: Path) -> None:
    """The turn whose right reply is known stands in its group, a short question in its own."""
    settings = Settings(cache=tmp_path / "cache" / "v.sqlite", embedder="tests.fakes:HashEmbedding")
    ends = evaluate_turns(folder, settings).ends
    assert ends["clarification, later turn"]["all"] == 1 and ends["short"]["all"] == 1
