"""The lexical leg: BM25 over fielded terms, scores computed when the index is built.

A query is a gather and an add over postings. Robertson & Zaragoza 2009 (BM25F: fields are weighted before
saturation); eager scoring after Lù 2024 (BM25S).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75


@dataclass(frozen=True)
class Lexical:
    """Postings of `size` documents: for term i, documents[starts[i]:starts[i+1]] with their BM25 weights."""

    size: int
    vocabulary: Mapping[str, int]
    idf: NDArray[np.float32]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    weights: NDArray[np.float32]

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms by number."""
        return tuple(sorted(self.vocabulary, key=self.vocabulary.__getitem__))

    def rarity(self, term: str) -> float:
        """Inverse document frequency; a term of no document is as rare as can be."""
        i = self.vocabulary.get(term)
        return float(np.log(2.0 * self.size + 2.0)) if i is None else float(self.idf[i])

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """BM25 of every document for the distinct query terms, shape (size,)."""
        total = np.zeros(self.size, dtype=np.float32)
        for term in set(terms):
            if (i := self.vocabulary.get(term)) is not None:
                span = slice(self.starts[i], self.starts[i + 1])
                total[self.documents[span]] += self.weights[span]
        return total

    def worth(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """Rarity of each distinct query term as a share of all of them, by term number; 0 for other terms."""
        rarity = {term: self.rarity(term) for term in set(terms)}
        total, found = sum(rarity.values()) or 1.0, np.zeros(len(self.vocabulary), dtype=np.float32)
        for term, value in rarity.items():
            if (i := self.vocabulary.get(term)) is not None:
                found[i] = value / total
        return found

    def columns(self, terms: Sequence[str]) -> NDArray[np.int32]:
        """By term number, the place of a term among these terms, from 1; 0 for other terms."""
        found = np.zeros(len(self.vocabulary), dtype=np.int32)
        for place, term in enumerate(terms, 1):
            if (i := self.vocabulary.get(term)) is not None:
                found[i] = place
        return found

    def ideal(self, terms: Iterable[str]) -> float:
        """The score of a document that held every distinct term without end: the scale of `scores`."""
        return sum(self.rarity(term) for term in set(terms)) * (K1 + 1) or 1.0

    def save(self, folder: Path) -> None:
        """Write lexical.npz and vocabulary.json."""
        np.savez(
            folder / "lexical.npz",
            size=np.int64(self.size),
            idf=self.idf,
            starts=self.starts,
            documents=self.documents,
            weights=self.weights,
        )
        (folder / "vocabulary.json").write_text(json.dumps(self.terms, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Lexical":
        """Read what `save` wrote."""
        terms = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        with np.load(folder / "lexical.npz") as stored:
            return cls(
                int(stored["size"]),
                {term: i for i, term in enumerate(terms)},
                stored["idf"],
                stored["starts"],
                stored["documents"],
                stored["weights"],
            )


@dataclass(frozen=True)
class Bags:
    """The distinct terms of each of many short texts: of text i, terms[starts[i]:starts[i+1]]."""

    starts: NDArray[np.int64]
    terms: NDArray[np.int32]

    def of(self, row: int) -> NDArray[np.int32]:
        """The terms of one text."""
        return self.terms[self.starts[row] : self.starts[row + 1]]

    def held(self, worth: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What the terms of each row are worth together, shape (len(rows),); `worth` is by term number."""
        found, sizes = self.gathered(rows)
        values = worth.take(found)
        # Few terms of a text are asked for: summing those alone is the cheapest.
        at = np.flatnonzero(values != 0)
        owners = np.searchsorted(np.cumsum(sizes), at, side="right")
        return np.bincount(owners, weights=values.take(at), minlength=len(rows)).astype(np.float32)

    def holds(self, columns: NDArray[np.int32], count: int, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """1 where a text holds a term, else 0, shape (len(rows), count); see Lexical.columns."""
        found, sizes = self.gathered(rows)
        column = columns.take(found)
        at = np.flatnonzero(column)
        held = np.zeros((len(rows), count), dtype=np.float32)
        held[np.searchsorted(np.cumsum(sizes), at, side="right"), column[at] - 1] = 1.0
        return held

    def gathered(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The terms of these texts one after another, and how many each has."""
        begins, sizes = self.starts[rows], self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(sizes)
        places = np.arange(ends[-1] if len(rows) else 0) + np.repeat(begins - ends + sizes, sizes)
        return self.terms.take(places), sizes


@dataclass(frozen=True)
class Cut:
    """Some texts of Bags under numbers of their own: text i here is text `numbers[i]` there."""

    bags: Bags
    numbers: NDArray[np.int64]

    def held(self, worth: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """As Bags.held."""
        return self.bags.held(worth, self.numbers[rows])

    def holds(self, columns: NDArray[np.int32], count: int, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """As Bags.holds."""
        return self.bags.holds(columns, count, self.numbers[rows])


def bags_of(texts: Iterable[Iterable[str]], vocabulary: Mapping[str, int]) -> Bags:
    """Texts given by their terms; a term outside the vocabulary is left out."""
    rows = [
        np.array(sorted({vocabulary[term] for term in text if term in vocabulary}), dtype=np.int32)
        for text in texts
    ]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return Bags(starts, np.concatenate(rows) if rows else np.zeros(0, dtype=np.int32))


def union(
    parts: Sequence[tuple[Bags, NDArray[np.int64], NDArray[np.int64]]], size: int, vocabulary: int
) -> Bags:
    """Texts put together of others: of each part, text `rows[k]` of its bags goes into text `owners[k]`."""
    keys = []
    for bags, rows, owners in parts:
        found, sizes = bags.gathered(rows)
        keys.append(np.repeat(owners, sizes) * vocabulary + found)
    whole = np.sort(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
    whole = whole[np.flatnonzero(np.diff(whole, prepend=-1))]  # np.unique would take ten times as long
    starts = np.searchsorted(whole, np.arange(size + 1) * vocabulary)
    return Bags(starts, (whole % max(1, vocabulary)).astype(np.int32))


def build_lexical(documents: Sequence[Sequence[tuple[float, Sequence[str]]]]) -> Lexical:
    """Postings of documents, each a list of (field weight, terms)."""
    counts = [_weighted(document) for document in documents]
    lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
    mean = float(lengths.mean()) if len(counts) else 1.0
    vocabulary: dict[str, int] = {}
    terms, owners, frequencies = [], [], []
    for owner, count in enumerate(counts):
        for term, frequency in count.items():
            terms.append(vocabulary.setdefault(term, len(vocabulary)))
            owners.append(owner)
            frequencies.append(frequency)
    term_ids = np.array(terms, dtype=np.int64)
    order = np.argsort(term_ids, kind="stable")
    df = np.bincount(term_ids, minlength=len(vocabulary)).astype(np.float64)
    size = len(counts)
    idf = np.log(1.0 + (size - df + 0.5) / (df + 0.5))
    tf = np.array(frequencies, dtype=np.float64)
    owner_ids = np.array(owners, dtype=np.int64)
    norm = K1 * (1.0 - B + B * lengths[owner_ids] / max(mean, 1e-9)) if size else tf
    weights = idf[term_ids] * tf * (K1 + 1.0) / (tf + norm)
    starts = np.concatenate([[0], np.cumsum(df)]).astype(np.int64)
    return Lexical(
        size,
        vocabulary,
        idf.astype(np.float32),
        starts,
        owner_ids[order].astype(np.int32),
        weights[order].astype(np.float32),
    )


def _weighted(document: Sequence[tuple[float, Sequence[str]]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for weight, terms in document:
        for term, n in Counter(terms).items():
            total[term] += n * weight  # type: ignore[assignment]  # weighted counts are fractions
    return total
