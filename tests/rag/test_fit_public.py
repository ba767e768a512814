"""Questions of public collections: which lines teach, and what is asked again without its document."""

import json
from pathlib import Path

import pytest

from rag.calibrate import public_samples
from rag.decide import load_calibration
from rag.fit_lines import FOLDS
from rag.fit_public import PublicSet, public_sets
from rag.rank_lines import line_ranker
from rag.settings import Settings

DOCUMENTS = {
    "bridge": ("石桥", "石桥在每年三月检修。检修由桥梁所负责。"),
    "lamp": ("路灯", "路灯坏了请拨打一二三。当天派人修好。"),
    "well": ("水井", "水井登记每年一次。登记不收费。"),
}
QUESTIONS = {"q1": ("bridge", "石桥检修由谁负责", "桥梁所"), "q2": ("well", "水井登记收费吗", "不收费")}


@pytest.fixture
def data(tmp_path: Path) -> PublicSet:
    """A collection of three documents and two questions with gold answers."""
    folder = tmp_path / "set"
    folder.mkdir()
    rows = {
        "corpus": [{"id": i, "title": t, "text": text, "lang": "zh"} for i, (t, text) in DOCUMENTS.items()],
        "queries": [{"id": i, "text": text} for i, (_, text, _) in QUESTIONS.items()],
        "answers": [
            {"id": i, "answers": [gold], "answerable": True} for i, (_, _, gold) in QUESTIONS.items()
        ],
    }
    for name, own in rows.items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in own]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    judged = [f"{name}\t{document}\t1\n" for name, (document, _, _) in QUESTIONS.items()]
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(judged), encoding="utf-8")
    (found,) = public_sets(
        folder, Settings(embedder="tests.fakes:HashEmbedding", cache=tmp_path / "vectors.sqlite")
    )
    return found


def test_lines_that_hold_the_gold_answer_teach(data: PublicSet) -> None:
    """Of a right passage, the line with the answer and no other; folds go by the document."""
    parts = list(data.parts())
    assert [part.guides for part in parts] == [(next(iter(q.documents)),) for q in data.questions]
    assert len(parts) == 2 and all(int(part.states.sum()) == 1 for part in parts)
    assert all(0 <= part.fold < FOLDS for part in parts)


def test_without_its_document_a_question_finds_another(data: PublicSet) -> None:
    """What is taken away is neither found nor known."""
    calibration = load_calibration("another-encoder", questions=False)
    for question in data.questions:
        best, *_ = data.evidence(question, line_ranker(), calibration)
        others = data.evidence(question, line_ranker(), calibration, without=True)
        assert best.chunk in question.rows and others
        assert all(other.guide not in question.documents for other in others)
        assert others[0].features.unknown > best.features.unknown


def test_every_question_is_asked_both_ways(data: PublicSet) -> None:
    """As it stands, where one passage is right, and as if its document did not exist, where none is."""
    samples = list(
        public_samples(data, [line_ranker()] * FOLDS, load_calibration("another", questions=False))
    )
    right = {name: sum(s.right for s in samples if s.asking == name) for name in {s.asking for s in samples}}
    assert right == {
        f"{q.id} {without}": int(not without) for q in data.questions for without in (False, True)
    }
    assert {sample.origin for sample in samples} == {data.name} == {"set all"}
