"""Fitting the decision: samples are labelled by the cases, and a good signal is found."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import fit_lines
from rag.answer import Assistant
from rag.calibrate import ASKED, OURS, Sample, fit, samples
from rag.decide import CALIBRATION, Features, fit_name, load_calibration
from rag.evaluate import read_cases

CASES = Path(__file__).parents[1] / "guides" / "library-cases.jsonl"


def _sample(right: bool, noise: float, n: int) -> Sample:
    values = dict.fromkeys(Features.labels(), 0.5) | {"naming": 0.9 * right + noise, "words": noise}
    return Sample(Features(**values), right, f"case-{n}", f"case-{n}")


def test_a_signal_is_found_and_judged_on_unseen_cases() -> None:
    """Where naming tells right from wrong, cross-validation says so and naming gets a positive weight."""
    noise = np.random.default_rng(7).uniform(0, 0.2, 200)
    fitted = fit([_sample(bool(n % 2), float(noise[n]), n) for n in range(200)], (0.1, 0.2))
    figures = fitted["cross_validated"][OURS]  # type: ignore[index]  # values of the JSON are objects
    assert figures["auroc"] == pytest.approx(1.0, abs=0.01)
    assert fitted["weights"]["naming"] > 0  # type: ignore[index]  # values of the JSON are objects
    assert 0 < float(str(fitted["answer_at"])) <= float(str(fitted["certain_at"])) < 1


def test_the_surest_of_an_asking_is_judged() -> None:
    """Of several guides the surest would be answered from; the others are neither right nor wrong."""
    noise = np.random.default_rng(7).uniform(0, 0.2, 400)
    found = [
        replace(_sample(right, float(noise[2 * n + right]), n), asking=f"case-{n}")
        for n in range(200)
        for right in ((True, False) if n % 2 else (False,))
    ]
    figures = fit(found, (0.1, 0.2))["cross_validated"][OURS]  # type: ignore[index]  # values of the JSON are objects
    assert (figures["samples"], figures["right"]) == (200, 100)
    assert figures["auroc"] == pytest.approx(1.0, abs=0.01)
    assert figures["expected_calibration_error"] < 0.1


def test_an_unused_feature_has_no_weight() -> None:
    """The calibration for other encoders does not look at raw cosines."""
    noise = np.random.default_rng(7).uniform(0, 0.2, 100)
    fitted = fit(
        [_sample(bool(n % 2), float(noise[n]), n) for n in range(100)], (0.1, 0.2), unused=("cosine",)
    )
    assert fitted["weights"]["cosine"] == 0  # type: ignore[index]  # values of the JSON are objects


def test_each_answerable_case_is_asked_again_without_its_guide(assistant: Assistant) -> None:
    """So a missing topic is learnt as it looks in use: more wrong samples than cases that abstain."""
    found = list(samples(read_cases([CASES]), [assistant] * fit_lines.FOLDS))
    assert sum(sample.right for sample in found) >= 15
    assert sum(not sample.right for sample in found) > 13


def test_the_stored_calibration_is_complete() -> None:
    """It says what it was fitted on, when and how well, and both fits load."""
    stored = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    assert {"embedder", "date", "data"} <= set(stored)
    for questions, others in ((True, {ASKED}), (False, {"xquad zh", "xquad en", "sharc all"})):
        figures = stored[fit_name(questions=questions, cosine=True)]["cross_validated"]
        assert set(figures) == {OURS, *others}
        for own in figures.values():
            assert {"auroc", "expected_calibration_error", "over_refusal", "samples", "right"} <= set(own)
        same = stored["embedder"].replace("+", f"-{'0' * 12}+")
        loaded = load_calibration(stored["embedder"], questions=questions)
        assert load_calibration(same, questions=questions) == loaded
        assert load_calibration("another-encoder", questions=questions) != loaded
