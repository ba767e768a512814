"""What an evaluation of answers reports: how well the decision to answer sorts questions, and what is shown.

An answer is right when its citation, the section of the surest evidence, is a relevant passage. Calibration is
judged against that: the probability says that the evidence answers. Intervals are as in `ranking_report`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.measured import Measured
from rag.ranking_report import RESAMPLES, SEED

if TYPE_CHECKING:
    from rich.table import Table

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""A figure for each row of weights, one weight a question; how often a draw of questions holds each."""

PRECISION = 0.95
"""Share of answers that must be right where coverage is stated."""
_BINS = 10
_CURVE = 50
"""Points of the risk–coverage curve."""
_BLOCK = 100
"""Draws worked out at once, so that memory stays small."""
_TICK = 1e-12
"""What rounding may take from a share that is just reached."""


class End(StrEnum):
    """Where a question ends, seen from the answer that it should have had."""

    GOOD = "right passage, gold shown"
    RIGHT = "right passage, no gold to look for"
    OTHER_LINE = "right passage, gold in a line not shown"
    CUT = "right passage, gold shown beyond the limit"
    SPREAD = "right passage, gold in no one relevant passage"
    WRONG = "wrong passage shown"
    REFUSED_RIGHT = "refused, though the passage was right"
    REFUSED_WRONG = "refused, and the passage was wrong"
    REFUSED_WELL = "unanswerable and refused"
    INVENTED = "unanswerable, yet answered"


@dataclass(frozen=True)
class Judged:
    """A question and what became of it. `gold` says whether a gold answer is in the shown text (None: there is
    none to look for), whether or not the product would have shown it; `end` is judged at its threshold. An
    unanswerable question is `disputed` if the same words are asked as an answerable one."""

    id: str
    probability: float
    answered: bool
    answerable: bool
    right: bool
    gold: bool | None
    end: End
    disputed: bool = False


@dataclass(frozen=True)
class Figures:
    """Figures by name with their 95 % intervals, and the curve: threshold, coverage and precision a point."""

    means: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    curve: list[tuple[float, float, float]]


@dataclass(frozen=True, kw_only=True)
class AnswersReport(Measured):
    """Figures (AUROC and calibration error as shares, all else in percent) with what was measured on what.

    A figure that the data cannot give is absent; `auroc_undisputed` leaves out the `disputed` questions, which
    no answerer can tell apart. `decision` says when and from what the models were fitted.
    """

    answerable: int
    unanswerable: int
    disputed: int
    answer_at: float
    figures: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    curve: list[tuple[float, float, float]]
    ends: dict[str, int]
    decision: dict[str, Any]

    def table(self) -> "Table":
        """One row a figure with its interval, then where the questions ended; the models in the caption."""
        from rich.table import Table

        title = (
            f"{self.name} {self.split}: {self.answerable} answerable and {self.unanswerable} unanswerable "
            f"questions ({self.disputed} disputed), {self.documents} documents"
        )
        cards = ", ".join(f"{name} {digest}" for name, digest in self.configuration["cards"].items())
        fitted = "; ".join(f"{card} of {facts['date']}" for card, facts in self.decision.items())
        caption = f"answered from {self.answer_at}; {self.configuration['embedder']}; {cards}; {fitted}"
        table = Table(title=title, caption=caption)
        for column in ("figure", "value", "95 % interval"):
            table.add_column(column, justify="left" if column == "figure" else "right")
        for name, value in self.figures.items():
            low, high = self.intervals[name]
            table.add_row(name, f"{value:g}", f"{low:g}–{high:g}")
        table.add_section()
        for end, count in self.ends.items():
            table.add_row(end, str(count), "")
        return table


def figures_of(judged: Sequence[Judged]) -> Figures:
    """Every figure that the questions give."""
    probability = np.array([one.probability for one in judged])
    answerable, answered, right, disputed = (
        np.array([getattr(one, name) for one in judged], dtype=np.float64)
        for name in ("answerable", "answered", "right", "disputed")
    )
    has_gold = np.array([one.gold is not None for one in judged], dtype=np.float64)
    gold = np.array([bool(one.gold) for one in judged], dtype=np.float64)
    shares: dict[str, tuple[Floats, Floats]] = {
        "over_refusal": (answerable * (1 - answered), answerable),
        "wrongly_answered": ((1 - answerable) * answered, 1 - answerable),
        "citation_right": (answerable * answered * right, answerable * answered),
        "gold_shown": (gold * answered, has_gold * answered),
        "gold_shown_right": (gold * answered * right, has_gold * answered * right),
        "gold_in_right": (gold * right, has_gold * right),
    }
    statistics: dict[str, tuple[Statistic, int]] = {
        "auroc": (_auroc(probability, answerable, 1 - answerable), 1),
        "auroc_undisputed": (_auroc(probability, answerable, (1 - answerable) * (1 - disputed)), 1),
        "calibration_error": (_calibration_error(probability, right), 1),
        "coverage_at_95": (_coverage(probability, answerable, right), 100),
    } | {name: (_share(*pair), 100) for name, pair in shares.items()}
    draws = np.random.default_rng(SEED)
    means, intervals = {}, {}
    for name, (statistic, scale) in statistics.items():
        value = float(statistic(np.ones((1, len(judged))))[0])
        drawn = _drawn(statistic, len(judged), draws)
        if np.isfinite(value):
            digits = 4 if scale == 1 else 2
            low, high = (round(scale * float(end), digits) for end in np.nanpercentile(drawn, (2.5, 97.5)))
            means[name], intervals[name] = round(scale * value, digits), (low, high)
    return Figures(means, intervals, _curve(probability, answerable, right))


def _drawn(statistic: Statistic, count: int, draws: np.random.Generator) -> Floats:
    """A statistic over RESAMPLES draws of the questions with replacement."""
    even = np.full(count, 1 / count)
    blocks = [
        statistic(draws.multinomial(count, even, size=_BLOCK).astype(np.float64))
        for _ in range(RESAMPLES // _BLOCK)
    ]
    return np.concatenate(blocks)


def _share(part: Floats, whole: Floats) -> Statistic:
    """Share of the questions of `whole` that are in `part`; not a number where there are none."""
    return lambda weights: _divided(weights @ part, weights @ whole)


def _divided(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _auroc(probability: Floats, answerable: Floats, unanswerable: Floats) -> Statistic:
    """Chance that the answerable question of two has the higher probability; an equal one counts half."""
    order, starts = _tied(probability)

    def auroc(weights: Floats) -> Floats:
        ordered = weights[:, order]
        yes = np.add.reduceat(ordered * answerable[order], starts, axis=1)
        no = np.add.reduceat(ordered * unanswerable[order], starts, axis=1)
        below = no.sum(axis=1, keepdims=True) - no.cumsum(axis=1) + no / 2
        return _divided((yes * below).sum(axis=1), yes.sum(axis=1) * no.sum(axis=1))

    return auroc


def _calibration_error(probability: Floats, right: Floats) -> Statistic:
    """Mean gap between probability and frequency over equal bins (Naeini et al. 2015)."""
    which = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    gaps = np.eye(_BINS)[which] * (probability - right)[:, None]
    return lambda weights: _divided(np.abs(weights @ gaps).sum(axis=1), weights.sum(axis=1))


def _coverage(probability: Floats, answerable: Floats, right: Floats) -> Statistic:
    """Largest share of answerable questions above a threshold at which PRECISION of all answers are right."""

    def coverage(weights: Floats) -> Floats:
        covered, precision, _ = _answered_above(weights, probability, answerable, right)
        return np.max(covered, axis=1, initial=0.0, where=precision >= PRECISION - _TICK)  # type: ignore[no-any-return]  # NumPy types max() as Any

    return coverage


def _answered_above(
    weights: Floats, probability: Floats, answerable: Floats, right: Floats
) -> tuple[Floats, Floats, Floats]:
    """For each probability as threshold, highest first: share of answerable questions answered, share of all
    answers that are right, and the threshold."""
    order, starts = _tied(probability)
    every, good, able = (
        np.add.reduceat(weights[:, order] * column[order], starts, axis=1).cumsum(axis=1)
        for column in (np.ones_like(right), right, answerable)
    )
    precision = np.divide(good, every, out=np.zeros_like(good), where=every > 0)
    return able / np.maximum(able[:, -1:], _TICK), precision, probability[order][starts]


def _tied(probability: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Questions by falling probability, and where each run of equal ones begins."""
    order = np.argsort(-probability, kind="stable")
    return order, np.flatnonzero(np.r_[True, np.diff(probability[order]) != 0])


def _curve(probability: Floats, answerable: Floats, right: Floats) -> list[tuple[float, float, float]]:
    """The curve at even steps of coverage."""
    weights = np.ones((1, len(probability)))
    covered, precision, thresholds = _answered_above(weights, probability, answerable, right)
    steps = np.arange(1, _CURVE + 1) / _CURVE - _TICK
    at = np.unique(np.minimum(np.searchsorted(covered[0], steps), len(thresholds) - 1))
    rows = zip(thresholds[at], covered[0][at], precision[0][at], strict=True)
    return [(round(float(t), 4), round(100 * float(c), 2), round(100 * float(p), 2)) for t, c, p in rows]


def counted(judged: Sequence[Judged]) -> Mapping[str, int]:
    """How many questions ended in each way, those that none did left out."""
    found = [one.end for one in judged]
    return {end.value: found.count(end) for end in End if end in found}
