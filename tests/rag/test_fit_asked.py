"""Asked questions as cases: some are left out of the index, and what stays answers as before."""

from pathlib import Path

import numpy as np
import pytest

from rag.fit_asked import Thinned, asked_cases, is_learnt, nothing, thinned
from tests.rag.made import chunk, generation_of, index_of, vector

LEARNT = next(text for text in map("{}号牌怎么领".format, range(99)) if is_learnt(text))
LEFT_OUT = next(text for text in map("{}号牌怎么领".format, range(99)) if not is_learnt(text))
CHUNKS = [
    chunk("pub-tag", asked=(LEARNT, LEFT_OUT), unanswered=("号牌能转让吗",)),
    chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话。",)),
]


def test_a_quarter_is_left_out() -> None:
    """The same quarter in every run."""
    asked = [f"{n}号牌怎么领" for n in range(2000)]
    assert np.mean([not is_learnt(question) for question in asked]) == pytest.approx(0.25, abs=0.04)


def test_what_is_left_out_is_not_found_as_asked() -> None:
    """Its window is gone; every other has the vector it had."""
    whole = index_of(CHUNKS)
    less = thinned(whole, lambda question: question != LEFT_OUT)
    assert len(less.owners) == len(whole.owners) - 1
    assert less.chunks[0].asked == (LEARNT,) and less.unanswered == whole.unanswered
    assert whole.similarity(vector(LEFT_OUT)).max() == pytest.approx(1.0, abs=1e-5)
    assert less.similarity(vector(LEFT_OUT)).max() < 0.999
    assert less.similarity(vector(LEARNT)).max() == pytest.approx(1.0, abs=1e-5)


def test_an_office_without_questions_has_none() -> None:
    """No asked question, no unanswered one, and all lines."""
    bare = thinned(index_of(CHUNKS), nothing)
    assert not bare.unanswered and not any(c.asked for c in bare.chunks)
    assert [c.lines for c in bare.chunks] == [c.lines for c in CHUNKS]


def test_left_out_questions_are_cases_of_their_guides(tmp_path: Path) -> None:
    """One a question that is left out: answered by its guide, or by none; the rest is not asked."""
    generation = generation_of(tmp_path, "g-1", CHUNKS)
    found = {case.question.text: case for case in asked_cases(generation)}
    assert LEFT_OUT in found and LEARNT not in found
    assert found[LEFT_OUT].guides == ("pub-tag",) and found[LEFT_OUT].outcomes == ("answered",)
    assert ("号牌能转让吗" in found) is not is_learnt("号牌能转让吗")
    less = Thinned(generation.path, generation.manifest, is_learnt)
    assert less.index(generation.circles[0]).chunks[0].asked == (LEARNT,)
