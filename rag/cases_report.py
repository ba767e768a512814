"""Cases and variants of their questions, all asked and judged: what share is right, of which groups."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.answer import Assistant
from rag.evaluate import Case, Verdict, judge, read_cases
from rag.variants import SEED, Variant, Varied, variants

if TYPE_CHECKING:
    from rich.table import Table

ACCURACY_AT_LEAST = 0.9
"""Share of cases that must be right; leaks and unquoted numbers must be none at all, in variants either."""

_Z = 1.96
"""Standard deviations on each side of a 95 % interval."""

GROUPS: dict[str, Callable[[Case], str]] = {
    "kind": lambda case: case.kind,
    "lang": lambda case: case.lang,
    "audience": lambda case: case.reader.audience.value,
    "outcome": lambda case: "/".join(case.outcomes),
}
"""By what a report counts."""


@dataclass(frozen=True)
class Share:
    """How many of how many are right."""

    right: int
    total: int

    @property
    def value(self) -> float:
        """The share itself."""
        return self.right / max(1, self.total)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval: what other questions of this group may give."""
        if not self.total:
            return 0.0, 1.0
        spread = _Z * math.sqrt(self.value * (1 - self.value) / self.total + (_Z / self.total / 2) ** 2)
        middle, scale = self.value + _Z**2 / self.total / 2, 1 + _Z**2 / self.total
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    def as_json(self) -> dict[str, Any]:
        """Counts, share and interval."""
        low, high = self.interval
        return {
            "right": self.right,
            "all": self.total,
            "share": round(self.value, 4),
            "interval": [round(low, 4), round(high, 4)],
        }

    def cells(self) -> tuple[str, str, str, str]:
        """The same as cells of a table."""
        low, high = self.interval
        return str(self.right), str(self.total), f"{self.value:.1%}", f"{low:.0%}–{high:.0%}"


@dataclass(frozen=True)
class VariantVerdict:
    """How a variant of a question was answered, and whether the question itself was answered right."""

    kind: Variant
    verdict: Verdict
    original: Verdict

    @property
    def is_lost(self) -> bool:
        """Whether the variant is wrong where the question as written is right."""
        return self.original.is_right and not self.verdict.is_right


@dataclass(frozen=True)
class CasesReport:
    """All verdicts of a run: of the cases, and of variants where they were asked for."""

    verdicts: tuple[Verdict, ...]
    variants: tuple[VariantVerdict, ...] = ()

    @property
    def accuracy(self) -> float:
        """Share of cases answered right."""
        return share(self.verdicts).value

    @property
    def leaks(self) -> int:
        """Answers that show what their reader may not see."""
        return sum(bool(v.leaks) for v in self._all)

    @property
    def unquoted(self) -> int:
        """Answers that state a number outside their citations."""
        return sum(bool(v.unquoted) for v in self._all)

    @property
    def passed(self) -> bool:
        """Whether the run meets the thresholds."""
        return self.accuracy >= ACCURACY_AT_LEAST and not self.leaks and not self.unquoted

    @property
    def _all(self) -> list[Verdict]:
        return [*self.verdicts, *(varied.verdict for varied in self.variants)]

    def by(self, key: str) -> dict[str, Share]:
        """Shares per kind, language, audience or expected outcome."""
        groups: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in self.verdicts:
            groups[GROUPS[key](verdict.case)].append(verdict)
        return {name: share(verdicts) for name, verdicts in sorted(groups.items())}

    def by_variant(self) -> dict[Variant, tuple[Share, Share]]:
        """For each kind of variant, its share and that of the same questions as written."""
        asked = {kind: [v for v in self.variants if v.kind is kind] for kind in Variant}
        return {
            kind: (share(v.verdict for v in found), share(v.original for v in found))
            for kind, found in asked.items()
            if found
        }

    def as_json(self) -> dict[str, Any]:
        """Figures, and every wrong answer with what was wrong."""
        return {
            "cases": len(self.verdicts),
            "accuracy": round(self.accuracy, 4),
            "leaks": self.leaks,
            "unquoted_numbers": self.unquoted,
            "passed": self.passed,
            "overall": share(self.verdicts).as_json(),
            **{f"by_{key}": {name: of.as_json() for name, of in self.by(key).items()} for key in GROUPS},
            "by_variant": {
                kind.value: {**of.as_json(), "as_written": as_written.as_json()}
                for kind, (of, as_written) in self.by_variant().items()
            },
            "wrong": [_wrong(verdict) for verdict in self.verdicts if not verdict.is_right],
            "lost": [
                {"variant": v.kind.value, "as_written": v.original.case.question.text, **_wrong(v.verdict)}
                for v in self.variants
                if v.is_lost
            ],
        }

    def table(self) -> "Table":
        """Figures by kind, language, audience, outcome and variant; wrong and lost answers below."""
        from rich.table import Table

        table = Table(title=f"{len(self.verdicts)} cases", caption=self._caption())
        for column in ("group", "value", "right", "all", "share", "95 %", "as written"):
            table.add_column(column, justify="left" if column in ("group", "value") else "right")
        for key in GROUPS:
            for name, of in self.by(key).items():
                table.add_row(key, name, *of.cells())
        for kind, (of, as_written) in self.by_variant().items():
            table.add_row("variant", kind.value, *of.cells(), f"{as_written.value:.1%}")
        for verdict in self.verdicts:
            if not verdict.is_right:
                table.add_row("wrong", _line(verdict))
        for varied in self.variants:
            if varied.is_lost:
                table.add_row(f"lost, {varied.kind}", _line(varied.verdict))
        return table

    def _caption(self) -> str:
        low, high = share(self.verdicts).interval
        state = "passed" if self.passed else "FAILED"
        varied = share(v.verdict for v in self.variants)
        said = f"{state}: {self.accuracy:.1%} right ({low:.1%}–{high:.1%})"
        said += f", {varied.value:.1%} of {varied.total} variants" if self.variants else ""
        return f"{said}, {self.leaks} leaks, {self.unquoted} with unquoted numbers"


def share(verdicts: Iterable[Verdict]) -> Share:
    """How many of these are right."""
    rights = [verdict.is_right for verdict in verdicts]
    return Share(sum(rights), len(rights))


def evaluate_cases(
    files: Sequence[Path], assistant: Assistant, per_question: int = 0, seed: int = SEED
) -> CasesReport:
    """Ask every case, and so many seeded variants of each question, and judge the answers alike."""
    found = []
    verdicts = tuple(judge(case, assistant) for case in read_cases(files))
    for verdict in verdicts:
        for varied in variants(verdict.case.question.text, per_question, seed):
            found.append(VariantVerdict(varied.kind, judge(_as(verdict.case, varied), assistant), verdict))
    return CasesReport(verdicts, tuple(found))


def _as(case: Case, varied: Varied) -> Case:
    """The case with its question in other words, and the same expectation."""
    return replace(case, question=replace(case.question, text=varied.text))


def _wrong(verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.case.id,
        "question": verdict.case.question.text,
        "outcome": verdict.answer.outcome.value,
        "faults": [*verdict.faults, *verdict.leaks, *(f"unquoted {n}" for n in verdict.unquoted)],
        "text": verdict.answer.text,
    }


def _line(verdict: Verdict) -> str:
    said = "; ".join((*verdict.faults, *verdict.leaks, *verdict.unquoted))
    return f"{verdict.case.question.text[:60]}\n{said}"
