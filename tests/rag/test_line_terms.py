"""The lines of an index: cut into terms once, and put together as cutting the texts themselves would."""

from pathlib import Path

import numpy as np
import pytest

from rag.index import Index
from rag.lexical import Bags
from rag.line_terms import LineTerms, line_terms_of
from rag.text import terms
from tests.rag.made import THREE_GUIDES, chunk, index_of

CHUNKS = [
    *THREE_GUIDES,
    chunk("pub-note", "how", section="怎么办理，带什么", lines=("先报名；再领號牌。", "The fee is 1,500 yuan.", "先报名")),
]  # fmt: skip


@pytest.fixture(scope="module")
def index() -> Index:
    """An index of a few guides."""
    return index_of(CHUNKS)


def _said(bags: Bags, index: Index) -> list[set[str]]:
    return [{index.lexical.terms[n] for n in bags.of(row)} for row in range(len(bags.starts) - 1)]


def test_terms_of_lines_and_sections_are_those_of_their_texts(index: Index) -> None:
    """Each text has the terms that cutting it as a whole gives, a line with and without its heading."""
    place = [(c, line) for c in CHUNKS for line in c.lines]
    assert _said(index.lines.alone, index) == [set(terms(line)) for _, line in place]
    assert _said(index.lines.headed, index) == [set(terms(f"{c.section}\n{line}")) for c, line in place]
    assert _said(index.lines.headings, index) == [set(terms(c.section)) for c in CHUNKS]
    assert _said(index.lines.sections, index) == [set(terms(f"{c.section}\n{c.text}")) for c in CHUNKS]


def test_lines_of_a_chunk_lie_between_its_edges(index: Index) -> None:
    """Edges count the lines before each chunk, and a line that holds a number is marked."""
    assert np.diff(index.lines.edges).tolist() == [len(c.lines) for c in CHUNKS]
    own = range(index.lines.edges[-2], index.lines.edges[-1])
    assert index.lines.numbered[own].tolist() == [False, True, False]


def test_what_is_saved_is_read_back(index: Index, tmp_path: Path) -> None:
    """Stored lines are the same when they are read."""
    index.lines.save(tmp_path)
    read = LineTerms.load(tmp_path, len(index.lexical.vocabulary))
    for name in ("alone", "headed", "headings", "sections"):
        mine, its = getattr(read, name), getattr(index.lines, name)
        np.testing.assert_array_equal(mine.starts, its.starts)
        np.testing.assert_array_equal(mine.terms, its.terms)
    np.testing.assert_array_equal(read.edges, index.lines.edges)
    np.testing.assert_array_equal(read.numbered, index.lines.numbered)


def test_no_chunks_have_no_lines() -> None:
    """A circle without guides has an index all the same."""
    none = line_terms_of([], {})
    assert none.edges.tolist() == [0] and len(none.sections.terms) == 0
