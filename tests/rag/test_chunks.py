"""Chunks, their ids and digests, and the windows that are embedded."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.access import Level
from rag.chunks import WINDOW_CHARS, Chunk, chunks_of, windows_of
from rag.facets import Facet
from tests.library import guide, office, parsed, service

TEXT = st.text(min_size=1, max_size=20)
DATES = st.dates()
CHUNKS = st.builds(
    Chunk,
    id=TEXT, guide=TEXT, lang=st.sampled_from(["zh", "en"]), level=st.sampled_from(Level),
    readers=st.frozensets(TEXT, max_size=3), audience=st.lists(TEXT, max_size=2).map(tuple), type=TEXT, title=TEXT,
    aliases=st.lists(TEXT, max_size=3).map(tuple), section=TEXT, anchor=st.text(max_size=5), url=TEXT,
    facet=st.none() | st.sampled_from(Facet), lines=st.lists(TEXT, min_size=1, max_size=5).map(tuple),
    facts=st.lists(st.tuples(st.sampled_from(Facet), TEXT), max_size=2).map(tuple), version=st.integers(1, 99),
    valid_from=DATES, valid_to=st.none() | DATES, reviewed_on=DATES, review_by=DATES, owner_unit=TEXT,
)  # fmt: skip
LINES = st.lists(
    st.sampled_from(["短句。", "一" * 50, "二" * 119, "三" * 300, "word " * 30, "x"]), min_size=1
)


def _chunks(meta: dict[str, object], body: str = "## 说明 {#how}\n\n一句。\n") -> list[Chunk]:
    return chunks_of(office(parsed(meta, body)))


@given(CHUNKS)
def test_a_chunk_comes_back_from_its_manifest_line(chunk: Chunk) -> None:
    """Written to one line of JSON and read again, a chunk is the same chunk."""
    line = chunk.to_json()
    assert "\n" not in line
    assert Chunk.from_json(line) == chunk


@pytest.mark.parametrize("changes", [{"level": "secret"}, {"facet": "price"}, {"valid_from": "soon"}])
def test_an_unknown_word_in_the_manifest_is_an_error(changes: dict[str, str]) -> None:
    """A level, facet or date that is none stops the reading: there is no default."""
    line = json.dumps(json.loads(_chunks(guide())[0].to_json()) | changes)
    with pytest.raises(ValueError, match=r"secret|price|soon"):
        Chunk.from_json(line)


def test_an_id_is_a_place_and_a_digest_is_a_text() -> None:
    """A changed sentence keeps the id of its chunk and changes its digest, and no other chunk's."""
    before = {c.id: c.digest for c in _chunks(service())}
    after = {c.id: c.digest for c in _chunks(service(), "## 说明 {#how}\n\n另一句。\n")}
    assert list(before) == list(after)
    assert [i for i in before if before[i] != after[i]] == ["pub-bike-tag:zh:how"]


@given(
    st.lists(st.sampled_from(["FAQ 1", "Fees", "说明", "！", "a_1"]), max_size=5),
    st.sampled_from(["", "先说。\n\n"]),
)
def test_ids_are_distinct(headings: list[str], lead: str) -> None:
    """No two chunks share an id, whatever the headings of the body."""
    both = [
        parsed(service(lang=lang), lead + "".join(f"## {h}\n\n话。\n\n" for h in headings))
        for lang in ("zh-Hans", "en")
    ]
    ids = [chunk.id for chunk in chunks_of(office(*both))]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "draft"},
        {"status": "in-review"},
        {"status": "withdrawn"},
        {"status": "archived"},
        {"ai_use": "excluded"},
    ],
)
def test_the_assistant_gets_published_guides_alone(changes: dict[str, str]) -> None:
    """A guide that is not published, or that is kept from the assistant, makes no chunk."""
    assert _chunks(guide() | changes) == []
    assert _chunks(guide(ai_use="quote-only"))


def test_a_chunk_carries_what_access_and_citation_need() -> None:
    """Level, roles, address, dates and owner of the guide stand on each of its chunks."""
    for chunk in _chunks(guide("off-theft", "restricted", valid_to="2027-01-01")):
        assert (chunk.level, chunk.readers) == (Level.RESTRICTED, frozenset({"incident-team"}))
        assert (chunk.url, chunk.owner_unit) == ("/leaders/restricted/off-theft/", "bike-office")
        assert (chunk.valid_from, chunk.valid_to) == (date(2026, 1, 1), date(2027, 1, 1))


def test_aliases_are_searched_once() -> None:
    """Aliases stand on the summary chunk alone."""
    found = _chunks(service(aliases=["车牌", "牌照"]))
    assert [c.id for c in found if c.aliases] == ["pub-bike-tag:zh:"]
    assert [c.id for c in found if c.is_summary] == ["pub-bike-tag:zh:"]


def test_facts_stand_on_the_chunk_that_says_them() -> None:
    """An answer fact joins the chunks that hold its quote, under the facet of its key."""
    facts = [
        {"key": "fee.lost", "value": 5, "quote": "补领收5元"},
        {"key": "hotline", "value": "1", "quote": "补领收5元"},
        {"key": "fee.other", "value": 1, "quote": "没有这句"},
    ]
    found = _chunks(guide(answer_facts=facts), "## 补领 {#lost}\n\n补领收5元，当天拿到。\n")
    assert {c.anchor: c.facts for c in found if c.facts} == {"lost": ((Facet.FEE, "补领收5元"),)}


@given(st.lists(CHUNKS, max_size=3), st.lists(LINES, max_size=3))
def test_windows_cover_every_line_once(chunks: list[Chunk], lines: list[list[str]]) -> None:
    """Beside the windows of aliases and questions, each line of a chunk stands in one window, in order."""
    chunks = [replace(chunk, lines=tuple(own)) for chunk, own in zip(chunks, lines, strict=False)]
    windows = windows_of(chunks)
    for i, chunk in enumerate(chunks):
        own = [w for w in windows if w.chunk == i]
        plain = own[bool(chunk.aliases) + (chunk.facet is Facet.FAQ) :]
        assert [n for w in plain for n in range(w.first, w.last)] == list(range(len(chunk.lines)))
        assert all(w.text.endswith("\n".join(chunk.lines[w.first : w.last])) for w in plain)


@given(LINES.map(lambda lines: [line for line in lines if not line.isascii()] or ["短句。"]))
def test_windows_are_short(lines: list[str]) -> None:
    """A window of several lines stays within the limit; only a line that is longer stands above it, alone."""
    for window in windows_of([replace(_chunks(guide())[0], lines=tuple(lines), aliases=())]):
        own = lines[window.first : window.last]
        assert len(own) == 1 or sum(map(len, own)) <= WINDOW_CHARS
