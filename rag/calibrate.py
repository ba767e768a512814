"""Fitting the line ranker and the probability that evidence answers a part: `python -m rag.calibrate FOLDER…`,
from our case files and public collections in BEIR layout.

Positives are cases with a right guide. Negatives are cases that must not be answered, and every positive
asked again as if its guides did not exist, so that a missing topic looks as it will in use. The threshold
is chosen on cross-validated probabilities; figures, data digest and date are stored with the weights.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.answer import Assistant
from rag.decide import CALIBRATION, Calibration, Features, Pick, family, fit_name, load_calibration
from rag.embed import load_embedding
from rag.evaluate import Case, read_cases
from rag.fit_asked import Thinned, asked_cases, is_learnt, nothing
from rag.fit_lines import (
    LinesOfPart,
    by_fold,
    figures,
    fit_trees,
    fold_of,
    fold_of_name,
    is_answerable,
    is_for_retrieval,
    parts_with_lines,
    states_fact,
)
from rag.fit_public import PublicSet, public_sets
from rag.generation import open_generation
from rag.question import parts_of
from rag.rank_lines import RANKER, columns
from rag.scope import Scope
from rag.settings import ROOT, Settings
from rag.trees import Trees, from_json

FOLDS = 10
_NO_TREES = from_json(
    {key: [] for key in ("roots", "feature", "threshold", "left", "right", "value")}
    | {"baseline": 0, "depth": 0}
)
"""A ranker that knows nothing, while there is none."""
OURS = "cases"
"""Origin of samples of our own cases."""
ASKED = "asked"
"""Origin of samples of asked questions that were left out of the index."""
OTHERS = 0.4
"""What all other samples together count beside those of our cases."""
OVER_REFUSAL = 0.11
"""The threshold may refuse this share of answerable parts (cross-validated)."""


@dataclass(frozen=True)
class Sample:
    """Features of the best evidence for a part, whether it was right, the case or question it came from, and the
    collection."""

    features: Features
    right: bool
    case: str
    origin: str = OURS


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
            if right and case.facts:
                other = assistant.retrieve(part, _without(case.guides, asked.scope)).evidence
                # Another guide may say the same: then it is no wrong answer.
                if other and not states_fact(case, (_text(pick, asked.scope) for pick in other[0].lines[:4])):
                    yield Sample(other[0].features, False, case.id)


def _text(pick: Pick, scope: Scope) -> str:
    return scope.index.chunks[pick.chunk].lines[pick.line]


def _without(guides: Sequence[str], scope: Scope) -> Scope:
    """The scope as if some guides did not exist."""
    return scope.masked(np.array([chunk.guide not in guides for chunk in scope.index.chunks]))


def public_samples(data: PublicSet, trees: Sequence[Trees], calibration: Calibration) -> Iterator[Sample]:
    """Each question of a public set as it stands, and as if its documents did not exist."""
    for question in data.questions:
        own = trees[fold_of_name(min(question.documents))]
        best = data.evidence(question, own, calibration)
        if best is not None:
            yield Sample(best.features, best.chunk in question.rows, question.id, data.name)
        other = data.evidence(question, own, calibration, without=True)
        if other is not None:
            yield Sample(other.features, False, question.id, data.name)


def fit(found: Sequence[Sample], unused: Sequence[str] = ()) -> dict[str, object]:
    """Weights, bias, threshold and how well they do on parts they were not fitted on."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict

    used = np.array([label not in unused for label in Features.labels()])
    x = np.array([sample.features.vector_of() for sample in found]) * used
    y = np.array([sample.right for sample in found])
    spread = x.std(axis=0)
    scale = np.where(spread > 1e-6, spread, 1.0)
    weight, own = _weights(found), np.array([sample.origin == OURS for sample in found])
    model = LogisticRegression(C=0.3, max_iter=3000)
    out = cross_val_predict(
        model,
        x / scale,
        y,
        groups=[sample.case for sample in found],
        cv=GroupKFold(FOLDS),
        method="predict_proba",
        params={"sample_weight": weight},
    )[:, 1]
    model.fit(x / scale, y, sample_weight=weight)
    threshold = float(np.quantile(out[y & own], OVER_REFUSAL))
    origins = [sample.origin for sample in found]
    return {
        "weights": dict(zip(Features.labels(), (model.coef_[0] / scale).round(4).tolist(), strict=True)),
        "bias": round(float(model.intercept_[0]), 4),
        "answer_at": round(threshold, 3),
        "cross_validated": {
            origin: _figures(out[at], y[at], threshold)
            for origin in dict.fromkeys(origins)
            for at in [np.array([name == origin for name in origins])]
        },
    }


def _weights(found: Sequence[Sample]) -> NDArray[np.float64]:
    """Right and wrong samples of an origin count the same, all origins but our cases OTHERS together."""
    kinds = Counter((sample.origin, sample.right) for sample in found)
    others = len({sample.origin for sample in found} - {OURS})
    share = {True: 1.0 - OTHERS if others else 1.0, False: OTHERS / max(1, others)}
    each = [share[s.origin == OURS] / kinds[s.origin, s.right] for s in found]
    return np.array(each) * len(found) / sum(each)


def _figures(out: NDArray[np.float64], y: NDArray[np.bool_], threshold: float) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    return {
        "samples": len(y),
        "right": int(y.sum()),
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


def main(folders: Sequence[Path]) -> None:
    """Fit ranker and decision on our case files and public folders, and store both with cards."""
    files = sorted((ROOT / "tests" / "cases").rglob("*.jsonl"))
    settings = Settings()
    generation = open_generation(settings.out)
    embedding = load_embedding(settings.embedder, settings.models)
    cases = read_cases(files)
    public = [data for folder in folders for data in public_sets(folder, settings)]
    # Offices with and without asked questions are learnt from alike.
    both = (generation, Thinned(generation.path, generation.manifest, nothing))
    parts = {
        OURS: [
            part
            for made in both
            for part in parts_with_lines(cases, Assistant(made, embedding, trees=_NO_TREES))
        ],
        **{data.name: list(data.parts()) for data in public},
    }
    learnt = _weighted(parts)
    folds = by_fold(learnt)
    card = {
        "date": date.today().isoformat(),
        "data": {
            "files": [f"{file.parent.name}/{file.name}" for file in files],
            "sha256": hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12],
            "public": {data.name: data.digest for data in public},
        },
        "licence": "Apache-2.0",
        "command": "python -m rag.calibrate FOLDER…",
    }
    ranker = card | {
        "figures": {origin: figures(own, folds) for origin, own in parts.items() if own},
        "columns": columns(),
        "trees": fit_trees(learnt).as_json(),
    }
    known, bare = (
        list(samples(cases, [Assistant(made, embedding, trees=trees) for trees in folds])) for made in both
    )
    less = Thinned(generation.path, generation.manifest, is_learnt)
    left_out = samples(asked_cases(generation), [Assistant(less, embedding, trees=trees) for trees in folds])
    known += [replace(sample, origin=ASKED) for sample in left_out]
    calibration = load_calibration(generation.manifest["embedder"], questions=False)
    bare += [sample for data in public for sample in public_samples(data, folds, calibration)]
    stored = card | {"embedder": family(generation.manifest["embedder"])}
    for questions, found in ((True, known), (False, bare)):
        for cosine in (True, False):
            unused = () if cosine else ("cosine", "second_cosine")
            stored[fit_name(questions=questions, cosine=cosine)] = fit(found, unused)
    RANKER.write_text(json.dumps(ranker) + "\n", encoding="utf-8")
    CALIBRATION.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"ranker": ranker["figures"], "decision": stored}, indent=1))


def _weighted(parts: Mapping[str, Sequence[LinesOfPart]]) -> list[LinesOfPart]:
    """Parts of all origins, each public one weighted so that all together count OTHERS."""
    public = [origin for origin, own in parts.items() if origin != OURS and own]
    share = OTHERS / (1.0 - OTHERS) / max(1, len(public))
    return [
        replace(part, weight=1.0 if origin == OURS else share * len(parts[OURS]) / len(own))
        for origin, own in parts.items()
        for part in own
    ]


if __name__ == "__main__":
    main([Path(arg) for arg in sys.argv[1:]])
