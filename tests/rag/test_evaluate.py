"""Judging by case files: what is wrong is found; a second corpus is answered; code knows no content."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from rag.access import ANONYMOUS, Audience, Level, Reader
from rag.answer import Assistant
from rag.cases_report import evaluate_cases
from rag.evaluate import Case, judge, read_cases, unquoted_numbers
from rag.exchange import Answer, Outcome, Question
from rag.guides import read_library
from rag.settings import ROOT
from rag.text import fold

CASES = ROOT / "tests" / "guides" / "library-cases.jsonl"
OWN_WORDS = {"问办助手", "转人工", "接口密钥", "api key", "x-api-key"}
"""What the product calls its own parts; guides about the product use these words as well."""
GENERAL_WORDS = {
    *("不服决定", "行政复议", "行政诉讼", "administrative review", "上门服务", "home visit", "协办单"),
    *("接口文档", "字段名", "field name", "front matter of a guide", "复核日期", "提示词", "聊天记录"),
    *("large print", "screen reader", "audit trail", "audit log", "audit logs", "操作日志"),
}
"""Words of administrative law and of computing that any office uses, and that some guide names as its subject."""
DIRECTOR = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"director"}))
RIGHT = {
    "question": "借书收费吗",
    "outcome": "answered",
    "guide": "pub-borrow-books",
    "facts": ["不收费|免费"],
}


class Scripted(Assistant):
    """An assistant that gives one planted answer."""

    def __init__(self, real: Assistant, answer: Answer) -> None:
        vars(self).update(vars(real))  # the same assistant, but for what it says
        self._answer = answer

    def ask(self, question: Question, reader: Reader, today: object = None) -> Answer:
        """The planted answer, whatever was asked."""
        return self._answer


def _case(tmp_path: Path, **changes: object) -> Case:
    file = tmp_path / "case.jsonl"
    file.write_text(json.dumps(RIGHT | changes, ensure_ascii=False) + "\n", encoding="utf-8")
    return read_cases([file])[0]


@pytest.fixture(scope="module")
def right(assistant: Assistant) -> Answer:
    """A right answer to spoil."""
    return assistant.ask(Question("借书收费吗"), ANONYMOUS)


def test_a_right_answer_is_right(assistant: Assistant, tmp_path: Path) -> None:
    """A case whose outcome, guide and facts are met has no fault."""
    assert judge(_case(tmp_path), assistant).is_right


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"outcome": "abstained"}, "outcome answered"),
        ({"outcome": ["clarify", "refused"]}, "expected clarify/refused"),
        ({"guide": "pub-lost-book"}, "cites pub-borrow-books, expected pub-lost-book"),
        ({"facts": ["收五百元|五百块"]}, "lacks 收五百元|五百块"),
        ({"first_line": "119"}, "first line lacks 119"),
    ],
)
def test_a_planted_wrong_answer_is_found(
    assistant: Assistant, tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    """Each way of being wrong is named."""
    verdict = judge(_case(tmp_path, **changes), assistant)
    assert not verdict.is_right and not verdict.leaks and not verdict.unquoted
    assert any(fault in found for found in verdict.faults)


def test_a_planted_leak_is_found(assistant: Assistant, right: Answer, tmp_path: Path) -> None:
    """A chunk above the reader's level is a leak, and so is a forbidden text anywhere in the answer."""
    answer = assistant.ask(Question("机动经费一笔最多批多少"), DIRECTOR)
    assert answer.chunks
    leaked = judge(_case(tmp_path, guide="off-budget", facts=[]), Scripted(assistant, answer))
    assert any(found.startswith("cites off-budget") for found in leaked.leaks)
    told = replace(right, suggestions=({"guide": "off-budget", "title": "翡翠沙漏", "url": "/"},))
    shown = judge(_case(tmp_path, absent=["翡翠沙漏", "JADE"]), Scripted(assistant, told))
    assert shown.leaks == ("shows 翡翠沙漏",)
    assert not shown.faults


def test_digits_by_chance_are_no_leak(assistant: Assistant, right: Answer, tmp_path: Path) -> None:
    """A forbidden number inside an id, a generation's name or a duration tells nobody anything."""
    lucky = replace(right, id="a180b", generation="g-20261122-180400-x", elapsed_ms=180.0)
    assert judge(_case(tmp_path, absent=["180"]), Scripted(assistant, lucky)).is_right


def test_a_planted_number_is_found(assistant: Assistant, right: Answer, tmp_path: Path) -> None:
    """A number that no quote holds is found; citation marks and quoted numbers are none."""
    assert unquoted_numbers(right) == []
    planted = replace(right, sentences=(*right.sentences, "\n最多罚77元。"))
    verdict = judge(_case(tmp_path), Scripted(assistant, planted))
    assert verdict.unquoted == ("77",) and not verdict.is_right


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"question": "a"}', '{"question": "a", "outcome": "answered", "level": "secret"}',
     '{"question": "a", "outcome": "answered", "audience": "everybody"}'],
)  # fmt: skip
def test_a_broken_case_is_named(tmp_path: Path, line: str) -> None:
    """A line that is no case stops the run and says file and line."""
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{json.dumps(RIGHT)}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"cases\.jsonl:3"):
        read_cases([file])


def test_a_second_corpus_is_answered(assistant: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    """Guides of another domain work as they are: most cases right, no leak, no unquoted number."""
    report = evaluate_cases([CASES], assistant)
    with capsys.disabled():
        wrong = [verdict.case.id for verdict in report.verdicts if not verdict.is_right]
        print(
            f"\nlibrary cases: {report.accuracy:.1%} of {len(report.verdicts)} right; wrong: {' '.join(wrong)}"
        )
    assert (report.leaks, report.unquoted) == (0, 0)
    assert report.accuracy >= 0.75  # 85 % here; processors differ in int8
    assert {verdict.answer.outcome for verdict in report.verdicts} >= {Outcome.ANSWERED, Outcome.ABSTAINED}


def test_no_code_names_the_demo() -> None:
    """No id, title or alias of a guide of docs/ stands in the code, so that any office's guides work alike."""
    library, _ = read_library(ROOT / "docs")
    assert library.guides
    names = {guide.id for guide in library.guides} | {guide.meta.title for guide in library.guides}
    names |= {alias for guide in library.guides for alias in guide.meta.aliases if len(alias) >= 3}
    # National numbers are no content, and single English words are everybody's: code says "assistant" too.
    names = {
        fold(name) for name in names if not re.fullmatch(r"[\d ]+|[a-z]+|[一二三四五六七八九]+", name.lower())
    }
    names -= OWN_WORDS | GENERAL_WORDS
    files = [*(ROOT / "rag").glob("*.py"), *(ROOT / "api").rglob("*.py")]
    files.remove(
        ROOT / "rag" / "weights.py"
    )  # its sample sentences only prove that the encoder was converted
    found = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in files
        for text in [fold(file.read_text(encoding="utf-8"))]
        for name in names
        if name in text
    }
    assert sorted(found) == []
