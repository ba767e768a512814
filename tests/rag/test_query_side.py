"""What is fitted of the first encoder: adapters that questions pass and passages do not."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from rag import e5, query_side, weights
from rag.embed import load_embedding
from rag.query_side import CARD, PARTS, Adapter, adapter_sha256, read_adapter, read_held_out, save_held_out

PASSAGE, QUESTION = "居住证由派出所当场受理。", "居住证去哪儿办？"


def _vector(model: bytes, ids: list[int], side: float | None) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    row = np.array([ids], np.int64)
    feeds = {"input_ids": row, "attention_mask": np.ones_like(row)}
    given = feeds if side is None else feeds | {query_side.SIDE: np.array(side, np.float32)}
    return np.asarray(session.run(None, given)[0][0])


def test_every_product_is_found_once() -> None:
    """The graph has four products a layer, each with an input and a biased output of its own."""
    places = query_side.products(e5.model(e5.read_source(e5.source_path())))
    assert set(places) == {(layer, part) for layer in range(e5.LAYERS) for part in PARTS}
    assert len({output for _, output in places.values()}) == len(places)


def test_adapters_turn_questions_and_leave_passages_alone() -> None:
    """On side 0 a graph with adapters gives the very vector of the one without; on side 1 another one."""
    exact = e5.model(e5.read_source(e5.source_path()))
    plain, places = exact.SerializeToString(), query_side.products(exact)
    query_side.insert(exact, places, read_adapter())
    adapted, ids = exact.SerializeToString(), [0, 1000, 2000, 3000, 2]
    before = _vector(plain, ids, None)
    np.testing.assert_array_equal(_vector(adapted, ids, 0.0), before)
    assert 0.5 < float(_vector(adapted, ids, 1.0) @ before) < 0.999


def test_passages_are_named_by_the_published_weights(e5_folder: Path) -> None:
    """The identity of vectors is that of the graph without adapters, so fitting anew embeds nothing anew."""
    card = weights.load_card(e5_folder)
    assert card.passages_sha256[:12] in load_embedding("e5-small", e5_folder.parent).model_name
    assert card.passages_sha256 != card.model_sha256
    assert card.adapter_sha256 == adapter_sha256()


def test_an_encoder_with_other_adapters_is_not_current(
    e5_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder made before the adapters were fitted anew is converted again."""
    assert weights.is_current(e5_folder)
    monkeypatch.setattr(query_side, "adapter_sha256", lambda: "other")
    assert not weights.is_current(e5_folder)


def test_the_card_names_data_licences_and_the_file() -> None:
    """It was written for these very weights, which stay small."""
    card = json.loads(CARD.read_text(encoding="utf-8"))
    assert card["sha256"] == adapter_sha256()
    assert "STARD (MIT)" in card["licence"] and "CC BY-SA" in card["licence"]
    assert query_side.ADAPTER.stat().st_size < 1_000_000
    assert "ncppolicies" not in card["data"]


def test_saving_and_reading_keeps_the_matrices(tmp_path: Path) -> None:
    """Matrices come back in half precision, and the same ones give the same bytes."""
    pair = (np.ones((4, 2), np.float32) / 3, np.ones((2, 5), np.float32))
    for name in ("one.npz", "two.npz"):
        Adapter({(11, "ao"): pair}).save(tmp_path / name)
    assert adapter_sha256(tmp_path / "one.npz") == adapter_sha256(tmp_path / "two.npz")
    first, second = read_adapter(tmp_path / "one.npz").pairs[11, "ao"]
    np.testing.assert_allclose(first, pair[0], rtol=1e-3)
    np.testing.assert_array_equal(second, pair[1])


def test_held_out_vectors_belong_to_their_adapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read back by key, and are as good as absent once other adapters were fitted."""
    file = tmp_path / "held" / "out.npz"
    assert read_held_out(file) == {}
    save_held_out(file, {"key": np.array([1.0, 0.0], np.float32)})
    np.testing.assert_array_equal(read_held_out(file)["key"], [1.0, 0.0])
    monkeypatch.setattr(query_side, "adapter_sha256", lambda: "other")
    assert read_held_out(file) == {}
