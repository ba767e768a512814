"""Fitting the probability that evidence answers a part, from case files: `python -m rag.calibrate`.

Positives are cases with a right guide. Negatives are cases that must not be answered, and every positive
asked again as if its guides did not exist, so that a missing topic looks as it will in use. The threshold
is chosen on cross-validated probabilities; figures, data digest and date are stored with the weights.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.access import Circle
from rag.answer import Assistant
from rag.chunks import windows_of
from rag.decide import CALIBRATION, Features, Pick, family
from rag.embed import load_embedding
from rag.evaluate import Case, read_cases
from rag.fit_lines import (
    by_fold,
    figures,
    fit_trees,
    fold_of,
    is_answerable,
    is_for_retrieval,
    parts_with_lines,
    states_fact,
)
from rag.generation import Generation, open_generation
from rag.index import Index, index_of
from rag.question import parts_of
from rag.rank_lines import RANKER, columns
from rag.scope import Scope
from rag.settings import ROOT, Settings
from rag.trees import from_json

FOLDS = 10
_NO_TREES = from_json(
    {key: [] for key in ("roots", "feature", "threshold", "left", "right", "value")}
    | {"baseline": 0, "depth": 0}
)
"""A ranker that knows nothing, while there is none."""
OVER_REFUSAL = 0.11
"""The threshold may refuse this share of answerable parts (cross-validated)."""


@dataclass(frozen=True)
class Sample:
    """Features of the best evidence for a part, whether it was right, and the case it came from."""

    features: Features
    right: bool
    case: str


def samples(cases: Iterable[Case], assistants: Sequence[Assistant]) -> Iterator[Sample]:
    """Training samples of all cases that reach retrieval; each case is ranked by trees that did not know it."""
    for case in cases:
        if not is_for_retrieval(case):
            continue
        assistant, right = assistants[fold_of(case)], is_answerable(case)
        asked = assistant.read(case.question, case.reader, None)
        for part in parts_of(asked.query, asked.scope.words, asked.context):
            if not part.content:
                continue
            best = assistant.retrieve(part, asked.scope).evidence
            told = (
                right and best and states_fact(case, (_text(pick, asked.scope) for pick in best[0].lines[:4]))
            )
            if best and (not told or best[0].guide in case.guides):
                yield Sample(best[0].features, right and best[0].guide in case.guides, case.id)
            if right:
                other = assistant.retrieve(part, _without(case.guides, asked.scope)).evidence
                # Another guide may say the same: then it is no wrong answer.
                if other and not states_fact(case, (_text(pick, asked.scope) for pick in other[0].lines[:4])):
                    yield Sample(other[0].features, False, case.id)


def _text(pick: Pick, scope: Scope) -> str:
    return scope.index.chunks[pick.chunk].lines[pick.line]


def _without(guides: Sequence[str], scope: Scope) -> Scope:
    """The scope as if some guides did not exist; its lines are masked, not made again."""
    keep = np.array([chunk.guide not in guides for chunk in scope.index.chunks])
    less = replace(scope, within=scope.within & keep)
    vars(less)["lines"] = scope.lines
    return less


def without_asked(index: Index) -> Index:
    """An index as if nobody had written down what people ask: another office may not have done so yet."""
    scale = np.float32(len(index.views) ** 0.5)
    vectors = dict(zip(
        (window.text for window in windows_of(list(index.chunks))), np.hstack(index.views) / scale, strict=True
    ))  # fmt: skip
    chunks = [replace(chunk, asked=()) for chunk in index.chunks]
    windows = windows_of(chunks)
    rows = np.stack([vectors[window.text] for window in windows])
    return index_of(chunks, windows, rows, [view.shape[1] for view in index.views])


class _Plain(Generation):
    """A generation without asked questions."""

    @cached_property
    def _bare(self) -> dict[str, Index]:
        return {}

    def index(self, circle: Circle) -> Index:
        """The index of a circle without them."""
        if circle.name not in self._bare:
            self._bare[circle.name] = without_asked(super().index(circle))
        return self._bare[circle.name]


def fit(found: Sequence[Sample], unused: Sequence[str] = ()) -> dict[str, object]:
    """Weights, bias, threshold and how well they do on parts they were not fitted on."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold, cross_val_predict

    used = np.array([label not in unused for label in Features.labels()])
    x = np.array([sample.features.vector_of() for sample in found]) * used
    y = np.array([sample.right for sample in found])
    spread = x.std(axis=0)
    scale = np.where(spread > 1e-6, spread, 1.0)
    model = LogisticRegression(C=0.3, class_weight="balanced", max_iter=3000)
    out = cross_val_predict(
        model,
        x / scale,
        y,
        groups=[sample.case for sample in found],
        cv=GroupKFold(FOLDS),
        method="predict_proba",
    )[:, 1]
    model.fit(x / scale, y)
    threshold = float(np.quantile(out[y], OVER_REFUSAL))
    return {
        "weights": dict(zip(Features.labels(), (model.coef_[0] / scale).round(4).tolist(), strict=True)),
        "bias": round(float(model.intercept_[0]), 4),
        "answer_at": round(threshold, 3),
        "auroc": round(float(roc_auc_score(y, out)), 4),
        "expected_calibration_error": round(_calibration_error(out, y), 4),
        "over_refusal": round(float((out[y] < threshold).mean()), 4),
        "wrong_answered": round(float((out[~y] >= threshold).mean()), 4),
    }


def _calibration_error(out: NDArray[np.float64], y: NDArray[np.bool_], bins: int = 10) -> float:
    """Mean gap between probability and frequency over equal bins (Naeini et al. 2015)."""
    which = np.minimum((out * bins).astype(int), bins - 1)
    gaps = [
        abs(out[which == b].mean() - y[which == b].mean()) * (which == b).mean()
        for b in range(bins)
        if (which == b).any()
    ]
    return float(sum(gaps))


def main(files: Sequence[Path]) -> None:
    """Fit ranker and decision on the case files and store both, with cards."""
    generation = open_generation(Settings().out)
    embedding = load_embedding(Settings().embedder, Settings().models)
    cases = read_cases(files)
    # Offices with and without asked questions are learnt from alike.
    both = (generation, _Plain(generation.path, generation.manifest))
    parts = [
        part for made in both for part in parts_with_lines(cases, Assistant(made, embedding, trees=_NO_TREES))
    ]
    folds = by_fold(parts)
    card = {
        "date": date.today().isoformat(),
        "data": {
            "files": [f"{file.parent.name}/{file.name}" for file in files],
            "sha256": hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12],
        },
        "licence": "Apache-2.0",
        "command": "python -m rag.calibrate",
    }
    ranker = card | {
        "figures": figures(parts, folds),
        "columns": columns(),
        "trees": fit_trees(parts).as_json(),
    }
    RANKER.write_text(json.dumps(ranker) + "\n", encoding="utf-8")
    found = [
        sample
        for made in both
        for sample in samples(cases, [Assistant(made, embedding, trees=trees) for trees in folds])
    ]
    stored = card | {
        "embedder": family(generation.manifest["embedder"]),
        "samples": len(found),
        "right": sum(sample.right for sample in found),
        "several_within": json.loads(CALIBRATION.read_text(encoding="utf-8"))["several_within"],
        "with_cosine": fit(found),
        "without_cosine": fit(found, unused=("cosine", "second_cosine")),
    }
    CALIBRATION.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"ranker": ranker["figures"], "decision": stored}, indent=1))


if __name__ == "__main__":
    main([Path(arg) for arg in sys.argv[1:]] or sorted((ROOT / "tests" / "cases").rglob("*.jsonl")))
