"""Retrieval: who may be answered from what, and how the two legs are fused."""

from datetime import date, timedelta

import numpy as np
import pytest

from rag.access import ANONYMOUS, Audience, Level, Reader
from rag.chunks import Chunk
from rag.retrieve import OVERDUE_DAYS, in_use, pool, rank, search
from tests.rag.made import TODAY, chunk, index_of, vector

DAY = timedelta(days=1)
TEAM = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"team"}))
OTHER = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"other"}))
STAFF = Reader(Audience.STAFF, Level.INTERNAL)
LEVELS = [
    chunk("pub-a"),
    chunk("org-b", level=Level.MEMBERS),
    chunk("stf-c", level=Level.INTERNAL),
    chunk("off-d", level=Level.RESTRICTED, readers=frozenset({"team"})),
]


def _pooled(chunks: list[Chunk], reader: Reader = ANONYMOUS, lang: str = "zh") -> list[str]:
    index = index_of(chunks)
    return [c.id for c, inside in zip(chunks, pool(index, reader, lang, TODAY), strict=True) if inside]


@pytest.mark.parametrize(
    ("reader", "count"),
    [(ANONYMOUS, 1), (Reader(level=Level.MEMBERS), 2), (STAFF, 3), (OTHER, 3), (TEAM, 4),
     (Reader(Audience.LEADERS, Level.OPEN, frozenset({"team"})), 1), (Reader(level=Level.RESTRICTED), 3)],
)  # fmt: skip
def test_the_pool_holds_only_what_the_reader_may_read(reader: Reader, count: int) -> None:
    """Level and roles decide, even inside an index that holds more; the audience opens nothing."""
    assert _pooled(LEVELS, reader) == [c.id for c in LEVELS[:count]]


@pytest.mark.parametrize(
    ("changes", "used"),
    [
        ({"valid_from": TODAY}, True),
        ({"valid_from": TODAY + DAY}, False),
        ({"valid_to": TODAY}, True),
        ({"valid_to": TODAY - DAY}, False),
        ({"review_by": TODAY - DAY}, True),
        ({"review_by": TODAY - OVERDUE_DAYS * DAY}, True),
        ({"review_by": TODAY - (OVERDUE_DAYS + 1) * DAY}, False),
    ],
)  # fmt: skip
def test_only_guides_in_use_are_answered_from(changes: dict[str, date], used: bool) -> None:
    """Future, expired and long overdue guides stay out, each from the first day on which it is so."""
    dated = chunk("pub-dated", **changes)
    assert in_use(dated, TODAY) is used
    assert _pooled([chunk("pub-a"), dated]) == ["pub-a:zh:", *(["pub-dated:zh:"] if used else [])]


def test_thirty_days_of_grace() -> None:
    """The grace after a missed review is the thirty days that the design states."""
    assert OVERDUE_DAYS == 30


def test_the_askers_language_where_the_guide_has_it() -> None:
    """A translated guide is answered from its translation, an untranslated one from what there is."""
    chunks = [chunk("pub-both"), chunk("pub-both", lang="en"), chunk("pub-zh"), chunk("pub-en", lang="en")]
    assert _pooled(chunks, lang="zh") == ["pub-both:zh:", "pub-zh:zh:", "pub-en:en:"]
    assert _pooled(chunks, lang="en") == ["pub-both:en:", "pub-zh:zh:", "pub-en:en:"]


TEXTS = [
    chunk("pub-tag", title="自行车号牌", lines=("自行车号牌当场发放，不收费。",)),
    chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话报修。",)),
    chunk("pub-well", title="水井登记", lines=("水井每年登记一次。",)),
]


def test_a_leg_without_evidence_is_ignored() -> None:
    """An English question over Chinese text is ranked by its vector alone."""
    index, everything = index_of(TEXTS), np.ones(3, dtype=bool)
    for target in range(3):
        ranking = rank(index, "Where do I report it?", index.views[0][index.starts[target]], everything)
        assert not ranking.lexical.any()
        assert ranking.top(3) == np.argsort(-ranking.vector, kind="stable").tolist()
        assert ranking.top(1) == [target]


def test_words_decide_against_a_vector_that_knows_nothing() -> None:
    """When all vectors are equally near, the chunk that holds the question's words is first."""
    index, everything = index_of(TEXTS), np.ones(3, dtype=bool)
    nowhere = np.zeros(index.views[0].shape[1], dtype=np.float32)
    ranking = rank(index, "水井登记", nowhere, everything)
    assert not ranking.vector.any()
    assert ranking.top(1) == [2]


def test_scores_have_their_promised_scales() -> None:
    """Lexical scores are shares of what the question asks; vector scores are z-scores over the pool."""
    index, within = index_of(TEXTS), np.array([True, True, False])
    ranking = rank(index, "路灯报修", vector("路灯报修"), within)
    assert (ranking.lexical >= 0).all() and (ranking.lexical <= 1).all()
    assert ranking.vector[within].mean() == pytest.approx(0, abs=1e-4)
    assert ranking.vector[within].std() == pytest.approx(1, abs=1e-3)
    assert np.isneginf(ranking.fused[2]) and np.isfinite(ranking.fused[within]).all()


def test_hits_come_from_the_pool_best_first_with_their_reasons() -> None:
    """A hit says both ranks; what is outside the pool is never a hit, whatever the limit."""
    index = index_of(TEXTS)
    hits = search(index, "路灯坏了怎么报修", vector, np.array([True, True, False]), 10)
    assert [hit.chunk.guide for hit in hits] == ["pub-lamp", "pub-tag"]
    assert hits[0].score >= hits[1].score
    shown = hits[0].as_json()
    assert (shown["why"]["lexical_rank"], shown["why"]["vector_rank"]) == (1, 1)
    assert shown["url"] == "/public/pub-lamp/" and shown["text"] == TEXTS[1].text


@pytest.mark.parametrize("within", [[False, False, False], [True, False, False]])
def test_pools_of_none_and_of_one(within: list[bool]) -> None:
    """An empty pool has no hits and a pool of one has that one, without numeric warnings."""
    hits = search(index_of(TEXTS), "路灯", vector, np.array(within), 5)
    assert len(hits) == sum(within)
    assert all(np.isfinite(hit.score) for hit in hits)


def test_the_limit_holds() -> None:
    """Never more hits than asked for."""
    assert len(search(index_of(TEXTS), "路灯", vector, np.ones(3, dtype=bool), 2)) == 2
