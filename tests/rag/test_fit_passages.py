"""Fitting the reranking stage: what it learns from, and figures of trees that did not know the questions."""

import json

import numpy as np
import pytest

from rag import fit_passages
from rag.fit_passages import FOLDS, Ranked, crossfitted, fit, ndcg, questions_of
from rag.rerank import COLUMNS
from rag.settings import Settings

TEXTS = {
    "tag": "自行车号牌当场发放，不收费，丢失以后可以到任何一个窗口重新领取一副新的号牌。",
    "lamp": "路灯坏了请拨打电话报修，值班人员会在接到电话以后马上安排修理并且回电告知结果。",
    "well": "水井每年登记一次，由所在村的村民委员会统一办理并且公布登记的结果给全体村民看。",
}


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> list[Ranked]:
    """Judged and made questions of a folder of three passages."""
    folder = tmp_path_factory.mktemp("data") / "small"
    folder.mkdir()
    rows = [{"id": name, "title": name, "text": text} for name, text in TEXTS.items()]
    asked = [{"id": f"q-{name}", "text": text[:8]} for name, text in TEXTS.items()]
    for name, content in (("corpus", rows), ("queries", asked)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    judged = "".join(f"q-{name}\t{name}\t1\n" for name in TEXTS)
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged, encoding="utf-8")
    settings = Settings(cache=folder / "cache" / "vectors.sqlite", embedder="tests.fakes:HashEmbedding")
    return questions_of(folder, settings)


def test_each_question_has_its_candidates_and_their_grades(questions: list[Ranked]) -> None:
    """Judged questions come first, then made ones; every relevant passage is marked."""
    judged = [q for q in questions if q.origin == "small all"]
    assert [q.group for q in judged] == list(TEXTS)
    for question in questions:
        assert question.x.shape == (len(TEXTS), len(COLUMNS))
        assert question.grades.sum() == question.wanted == 1
    assert {q.origin for q in questions} == {"small all", "small made"}


def test_made_questions_are_words_of_their_passage(questions: list[Ranked]) -> None:
    """Nearly all hold something of their passage; at times all its words were left out."""
    made = [q for q in questions if q.origin == "small made"]
    assert len(made) > 50
    held = [q.x[q.grades == 1, COLUMNS.index("cover")][0] > 0 for q in made]
    assert np.mean(held) > 0.9


def _signal(n: int, origin: str = "easy all") -> Ranked:
    chance = np.random.default_rng(n)
    x = chance.uniform(size=(30, len(COLUMNS))).astype(np.float32)
    grades = np.zeros(30, dtype=np.int64)
    grades[int(x[:, 0].argmax())] = 1
    return Ranked(str(n), origin, x, grades, 1)


def test_figures_are_of_trees_that_did_not_know_the_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that holds in all sets is found without the fold and without the set; noise is not."""
    monkeypatch.setattr(fit_passages, "_ROUNDS", 30)  # enough for so plain a rule
    easy = [_signal(n) for n in range(60)] + [_signal(n, "other all") for n in range(200, 260)]
    figures = crossfitted(easy)
    assert figures["easy all"]["other_folds"] > 80 and figures["easy all"]["other_sets"] > 80
    chance = np.random.default_rng(1)
    noise = [Ranked(q.group, q.origin, q.x, chance.permutation(q.grades), 1) for q in easy]
    assert crossfitted(noise)["easy all"]["other_folds"] < 40
    assert ndcg(fit(noise), noise) > crossfitted(noise)["easy all"]["other_folds"]


def test_questions_of_one_group_share_a_fold() -> None:
    """Translations of one question are never on both sides."""
    folds = {_signal(7).fold, _signal(7, "other all").fold}
    assert len(folds) == 1 and folds < set(range(FOLDS))
