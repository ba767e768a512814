"""The extractive writer: what is quoted, from where, and that it is always word for word."""

import pytest

from rag.facets import Facet
from rag.question import Part, parts_of
from rag.scope import Scope
from rag.write import LISTED, Quote, quotes_for
from tests.rag.made import chunk, evidence_of, ranking_of, scope_of

FACT = "遗失的15日内补发。"
CHUNKS = [
    chunk("pub-tag", lines=("自行车号牌当场发放。",)),
    chunk("pub-tag", "fees", section="收费", facet=Facet.FEE, lines=("号牌不收费。",)),
    chunk("pub-tag", "time", section="办理时限", facet=Facet.TIME_LIMIT, lines=("当场办结。",)),
    chunk("pub-tag", "lost", section="遗失补发", lines=("先登报。", FACT, "旧牌作废。"), facts=((Facet.TIME_LIMIT, FACT),)),
    chunk("pub-tag", "materials", section="需要准备", facet=Facet.MATERIALS, lines=tuple(f"材料之{n}，盖章的原件。" for n in "一二三四五六七八九十")),
    chunk("pub-tag", "story", section="由来", lines=tuple(f"号牌的第{n}个故事说来话长，" + "慢慢道来，" * 9 for n in range(9))),
    chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话。",)),
]  # fmt: skip
PLACE = {c.anchor: i for i, c in enumerate(CHUNKS) if c.guide == "pub-tag"}


@pytest.fixture(scope="module")
def scope() -> Scope:
    """A scope over two guides."""
    return scope_of(CHUNKS)


def _quotes(scope: Scope, text: str, anchor: str, facet: Facet | None = None) -> list[Quote]:
    part = parts_of(text, scope.words)[0]
    part = Part(part.query, part.text, facet or part.facet, part.content)
    residual = tuple(term for term in part.content if term not in scope.names["pub-tag"])
    return quotes_for(evidence_of(part, PLACE[anchor], scope, residual), scope, ranking_of(scope, part.query))


ASKED = [
    ("自行车号牌收费吗", "fees"), ("自行车号牌要多久", "time"), ("遗失号牌几天补发", "lost"), ("自行车号牌要什么材料", "materials"),
    ("号牌的故事", "story"), ("第3个故事", "story"), ("自行车号牌", ""), ("号牌旧牌作废", "lost"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "anchor"), ASKED)
def test_every_quote_is_word_for_word(scope: Scope, text: str, anchor: str) -> None:
    """Quotes are whole lines of stored chunks of the one guide, and no line comes twice."""
    quotes = _quotes(scope, text, anchor)
    assert quotes
    assert all(quote.text in quote.chunk.text and quote.chunk.guide == "pub-tag" for quote in quotes)
    lines = [line for quote in quotes for line in quote.lines]
    assert len(lines) == len(set(lines))


def test_a_short_section_is_quoted_whole(scope: Scope) -> None:
    """The section of the facet asked comes first and complete."""
    assert _quotes(scope, "自行车号牌收费吗", "fees")[0] == Quote(CHUNKS[1], 0, 1)


def test_a_list_is_quoted_whole(scope: Scope) -> None:
    """Half a list of materials would be a wrong answer."""
    first = _quotes(scope, "自行车号牌要带什么材料", "materials", Facet.MATERIALS)[0]
    assert len(first.lines) == 10 <= LISTED


def test_a_long_section_is_cut_to_the_lines_that_bear_on_the_question(scope: Scope) -> None:
    """Of a long story only some lines are shown."""
    lines = [line for quote in _quotes(scope, "号牌的第3个故事", "story") for line in quote.lines]
    assert 0 < len(lines) < 9


def test_a_stated_fact_goes_with_its_facet(scope: Scope) -> None:
    """The fact that a guide states about the facet asked is quoted, even from another section."""
    shown = "\n".join(quote.text for quote in _quotes(scope, "自行车号牌要多久", ""))
    assert FACT in shown and "当场办结。" in shown


def test_another_facet_brings_no_fact(scope: Scope) -> None:
    """A question about money gets no time limit."""
    shown = "\n".join(quote.text for quote in _quotes(scope, "自行车号牌收费吗", "fees"))
    assert FACT not in shown
