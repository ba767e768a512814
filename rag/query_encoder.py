"""The first encoder in torch, to fit adapters on its last layers; used by rag.fit_query alone.

What stands below the adapters never changes, so it is computed once a text and kept. torch is loaded when an
encoder is made, not when this module is imported: serving does without it.
"""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag import e5
from rag.query_side import PARTS, Adapter

FIRST = 9
"""The first adapted layer, from 0."""
RANK = 16
DROPOUT = 0.1
_SIZES = {"qkv": (384, 1152), "ao": (384, 384), "fi": (384, 1536), "fo": (1536, 384)}
_BATCH = 64

Parameters = dict[tuple[int, str], tuple[Any, Any]]


class Encoder:
    """The published weights, in full precision and frozen."""

    def __init__(self) -> None:
        self.torch: Any = importlib.import_module("torch")
        source = e5.read_source(e5.source_path())
        self._tokenizer = Tokenizer.from_str(e5.tokenizer_json(source))
        self._words = self._frozen(source.matrix("emb.word", e5.WIDTH).T)
        places = (
            source.vector("emb.pos").reshape(e5.POSITIONS, e5.WIDTH) + source.vector("emb.type")[: e5.WIDTH]
        )
        self._places = self._frozen(places)
        self._norms = {"emb.ln": self._norm(source, "emb.ln")}
        self._products: dict[tuple[int, str], tuple[Any, Any]] = {}
        for layer in range(e5.LAYERS):
            for name in ("aln", "oln"):
                self._norms[f"l{layer}.{name}"] = self._norm(source, f"l{layer}.{name}")
            for part in PARTS:
                names = [f"l{layer}.{x}" for x in ("qkv" if part == "qkv" else (part,))]
                matrix = np.concatenate([source.matrix(f"{n}.w", _SIZES[part][0]) for n in names], axis=1)
                bias = np.concatenate([source.vector(f"{n}.b") for n in names])
                self._products[layer, part] = self._frozen(matrix), self._frozen(bias)

    def adapters(self) -> Parameters:
        """Fresh ones, which change nothing yet."""
        torch = self.torch
        made: Parameters = {}
        for layer in range(FIRST, e5.LAYERS):
            for part, (rows, columns) in _SIZES.items():
                first = torch.randn(rows, RANK) * rows**-0.5
                second = torch.zeros(RANK, columns)
                made[layer, part] = first.requires_grad_(), second.requires_grad_()
        return made

    def as_adapter(self, parameters: Parameters) -> Adapter:
        """The fitted matrices as the product reads them."""
        return Adapter({key: tuple(m.detach().numpy() for m in pair) for key, pair in parameters.items()})

    def below(self, texts: Sequence[str]) -> list[Any]:
        """What the adapted layers get for each question, one row a token."""
        torch = self.torch
        tokens = [self._tokenizer.encode(f"query: {text}").ids for text in texts]
        found: list[Any] = [None] * len(tokens)
        with torch.no_grad():
            for part in by_length(tokens, _BATCH):
                ids, mask = self._padded([torch.tensor(tokens[i])[:, None] for i in part])
                x = self._words[ids[..., 0].long()] + self._places[: ids.shape[1]]
                x = self._run(self._normed(x, "emb.ln"), mask, range(FIRST), {}, 0.0)
                for row, i in enumerate(part):
                    found[i] = x[row, : len(tokens[i])].half()
        return found

    def vectors(self, below: Sequence[Any], parameters: Parameters, dropout: float = 0.0) -> Any:
        """Unit vectors of questions, by these adapters."""
        x, mask = self._padded([rows.float() for rows in below])
        x = self._run(x, mask, range(FIRST, e5.LAYERS), parameters, dropout)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.torch.nn.functional.normalize(mean, dim=1)

    def all_vectors(self, below: Sequence[Any], parameters: Parameters) -> NDArray[np.float32]:
        """Unit vectors of many questions, without dropout or gradients."""
        found = np.zeros((len(below), e5.WIDTH), np.float32)
        with self.torch.no_grad():
            for part in by_length(below, _BATCH):
                found[part] = self.vectors([below[i] for i in part], parameters).numpy()
        return found

    def _run(self, x: Any, mask: Any, layers: range, parameters: Parameters, dropout: float) -> Any:
        """Post-norm BERT layers: self-attention and a GELU feed-forward, each with its residual."""
        torch = self.torch
        batch, tokens, _ = x.shape
        away = ((mask - 1) * 1e9)[:, None, None, :]
        width = e5.WIDTH // e5.HEADS

        def product(values: Any, layer: int, part: str) -> Any:
            matrix, bias = self._products[layer, part]
            out = values @ matrix + bias
            if (layer, part) in parameters:
                first, second = parameters[layer, part]
                out = out + torch.nn.functional.dropout(values @ first, dropout) @ second
            return out

        for layer in layers:
            split = product(x, layer, "qkv").view(batch, tokens, 3, e5.HEADS, width)
            query, key, value = split.permute(2, 0, 3, 1, 4)
            scores = (query @ key.transpose(-1, -2)) * width**-0.5 + away
            heads = (torch.softmax(scores, -1) @ value).transpose(1, 2).reshape(batch, tokens, e5.WIDTH)
            x = self._normed(x + product(heads, layer, "ao"), f"l{layer}.aln")
            inner = torch.nn.functional.gelu(product(x, layer, "fi"))
            x = self._normed(x + product(inner, layer, "fo"), f"l{layer}.oln")
        return x

    def _padded(self, rows: Sequence[Any]) -> tuple[Any, Any]:
        """Rows of one length, and 1 where there is a token."""
        padded = self.torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
        mask = self.torch.zeros(padded.shape[:2])
        for n, row in enumerate(rows):
            mask[n, : len(row)] = 1
        return padded, mask

    def _normed(self, x: Any, name: str) -> Any:
        return self.torch.nn.functional.layer_norm(x, (e5.WIDTH,), *self._norms[name], e5.EPSILON)

    def _norm(self, source: e5.Source, name: str) -> tuple[Any, Any]:
        return self._frozen(source.vector(f"{name}.w")), self._frozen(source.vector(f"{name}.b"))

    def _frozen(self, values: NDArray[np.float32]) -> Any:
        return self.torch.from_numpy(np.array(values))


def by_length(rows: Sequence[Any], size: int) -> list[NDArray[np.int64]]:
    """Numbers of the rows in parts of about `size`, rows of like length together, so that little is padded."""
    order = np.array(sorted(range(len(rows)), key=lambda i: len(rows[i])), dtype=np.int64)
    return np.array_split(order, max(1, round(len(rows) / size)))
