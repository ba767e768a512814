"""The extractive writer: what is quoted, from where, and that it is always word for word."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facets import Facet
from rag.question import Part
from rag.scope import Scope
from rag.text import numbers
from rag.write import LINES, LISTED, SHOWN_CHARS, Quote, quotes_for
from tests.rag.made import chunk, evidence_of, scope_of

FACT = "遗失的15日内补发。"
CHUNKS = [
    chunk("pub-tag", lines=("自行车号牌当场发放。",)),
    chunk("pub-tag", "fees", section="收费", facet=Facet.FEE, lines=("号牌不收费。",)),
    chunk("pub-tag", "time", section="办理时限", facet=Facet.TIME_LIMIT, lines=("自受理之日起计算。", "5日内办结。", "公示时间除外。")),
    chunk("pub-tag", "lost", section="遗失补发", lines=("先登报。", FACT, "旧牌作废。"), facts=((Facet.TIME_LIMIT, FACT),)),
    chunk("pub-tag", "materials", section="需要准备", facet=Facet.MATERIALS, lines=("营业执照。", *(f"材料之{n}，盖章的原件。" for n in "一二三四五六七八九十"))),
    chunk("pub-tag", "story", section="由来", lines=tuple(f"号牌的第{n}个故事说来话长，" + "慢慢道来，" * 9 for n in range(9))),
    chunk("pub-tag", "faq-1", section="丢了怎么办？", facet=Facet.FAQ, lines=("带身份证补领。", FACT)),
    chunk("pub-tag", "faq-2", section="旧牌要交吗？", facet=Facet.FAQ, lines=("旧牌一定要交，" + "窗口人员会逐一登记，" * 20, "3日内送到。")),
    chunk("pub-tag", "prices", section="大小", lines=("号牌每月收费120元，按月缴纳，逾期按规定加收，其他事项按说明办理。", "大小由车主自选。", "号牌每月收费150元，按月缴纳，逾期按规定加收，其他事项按说明办理。")),
]  # fmt: skip
PLACE = {c.anchor: i for i, c in enumerate(CHUNKS)}
ALL = [(i, n) for i, c in enumerate(CHUNKS) for n in range(len(c.lines))]


@pytest.fixture(scope="module")
def scope() -> Scope:
    """A scope over one guide."""
    return scope_of(CHUNKS)


def _quotes(
    scope: Scope,
    picks: Sequence[tuple[str, int, float]],
    facet: Facet | None = None,
    residual: tuple[str, ...] = (),
) -> list[Quote]:
    part = Part("号牌", "号牌", facet, ("号牌", *residual))
    chosen = [(PLACE[anchor], line, score) for anchor, line, score in picks]
    return quotes_for(evidence_of(part, scope, chosen, residual), scope)


def _lines(quotes: Sequence[Quote]) -> list[str]:
    return [line for quote in quotes for line in quote.lines]


@given(
    st.lists(st.tuples(st.sampled_from(ALL), st.floats(-4, 4)), min_size=1, unique_by=lambda pick: pick[0]),
    st.sampled_from([None, *Facet]),
    st.sampled_from([(), ("执照",), ("登报", "窗口")]),
)
def test_every_quote_is_word_for_word(
    scope: Scope, picks: list[tuple[tuple[int, int], float]], facet: Facet | None, residual: tuple[str, ...]
) -> None:
    """Whatever lines are likely, whole lines are quoted, each once, and the likeliest is among them."""
    ranked = sorted(((i, n, score) for (i, n), score in picks), key=lambda pick: -pick[2])
    quotes = quotes_for(evidence_of(Part("", "", facet, residual), scope, ranked, residual), scope)
    lines = _lines(quotes)
    assert all(quote.text in quote.chunk.text for quote in quotes)
    assert len(lines) == len(set(lines)) <= LISTED + LINES
    assert CHUNKS[ranked[0][0]].lines[ranked[0][1]] in lines


def test_a_short_section_is_quoted_whole(scope: Scope) -> None:
    """The section of the facet asked comes first and complete."""
    quotes = _quotes(scope, [("fees", 0, 2.0), ("lost", 1, 1.0)], Facet.FEE)
    assert quotes[0] == Quote(CHUNKS[PLACE["fees"]], 0, 1)


def test_a_list_is_quoted_whole(scope: Scope) -> None:
    """Half a list of materials would be a wrong answer, whichever of its lines ranks best."""
    first = _quotes(scope, [("materials", 6, 2.0)], Facet.MATERIALS)[0]
    assert len(first.lines) == 11 <= LISTED


def test_a_question_about_one_entry_gets_that_entry(scope: Scope) -> None:
    """Who names something that only some lines of a list hold is not shown the whole list."""
    assert _lines(_quotes(scope, [("materials", 0, 2.0)], Facet.MATERIALS, ("执照",))) == ["营业执照。"]


def test_a_list_that_nobody_asked_for_is_not_quoted_whole(scope: Scope) -> None:
    """Without its facet in the question a list is lines like others."""
    assert _lines(_quotes(scope, [("materials", 3, 2.0)])) == ["材料之三，盖章的原件。"]


def test_a_short_answer_is_quoted_whole(scope: Scope) -> None:
    """An answer to a common question is one thought: all of it is shown, whatever was asked."""
    assert _lines(_quotes(scope, [("faq-1", 1, 2.0)])) == ["带身份证补领。", FACT]


def test_the_fact_asked_for_comes_first(scope: Scope) -> None:
    """A section that answers as a whole begins with its first line that looks like an answer."""
    assert _lines(_quotes(scope, [("time", 1, 2.0)], Facet.TIME_LIMIT)) == ["5日内办结。", "公示时间除外。"]


def test_the_best_line_is_shown_though_it_looks_like_no_answer(scope: Scope) -> None:
    """The line that ranks best stands in front of a line that only looks right, however long both are."""
    quotes = _quotes(scope, [("faq-2", 0, 2.0), ("faq-2", 1, 1.0)], Facet.TIME_LIMIT)
    assert _lines(quotes) == list(CHUNKS[PLACE["faq-2"]].lines)


def test_a_long_section_is_cut_to_the_lines_that_bear_on_the_question(scope: Scope) -> None:
    """Of a long story only the lines nearly as sure as the best are shown, in reading order."""
    quotes = _quotes(scope, [("story", 3, 2.0), ("story", 2, 1.5), ("story", 7, -4.0)])
    assert quotes == [Quote(CHUNKS[PLACE["story"]], 2, 4)]


def test_the_best_line_comes_before_those_that_only_stand_above_it(scope: Scope) -> None:
    """Neighbours keep their reading order; the span of the best line is first."""
    quotes = _quotes(scope, [("story", 5, 2.0), ("story", 2, 1.5)])
    assert quotes == [Quote(CHUNKS[PLACE["story"]], 5, 6), Quote(CHUNKS[PLACE["story"]], 2, 3)]


def test_other_sections_of_the_guide_add_what_is_nearly_as_sure(scope: Scope) -> None:
    """A likely line is quoted after the best section, even from another one; an unlikely one is not."""
    quotes = _quotes(scope, [("fees", 0, 2.0), ("lost", 1, 1.0), ("lost", 2, -4.0)], Facet.FEE)
    assert _lines(quotes) == ["号牌不收费。", FACT]


def test_what_is_shown_stays_short(scope: Scope) -> None:
    """Lines are added up to a size and a number, however many are likely."""
    stories = _lines(_quotes(scope, [("story", n, 2.0) for n in range(9)]))
    assert 1 < len(stories) < 9 and sum(map(len, stories)) <= SHOWN_CHARS
    assert len(_lines(_quotes(scope, [("materials", n, 2.0) for n in range(11)]))) == LINES


def test_a_sentence_reads_on(scope: Scope) -> None:
    """Of lines about as likely the one next to a shown line is shown first, but not before a clearly likelier one."""
    near = _lines(
        _quotes(scope, [("story", 3, 2.0), ("story", 7, 1.2), ("story", 0, 1.1), ("story", 4, 1.0)])
    )
    far = _lines(_quotes(scope, [("story", 3, 2.0), ("story", 7, 1.8), ("story", 0, 1.7), ("story", 4, 1.0)]))
    stories = CHUNKS[PLACE["story"]].lines
    assert stories[4] in near and stories[4] not in far


def test_english_has_as_much_room_as_chinese(scope: Scope) -> None:
    """Words are counted, not letters: about eighty stand beside each other, also with marks beyond ASCII."""
    story = tuple(f"The {n}th tag’s story is long – " + "it goes on " * 4 + "so." for n in range(9))
    english = scope_of([chunk("pub-tag", "story", section="Story", lines=story, lang="en")])
    picks = [(0, n, 2.0) for n in range(9)]
    shown = _lines(quotes_for(evidence_of(Part("tag", "tag", None, ("tag",)), english, picks), english))
    assert 60 <= sum(len(line.split()) for line in shown) <= 80


def test_what_was_said_is_not_said_again(scope: Scope) -> None:
    """A sentence that stands in two sections is quoted once, from the surer one."""
    quotes = _quotes(scope, [("lost", 1, 2.0), ("faq-1", 1, 1.9)])
    assert quotes == [Quote(CHUNKS[PLACE["lost"]], 1, 2)]


def test_a_repetition_takes_nobodys_place(scope: Scope) -> None:
    """Of many likely lines those that repeat one are passed over, and the next ones are shown."""
    again = [("lost", 1, 2.0), ("faq-1", 1, 1.9)]
    others = [("materials", n, 1.0 - n / 100) for n in range(LINES)]
    lines = _lines(_quotes(scope, [*again, *others]))
    assert len(lines) == len(set(lines)) == LINES


def test_another_number_is_no_repetition(scope: Scope) -> None:
    """Lines that differ in little but their numbers state two facts, and both are quoted."""
    quotes = _quotes(scope, [("prices", 2, 2.0), ("prices", 0, 1.9)])
    assert {"120", "150"} <= {number for quote in quotes for number in numbers(quote.text)}
