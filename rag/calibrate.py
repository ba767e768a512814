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
from rag.decide import CALIBRATION, Calibration, Evidence, Features, Pick, family, fit_name, load_calibration
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
OTHERS = 0.25
"""What all other samples together count beside those of our cases."""
OVER_REFUSAL = {True: 0.05, False: 0.14}
"""Share of answerable parts of our cases that the threshold may refuse (cross-validated): fewer where questions
that no guide answers are written down, since there fewer wrong answers come for it."""
UNCERTAIN = {True: 0.12, False: 0.24}
"""Share of them that is refused, or answered with a word that it may not be what was asked."""


@dataclass(frozen=True)
class Sample:
    """Features of one guide's evidence for a part, whether it is right, the case or question it came from, the
    collection, and which asking of it: all evidence of one asking competes."""

    features: Features
    right: bool
    case: str
    asking: str
    origin: str = OURS


def samples(cases: Iterable[Case], assistants: Sequence[Assistant]) -> Iterator[Sample]:
    """Training samples of all cases that reach retrieval; each case is ranked by trees that did not know it."""
    for case in cases:
        if not is_for_retrieval(case):
            continue
        assistant, right = assistants[fold_of(case)], is_answerable(case)
        asked = assistant.read(case.question, case.reader, None)
        for n, part in enumerate(parts_of(asked.query, asked.scope.words, asked.context)):
            if not part.content:
                continue
            for evidence in assistant.retrieve(part, asked.scope).evidence:
                own = right and evidence.guide in case.guides
                if own or not (right and _says_the_same(evidence, case, asked.scope)):
                    yield Sample(evidence.features, own, case.id, f"{case.id} {n}")
            if right and case.facts:
                less = _without(case.guides, asked.scope)
                for evidence in assistant.retrieve(part, less).evidence:
                    if not _says_the_same(evidence, case, less):
                        yield Sample(evidence.features, False, case.id, f"{case.id} {n} without")


def _says_the_same(evidence: Evidence, case: Case, scope: Scope) -> bool:
    """Whether another guide than expected states an expected fact: then it is no wrong answer."""
    return states_fact(case, (_text(pick, scope) for pick in evidence.lines[:4]))


def _text(pick: Pick, scope: Scope) -> str:
    return scope.index.chunks[pick.chunk].lines[pick.line]


def _without(guides: Sequence[str], scope: Scope) -> Scope:
    """The scope as if some guides did not exist."""
    return scope.masked(np.array([chunk.guide not in guides for chunk in scope.index.chunks]))


def public_samples(data: PublicSet, trees: Sequence[Trees], calibration: Calibration) -> Iterator[Sample]:
    """Each question of a public set as it stands, and as if its documents did not exist."""
    for question in data.questions:
        own = trees[fold_of_name(min(question.documents))]
        for without in (False, True):
            for evidence in data.evidence(question, own, calibration, without=without):
                right = not without and evidence.chunk in question.rows
                yield Sample(evidence.features, right, question.id, f"{question.id} {without}", data.name)


def fit(
    found: Sequence[Sample], refused: tuple[float, float], unused: Sequence[str] = ()
) -> dict[str, object]:
    """Weights, bias, the thresholds below which these shares are refused and uncertain, and how well they do on parts they were not fitted on."""
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
    best = _best_of_askings(found, out)
    slope, shift = _calibrated(out[best], y[best], _weights([found[n] for n in best]))
    out = 1.0 / (1.0 + np.exp(-(slope * _log_odds(out) + shift)))
    threshold, certain = (float(x) for x in np.quantile(out[best][(y & own)[best]], refused))
    origins = np.array([sample.origin for sample in found])
    weights = slope * model.coef_[0] / scale
    return {
        "weights": dict(zip(Features.labels(), weights.round(4).tolist(), strict=True)),
        "bias": round(slope * float(model.intercept_[0]) + shift, 4),
        "answer_at": round(threshold, 3),
        "certain_at": round(certain, 3),
        "cross_validated": {
            origin: _figures(out[at], y[at], threshold)
            for origin in dict.fromkeys(origins.tolist())
            for at in [best[origins[best] == origin]]
        },
    }


def _calibrated(
    out: NDArray[np.float64], y: NDArray[np.bool_], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Slope and shift of the log-odds (Platt 1999): the surest of several is less sure than it looks."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0).fit(_log_odds(out)[:, None], y, sample_weight=weight)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _log_odds(out: NDArray[np.float64]) -> NDArray[np.float64]:
    bounded = np.clip(out, 1e-4, 1.0 - 1e-4)
    odds: NDArray[np.float64] = np.log(bounded / (1.0 - bounded))
    return odds


def _best_of_askings(found: Sequence[Sample], out: NDArray[np.float64]) -> NDArray[np.int64]:
    """The surest evidence of each asking: the one that would be answered from."""
    best: dict[str, int] = {}
    for n, sample in enumerate(found):
        if out[n] > out[best.setdefault(sample.asking, n)]:
            best[sample.asking] = n
    return np.array(list(best.values()), dtype=np.int64)


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
        shares = OVER_REFUSAL[questions], UNCERTAIN[questions]
        for cosine in (True, False):
            unused = () if cosine else ("cosine", "second_cosine")
            stored[fit_name(questions=questions, cosine=cosine)] = fit(found, shares, unused)
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
