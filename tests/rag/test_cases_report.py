"""What a run of cases reports: shares with intervals, groups, variants beside the questions as written."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Assistant
from rag.cases_report import CasesReport, Share, VariantVerdict, evaluate_cases
from rag.evaluate import Verdict, judge, read_cases
from rag.text import script_of
from rag.variants import Variant

CASE = {
    "question": "借书收费吗？",
    "outcome": "answered",
    "guide": "pub-borrow-books",
    "facts": ["不收费|免费"],
    "kind": "daily",
}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with one case that the library answers right."""
    file = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    file.write_text(json.dumps(CASE, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def good(assistant: Assistant, cases: Path) -> Verdict:
    """The verdict on that case."""
    return judge(read_cases([cases])[0], assistant)


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (29, 29, 0.8830, 1.0), (0, 20, 0.0, 0.1611)],
)
def test_the_interval_is_wilsons(right: int, total: int, low: float, high: float) -> None:
    """Figures published by Newcombe (1998), and one of none right."""
    assert Share(right, total).interval == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval(counts: tuple[int, int]) -> None:
    """The interval holds the share and stays between none and all; of nothing it is everything."""
    share = Share(*counts)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-9 and share.value - 1e-9 <= high <= 1
    assert counts[1] or (low, high) == (0, 1)


def test_a_report_counts(good: Verdict) -> None:
    """Groups are counts of their cases, and one leak fails a run however right the rest is."""
    assert CasesReport((good,) * 3).passed
    leak = replace(good, leaks=("shows x",))
    report = CasesReport((good,) * 99 + (leak,))
    assert report.accuracy == 0.99 and report.leaks == 1 and not report.passed
    for key, name in (("kind", "daily"), ("lang", "zh"), ("audience", "public"), ("outcome", "answered")):
        assert report.by(key) == {name: Share(99, 100)}


def test_a_wrong_number_fails_a_run_and_is_named(good: Verdict) -> None:
    """Unquoted numbers are counted, and the answer is shown with what was wrong."""
    report = CasesReport((replace(good, unquoted=("77",)),))
    assert (report.unquoted, report.accuracy, report.passed) == (1, 0.0, False)
    assert report.as_json()["wrong"][0]["faults"] == ["unquoted 77"]


def test_a_variant_stands_beside_its_question(good: Verdict) -> None:
    """A kind of variant has its share and that of its questions; wrong where the question is right is lost."""
    bad = replace(good, faults=("outcome abstained",))
    found = (
        VariantVerdict(Variant.FRAMED, good, good),
        VariantVerdict(Variant.FRAMED, bad, good),
        VariantVerdict(Variant.SPACED, bad, bad),
    )
    report = CasesReport((good, bad), found)
    assert report.accuracy == 0.5
    assert report.by_variant() == {
        Variant.FRAMED: (Share(1, 2), Share(2, 2)),
        Variant.SPACED: (Share(0, 1), Share(0, 1)),
    }
    lost: list[dict[str, Any]] = report.as_json()["lost"]
    assert [(one["variant"], one["as_written"]) for one in lost] == [("framed", CASE["question"])]
    assert report.table().row_count == 4 + 2 + 1 + 1


def test_a_leak_in_a_variant_fails_a_run(good: Verdict) -> None:
    """A variant may be answered less well, but never with what its reader may not see."""
    weak = VariantVerdict(Variant.FRAMED, replace(good, faults=("outcome abstained",)), good)
    assert CasesReport((good,), (weak,)).passed
    leaking = VariantVerdict(Variant.FRAMED, replace(good, leaks=("shows x",)), good)
    assert not CasesReport((good,), (leaking,)).passed


def test_every_question_is_asked_in_other_words(assistant: Assistant, cases: Path) -> None:
    """Variants are asked by the same reader with the same expectation, and only where wanted."""
    assert evaluate_cases([cases], assistant).variants == ()
    report = evaluate_cases([cases], assistant, 3)
    assert len(report.verdicts) == 1 and len(report.variants) == 3
    (written,) = report.verdicts
    for varied in report.variants:
        case = varied.verdict.case
        assert case.question.text != written.case.question.text
        assert replace(case, question=written.case.question) == written.case


def test_a_traditional_variant_is_judged_by_the_same_facts(assistant: Assistant, cases: Path) -> None:
    """Facts are matched in one script, so the answer in Traditional characters is right."""
    report = evaluate_cases([cases], assistant, len(Variant))
    (found,) = (v.verdict for v in report.variants if v.kind is Variant.TRADITIONAL)
    assert script_of(found.case.question.text) == "zh-Hant" and found.is_right
