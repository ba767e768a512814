"""Judging answers on a BEIR folder: what counts as right, shown, cut off and not to be answered."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.answers_eval import CHARS, WORDS, as_guides, cut, evaluate_answers, holds
from rag.answers_report import AnswersReport, End
from rag.ranking_eval import index_rows
from rag.settings import Settings

DOCUMENTS = {
    "bridge": ("石桥", "石桥在每年三月检修。检修由桥梁所负责。"),
    "lamp": ("路灯", "路灯坏了请拨打一二三。当天派人修好。"),
    "well": ("水井", "水井登记每年一次。登记不收费。"),
    "boat": ("渡船", "渡船在清晨六点开出。大雾天停航。"),
}
QUESTIONS = {
    "q1": "石桥在几月检修？",
    "q2": "路灯坏了怎么办？",
    "q3": "水井登记收费吗？",
    "q4": "渡船几点开出？",
}
RELEVANT = {"q1": "bridge", "q2": "lamp", "q3": "well", "q4": "boat"}


def _write(
    folder: Path,
    answers: Mapping[str, Sequence[str]] | None = None,
    refused: Sequence[str] = (),
    relevant: Mapping[str, str] = RELEVANT,
    **more: Any,
) -> None:
    corpus = [
        {"id": i, "title": title, "text": text, "lang": "zh", **more.get(i, {})}
        for i, (title, text) in DOCUMENTS.items()
    ]
    _write_rows(folder / "corpus.jsonl", corpus)
    _write_rows(folder / "queries.jsonl", [{"id": i, "text": text} for i, text in QUESTIONS.items()])
    lines = ["query-id\tcorpus-id\tscore", *(f"{query}\t{target}\t1" for query, target in relevant.items())]
    (folder / "qrels.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if answers:
        gold = [{"id": i, "answers": list(found), "answerable": True} for i, found in answers.items()]
        _write_rows(folder / "answers.jsonl", gold)
    if refused:
        unanswerable = [{"id": f"u{n}", "text": text} for n, text in enumerate(refused)]
        _write_rows(folder / "queries_unanswerable.jsonl", unanswerable)


def _write_rows(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    file.write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a cache of their own and an encoder that needs no weights."""
    return Settings(cache=tmp_path / "cache" / "vectors.sqlite", embedder="tests.fakes:HashEmbedding")


def _count(report: AnswersReport, *ends: End) -> int:
    return sum(report.ends.get(end.value, 0) for end in ends)


RIGHT = (End.GOOD, End.RIGHT, End.OTHER_LINE, End.CUT, End.SPREAD, End.REFUSED_RIGHT)
"""Ends at which the cited passage is right."""


def test_the_passage_that_answers_is_cited_and_its_line_shown(tmp_path: Path, settings: Settings) -> None:
    """Where each question has one passage with its words, that is cited, and the gold answer is in what is shown."""
    _write(tmp_path, {"q1": ["三月"], "q2": ["一二三"], "q3": ["不收费"], "q4": ["六点"]})
    report = evaluate_answers(tmp_path, settings)
    assert _count(report, *RIGHT) == 4
    assert report.figures["gold_in_right"] == 100
    assert (report.answerable, report.unanswerable, report.documents) == (4, 0, 4)


def test_a_gold_answer_that_no_passage_holds_is_not_shown(tmp_path: Path, settings: Settings) -> None:
    """What stands in no line cannot be shown, and a question without gold is not asked about it."""
    _write(tmp_path, {"q1": ["九月"], "q2": []})
    report = evaluate_answers(tmp_path, settings)
    assert report.figures["gold_in_right"] == 0
    assert _count(report, End.GOOD, End.OTHER_LINE, End.CUT) == 0


def test_what_stands_beyond_the_cut_is_not_shown(tmp_path: Path, settings: Settings) -> None:
    """A gold answer at the end of a line that is too long is neither counted as shown nor as another line."""
    long = {"text": f"石桥{'和旁边的栏杆' * 40}在三月检修。"}
    _write(tmp_path, {"q1": ["三月"]}, bridge=long)
    report = evaluate_answers(tmp_path, settings)
    assert report.figures["gold_in_right"] == 0
    assert _count(report, End.CUT, End.REFUSED_RIGHT) >= 1
    assert _count(report, End.OTHER_LINE, End.SPREAD, End.GOOD) == 0


def test_another_passage_is_a_wrong_citation(tmp_path: Path, settings: Settings) -> None:
    """Only passages that the judgements name are right, however well another one fits."""
    _write(tmp_path, relevant=dict.fromkeys(QUESTIONS, "boat"))
    report = evaluate_answers(tmp_path, settings)
    assert _count(report, End.WRONG, End.REFUSED_WRONG) == 3


def test_judgements_may_name_documents(tmp_path: Path, settings: Settings) -> None:
    """A passage of a document that the judgements name is a right citation."""
    of = {i: {"doc": "roads" if i in ("bridge", "lamp") else "water"} for i in DOCUMENTS}
    _write(tmp_path, relevant={"q1": "roads", "q2": "roads", "q3": "water", "q4": "water"}, **of)
    assert _count(evaluate_answers(tmp_path, settings), *RIGHT) == 4


def test_passages_of_one_document_are_sections_of_one_guide(settings: Settings) -> None:
    """A passage belongs to the guide of its document, or is a guide of its own where it names none."""
    rows = [
        {"id": "a", "text": "石桥。", "doc": "d"},
        {"id": "b", "text": "路灯。", "doc": "d"},
        {"id": "c", "text": "水井。"},
    ]
    index = as_guides(index_rows(rows, settings).index, rows)
    assert [(chunk.guide, chunk.id) for chunk in index.chunks] == [("d", "a"), ("d", "b"), ("c", "c")]


def test_unanswerable_questions_are_less_sure(tmp_path: Path, settings: Settings) -> None:
    """Questions about nothing in the haystack sort below those that it answers."""
    _write(tmp_path, refused=["护照丢了去哪里补办？", "狗证多少钱？", "博物馆周一开放吗？"])
    report = evaluate_answers(tmp_path, settings)
    assert report.figures["auroc"] > 0.75
    assert _count(report, End.REFUSED_WELL, End.INVENTED) == report.unanswerable == 3


def test_the_same_words_cannot_be_answerable_and_not(tmp_path: Path, settings: Settings) -> None:
    """An unanswerable question that is also asked as an answerable one, even beyond the limit, is disputed."""
    _write(tmp_path, refused=["渡船几点，开出", "狗证多少钱？"])
    assert evaluate_answers(tmp_path, settings, limit=2).disputed == 1


def test_the_threshold_decides_who_is_answered(tmp_path: Path, settings: Settings) -> None:
    """Over-refusal is the share of answerable questions that ended refused."""
    _write(tmp_path)
    report = evaluate_answers(tmp_path, settings)
    refused = _count(report, End.REFUSED_RIGHT, End.REFUSED_WRONG)
    assert report.figures["over_refusal"] == 100 * refused / 4
    assert sum(threshold >= report.answer_at for threshold, *_ in report.curve) == 4 - refused


def test_a_question_without_content_is_asked_as_a_whole(tmp_path: Path, settings: Settings) -> None:
    """A question of function words alone is weighed as well, and no question is lost."""
    _write(tmp_path, refused=["那个呢？", "？"])
    assert evaluate_answers(tmp_path, settings).unanswerable == 2


def test_a_limit_holds_for_each_kind_of_question(tmp_path: Path, settings: Settings) -> None:
    """Two of each kind at most are asked, counted to the end."""
    _write(tmp_path, refused=["甲在哪里？", "乙在哪里？", "丙在哪里？"])
    steps: list[tuple[str, int, int]] = []
    report = evaluate_answers(tmp_path, settings, limit=2, on_step=lambda *step: steps.append(step))
    assert (report.answerable, report.unanswerable) == (2, 2)
    assert steps[-1] == ("questions", 4, 4)


def test_a_split_has_its_own_files_where_it_has_them(tmp_path: Path, settings: Settings) -> None:
    """Queries, answers and unanswerable questions of the split come before those of all."""
    _write(tmp_path, {"q1": ["九月"]}, refused=["甲在哪里？", "乙在哪里？"])
    _write_rows(tmp_path / "queries_hant.jsonl", [{"id": "q1", "text": "石橋在幾月檢修？"}])
    _write_rows(tmp_path / "answers_hant.jsonl", [{"id": "q1", "answers": ["三月"]}])
    _write_rows(tmp_path / "queries_unanswerable_hant.jsonl", [{"id": "u", "text": "護照在哪裡？"}])
    report = evaluate_answers(tmp_path, settings, split="hant")
    assert (report.answerable, report.unanswerable, report.figures["gold_in_right"]) == (1, 1, 100)


def test_the_report_says_which_models_decided(tmp_path: Path, settings: Settings) -> None:
    """Digest, date and data of each stored model stand in the report, and its table names them."""
    _write(tmp_path)
    report = evaluate_answers(tmp_path, settings)
    cards = {"calibration.json", "line_ranker.json", "passage_ranker.json", "query_side.json"}
    assert cards == set(report.decision) == set(report.configuration["cards"])
    assert all(set(card) == {"date", "data"} for card in report.decision.values())
    caption = str(report.table().caption)
    assert all(report.configuration["cards"][card] in caption for card in cards)
    assert json.loads(json.dumps(report.as_json()))["answer_at"] == report.answer_at


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("字" * CHARS + "尾", "字" * CHARS),
        ("word " * WORDS + "tail", ("word " * WORDS).rstrip()),
        ("two\nlines", "two\nlines"),
        ("", ""),
    ],
)
def test_shown_text_is_cut_by_characters_or_words(text: str, shown: str) -> None:
    """Chinese is cut at so many characters, other text after so many words; blanks between lines stay."""
    assert cut(text) == shown


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("共１３６ 次。", "136次"),
        ("由檢修隊負責", "检修队"),
        ("At 5 p.m., daily", "5 PM"),
        ("一，\n二", "一二"),
    ],
)
def test_gold_answers_are_compared_in_letters_and_digits_alone(text: str, answer: str) -> None:
    """Width, script, case, blanks and punctuation make no difference; another word does."""
    assert holds(text, ["另一个", answer])
    assert not holds(text, ["另一个", "。"])
