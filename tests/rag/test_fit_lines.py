"""Fitting the line ranker: labels come from the cases, folds keep guides apart, figures count places."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.answer import Assistant
from rag.evaluate import Case, read_cases
from rag.fit_lines import (
    FOLDS,
    LinesOfPart,
    by_fold,
    figures,
    fold_of,
    is_for_retrieval,
    parts_with_lines,
    states_fact,
)
from rag.question import parts_of
from rag.rank_lines import features
from rag.settings import ROOT
from rag.text import fold
from rag.trees import Trees, from_json

BORROW = {
    "question": "借书收费吗",
    "outcome": "answered",
    "guide": "pub-borrow-books",
    "facts": ["不收费|免费"],
}


def _case(folder: Path, **changes: Any) -> Case:
    file = folder / "case.jsonl"
    file.write_text(json.dumps(BORROW | changes, ensure_ascii=False) + "\n", encoding="utf-8")
    return read_cases([file])[0]


def _stump(sign: float) -> Trees:
    """One tree that asks whether the first column is above a half."""
    return from_json(
        {"roots": [0], "feature": [0, 0, 0], "threshold": [0.5, 0, 0], "left": [1, 1, 2], "right": [2, 1, 2]}
        | {"value": [0, -sign, sign], "baseline": 0.0, "depth": 1}
    )


def test_a_fold_is_that_of_the_first_guide(tmp_path: Path) -> None:
    """All cases of a guide are in one fold, whatever they ask, and the same one in every run."""
    cases = [_case(tmp_path, id=name, question=name) for name in ("借书", "还书", "borrowing")]
    assert {fold_of(case) for case in cases} == {fold_of(_case(tmp_path, facts=[]))} == {4}
    others = {fold_of(_case(tmp_path, guide=f"pub-{n}")) for n in range(40)}
    assert others == set(range(FOLDS))


def test_a_case_without_a_guide_has_a_fold_of_its_own(tmp_path: Path) -> None:
    """Cases that no guide answers are spread over the folds by their ids."""
    cases = [_case(tmp_path, id=f"none-{n}", outcome="abstained", guide=[], facts=[]) for n in range(40)]
    assert {fold_of(case) for case in cases} == set(range(FOLDS))


def test_no_guide_of_the_cases_is_split() -> None:
    """Over all case files, cases that expect the same guide first are in the same fold."""
    folds: dict[str, set[int]] = {}
    for case in read_cases(sorted((ROOT / "tests" / "cases").rglob("*.jsonl"))):
        if case.guides:
            folds.setdefault(case.guides[0], set()).add(fold_of(case))
    assert len(folds) > FOLDS
    assert all(len(found) == 1 for found in folds.values())


def test_held_out_cases_are_never_fitted_on() -> None:
    """No question of tests/held stands in a case file that the fits read."""
    fitted = {case.question.text for case in read_cases(sorted((ROOT / "tests" / "cases").rglob("*.jsonl")))}
    held = {case.question.text for case in read_cases(sorted((ROOT / "tests" / "held").glob("*.jsonl")))}
    assert len(held) >= 200 and not held & fitted


@pytest.mark.parametrize(
    ("changes", "reaches"),
    [
        ({}, True),
        ({"outcome": ["partial", "answered"]}, True),
        ({"outcome": "abstained", "guide": [], "facts": []}, True),
        ({"outcome": "partial"}, False),
        ({"outcome": ["abstained", "clarify"], "guide": [], "facts": []}, False),
        ({"question": "今天天气怎么样", "outcome": "abstained", "guide": [], "facts": []}, False),
    ],
)
def test_cases_that_say_clearly_whether_to_answer_are_learnt_from(
    tmp_path: Path, changes: dict[str, Any], reaches: bool
) -> None:
    """A case teaches retrieval only if it reaches it and leaves no doubt."""
    assert is_for_retrieval(_case(tmp_path, **changes)) is reaches


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"question": "书弄丢了怎么赔", "guide": ["pub-lost-book", "pub-borrow-books"], "facts": ["赔|补"]},
        {"question": "Is there a fee for borrowing books?", "facts": ["free|no fee|no charge"]},
    ],
)
def test_lines_that_state_an_expected_fact_are_marked(
    assistant: Assistant, tmp_path: Path, changes: dict[str, Any]
) -> None:
    """Each such line of a right guide is kept and marked, and no other line is."""
    case = _case(tmp_path, **changes)
    asked = assistant.read(case.question, case.reader, None)
    scope, lines = asked.scope, asked.scope.lines
    wanted = re.compile("|".join(fold(fact).replace(" ", "") for fact in case.facts))
    stated = {
        row
        for row in range(lines.size)
        if lines.guides[lines.guide[row]] in case.guides
        and wanted.search(re.sub(r"\s", "", fold(lines.text[row])))
    }
    assert stated
    found = list(parts_with_lines([case], assistant))
    asked_parts = parts_of(asked.query, scope.words, asked.context)
    assert len(found) == len(asked_parts)
    for learnt, part in zip(found, asked_parts, strict=True):
        rows, x = features(part, scope, assistant.ranking(part, scope))
        expected = x[np.isin(rows, list(stated))]
        assert np.array_equal(learnt.x[learnt.states], expected)
        assert (~learnt.states).sum() > 0


def test_a_fact_is_stated_whatever_its_spelling(tmp_path: Path) -> None:
    """One alternative of one fact is enough; blanks, widths and scripts do not count; no fact states nothing."""
    case = _case(tmp_path, facts=["不收费|免费", "３ 本"])
    assert states_fact(case, ["借書", "借书不收 费。"]) and states_fact(case, ["每人3本。"])
    assert states_fact(case, ["免費。"]) and not states_fact(case, ["收费。", "5本。"])
    assert not states_fact(case, []) and not states_fact(_case(tmp_path, facts=[]), ["免费"])


def test_a_case_that_teaches_nothing_is_left_out(assistant: Assistant, tmp_path: Path) -> None:
    """Without an expected fact, without a guide or where no line states the fact there is nothing to learn."""
    silent = [{"facts": []}, {"outcome": "abstained", "guide": [], "facts": []}, {"facts": ["收五百元"]}]
    assert list(parts_with_lines([_case(tmp_path, **changes) for changes in silent], assistant)) == []


def test_the_same_lines_are_kept_in_every_run(assistant: Assistant, tmp_path: Path) -> None:
    """What is learnt from depends on the case alone."""
    (one,), (again,) = (list(parts_with_lines([_case(tmp_path)], assistant)) for _ in range(2))
    assert np.array_equal(one.x, again.x) and np.array_equal(one.states, again.states)


def test_figures_of_perfect_trees_are_one() -> None:
    """Trees that know the lines have them first; trees that say the opposite have them last."""
    states = np.array([False, True, False, False])
    parts = [LinesOfPart((f"pub-{n}",), states[:, None].astype(np.float32), states) for n in range(9)]
    perfect = {"parts": 9, "best_line_right": 1.0, "in_best_three": 1.0, "mrr": 1.0}
    assert figures(parts, [_stump(1.0)] * FOLDS) == perfect
    assert figures(parts, [_stump(-1.0)] * FOLDS) == perfect | {
        "best_line_right": 0.0,
        "in_best_three": 0.0,
        "mrr": 0.25,
    }


def test_a_part_is_judged_by_the_trees_of_its_own_fold(tmp_path: Path) -> None:
    """Figures come from trees that did not know the guide."""
    states = np.array([False, True])
    case = _case(tmp_path)
    part = LinesOfPart(case.guides, states[:, None].astype(np.float32), states)
    trees = [_stump(1.0 if n == fold_of(case) else -1.0) for n in range(FOLDS)]
    assert figures([part], trees)["best_line_right"] == 1.0


def test_trees_of_a_fold_never_saw_it(tmp_path: Path) -> None:
    """What only the cases of one fold show is unknown to its trees and known to all others."""
    named = [_case(tmp_path, guide=f"pub-{n}") for n in range(40)]
    cases = {fold_of(case): case for case in named}
    chance = np.random.default_rng(3)
    parts = []
    for n, case in sorted(cases.items()):
        x = np.zeros((80, FOLDS), dtype=np.float32)
        x[:, n] = chance.uniform(size=80)
        parts.append(LinesOfPart(case.guides, x, x[:, n] > 0.5))
    for n, trees in enumerate(by_fold(parts)):
        is_leaf = trees.left == np.arange(len(trees.left))
        asked = set(trees.feature[~is_leaf].tolist())
        assert asked == set(range(FOLDS)) - {n}
