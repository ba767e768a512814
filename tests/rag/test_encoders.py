"""The two encoders and their pair."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.embed import embed_query, load_embedding, widths
from rag.encoders import WIDTHS, PairEmbedding, UseEmbedding

SAMPLES = ("居住证怎么办理？", "How do I get a residence permit?", "街道图书馆周末开放。")


@pytest.fixture(scope="module")
def pair(e5_folder: Path) -> PairEmbedding:
    """Both encoders side by side."""
    made = load_embedding("pair", e5_folder.parent)
    assert isinstance(made, PairEmbedding)
    return made


def test_a_pair_is_both_vectors_side_by_side(pair: PairEmbedding, e5_folder: Path) -> None:
    """Each part is that encoder's own vector, and the whole is of unit length."""
    first, second = load_embedding("e5-small", e5_folder.parent), UseEmbedding()
    for text in SAMPLES:
        whole = np.array(pair.get_text_embedding(text))
        assert len(whole) == sum(WIDTHS) and np.linalg.norm(whole) == pytest.approx(1.0, abs=1e-5)
        parts = np.split(whole * np.sqrt(2.0), [WIDTHS[0]])
        np.testing.assert_allclose(parts[0], first.get_text_embedding(text), atol=1e-5)
        np.testing.assert_allclose(parts[1], second.get_text_embedding(text), atol=1e-5)


def test_a_vector_depends_on_its_text_alone(pair: PairEmbedding) -> None:
    """In a batch, alone and from another thread a text has the same vector, but for rounding."""
    batch = pair.get_text_embedding_batch(list(SAMPLES))
    for text, vector in zip(SAMPLES, batch, strict=True):
        np.testing.assert_allclose(pair.get_text_embedding(text), vector, atol=1e-6)
    with ThreadPoolExecutor(1) as aside:  # the browser tests leave a loop running in this thread
        again = aside.submit(lambda: asyncio.run(pair.aget_query_embedding(SAMPLES[0]))).result()
    np.testing.assert_allclose(again, pair.get_query_embedding(SAMPLES[0]), atol=1e-6)


def test_the_short_way_gives_the_vector_of_the_interface(pair: PairEmbedding) -> None:
    """Questions skip LlamaIndex's tracing, many at once as well; their vectors are those it would give."""
    with ThreadPoolExecutor(4) as many:
        short = list(many.map(pair.query_vector, SAMPLES * 4))
    for text, vector in zip(SAMPLES * 4, short, strict=True):
        np.testing.assert_array_equal(vector, pair.get_query_embedding(text))


def test_translations_are_nearer_than_other_texts_by_the_second_encoder() -> None:
    """A Chinese question and its translation are nearer than two Chinese texts on different things."""
    zh, en, other = (np.array(UseEmbedding().get_text_embedding(text)) for text in SAMPLES)
    assert zh @ en > 2 * abs(zh @ other)


def test_only_a_pair_has_parts(pair: PairEmbedding, e5_folder: Path) -> None:
    """Its widths part the vector; any other embedding is one view."""
    assert widths(pair) == WIDTHS
    assert widths(load_embedding("e5-small", e5_folder.parent)) == ()


def test_the_pair_is_named_by_both(pair: PairEmbedding) -> None:
    """Vectors are stored under both encoders' identities, so a change of either embeds anew."""
    first, _, second = pair.model_name.partition("+")
    assert first.startswith("e5-small-") and second.startswith("use-m3-")


def test_a_traditional_question_has_the_vector_of_its_simplified_twin(pair: PairEmbedding) -> None:
    """Scripts are folded before encoding, so that both find the same."""
    np.testing.assert_array_equal(
        embed_query(pair, "居住證怎麼辦理？"), embed_query(pair, "居住证怎么办理？")
    )
