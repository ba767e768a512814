"""A guide as its page: sections in one order, from fields and prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facets import HEADINGS, Facet
from rag.page import Page, page_of
from tests.library import guide, office, parsed, service

FULL = service(
    complaint={"phone": "1"}, remedy={"review_body": "县政府", "days": 60, "court": "法院", "months": 6}
)
HEADING = st.sampled_from(
    ["FAQ 1", "Fees", "faq_1", "faq-2", "说明", "steps", "！", "Contact_1", "说明 {#how}", "Legal basis"]
)


def _page(meta: dict[str, object] = FULL, body: str = "## 说明 {#how}\n\n一句。\n") -> Page:
    one = parsed(meta, body)
    return page_of(one, office(one))


def test_sections_stand_in_one_order() -> None:
    """Summary, fields, prose, questions, then whom to ask and what the guide rests on."""
    assert [section.anchor for section in _page().sections] == [
        "", "who", "materials", "steps", "time-limit", "fees", "channels", "result", "progress",
        "how", "faq", "faq-1", "contact", "complaint", "remedy", "legal-basis",
    ]  # fmt: skip


def test_empty_fields_make_no_section() -> None:
    """A guide without fields shows its summary, its prose and whom to ask."""
    assert [section.anchor for section in _page(guide(complaint=None)).sections] == ["", "how", "contact"]


@pytest.mark.parametrize(("lang", "fees"), [("zh-Hans", "收费"), ("en", "Fees")])
def test_headings_speak_the_language_of_the_guide(lang: str, fees: str) -> None:
    """Anchors are the same in both languages; headings are not."""
    assert {s.anchor: s.heading for s in _page(FULL | {"lang": lang}).sections}["fees"] == fees


def test_prose_before_the_first_heading_belongs_to_the_top() -> None:
    """A lead has no heading to be cited by, so it joins the summary: one section without an anchor."""
    sections = _page(body="先看这里。\n\n## 说明\n\n后看。\n").sections
    assert sections[0].lines == ("自行车号牌的说明。", "先看这里。")
    assert [section.anchor for section in sections].count("") == 1


@given(st.lists(HEADING.filter(lambda h: "{" not in h), max_size=6))
def test_anchors_are_distinct(headings: list[str]) -> None:
    """No heading of the body, whatever its words, takes the anchor of another section."""
    anchors = [s.anchor for s in _page(body="".join(f"## {h}\n\n话。\n\n" for h in headings)).sections]
    assert len(set(anchors)) == len(anchors)


@given(st.lists(HEADING, max_size=4), st.text(max_size=30))
def test_lines_are_never_empty(headings: list[str], prose: str) -> None:
    """Every line of every section shows something."""
    page = _page(body=prose + "".join(f"\n\n## {h}\n\n话。" for h in headings))
    assert all(line.strip() for section in page.sections for line in section.lines)


def test_facets_mark_generated_sections_alone() -> None:
    """A section made from fields carries its facet and that facet's anchor; prose and summary carry none."""
    for section in _page().sections:
        if section.facet not in (None, Facet.FAQ):
            assert section.anchor == HEADINGS[section.facet].anchor
        assert (section.facet is None) == (section.anchor in ("", "how"))


def test_prose_alone_keeps_its_markdown() -> None:
    """Generated sections are lines; the prose is also there as its author wrote it."""
    sections = _page(body="## 说明 {#how}\n\n**一**句。\n").sections
    assert {s.anchor: s.markdown for s in sections if s.markdown} == {"how": "**一**句。"}
    assert {s.anchor: s.lines for s in sections}["how"] == ("一句。",)
