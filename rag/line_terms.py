"""The lines of an index and the terms of each, worked out once when it is built.

Every kind of reader sees some of them; cutting text into terms again for each of them took most of a minute
at 60,000 chunks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.chunks import Chunk
from rag.lexical import Bags, bags_of, union
from rag.text import numbers, terms

FILE = "lines.npz"

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class LineTerms:
    """By line: its distinct terms `alone` and with its heading (`headed`), and whether it is `numbered`, that
    is holds a number. By chunk: its first line (`edges`, with the number of lines at the end), its heading's
    terms and all its terms (`sections`)."""

    edges: Rows
    alone: Bags
    headed: Bags
    numbered: NDArray[np.bool_]
    headings: Bags
    sections: Bags

    def save(self, folder: Path) -> None:
        """Write lines.npz; what can be put together again is left out."""
        np.savez(
            folder / FILE,
            edges=self.edges,
            starts=self.alone.starts,
            terms=self.alone.terms,
            numbered=self.numbered,
            heading_starts=self.headings.starts,
            heading_terms=self.headings.terms,
        )

    @classmethod
    def load(cls, folder: Path, vocabulary: int) -> "LineTerms":
        """Read what `save` wrote, given the number of terms of the index."""
        with np.load(folder / FILE) as stored:
            alone = Bags(stored["starts"], stored["terms"])
            headings = Bags(stored["heading_starts"], stored["heading_terms"])
            return _joined(stored["edges"], alone, headings, stored["numbered"], vocabulary)


def line_terms_of(chunks: Sequence[Chunk], vocabulary: Mapping[str, int]) -> LineTerms:
    """The lines of chunks in order, in the numbers of a vocabulary that holds all their terms."""
    lines = [line for chunk in chunks for line in chunk.lines]
    edges = np.cumsum([0, *(len(chunk.lines) for chunk in chunks)], dtype=np.int64)
    alone = bags_of(map(terms_kept, lines), vocabulary)
    headings = bags_of((terms_kept(chunk.section) for chunk in chunks), vocabulary)
    numbered = np.array([bool(numbers(line)) for line in lines], dtype=bool)
    return _joined(edges, alone, headings, numbered, len(vocabulary))


def _joined(
    edges: Rows, alone: Bags, headings: Bags, numbered: NDArray[np.bool_], vocabulary: int
) -> LineTerms:
    chunk = np.repeat(np.arange(len(edges) - 1), np.diff(edges))
    line = np.arange(len(chunk))
    headed = union([(alone, line, line), (headings, chunk, line)], len(line), vocabulary)
    chunks = np.arange(len(edges) - 1)
    sections = union([(alone, line, chunk), (headings, chunks, chunks)], len(chunks), vocabulary)
    return LineTerms(edges, alone, headed, numbered, headings, sections)


@lru_cache(maxsize=20_000)
def terms_kept(text: str) -> tuple[str, ...]:
    """Terms of a text of a guide, kept because every circle of a build holds nearly the same chunks."""
    return tuple(terms(text))
