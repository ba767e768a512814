"""Texts to unit vectors: the encoder that the settings name, and the cache of vectors.

With rag.encoders the only module of this package that touches LlamaIndex's embedding interface (a second
to import).
"""

import hashlib
import importlib
import sqlite3
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from numpy.typing import NDArray

from rag.encoders import BATCH, E5Embedding, LocalEmbedding, PairEmbedding
from rag.text import to_simplified

Vectors = NDArray[np.float32]

QUERY_CHARACTERS = 500


class BlankTextError(ValueError):
    """A text has nothing to embed; carries its `position` among the texts (0 for a query)."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"text {position} is blank")


class EmbeddingNameError(ValueError):
    """No embedding can be loaded under this name; carries `name` and `reason`."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"embedding {name!r}: {reason} (use pair, e5-small or package.module:Class)")


class VectorError(Exception):
    """Vectors computed or cached cannot be searched; carries `embedder` and `reason`."""

    def __init__(self, embedder: str, reason: str) -> None:
        self.embedder, self.reason = embedder, reason
        super().__init__(f"{embedder}: {reason}")


class VectorCache:
    """Passage vectors in one SQLite file, keyed by embedder id and text key; used in a `with` block.

    `hits` and `misses` count the distinct texts found and not found so far.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # vectors betray much of their text, restricted text included
        self.hits = self.misses = 0
        self._connection = sqlite3.connect(path, timeout=30)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA secure_delete=ON")  # deleted vectors are overwritten with zeros
        columns = "embedder TEXT, key TEXT, vector BLOB NOT NULL, PRIMARY KEY (embedder, key)"
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS vectors ({columns})")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, embedder: str, keys: Collection[str]) -> dict[str, Vectors]:
        """The stored vectors among `keys`; counts hits and misses."""
        statement = "SELECT vector FROM vectors WHERE embedder = ? AND key = ?"
        found = {}
        for key in set(keys):
            row = self._connection.execute(statement, (embedder, key)).fetchone()
            if row is not None:
                found[key] = np.frombuffer(row[0], "<f4")
        self.hits += len(found)
        self.misses += len(set(keys)) - len(found)
        return found

    def put(self, embedder: str, vectors: Mapping[str, Vectors]) -> None:
        """Store the vectors by key, all of them or none."""
        rows = [(embedder, key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def prune(self, keep: Collection[str]) -> int:
        """Delete the vectors, of every embedder, whose text key is not in `keep`; returns how many went."""
        with self._connection:
            self._connection.execute("CREATE TEMP TABLE kept (key TEXT PRIMARY KEY)")
            self._connection.executemany("INSERT INTO kept VALUES (?)", [(key,) for key in set(keep)])
            statement = "DELETE FROM vectors WHERE key NOT IN (SELECT key FROM kept)"
            gone = self._connection.execute(statement).rowcount
            self._connection.execute("DROP TABLE kept")
        # The write-ahead log still holds the old pages until it is emptied.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone


def load_embedding(name: str, models_dir: Path) -> BaseEmbedding:
    """The default encoders for "pair", the first of them alone for "e5-small", or an instance of the
    LlamaIndex class "package.module:Class".

    Raises EmbeddingNameError, or rag.weights.CardError when e5-small has not been converted yet.
    """
    if name == "e5-small":
        return E5Embedding(models_dir / name)
    if name == "pair":
        return PairEmbedding(E5Embedding(models_dir / "e5-small"))
    module, _, attribute = name.partition(":")
    try:
        kind = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise EmbeddingNameError(name, str(error)) from error
    if not (isinstance(kind, type) and issubclass(kind, BaseEmbedding)):
        raise EmbeddingNameError(name, "is not a LlamaIndex BaseEmbedding")
    embedding: BaseEmbedding = kind()
    return embedding


def embedder_id(embedding: BaseEmbedding) -> str:
    """The identity that vectors are stored under: the model's name, or its class if that says nothing."""
    if embedding.model_name not in ("", "unknown"):
        return embedding.model_name
    return f"{type(embedding).__module__}:{type(embedding).__qualname__}"


def widths(embedding: BaseEmbedding) -> tuple[int, ...]:
    """How many dimensions of a vector belong to each encoder of a PairEmbedding; else nothing."""
    return embedding.widths if isinstance(embedding, PairEmbedding) else ()


def text_key(text: str) -> str:
    """The cache key of a text: sha256 in hexadecimal of the text as it is embedded."""
    return hashlib.sha256(as_embedded(text).encode("utf-8")).hexdigest()


def embed_query(embedding: BaseEmbedding, text: str) -> Vectors:
    """The unit vector (dimensions,) of a question's first 500 characters; BlankTextError, VectorError."""
    query = _checked(as_embedded(text)[:QUERY_CHARACTERS], 0)
    vector: Any
    if isinstance(embedding, LocalEmbedding):
        vector = embedding.query_vector(query)
    else:
        vector = embedding.get_query_embedding(query)
    unit: Vectors = _unit(embedder_id(embedding), [vector])[0]
    return unit


def embed_passages(
    embedding: BaseEmbedding,
    texts: Sequence[str],
    cache: VectorCache,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Vectors:
    """Unit vectors (len(texts), dimensions), computing only the distinct texts that the cache lacks.

    `on_progress(done, total)` counts distinct texts. Raises BlankTextError before any work, or VectorError.
    """
    embedder = embedder_id(embedding)
    keys = [text_key(text) for text in texts]
    by_key = {key: _checked(text, i) for i, (key, text) in enumerate(zip(keys, texts, strict=True))}
    if not texts:  # an empty corpus still has a dimension, so that it can be searched like any other
        return np.empty((0, len(embedding.get_text_embedding("."))), np.float32)
    vectors = cache.get(embedder, by_key)
    absent = [key for key in by_key if key not in vectors]
    tell = on_progress or (lambda done, total: None)
    tell(len(vectors), len(by_key))
    for start in range(0, len(absent), BATCH):
        part = absent[start : start + BATCH]
        fresh = embedding.get_text_embedding_batch([by_key[key] for key in part])
        computed = dict(zip(part, _unit(embedder, fresh), strict=True))
        cache.put(embedder, computed)
        vectors |= computed
        tell(len(vectors), len(by_key))
    return _unit(embedder, [vectors[key] for key in keys])


def as_embedded(text: str) -> str:
    """A text as encoders get it: stripped, in Simplified script (encoders know it better, and a question must meet a guide in either),
    without NUL (it cuts text in C libraries) and lone surrogates (they have no UTF-8)."""
    return to_simplified(text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8").strip())


def _checked(text: str, position: int) -> str:
    cleaned = as_embedded(text)
    # Invisible characters alone would still give a unit vector, near to nothing in particular.
    if all(unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf") for character in cleaned):
        raise BlankTextError(position)
    return cleaned


def _unit(embedder: str, vectors: Sequence[Any]) -> Vectors:
    """The vectors as one float32 matrix, once their lengths, values and norms are seen to be right."""
    if len({len(vector) for vector in vectors}) != 1:
        raise VectorError(embedder, "vectors differ in length")
    matrix = np.array(vectors, np.float32)
    if not np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-3):  # false for NaN as well
        raise VectorError(embedder, "a vector is not finite or not of unit length")
    return matrix
