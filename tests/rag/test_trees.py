"""Fitted trees: evaluated here as where they were fitted, and the same after being stored."""

import json
from typing import Any

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from rag.trees import Trees, from_json, from_lightgbm, from_sklearn

Data = NDArray[np.float32]


def _data(seed: int, rows: int = 600) -> Data:
    """Random shares and flags, in steps like those of real features."""
    made = np.random.default_rng(seed).uniform(-1, 1, (rows, 6)).round(3)
    made[:, 5] = made[:, 5] > 0
    return made.astype(np.float32)


@pytest.fixture(scope="module")
def model() -> Any:
    """A small ensemble fitted on random data with a signal in it."""
    x = _data(1)
    y = (x[:, 0] * x[:, 1] + 0.5 * x[:, 5] > 0.2) ^ (np.arange(len(x)) % 11 == 0)
    small = HistGradientBoostingClassifier(max_iter=25, max_leaf_nodes=8, random_state=0)
    return small.fit(x, y)


@pytest.fixture(scope="module")
def trees(model: Any) -> Trees:
    """The same ensemble in flat arrays."""
    return from_sklearn(model)


@pytest.mark.parametrize("seed", range(1, 5))
def test_scores_are_those_of_scikit_learn(model: Any, trees: Trees, seed: int) -> None:
    """Rows that were fitted on and rows never seen get the log-odds that scikit-learn gives them."""
    x = _data(seed)
    assert np.abs(trees.scores(x) - model.decision_function(x)).max() < 1e-5


def test_a_row_scores_alone_as_among_others(trees: Trees) -> None:
    """A score depends on nothing but the row, and neither the order of memory nor an empty table matters."""
    x = _data(7, 50)
    together = trees.scores(x)
    assert np.array_equal(np.concatenate([trees.scores(row[None, :]) for row in x]), together)
    assert np.array_equal(trees.scores(np.asfortranarray(x)), together)
    assert trees.scores(x[:0]).shape == (0,)


def test_stored_trees_score_the_same(trees: Trees) -> None:
    """What is written is plain JSON that reads back as the same trees, up to its five decimals."""
    text = json.dumps({"trees": trees.as_json()}, allow_nan=False)
    back = from_json(json.loads(text)["trees"])
    assert back.as_json() == trees.as_json()
    x = _data(3)
    assert np.abs(back.scores(x) - trees.scores(x)).max() < 25 * 1e-5


def test_without_trees_only_the_baseline_is_left() -> None:
    """An ensemble of no trees gives every row its baseline."""
    empty = {name: [] for name in ("roots", "feature", "threshold", "left", "right", "value")}
    none = from_json({**empty, "baseline": -1.5, "depth": 0})
    assert none.scores(_data(1, 3)).tolist() == [-1.5] * 3


def test_every_node_leads_to_a_leaf(trees: Trees) -> None:
    """From every root, `depth` steps end at a node that points to itself, whichever way is taken."""
    at = set(trees.roots.tolist())
    for _ in range(trees.depth):
        at = {int(child) for node in at for child in (trees.left[node], trees.right[node])}
    assert all(trees.left[node] == trees.right[node] == node for node in at)


def test_scores_are_those_of_lightgbm() -> None:
    """Trees fitted by LightGBM give the same scores here, also after being stored."""
    x = _data(7)
    y = (x[:, 0] * x[:, 1] > 0.1).astype(int)
    fitted = lightgbm.train(
        {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 1}, lightgbm.Dataset(x, y), 20
    )
    made = from_json(json.loads(json.dumps(from_lightgbm(fitted).as_json())))
    rows = _data(8)
    np.testing.assert_allclose(made.scores(rows), fitted.predict(rows, raw_score=True), atol=2e-3)
