"""What is fitted of the first encoder: low-rank adapters on its last layers, used for questions alone.

Passages keep the vectors of the encoder as it was published, so an index never depends on what was fitted.
`python -m rag.fit_query` writes query_side.npz and query_side.json, its card; rag.weights puts them into the
graph, where an input `side` says whose text it reads: 0 a passage's, 1 a question's.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto

ADAPTER = Path(__file__).parent / "query_side.npz"
CARD = ADAPTER.with_suffix(".json")
HELD_OUT = "held-out-questions.npz"
"""File beside the cache of vectors, which rag.fit_query writes and rag.fit_passages reads."""
SIDE = "side"
"""Name of the graph's input."""

PARTS = ("qkv", "ao", "fi", "fo")
"""The four products of a layer, in the order in which the graph has them."""

Pair = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Two matrices whose product is added to the weights: (input, rank) and (rank, output)."""


@dataclass(frozen=True)
class Adapter:
    """The matrices by layer and part."""

    pairs: Mapping[tuple[int, str], Pair]

    def save(self, path: Path) -> None:
        """Write them in half precision; the same matrices give the same bytes."""
        arrays = {}
        for (layer, part), pair in sorted(self.pairs.items()):
            for name, matrix in zip("ab", pair, strict=True):
                arrays[f"{layer}.{part}.{name}"] = matrix.astype(np.float16)
        np.savez(path, **arrays)  # type: ignore[arg-type]  # np.savez takes any names


def read_adapter(path: Path = ADAPTER) -> Adapter:
    """The adapters of a file."""
    pairs = {}
    with np.load(path, allow_pickle=False) as stored:
        for name in stored.files:
            layer, part, which = name.split(".")
            if which == "a":
                first, second = (stored[f"{layer}.{part}.{x}"].astype(np.float32) for x in "ab")
                pairs[int(layer), part] = first, second
    return Adapter(pairs)


def adapter_sha256(path: Path = ADAPTER) -> str:
    """Digest of the file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def products(model: "ModelProto") -> dict[tuple[int, str], tuple[str, str]]:
    """Input and biased output of each product with weights, by layer and part, in the graph that rag.e5 makes.

    Quantising changes what stands between the two names, and keeps them.
    """
    constants = {constant.name for constant in model.graph.initializer}
    nodes = list(model.graph.node)
    found = [
        (node.input[0], following.output[0])
        for node, following in pairwise(nodes)
        if node.op_type == "MatMul" and node.input[1] in constants
    ]
    return {(number // len(PARTS), PARTS[number % len(PARTS)]): names for number, names in enumerate(found)}


def insert(model: "ModelProto", places: Mapping[tuple[int, str], tuple[str, str]], adapter: Adapter) -> None:
    """Add the adapters to a graph in place: at each place `output + side * (input @ a @ b)`."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    graph.input.append(helper.make_tensor_value_info(SIDE, TensorProto.FLOAT, []))
    for key, pair in adapter.pairs.items():
        source, output = places[key]
        name = f"adapter_{key[0]}_{key[1]}"
        at, node = next((n, node) for n, node in enumerate(graph.node) if output in node.output)
        node.output[0] = f"{name}_plain"
        for which, matrix in zip("ab", pair, strict=True):
            graph.initializer.append(numpy_helper.from_array(matrix, f"{name}_{which}"))
        steps = [
            ("MatMul", source, f"{name}_a", f"{name}_low"),
            ("MatMul", f"{name}_low", f"{name}_b", f"{name}_high"),
            ("Mul", f"{name}_high", SIDE, f"{name}_sided"),
            ("Add", f"{name}_plain", f"{name}_sided", output),
        ]
        for offset, (operator, first, second, out) in enumerate(steps, start=1):
            step = helper.make_node(operator, [first, second], [out], name=f"{name}_{offset}")
            graph.node.insert(at + offset, step)


def save_held_out(path: Path, vectors: Mapping[str, NDArray[np.float32]]) -> None:
    """Keep the vectors, by text key, of the questions that the adapters were fitted on, each made by adapters
    that did not know it: what is fitted on top must not take the ones that did for better than they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.array(list(vectors.values()), np.float32)
    np.savez(path, adapter=adapter_sha256(), keys=np.array(list(vectors)), vectors=rows)


def read_held_out(path: Path) -> dict[str, NDArray[np.float32]]:
    """Those vectors, if they were kept with today's adapters; else none."""
    if not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["adapter"]) != adapter_sha256():
            return {}
        return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
