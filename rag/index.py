"""The index of one circle: chunks, their lexical postings and their vectors, written once and then read.

Chroma keeps the vectors. It is neither crash-safe nor safe for several writers in place, so one process
writes a fresh folder and nobody writes it again. What it returns is matched against the manifest of
chunks before use. Vectors of an index this size are searched exactly, in memory.
"""

import json
import os
import re
import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateCollectionConfiguration
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings as ChromaSettings
from llama_index.core.schema import TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore
from numpy.typing import NDArray

from rag import line_terms
from rag.access import Level
from rag.chunks import NOWHERE, Chunk, Window
from rag.lexical import K1, B, Bags, Lexical, bags_of, build_lexical
from rag.line_terms import LineTerms, line_terms_of, terms_kept
from rag.text import fold, has_han

_UNANSWERED = "unanswered.json"

_BATCH = 5_000
"""Chroma refuses batches above 5,461."""

_SHARED_FROM = 10_000
"""Windows from which on comparing vectors is worth a second thread."""

_HNSW_HEADER = struct.Struct("<iQQQQ")
"""How header.bin begins: version, offset, elements there is room for, elements, bytes an element."""

_TITLE, _ALIASES, _HEADING, _ASKED, _BODY = 2.0, 2.0, 2.0, 0.5, 1.0
"""Field weights of BM25F: one mention in a title counts as two in the text."""


class BadIndexError(Exception):
    """An index folder that does not hold what its manifest says."""


@dataclass(frozen=True)
class Index:
    """Everything one circle's questions are answered from.

    By window: `views` (unit vectors, one array for each encoder), `owners` (the chunk), `spans` (its lines)
    and `bags` (its distinct terms). By chunk: `names`, the distinct terms of title and aliases. `lines` holds
    the terms of every line. The first windows are those of the `unanswered` questions, which no chunk owns (-1).
    """

    chunks: tuple[Chunk, ...]
    lexical: Lexical
    views: tuple[NDArray[np.float32], ...]
    owners: NDArray[np.int32]
    spans: NDArray[np.int32]
    bags: Bags
    names: Bags
    lines: LineTerms
    unanswered: tuple[str, ...] = ()

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """First window of each chunk; windows of a chunk lie side by side."""
        return np.searchsorted(self.owners, np.arange(len(self.chunks)))

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """`starts`, and the number of windows at the end."""
        return np.append(self.starts, len(self.owners))

    @cached_property
    def question_windows(self) -> NDArray[np.int64]:
        """Windows of chunks that hold no line: aliases and questions alone."""
        return np.flatnonzero((self.spans[:, 0] == self.spans[:, 1]) & (self.owners >= 0))

    @cached_property
    def _unanswered_terms(self) -> tuple[dict[str, int], Bags]:
        """Terms of the questions without an answer, numbered apart: most of their words are in no guide."""
        texts = [terms_kept(question) for question in self.unanswered]
        vocabulary = {term: n for n, term in enumerate(dict.fromkeys(t for text in texts for t in text))}
        return vocabulary, bags_of(texts, vocabulary)

    def unanswered_share(self, wanted: Sequence[str]) -> float:
        """Largest share of the wanted terms' rarity that one unanswered question holds."""
        vocabulary, bags = self._unanswered_terms
        rarity = {term: self.lexical.rarity(term) for term in set(wanted)}
        total, worth = sum(rarity.values()) or 1.0, np.zeros(len(vocabulary), dtype=np.float32)
        for term in rarity.keys() & vocabulary.keys():
            worth[vocabulary[term]] = rarity[term] / total
        return float(bags.held(worth, np.arange(len(self.unanswered))).max(initial=0.0))

    @cached_property
    def title_numbers(self) -> NDArray[np.int64]:
        """A number for the title of each chunk, the same for the same title."""
        return np.unique([chunk.title or chunk.id for chunk in self.chunks], return_inverse=True)[1]

    @cached_property
    def lengths(self) -> NDArray[np.float32]:
        """Length of each chunk's text as a logarithm of characters; a Latin letter counts as a third."""
        sizes = [len(chunk.text) / (3 if chunk.text.isascii() else 1) for chunk in self.chunks]
        return np.log1p(np.array(sizes, dtype=np.float32))

    @cached_property
    def saturation(self) -> NDArray[np.float32]:
        """What BM25 makes of one mention in each window, by its number of distinct terms."""
        sizes = np.diff(self.bags.starts) / max(1.0, len(self.bags.terms) / max(1, len(self.owners)))
        return ((K1 + 1.0) / (1.0 + K1 * (1.0 - B + B * sizes))).astype(np.float32)

    @cached_property
    def _folded(self) -> dict[int, str]:
        return {}

    def folded(self, chunk: int) -> str:
        """Title, heading and text of a chunk folded, English words between single spaces; kept once made."""
        if chunk not in self._folded:
            own = self.chunks[chunk]
            text = fold(f"{own.title}\n{own.section}\n{own.text}")
            self._folded[chunk] = text if has_han(text) else f" {' '.join(re.findall('[a-z0-9]+', text))} "
        return self._folded[chunk]

    @cached_property
    def han(self) -> NDArray[np.bool_]:
        """Whether each chunk is in Chinese."""
        return np.array([has_han(chunk.text) for chunk in self.chunks], dtype=bool)

    def similarity(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of each window to a unit query vector in each view, shape (views, windows)."""
        ends = np.cumsum([view.shape[1] for view in self.views])
        scale = np.float32(len(ends) ** 0.5)
        if not len(self.owners):  # a circle without guides: no row says how long a vector is
            return np.zeros((len(self.views), 0), dtype=np.float32)
        parts = [query[end - view.shape[1] : end] * scale for view, end in zip(self.views, ends, strict=True)]
        if len(self.owners) < _SHARED_FROM:
            return np.stack([view @ part for view, part in zip(self.views, parts, strict=True)])
        # What is read from memory takes the time: a second core, if free, reads the other encoder's vectors.
        others = [
            self._beside.submit(view.dot, part) for view, part in zip(self.views[1:], parts[1:], strict=True)
        ]
        return np.stack([self.views[0] @ parts[0], *(other.result() for other in others)])

    @cached_property
    def _beside(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="vectors")

    def best(self, similarity: NDArray[np.float32]) -> NDArray[np.float32]:
        """Highest window score of each chunk, shape (…, chunks)."""
        return np.maximum.reduceat(similarity, self.starts, axis=-1)

    def windows_of(self, chunk: int) -> slice:
        """Windows of a chunk as a slice of `spans` and `vectors`."""
        end = self.starts[chunk + 1] if chunk + 1 < len(self.chunks) else len(self.owners)
        return slice(int(self.starts[chunk]), int(end))


def index_of(
    chunks: Sequence[Chunk],
    windows: Sequence[Window],
    vectors: NDArray[np.float32],
    widths: Sequence[int] = (),
) -> Index:
    """The index of chunks in memory, from one unit vector a window."""
    lexical = lexical_of(chunks)
    return Index(
        tuple(chunks),
        lexical,
        views_of(vectors, widths),
        np.array([-1 if window.first == NOWHERE else window.chunk for window in windows], dtype=np.int32),
        np.array([(window.first, window.last) for window in windows], dtype=np.int32).reshape(-1, 2),
        bags_of((terms_kept(window.text) for window in windows), lexical.vocabulary),
        bags_of(
            (terms_kept("；".join((chunk.title, *chunk.aliases))) for chunk in chunks), lexical.vocabulary
        ),
        line_terms_of(chunks, lexical.vocabulary),
        tuple(window.text for window in windows if window.first == NOWHERE),
    )


def views_of(vectors: NDArray[np.float32], widths: Sequence[int] = ()) -> tuple[NDArray[np.float32], ...]:
    """Unit vectors of each encoder from the vectors that hold them side by side; without widths, of one."""
    ends = np.cumsum(widths or [vectors.shape[1]])
    scale = np.float32(len(ends) ** 0.5)
    return tuple(np.multiply(part, scale, order="C") for part in np.split(vectors, ends[:-1], axis=1))


def lexical_of(chunks: Sequence[Chunk]) -> Lexical:
    """Postings over title, aliases, heading, asked questions and text."""
    return build_lexical(
        [
            (
                (_TITLE, terms_kept(chunk.title)),
                (_ALIASES, terms_kept("；".join(chunk.aliases))),
                (_HEADING, terms_kept(chunk.section)),
                (_ASKED, terms_kept("\n".join(chunk.asked))),
                (_BODY, [term for line in chunk.lines for term in terms_kept(line)]),
            )
            for chunk in chunks
        ]
    )


def write_index(
    folder: Path,
    chunks: Sequence[Chunk],
    windows: Sequence[Window],
    vectors: NDArray[np.float32],
    widths: Sequence[int] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write chunks, postings and vectors (one unit vector a window, `widths` dimensions an encoder) into a
    fresh folder."""
    folder.mkdir(parents=True)
    with (folder / "chunks.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(chunk.to_json() + "\n" for chunk in chunks)
    index = index_of(chunks, windows, vectors, widths)
    index.lexical.save(folder)
    (folder / _UNANSWERED).write_text(json.dumps(index.unanswered, ensure_ascii=False), encoding="utf-8")
    index.lines.save(folder)
    np.savez(
        folder / "bags.npz",
        windows=index.bags.terms,
        window_starts=index.bags.starts,
        names=index.names.terms,
        name_starts=index.names.starts,
        widths=np.array(widths, dtype=np.int64),
    )
    with _client(folder / "chroma") as client:
        cosine: CreateCollectionConfiguration = {"hnsw": {"space": "cosine"}}
        collection = client.create_collection("windows", embedding_function=None, configuration=cosine)
        store = ChromaVectorStore(chroma_collection=collection)
        for begin in range(0, len(windows), _BATCH):
            batch = range(begin, min(begin + _BATCH, len(windows)))
            store.add([_node(i, windows[i], chunks, vectors[i]) for i in batch])
            if on_progress:
                on_progress(batch.stop, len(windows))
    _clear_unused(folder / "chroma")


def _node(number: int, window: Window, chunks: Sequence[Chunk], vector: NDArray[np.float32]) -> TextNode:
    name, digest, level = _source(chunks, window.chunk)
    place = {"number": number, "chunk": window.chunk, "first": window.first, "last": window.last}
    return TextNode(
        id_=f"{name}/{number}",
        text=window.text,
        embedding=vector.tolist(),
        metadata={**place, "level": level, "digest": digest},
    )


def _source(chunks: Sequence[Chunk], number: int) -> tuple[str, str, int]:
    """Id, digest and level of what a window was made from: a chunk, or the open list of questions without an answer."""
    if number < 0:
        return "unanswered", "", Level.OPEN.rank
    return chunks[number].id, chunks[number].digest, chunks[number].level.rank


@contextmanager
def _client(path: Path) -> Iterator[Client]:
    """Chroma over a folder, closed after use.

    Chroma shares one open store a path: left open, a second build of this process at the same path would
    meet the first one's collection, and files of deleted generations would never be let go.
    """
    settings = ChromaSettings(anonymized_telemetry=False, is_persistent=True, persist_directory=str(path))
    with Client(settings=settings) as client:
        yield client


@contextmanager
def _opened(store: Path) -> Iterator[Collection]:
    """The vectors of a written store, opened in a private copy.

    Chroma writes into what it opens even to read from it; a generation has many readers and never changes.
    """
    if not store.is_dir():
        raise BadIndexError(f"no vectors in {store.parent.name}")
    with TemporaryDirectory(prefix="zhinan-") as private:
        copy = shutil.copytree(store, Path(private) / store.name)
        with _client(copy) as client:
            yield client.get_collection("windows", embedding_function=None)


def _clear_unused(store: Path) -> None:
    """Overwrite with zeros what hnswlib saved beyond its last element.

    It saves whole blocks of memory that it never cleared: the text of other circles was found in them.
    """
    for header in store.glob("*/header.bin"):
        _, _, room, elements, size = _HNSW_HEADER.unpack_from(header.read_bytes())
        for name, each in (("data_level0.bin", size), ("length.bin", 4)):
            with header.with_name(name).open("r+b") as file:
                length = file.seek(0, os.SEEK_END)
                if not elements * each <= length <= room * each:
                    raise BadIndexError(f"{name} is not laid out as expected")
                file.truncate(elements * each)
                file.truncate(length)


def read_index(folder: Path) -> Index:
    """The index of a folder; raises BadIndexError if vectors and chunks disagree."""
    with (folder / "chunks.jsonl").open(encoding="utf-8") as rows_of_json:
        chunks = tuple(Chunk.from_json(row) for row in rows_of_json)
    with _opened(folder / "chroma") as collection:
        places, vectors = _read_vectors(collection, len(chunks))
    for number, (chunk, *_), stored in places:
        name, *source = _source(chunks, chunk)
        if tuple(source) != stored:
            raise BadIndexError(f"window {number} has another text or level than {name}")
    rows = np.array([place for _, place, _ in places], dtype=np.int32).reshape(-1, 3)
    rows[rows[:, 1] == NOWHERE, 0] = -1
    unanswered = _read_unanswered(folder)
    if (rows[: len(unanswered), 0] >= 0).any() or (rows[len(unanswered) :, 0] < 0).any():
        raise BadIndexError("an unanswered question has no vector")
    if set(rows[len(unanswered) :, 0].tolist()) != set(range(len(chunks))):
        raise BadIndexError("a chunk has no vector")
    with np.load(folder / "bags.npz") as stored:
        bags = Bags(stored["window_starts"], stored["windows"])
        names = Bags(stored["name_starts"], stored["names"])
        views = views_of(vectors, stored["widths"].tolist())
    lexical = Lexical.load(folder)
    # A generation built before lines were stored can still be gone back to.
    is_stored = (folder / line_terms.FILE).is_file()
    lines = (
        LineTerms.load(folder, len(lexical.vocabulary))
        if is_stored
        else line_terms_of(chunks, lexical.vocabulary)
    )
    return Index(chunks, lexical, views, rows[:, 0], rows[:, 1:], bags, names, lines, unanswered)


def _read_unanswered(folder: Path) -> tuple[str, ...]:
    """None in a generation built before there were any: it can still be gone back to."""
    file = folder / _UNANSWERED
    return tuple(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else ()


_Place = tuple[int, tuple[int, int, int], tuple[str, int]]


def _read_vectors(collection: Collection, chunks: int) -> tuple[list[_Place], NDArray[np.float32]]:
    places: list[_Place] = []
    pages: list[NDArray[np.float32]] = []
    for begin in range(0, collection.count(), _BATCH):
        page: Any = collection.get(limit=_BATCH, offset=begin, include=["embeddings", "metadatas"])
        # By page: vectors one by one would leave memory in pieces that are never given back.
        pages.append(np.asarray(page["embeddings"], dtype=np.float32))
        for meta, _ in zip(page["metadatas"] or [], pages[-1], strict=True):
            place = (int(meta["chunk"]), int(meta["first"]), int(meta["last"]))
            if not (0 <= place[0] < chunks or place == (-1, NOWHERE, NOWHERE)):
                raise BadIndexError(f"window {meta['number']} belongs to no chunk")
            stored = (str(meta["digest"]), int(meta["level"]))
            places.append((int(meta["number"]), place, stored))
    order = sorted(range(len(places)), key=lambda i: places[i][0])
    stacked = np.concatenate(pages)[order] if pages else np.zeros((0, 1), dtype=np.float32)
    if not np.isfinite(stacked).all():
        raise BadIndexError("a vector is not finite")
    return [places[i] for i in order], stacked
