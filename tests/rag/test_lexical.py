"""BM25 over fielded terms."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexical import Cut, Lexical, bags_of, build_lexical, union

TERMS = st.lists(st.sampled_from(["居", "住", "证", "居住", "fee", "15", "permit"]), max_size=8)
DOCUMENTS = st.lists(st.lists(st.tuples(st.sampled_from([1.0, 2.5]), TERMS), max_size=3), max_size=6)


def _of(*texts: str) -> Lexical:
    return build_lexical([[(1.0, text.split())] for text in texts])


@given(DOCUMENTS, TERMS)
def test_saving_and_loading_changes_nothing(
    documents: list[list[tuple[float, list[str]]]], query: list[str]
) -> None:
    """A loaded index has the same vocabulary and gives the same scores to the bit."""
    built = build_lexical(documents)
    with tempfile.TemporaryDirectory() as folder:
        built.save(Path(folder))
        loaded = Lexical.load(Path(folder))
    assert (loaded.size, loaded.vocabulary) == (built.size, built.vocabulary)
    assert np.array_equal(loaded.scores(query), built.scores(query))
    assert loaded.ideal(query) == built.ideal(query)


@given(DOCUMENTS, TERMS)
def test_a_document_scores_if_and_only_if_it_holds_a_query_term(
    documents: list[list[tuple[float, list[str]]]], query: list[str]
) -> None:
    """Scores are positive exactly where a term of the query stands, finite, and never above the ideal."""
    index = build_lexical(documents)
    scores = index.scores(query)
    holds = [any(set(terms) & set(query) for _, terms in document) for document in documents]
    assert list(scores > 0) == holds
    assert np.all(scores <= index.ideal(query) + 1e-4)


@given(DOCUMENTS, TERMS)
def test_repeating_a_query_term_changes_nothing(
    documents: list[list[tuple[float, list[str]]]], query: list[str]
) -> None:
    """Only the distinct terms of a query count, in any order."""
    index = build_lexical(documents)
    assert np.allclose(index.scores(query), index.scores([*query[::-1], *query]))


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (("a x", "b x"), "holding the rarer term"),
        (("a a x", "a x x"), "holding it more often"),
        (("a x", "a x x x x"), "being shorter"),
        (("a b x", "a x x"), "holding more of the terms"),
    ],
)
def test_the_first_document_wins(texts: tuple[str, str], why: str) -> None:
    """The query `a b` ranks the first document above the second for the reason given."""
    query = ["a"] if "b" in texts[1] else ["a", "b"]
    first, second = _of(*texts, "x", "x y").scores(query)[:2]
    assert first > second, why


def test_a_rare_term_counts_more_than_a_common_one() -> None:
    """Rarity falls as more documents hold a term, and a term of none is the rarest."""
    index = _of("common rare", "common", "common")
    assert index.rarity("absent") > index.rarity("rare") > index.rarity("common") > 0


def test_a_heavier_field_counts_more() -> None:
    """The same term scores higher in a field of greater weight."""
    index = build_lexical([[(3.0, ["fee"]), (1.0, ["x"])], [(1.0, ["fee"]), (3.0, ["x"])]])
    first, second = index.scores(["fee"])
    assert first > second


def test_an_empty_index_answers() -> None:
    """No documents, or documents without terms, give no scores and no failure."""
    assert build_lexical([]).scores(["a"]).shape == (0,)
    assert list(build_lexical([[], [(1.0, [])]]).scores(["a"])) == [0.0, 0.0]
    assert build_lexical([]).ideal([]) > 0


BAGS = st.lists(st.frozensets(st.sampled_from("甲乙丙丁")), max_size=6)


@given(BAGS, BAGS)
def test_texts_put_together_hold_what_their_pieces_hold(
    first: list[frozenset[str]], second: list[frozenset[str]]
) -> None:
    """A union holds each term of its pieces once, in order of number; a text without pieces is empty."""
    vocabulary = {term: n for n, term in enumerate("甲乙丙丁")}
    size = max(len(first), len(second)) + 1
    parts = [
        (bags_of(texts, vocabulary), np.arange(len(texts)), np.arange(len(texts)))
        for texts in (first, second)
    ]
    made = union(parts, size, len(vocabulary))
    for n in range(size):
        said = {term for texts in (first, second) for term in (texts[n] if n < len(texts) else ())}
        assert made.of(n).tolist() == sorted(vocabulary[term] for term in said)


@given(BAGS, st.permutations("甲乙戊丁"))
def test_each_term_has_its_own_column(texts: list[frozenset[str]], wanted: list[str]) -> None:
    """A text has a 1 in the column of each wanted term that it holds, also when counted under other numbers."""
    lexical = build_lexical([[(1.0, sorted(text))] for text in texts])
    bags, rows = bags_of(texts, lexical.vocabulary), np.arange(len(texts))
    columns = lexical.columns(wanted)
    expected = [[float(term in text) for term in wanted] for text in texts]
    assert bags.holds(columns, len(wanted), rows).tolist() == expected
    assert Cut(bags, rows[::-1]).holds(columns, len(wanted), rows).tolist() == expected[::-1]
