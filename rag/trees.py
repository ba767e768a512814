"""A fitted ensemble of regression trees, evaluated by ONNX Runtime (gradient boosting: Friedman 2001).

Fitted by `python -m rag.calibrate` and stored as JSON with a card that says from what, when and how well.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_Node = tuple[int, float, int, int, float]
"""Feature, threshold, left, right and value of a node, as in Trees."""


@dataclass(frozen=True)
class Trees:
    """Nodes of all trees in flat arrays. A leaf points to itself and has feature 0 and an infinite threshold.

    `roots` has one node a tree; `left` and `right` are node numbers, `value` is a leaf's share of the score.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: Floats
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: Floats
    baseline: float
    depth: int

    def scores(self, x: Floats) -> Floats:
        """Log-odds of each row of `x`, shape (rows,)."""
        if not len(x) or not len(self.roots):
            return np.full(len(x), self.baseline, dtype=np.float32)
        (found,) = self._session.run(None, {"x": x.astype(np.float64)})
        return np.asarray(found[:, 0], dtype=np.float32)

    @cached_property
    def _session(self) -> Any:
        """The ensemble as ONNX Runtime evaluates it: as NumPy would to the last bit, in a third of the time
        or less, and while other threads run. All in double precision, so that sums do not drift."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(self._model(), options, providers=["CPUExecutionProvider"])

    def _model(self) -> bytes:
        """An ONNX graph of one node. There a tree numbers its nodes from 0, and a leaf has no children."""
        from onnx import TensorProto, helper, numpy_helper

        def tensor(name: str, values: Any) -> Any:
            return numpy_helper.from_array(np.asarray(values, dtype=np.float64), name)

        nodes = np.arange(len(self.left))
        is_leaf = self.left == nodes
        tree = np.searchsorted(self.roots, nodes, side="right") - 1
        number = nodes - self.roots[tree]
        node = helper.make_node(
            "TreeEnsembleRegressor",
            ["x"],
            ["y"],
            domain="ai.onnx.ml",
            n_targets=1,
            nodes_treeids=tree.tolist(),
            nodes_nodeids=number.tolist(),
            nodes_modes=["LEAF" if leaf else "BRANCH_LEQ" for leaf in is_leaf],
            nodes_featureids=self.feature.tolist(),
            nodes_values_as_tensor=tensor("thresholds", np.where(is_leaf, 0.0, self.threshold)),
            nodes_truenodeids=np.where(is_leaf, 0, number[self.left]).tolist(),
            nodes_falsenodeids=np.where(is_leaf, 0, number[self.right]).tolist(),
            target_treeids=tree[is_leaf].tolist(),
            target_nodeids=number[is_leaf].tolist(),
            target_ids=[0] * int(is_leaf.sum()),
            target_weights_as_tensor=tensor("values", self.value[is_leaf]),
            base_values_as_tensor=tensor("baseline", [self.baseline]),
        )
        rows = helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["rows", None])
        scores = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", 1])
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
        graph = helper.make_graph([node], "trees", [rows], [scores])
        return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())

    def as_json(self) -> dict[str, Any]:
        """Plain lists; a leaf's threshold is stored as 0, its children as itself."""
        is_leaf = self.left == np.arange(len(self.left))
        return {
            "baseline": round(self.baseline, 5),
            "depth": self.depth,
            "roots": self.roots.tolist(),
            "feature": self.feature.tolist(),
            "threshold": np.where(is_leaf, 0.0, self.threshold).astype(float).round(5).tolist(),
            "left": self.left.tolist(),
            "right": self.right.tolist(),
            "value": self.value.astype(float).round(5).tolist(),
        }


def from_json(data: dict[str, Any]) -> Trees:
    """The ensemble that `as_json` wrote."""
    left = np.array(data["left"], dtype=np.int32)
    is_leaf = left == np.arange(len(left))
    threshold = np.where(is_leaf, np.inf, np.array(data["threshold"])).astype(np.float32)
    return Trees(
        roots=np.array(data["roots"], dtype=np.int32),
        feature=np.array(data["feature"], dtype=np.int32),
        threshold=threshold,
        left=left,
        right=np.array(data["right"], dtype=np.int32),
        value=np.array(data["value"], dtype=np.float32),
        baseline=float(data["baseline"]),
        depth=int(data["depth"]),
    )


def from_sklearn(model: Any) -> Trees:
    """The trees of a fitted binary HistGradientBoostingClassifier without categories or missing values."""
    nodes: list[_Node] = []
    roots, depth = [], 0
    for (tree,) in model._predictors:
        offset = len(nodes)
        roots.append(offset)
        for n, node in enumerate(tree.nodes):
            depth = max(depth, int(node["depth"]))
            if node["is_leaf"]:
                nodes.append((0, np.inf, offset + n, offset + n, float(node["value"])))
            else:
                sides = offset + int(node["left"]), offset + int(node["right"])
                nodes.append((int(node["feature_idx"]), float(node["num_threshold"]), *sides, 0.0))
    return _packed(roots, nodes, float(model._baseline_prediction[0, 0]), depth)


def from_lightgbm(model: Any) -> Trees:
    """The trees of a fitted LightGBM booster without categories or missing values."""
    nodes: list[_Node] = []
    roots, deepest = [], 0

    def add(node: dict[str, Any], depth: int) -> int:
        nonlocal deepest
        deepest, own = max(deepest, depth), len(nodes)
        if "leaf_value" in node:
            nodes.append((0, np.inf, own, own, float(node["leaf_value"])))
            return own
        nodes.append((0, 0.0, 0, 0, 0.0))
        sides = add(node["left_child"], depth + 1), add(node["right_child"], depth + 1)
        nodes[own] = (int(node["split_feature"]), float(node["threshold"]), *sides, 0.0)
        return own

    for tree in model.dump_model()["tree_info"]:
        roots.append(add(tree["tree_structure"], 0))
    return _packed(roots, nodes, 0.0, deepest)


def _packed(roots: list[int], nodes: list[_Node], baseline: float, depth: int) -> Trees:
    feature, threshold, left, right, value = zip(*nodes, strict=True)
    return Trees(
        np.array(roots, dtype=np.int32),
        np.array(feature, dtype=np.int32),
        np.array(threshold, dtype=np.float32),
        np.array(left, dtype=np.int32),
        np.array(right, dtype=np.int32),
        np.array(value, dtype=np.float32),
        baseline,
        depth,
    )
