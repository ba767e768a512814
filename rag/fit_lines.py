"""Fitting the line ranker on case files: which lines state the facts that a case expects.

Trees are fitted for each fold of guides on parts that no guide of the fold answers, so that the decision is
fitted on scores of trees that did not know a case's first guide. Reproduced by `python -m rag.calibrate`.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.answer import MAX_PARTS, Assistant
from rag.evaluate import Case
from rag.lines import Floats
from rag.question import parts_of
from rag.rank_lines import features
from rag.screen import screen
from rag.text import fold
from rag.trees import Trees, from_sklearn

FOLDS = 6
_TREES: dict[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.05,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 30,
    "l2_regularization": 2.0,
}


@dataclass(frozen=True)
class LinesOfPart:
    """Lines of one part of a question: the guides that answer it, features, and whether each line states what was
    expected. `weight` is what the part counts beside others."""

    guides: tuple[str, ...]
    x: Floats
    states: NDArray[np.bool_]
    weight: float = 1.0

    @property
    def fold(self) -> int:
        """The fold of its first guide."""
        return fold_of_name(self.guides[0])


def is_for_retrieval(case: Case) -> bool:
    """Whether a case reaches retrieval and says clearly whether it is to be answered."""
    clear = {"answered", "partial"} & set(case.outcomes) or case.outcomes == ("abstained",)
    return bool(clear) and case.outcomes != ("partial",) and not screen(case.question.text).reason


def is_answerable(case: Case) -> bool:
    """Whether some guide answers a case."""
    return bool({"answered", "partial"} & set(case.outcomes))


def fold_of(case: Case) -> int:
    """The fold of a case: that of its first guide, or of its own id where no guide is right."""
    return fold_of_name(case.guides[0] if case.guides else case.id)


def fold_of_name(name: str) -> int:
    """The fold of a guide, the same in every run."""
    return hashlib.sha256(name.encode()).digest()[0] % FOLDS


def parts_with_lines(cases: Iterable[Case], assistant: Assistant) -> Iterator[LinesOfPart]:
    """Every part of an answerable case with the candidate lines."""
    for case in cases:
        if not (is_for_retrieval(case) and is_answerable(case) and case.facts):
            continue
        asked = assistant.read(case.question, case.reader, None)
        scope, lines = asked.scope, asked.scope.lines
        right = np.isin(lines.guide, [g for g, guide in enumerate(lines.guides) if guide in case.guides])
        states = np.array(
            [bool(own) and states_fact(case, [text]) for own, text in zip(right, lines.text, strict=True)]
        )
        for part in parts_of(asked.query, scope.words, asked.context)[:MAX_PARTS]:
            if part.content:
                rows, x = features(part, scope, assistant.ranking(part, scope))
                if states[rows].any():
                    yield LinesOfPart(case.guides, x, states[rows])


def states_fact(case: Case, lines: Iterable[str]) -> bool:
    """Whether one of some lines states a fact that a case expects."""
    facts = [_bare(words) for fact in case.facts for words in fact.split("|")]
    return any(words in _bare(line) for line in lines for words in facts)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


def fit_trees(parts: Sequence[LinesOfPart]) -> Trees:
    """Trees that tell lines which state an expected fact from those that do not."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x = np.vstack([part.x for part in parts])
    y = np.concatenate([part.states for part in parts])
    weight = np.concatenate([p.weight * np.where(p.states, 1.0 / p.states.sum(), 1.0 / 12.0) for p in parts])
    model = HistGradientBoostingClassifier(**_TREES, early_stopping=False, random_state=0)
    model.fit(x, y, sample_weight=weight)
    return from_sklearn(model)


def by_fold(parts: Sequence[LinesOfPart]) -> list[Trees]:
    """Trees of each fold, fitted on parts that no guide of the fold answers."""
    folds = [{fold_of_name(guide) for guide in part.guides} for part in parts]
    return [
        fit_trees([part for part, own in zip(parts, folds, strict=True) if n not in own])
        for n in range(FOLDS)
    ]


def figures(parts: Sequence[LinesOfPart], trees: Sequence[Trees]) -> dict[str, float]:
    """How well the trees of each fold rank the lines of parts they were not fitted on."""
    first = three = reciprocal = 0.0
    for part in parts:
        order = np.argsort(-trees[part.fold].scores(part.x), kind="stable")
        place = int(np.flatnonzero(part.states[order])[0])
        first += place == 0
        three += place < 3
        reciprocal += 1.0 / (place + 1)
    n = max(1, len(parts))
    return {
        "parts": len(parts),
        "best_line_right": round(first / n, 4),
        "in_best_three": round(three / n, 4),
        "mrr": round(reciprocal / n, 4),
    }
