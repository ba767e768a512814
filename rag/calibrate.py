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
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.answer import Assistant
from rag.decide import CALIBRATION, Features
from rag.evaluate import Case, read_cases
from rag.generation import Live
from rag.question import parts_of
from rag.screen import screen
from rag.settings import ROOT, Settings

FOLDS = 10
OVER_REFUSAL = 0.08
"""The threshold may refuse this share of answerable parts (cross-validated)."""


@dataclass(frozen=True)
class Sample:
    """Features of the best evidence for a part, whether it was right, and the case it came from."""

    features: Features
    right: bool
    case: str


def samples(cases: Iterable[Case], assistant: Assistant) -> Iterator[Sample]:
    """Training samples of all cases that reach retrieval."""
    for case in cases:
        if case.outcomes == ("partial",):
            continue  # which of its parts is missing is not said
        states = {"answered", "partial"} & set(case.outcomes)
        if screen(case.question.text).reason or not (states or case.outcomes == ("abstained",)):
            continue
        asked = assistant.read(case.question, case.reader, None)
        for part in parts_of(asked.query, asked.scope.words, asked.context):
            if not part.content:
                continue
            best = assistant.retrieve(part, asked.scope).evidence
            if best:
                yield Sample(best[0].features, bool(states) and best[0].guide in case.guides, case.id)
            if states:
                keep = [chunk.guide not in case.guides for chunk in asked.scope.index.chunks]
                without = replace(asked.scope, within=asked.scope.within & np.array(keep))
                other = assistant.retrieve(part, without).evidence
                if other:
                    yield Sample(other[0].features, False, case.id)


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
    """Fit on the case files and store the calibration."""
    assistant = Live(Settings()).assistant()
    cases = read_cases(files)
    found = list(samples(cases, assistant))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    embedder = assistant.generation.manifest["embedder"]
    stored = {
        "embedder": embedder.rpartition("-")[0],
        "date": date.today().isoformat(),
        "data": {"files": [f"{file.parent.name}/{file.name}" for file in files], "sha256": digest},
        "samples": len(found),
        "right": sum(sample.right for sample in found),
        "several_within": json.loads(CALIBRATION.read_text(encoding="utf-8"))["several_within"],
        "with_cosine": fit(found),
        "without_cosine": fit(found, unused=("cosine",)),
    }
    CALIBRATION.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(stored, indent=1))


if __name__ == "__main__":
    main([Path(arg) for arg in sys.argv[1:]] or sorted((ROOT / "tests" / "cases").rglob("*.jsonl")))
