"""The reranking stage: candidates, what the trees see of them, and the stored ranker."""

import json
from pathlib import Path

import numpy as np
import pytest

from rag import rerank
from rag.legs import legs
from rag.rerank import CANDIDATES, COLUMNS, candidates, features, passage_ranker
from rag.text import terms
from tests.rag.made import chunk, index_of, vector

TEXTS = [
    chunk("pub-tag", title="自行车号牌", lines=("自行车号牌当场发放，不收费。", "号牌丢了十五日内补发。")),
    chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话报修。",)),
    chunk("pub-well", title="水井登记", lines=("水井每年登记一次。",)),
    chunk("pub-lamp", lang="en", title="Broken lamps", lines=("Call us when a street lamp is broken.",)),
]
EVERYTHING = np.ones(len(TEXTS), dtype=bool)


def _features(question: str) -> dict[str, list[float]]:
    index = index_of(TEXTS)
    found = legs(index, terms(question), vector(question), EVERYTHING)
    x = features(index, question, terms(question), found, np.arange(len(TEXTS)))
    assert x.shape == (len(TEXTS), len(COLUMNS)) and np.isfinite(x).all()
    return {name: x[:, n].tolist() for n, name in enumerate(COLUMNS)}


def test_candidates_are_few_and_of_the_pool() -> None:
    """Never more than CANDIDATES, never outside the pool, each leg's best among them."""
    many = [chunk(f"pub-{n}", lines=(f"第{n}条。",)) for n in range(3 * CANDIDATES)]
    index, within = index_of(many), np.arange(3 * CANDIDATES) % 2 == 0
    found = legs(index, terms("第7条"), vector("第8条"), within)
    chosen = candidates(found, within)
    assert 0 < len(chosen) <= CANDIDATES
    assert within[chosen].all() and len(set(chosen.tolist())) == len(chosen)
    for scores in (found.rough, found.lexical, found.vector):
        assert int(np.where(within, scores, -np.inf).argmax()) in chosen


def test_cover_is_the_best_windows_share_of_the_question() -> None:
    """A chunk that says all of the question covers it; one that says nothing of it covers nothing."""
    seen = _features("路灯坏了")
    assert seen["cover"][1] == pytest.approx(1.0, abs=1e-5)
    assert seen["cover"][2] < 0.2
    assert seen["cover_below"][1] == 0.0


def test_phrases_are_found_whole() -> None:
    """A run of the question's characters counts where it stands in one piece."""
    seen = _features("拨打电话报修")
    assert seen["phrase_3"][1] == seen["phrase_4"][1] == seen["phrase_6"][1] == 1.0
    assert seen["phrase_3"][0] == 0.0
    assert _features("when a street lamp is broken")["word_pairs"][3] == 1.0


def test_places_and_language() -> None:
    """The best of a leg has place 1; a chunk knows whether it is in the question's language."""
    seen = _features("水井登记")
    assert seen["lexical_place"][2] == 1.0
    assert seen["same_language"] == [1.0, 1.0, 1.0, 0.0]


def test_the_stored_ranker_fits_these_columns_and_has_a_card() -> None:
    """Trees, columns, data, licence, command and cross-fitted figures stand in one file."""
    card = json.loads(rerank.RANKER.read_text(encoding="utf-8"))
    assert tuple(card["columns"]) == COLUMNS
    assert all(card[key] for key in ("date", "data", "licence", "command", "ndcg_10"))
    assert len(passage_ranker().roots) > 10


def test_a_ranker_of_other_columns_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees fitted on other features would rank by nonsense."""
    stale = json.loads(rerank.RANKER.read_text(encoding="utf-8")) | {"columns": ["lexical"]}
    (tmp_path / "old.json").write_text(json.dumps(stale), encoding="utf-8")
    monkeypatch.setattr(rerank, "RANKER", tmp_path / "old.json")
    passage_ranker.cache_clear()
    try:
        with pytest.raises(ValueError, match="fit_passages"):
            passage_ranker()
    finally:
        passage_ranker.cache_clear()
