"""Figures of answers: equal to those computed by hand, with intervals that hold them."""

from dataclasses import replace

import pytest

from rag.answers_report import End, Judged, counted, figures_of


def _judged(probability: float, *, answerable: bool, right: bool = False, gold: bool | None = None) -> Judged:
    answered = probability >= 0.5
    return Judged("q", probability, answered, answerable, right, gold, End.RIGHT if right else End.WRONG)


SORTED = [
    _judged(0.9, answerable=True, right=True, gold=True),
    _judged(0.8, answerable=True, right=True, gold=False),
    _judged(0.7, answerable=False),
    _judged(0.4, answerable=True, right=True, gold=True),
    _judged(0.2, answerable=False),
]
"""Three answerable questions, all right, one of them below an unanswerable one."""


def test_shares_are_those_computed_by_hand() -> None:
    """Each figure is the share of the questions that it is about, and no other."""
    figures = figures_of(SORTED).means
    # Of the 3 × 2 pairs only 0.4 against 0.7 is in the wrong order.
    assert figures["auroc"] == round(5 / 6, 4)
    assert figures["over_refusal"] == round(100 / 3, 2)
    assert figures["wrongly_answered"] == 50
    assert figures["citation_right"] == 100
    assert figures["gold_shown"] == figures["gold_shown_right"] == 50
    assert figures["gold_in_right"] == round(200 / 3, 2)


def test_the_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    """Each question stands in a bin of its own: the gap is that between its probability and what came of it."""
    gaps = [0.1, 0.2, 0.7, 0.6, 0.2]
    assert figures_of(SORTED).means["calibration_error"] == pytest.approx(sum(gaps) / 5)


def test_coverage_is_the_largest_that_keeps_the_precision() -> None:
    """Two of three may be answered before a wrong one is; beyond it too few answers are right."""
    figures = figures_of(SORTED)
    assert figures.means["coverage_at_95"] == round(200 / 3, 2)
    assert figures.curve == [(0.9, 33.33, 100.0), (0.8, 66.67, 100.0), (0.4, 100.0, 75.0)]


def test_equal_probabilities_cannot_be_told_apart() -> None:
    """Where all are equally sure, sorting is chance, and all or none are answered."""
    figures = figures_of([_judged(0.6, answerable=True, right=True), _judged(0.6, answerable=False)] * 4)
    assert figures.means["auroc"] == 0.5
    assert figures.means["coverage_at_95"] == 0
    assert figures.curve == [(0.6, 100.0, 50.0)]


def test_disputed_questions_count_in_one_area_and_not_in_the_other() -> None:
    """Without the disputed question, which stands above a right one, every pair is in order."""
    disputed = [replace(one, disputed=one.probability == 0.7) for one in SORTED]
    figures = figures_of(disputed).means
    assert (figures["auroc"], figures["auroc_undisputed"]) == (round(5 / 6, 4), 1)


def test_a_figure_without_questions_is_absent() -> None:
    """Without unanswerable questions and gold answers nothing is said of either."""
    figures = figures_of([_judged(0.9, answerable=True, right=True)] * 3)
    absent = {
        "auroc",
        "auroc_undisputed",
        "wrongly_answered",
        "gold_shown",
        "gold_shown_right",
        "gold_in_right",
    }
    assert not absent & figures.means.keys()
    assert figures.means.keys() == figures.intervals.keys()


def test_intervals_hold_the_figures_and_are_seeded() -> None:
    """Each interval holds its figure, is the same every time, and is narrower on more questions."""
    few, many = figures_of(SORTED * 4), figures_of(SORTED * 40)
    for name, value in few.means.items():
        low, high = few.intervals[name]
        assert low <= value <= high
    assert figures_of(SORTED * 4) == few
    (low, high), (inner, outer) = few.intervals["over_refusal"], many.intervals["over_refusal"]
    assert outer - inner < high - low


def test_ends_are_counted_in_their_order() -> None:
    """Ends that no question came to are left out."""
    assert dict(counted(SORTED)) == {End.RIGHT.value: 3, End.WRONG.value: 2}
