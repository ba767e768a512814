"""The legs: what words and encoders say of every chunk."""

from dataclasses import replace

import numpy as np
import pytest

from rag.chunks import windows_of
from rag.index import index_of as index_in_memory
from rag.legs import UNASKED_BELOW, legs
from rag.text import terms
from tests.rag.made import chunk, index_of, vector

TEXTS = [
    chunk("pub-tag", title="自行车号牌", lines=("自行车号牌当场发放，不收费。",)),
    chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话报修。",), asked=("门口黑漆漆的找谁",)),
    chunk("pub-well", title="水井登记", lines=("水井每年登记一次。",)),
]
EVERYTHING = np.ones(3, dtype=bool)


def test_lexical_scores_are_shares_of_the_question() -> None:
    """Between nothing and all of what the question asks."""
    found = legs(index_of(TEXTS), terms("路灯报修"), vector("路灯报修"), EVERYTHING)
    assert (found.lexical >= 0).all() and (found.lexical <= 1).all()
    assert int(found.lexical.argmax()) == 1


def test_vector_scores_are_z_scores_over_the_pool() -> None:
    """Chunks outside the pool do not move mean and spread."""
    within = np.array([True, True, False])
    found = legs(index_of(TEXTS), terms("路灯"), vector("路灯"), within)
    assert found.vector[within].mean() == pytest.approx(0, abs=1e-4)
    assert found.vector[within].std() == pytest.approx(1, abs=1e-3)


def test_two_encoders_are_looked_at_each_alone() -> None:
    """Each view's cosines are its own; the first counts for more than the second."""
    first, second = np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[::-1]
    plain = [chunk(f"pub-{n}", lines=("一",)) for n in "abc"]
    index = index_in_memory(plain, windows_of(plain), np.hstack([first, second]) / np.sqrt(2.0), (3, 3))
    query = np.hstack([first[0], second[2]]).astype(np.float32) / np.float32(np.sqrt(2.0))
    found = legs(index, [], query, EVERYTHING)
    np.testing.assert_allclose(found.cosines, [[1, 0, 0], [0, 0, 1]], atol=1e-6)
    assert int(found.vector.argmax()) == 0


def test_a_question_that_no_guide_answers_moves_no_chunk() -> None:
    """Its window is the most similar of all, and every chunk scores as without it."""
    near = [replace(TEXTS[0], unanswered=("号牌能不能卖给别人",)), *TEXTS[1:]]
    query = "号牌能不能卖给别人"
    plain = legs(index_of(TEXTS), terms(query), vector(query), EVERYTHING)
    found = legs(index_of(near), terms(query), vector(query), EVERYTHING)
    np.testing.assert_allclose(found.vector, plain.vector, atol=1e-5)
    np.testing.assert_allclose(found.asked, plain.asked, atol=1e-5)
    np.testing.assert_allclose(found.windows[1:], plain.windows, atol=1e-5)
    assert int(found.windows.argmax()) == 0


def test_a_question_asked_leads_to_its_chunk() -> None:
    """A chunk with an asked question scores by it; one without any by itself, somewhat less."""
    found = legs(index_of(TEXTS), terms("门口黑漆漆的找谁"), vector("门口黑漆漆的找谁"), EVERYTHING)
    np.testing.assert_allclose(found.asked[::2], found.vector[::2] - UNASKED_BELOW, atol=1e-5)
    assert found.asked[1] > 0
    assert found.cosines[0, 1] == pytest.approx(1.0, abs=1e-5)
