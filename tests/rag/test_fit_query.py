"""Fitting the question side of the encoder: what it learns from, where torch is installed that it learns."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag import fit_query
from rag.fit_query import FOLDS, Task, folder_tasks
from rag.settings import Settings

pytest.importorskip("torch", reason="torch fits the encoder's question side: pip install -e .[train]")

TEXTS = {
    "tag": "自行车号牌当场发放，不收费。",
    "lamp": "路灯坏了请拨打电话报修。",
    "well": "水井每年登记一次。",
}


@pytest.fixture(scope="module")
def encoder() -> Any:
    """The published weights."""
    from rag.query_encoder import Encoder

    return Encoder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three passages, two questions about each."""
    target = tmp_path / "small"
    target.mkdir()
    rows = [{"id": name, "title": name, "text": text} for name, text in TEXTS.items()]
    asked = [
        {"id": f"{name}-{n}", "text": text[:6] + "吗" * n} for name, text in TEXTS.items() for n in (1, 2)
    ]
    for name, content in (("corpus", rows), ("queries", asked)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        (target / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    judged = "".join(f"{row['id']}\t{row['id'].split('-')[0]}\t1\n" for row in asked)
    (target / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged, encoding="utf-8")
    return target


@pytest.fixture
def task(folder: Path, e5_folder: Path, tmp_path: Path, encoder: Any) -> Task:
    """Those questions as they are fitted on."""
    settings = Settings(cache=tmp_path / "cache" / "vectors.sqlite", models=e5_folder.parent)
    (made,) = folder_tasks(encoder, folder, settings)
    return made


def test_questions_about_one_passage_share_a_fold(task: Task) -> None:
    """Where most passages are asked for, a fold's questions were not learnt from their neighbours."""
    assert [len(found) for found in task.relevant] == [1] * 6 and task.sizes.tolist() == [1, 1, 1]
    assert task.folds[::2].tolist() == task.folds[1::2].tolist() and max(task.folds) < FOLDS
    assert [view.shape for view in task.views] == [(3, 384), (3, 512)] and task.second.shape == (6, 512)


def test_an_epoch_draws_so_many_questions_and_none_left_out(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large set does not drown the others, and a fold that is left out is not seen."""
    monkeypatch.setattr(fit_query, "PER_EPOCH", 2)
    for left_out in (None, int(task.folds[0])):
        batches = fit_query._epoch([task], left_out, np.random.default_rng(1))
        drawn = np.concatenate([chosen for _, chosen in batches])
        assert len(drawn) <= 2 and left_out not in task.folds[drawn]


def test_fitting_brings_questions_nearer_to_their_passages(
    task: Task, encoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fresh adapters give the published vectors, fitted ones better ones."""
    fresh = encoder.all_vectors(task.below, encoder.adapters())
    np.testing.assert_allclose(fresh, task.first, atol=1e-5)
    monkeypatch.setattr(fit_query, "EPOCHS", 30)
    fitted = encoder.all_vectors(task.below, fit_query.fit(encoder, [task], None))
    right = task.views[0][[found[0] for found in task.relevant]]
    margin = right - task.views[0].mean(axis=0)
    assert ((fitted - task.first) * margin).sum(axis=1).min() > 0
