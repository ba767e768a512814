"""M08, M09: dates in order, limits in numbers."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rag.checks import check, errors
from tests.library import TODAY, guide, line_of, said, write_guide, write_office
from tests.rag.rules.cases import LAW, STEPS, Case

_LIMIT = {"promised": {"n": 20, "unit": "day"}, "starts": "受理之日"}
_BY_LAW = {"n": 20, "unit": "day", "basis": "条例"}


def _step(**changes: Any) -> dict[str, Any]:
    return {"steps": [STEPS[0] | changes, STEPS[1]]}


CASES = (
    Case("M08", "valid_to:", {"valid_to": "2025-12-31"}, {"valid_to": "2026-01-01"}),
    Case("M08", "valid_to:", {"valid_to": "2026/12/31"}, {"valid_to": "2026-12-31"}),
    Case("M08", "valid_from:", {"valid_from": 20260101}, {"valid_from": "2026-01-01"}),
    Case("M08", "reviewed_on:", {"reviewed_on": "2026-11-01T08:00:00"}, {"reviewed_on": "2026-11-01"}),
    Case("M08", "review_by:", {"review_by": "2027-05-01"}, {"review_by": "2027-04-30"}),
    Case("M08", "review_by:", {"review_by": "2026-10-31"}),
    Case("M08", "review_by:", {"reviewed_on": "9999-12-31"}),
    Case("M08", "review_by:", {"valid_from": "2027-03-02"}, {"valid_from": "2027-03-01"}),
    Case("M08", "version:", {"version": 2}, {"version": 2, "change_note": "改了时限"}),
    Case("M09", "time_limit:", {"time_limit": _LIMIT | {"statutory": _BY_LAW | {"n": 19}}},
         {"time_limit": _LIMIT | {"statutory": _BY_LAW}}),
    Case("M09", "time_limit:", {"time_limit": _LIMIT | {"statutory": "none", "starts": "尽快受理后"}},
         {"time_limit": _LIMIT | {"statutory": "none", "starts": "受理之日"}}),
    Case("M09", '- {"n": 1', _step(limit="尽快"), _step(limit="3日")),
    Case("M09", '- {"n": 1', _step(limit="As soon as possible"), _step(limit="立即")),
    Case("M09", '- {"n": 1', _step(limit="15"), _step(limit="15个工作日内，特殊情形30日")),
    Case("M09", '- {"n": 1', _step(limit="３以内"), _step(limit="打12345的当日")),
    Case("M09", "deadlines:+1", {"deadlines": [{"name": "及时答复", "n": 3, "unit": "day"}]},
         {"deadlines": [{"name": "答复", "n": 3, "unit": "day"}]}),
    Case("M09", "answer_facts:+1", {"answer_facts": [{"key": "time_limit.a", "value": 3, "quote": "带好证件到三号窗口。"}]},
         {"answer_facts": [{"key": "time_limit.a", "value": 3, "unit": "day", "quote": "带好证件到三号窗口。"}]}),
    Case("M09", "窗口会", bad_body="窗口会及时答复您。\n", good_body="请及时更新自己的住址。\n"),
    Case("M09", "The office", lang="en", bad_body="The office replies to you as soon as possible.\n",
         good_body="The office replies to you on the spot.\n"),
    Case("M09", "steps:+1", lang="en", bad={"steps": [
        {"n": 1, "actor": "You", "action": "Hand in the form", "where": "Counter", "limit": "within 15"},
        {"n": 2, "actor": "Counter staff", "action": "Issue the tag", "where": "Counter"}]},
        good={"steps": [
        {"n": 1, "actor": "You", "action": "Hand in the form", "where": "Counter", "limit": "Urgent 30 minutes, ordinary 4 working hours"},
        {"n": 2, "actor": "Counter staff", "action": "Issue the tag", "where": "Counter"}]}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "at", "today"),
    [
        ({}, "M08", "review_by:", date(2027, 3, 2)),
        ({"legal_basis": [LAW]}, "M16", '- {"name"', date(2027, 2, 1)),
    ],
)
def test_what_is_late_is_a_warning(
    tmp_path: Path, changes: dict[str, Any], code: str, at: str, today: date
) -> None:
    """A guide due for review and a law unchecked for a year are named, but stop no build."""
    root = write_office(tmp_path)
    law = {"legal_basis": [LAW | {"verified_on": "2026-01-31"}]} if code == "M16" else {}
    path = write_guide(root, guide(**changes | law))
    assert [p for p in said(root, date(2026, 11, 2)) if p[0] == code] == []
    assert said(root, today) == [(code, str(path), line_of(root, path, at))]
    assert errors(check(root, today)) == []


def test_working_days_and_days_are_not_compared(tmp_path: Path) -> None:
    """A promise in working days says nothing against a law in days."""
    root = write_office(tmp_path)
    limit = _LIMIT | {"promised": {"n": 20, "unit": "working-day"}, "statutory": _BY_LAW | {"n": 19}}
    write_guide(root, guide(time_limit=limit))
    assert [p for p in check(root, TODAY) if p.code == "M09"] == []
