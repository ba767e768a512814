"""How a problem is told."""

from pathlib import Path

from rag.problems import GuideError, Problem

PROBLEM = Problem("M01", Path("zh/public/a.md"), 3, "缺少字段 title", "title is missing", "补上", "add it")


def test_a_problem_says_where_what_and_how_in_both_languages() -> None:
    """File, line and code come first; Chinese stands before English, each with its fix."""
    assert str(PROBLEM) == "zh/public/a.md:3: M01 缺少字段 title · 补上\n    title is missing · add it"


def test_a_warning_is_marked() -> None:
    """A warning says that it is one."""
    late = Problem("M08", Path("a.md"), 1, "到期", "due", "改", "mend", warning=True)
    assert str(late).startswith("a.md:1: M08 (warning) ")


def test_json_carries_every_part() -> None:
    """The JSON form has the same parts, the path as text."""
    assert PROBLEM.as_json() == {
        "code": "M01",
        "path": "zh/public/a.md",
        "line": 3,
        "zh": "缺少字段 title",
        "en": "title is missing",
        "fix_zh": "补上",
        "fix_en": "add it",
        "warning": False,
    }


def test_a_guide_error_tells_each_problem() -> None:
    """The error keeps the problems as values and prints them one by one."""
    error = GuideError([PROBLEM, PROBLEM])
    assert error.problems == [PROBLEM, PROBLEM]
    assert str(error) == f"{PROBLEM}\n{PROBLEM}"
