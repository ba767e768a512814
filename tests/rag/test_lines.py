"""The lines of a scope: each once, in its window, with shares of rarity that a plain count confirms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.access import Audience, Reader
from rag.facets import Facet
from rag.lexical import bags_of, build_lexical
from rag.lines import COLUMN, Feature, Lines
from rag.scope import Scope
from tests.rag.made import THREE_GUIDES, chunk, scope_of

LONG = chunk("pub-story", title="由来", anchor="story", section="故事",
             lines=tuple(f"第{n}个故事，" + "慢慢道来，" * 9 for n in range(9)))  # fmt: skip
CHUNKS = [*THREE_GUIDES, LONG]
TERMS = st.sampled_from("甲乙丙丁戊")


@pytest.fixture(scope="module")
def scope() -> Scope:
    """A scope over four guides, one of them long."""
    return scope_of(CHUNKS)


@pytest.fixture(scope="module")
def lines(scope: Scope) -> Lines:
    """The lines of that scope."""
    return scope.lines


@given(st.lists(st.frozensets(TERMS), max_size=8), st.lists(st.sampled_from("甲乙丙丁戊己"), max_size=8))
def test_a_share_is_what_a_plain_count_says(texts: list[frozenset[str]], wanted: list[str]) -> None:
    """Each row's share is the rarity of the wanted terms it holds by that of all wanted, each term once."""
    lexical = build_lexical([[(1.0, tuple(text))] for text in texts])
    rows = np.arange(len(texts))
    shares = bags_of(texts, lexical.vocabulary).held(lexical.worth(wanted), rows)
    total = sum(lexical.rarity(term) for term in set(wanted))
    plain = [sum(lexical.rarity(term) for term in set(wanted) & text) / (total or 1.0) for text in texts]
    assert shares.tolist() == pytest.approx(plain, abs=1e-5)
    assert all(0.0 <= share <= 1.0 + 1e-6 for share in shares)


def test_every_line_of_every_member_is_there_once(lines: Lines) -> None:
    """Rows are the lines of the chunks, each once, with their texts."""
    place = list(zip(lines.chunk.tolist(), lines.number.tolist(), strict=True))
    assert sorted(place) == [(i, n) for i, c in enumerate(CHUNKS) for n in range(len(c.lines))]
    assert lines.size == len(place)
    assert lines.text == tuple(CHUNKS[i].lines[n] for i, n in place)


def test_what_is_outside_the_pool_has_no_line(scope: Scope) -> None:
    """A chunk that may not be used gives no row, no guide and no term."""
    cut = replace(scope, within=scope.within & [c.guide != "org-well" for c in CHUNKS]).lines
    assert "org-well" not in cut.guides
    assert {CHUNKS[i].guide for i in cut.chunk} == {"pub-tag", "pub-lamp", "pub-story"}
    worth = scope.index.lexical.worth(["水井"])
    assert not cut.alone.held(worth, np.arange(cut.size)).any()


def test_rows_of_a_guide_and_of_a_section_are_neighbours(lines: Lines) -> None:
    """Guides and sections come one after another, and each row's numbers name its own."""
    assert (np.diff(lines.guide) >= 0).all() and (np.diff(lines.section) >= 0).all()
    assert np.array_equal(lines.section_chunks[lines.section], lines.chunk)
    assert [lines.guides[g] for g in lines.guide] == [CHUNKS[i].guide for i in lines.chunk]


def test_a_window_holds_its_line(scope: Scope, lines: Lines) -> None:
    """The window of a row is one of its chunk, and the line is among the window's."""
    index = scope.index
    for chunk_number, n, window in zip(lines.chunk, lines.number, lines.windows, strict=True):
        assert index.owners[window] == chunk_number
        first, last = index.spans[window]
        assert first <= n < last
    summary, entry = (int(np.flatnonzero(lines.chunk == i)[0]) for i in (0, 3))
    assert lines.windows[summary] == 1, "the first window of a summary is its aliases"
    assert lines.windows[entry] == index.starts[3] + 1, "the first window of an entry is its question"


def test_a_fact_belongs_to_the_line_that_states_it(lines: Lines) -> None:
    """Of a section with a stated fact only the line that holds it states it."""
    stated = {
        text for text, facets in zip(lines.text, lines.facts, strict=True) if Facet.TIME_LIMIT in facets
    }
    assert stated == {"遗失的15日内补发。"}


def test_what_is_known_of_a_line_beforehand(lines: Lines) -> None:
    """Kinds, places and numbers are shares and flags that hold for every question."""
    assert lines.fixed.shape == (lines.size, len(Feature))
    assert ((lines.fixed >= 0) & (lines.fixed <= 1)).all()

    def rows(feature: Feature) -> set[str]:
        return {lines.text[row] for row in np.flatnonzero(lines.fixed[:, COLUMN[feature]])}

    assert rows(Feature.FAQ) == {"旧牌交到窗口。"}
    assert rows(Feature.ANY_FACT) == {"遗失的15日内补发。"}
    assert rows(Feature.NUMBER) == {"遗失的15日内补发。", *LONG.lines}
    assert rows(Feature.SUMMARY) == {"号牌当场发放。", "路灯坏了请拨打电话。", "水井每年登记一次。"}
    assert "旧牌作废。" in rows(Feature.PLACE) and "遗失的15日内补发。" not in rows(Feature.PLACE)


def test_lines_differ_between_readers_in_the_audience_alone(lines: Lines) -> None:
    """Two readers of the same guides see the same lines; only whom they are written for differs."""
    other = scope_of(CHUNKS, Reader(Audience.ORGANISATIONS)).lines
    assert other.text == lines.text
    assert set(np.flatnonzero((other.fixed != lines.fixed).any(axis=0))) == {COLUMN[Feature.AUDIENCE]}
