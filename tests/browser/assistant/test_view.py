"""How answers are drawn: every outcome, citations, hostile text."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.assistant import answers
from tests.browser.assistant.peer import ASSETS, Peer, Reply, streamed
from tests.browser.assistant.steps import ask, no_violations, opened

OUTCOMES = {
    "answered": answers.ANSWERED,
    "partial": answers.PARTIAL,
    "clarify": answers.CLARIFY,
    "abstained": answers.ABSTAINED,
    "refused": answers.REFUSED,
    "handover": answers.EMERGENCY,
    "stopped": answers.STOPPED,
}


@pytest.mark.parametrize("scheme", ["default", "slate"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_is_named_labelled_and_accessible(
    page: Page, peer: Peer, outcome: str, scheme: str
) -> None:
    """Each outcome has its own words, its text and the AI label, and axe finds nothing in light or dark."""
    peer.replies["问"] = Reply(body=OUTCOMES[outcome])
    shown = ask(opened(page, peer, scheme=scheme), "问")
    expect(shown.locator(".outcome")).to_be_visible()
    expect(shown.locator("> .label")).to_have_text(answers.LABEL)
    assert OUTCOMES[outcome]["outcome"] in (shown.get_attribute("class") or "").split()
    assert page.locator("zhinan-assistant").locator("style, [style]").count() == 0
    no_violations(page)


def test_outcomes_differ_in_words(page: Page, peer: Peer) -> None:
    """No two outcomes open with the same line, so colour is never the only sign."""
    peer.replies |= {outcome: Reply(body=body) for outcome, body in OUTCOMES.items()}
    field = opened(page, peer)
    lines = {ask(field, outcome).locator(".outcome").inner_text() for outcome in OUTCOMES}
    assert len(lines) == len(OUTCOMES)


def test_citations_link_to_the_heading_below_the_sites_root(page: Page, peer: Peer) -> None:
    """A citation opens the cited heading beside the conversation and shows quote, version, date and owner."""
    peer.replies["问"] = Reply(body=answers.ANSWERED)
    shown = ask(opened(page, peer), "问")
    link = shown.locator(".cites a").first
    assert link.evaluate("a => a.href") == f"{peer.url}/county/public/pub-residence-permit/#time-limit"
    assert link.get_attribute("target") == "_blank"
    expect(shown.locator(".cites li").first).to_contain_text(
        "第3版 · 复核日期 2026-10-09 · 负责单位 示例县公安局"
    )
    expect(shown.locator("blockquote").first).to_be_hidden()
    shown.locator("summary").first.press("Enter")
    expect(shown.locator("blockquote").first).to_have_text(answers.CITE["quote"])


def test_a_mark_leads_to_its_citation(page: Page, peer: Peer) -> None:
    """The mark [2] in the text moves the focus to the second source."""
    peer.replies["问"] = Reply(body=answers.ANSWERED)
    shown = ask(opened(page, peer), "问")
    shown.get_by_role("link", name="出处2：申领居住证").click()
    expect(shown.locator(".cites > li").nth(1)).to_be_focused()


def test_a_citation_of_this_very_page_closes_the_dialog(page: Page, peer: Peer) -> None:
    """A source on the page behind the dialog is shown there, with the conversation kept."""
    body = {**answers.ANSWERED, "citations": [{**answers.CITE, "url": "/public/page/?lang=zh#steps"}]}
    peer.replies["问"] = Reply(body=body)
    ask(opened(page, peer), "问").locator(".cites a").click()
    expect(page.locator("dialog")).to_be_hidden()
    assert urlsplit(page.url).fragment == "steps"
    page.locator(".launcher").click()
    expect(page.locator(".answered")).to_be_visible()


@pytest.mark.parametrize("outcome", ["answered", "partial", "clarify", "abstained", "refused", "handover"])
def test_hostile_text_stays_text(page: Page, peer: Peer, outcome: str) -> None:
    """Tags, javascript: and foreign addresses in any field or stream run nothing and load nothing."""
    body = {**answers.HOSTILE, "outcome": outcome, "choices": [answers.HOSTILE_TEXT]}
    peer.replies["问"] = streamed(body, answers.HOSTILE_TEXT)
    shown = ask(opened(page, peer), "问")
    assert shown.locator("img, script, iframe, svg, b, [onload], [onerror], [onmouseover]").count() == 0
    hrefs = shown.locator("a").evaluate_all("links => links.map((a) => a.href)")
    assert hrefs
    assert all(href.startswith(peer.url) for href in hrefs), hrefs
    assert "[99]" in shown.locator(".text").inner_text()
    assert shown.get_by_text("[99]", exact=True).count() == 0


def test_hostile_outcome_names_give_no_class(page: Page, peer: Peer) -> None:
    """An outcome that the contract does not know is shown as text and changes nothing else."""
    peer.replies["问"] = Reply(body=answers.answer("constructor you", "文字"))
    shown = ask(opened(page, peer), "问")
    assert (shown.get_attribute("class") or "").split() == ["entry", "assistant"]


def test_an_emergency_shows_the_number_first(page: Page, peer: Peer) -> None:
    """In danger the line with the number stands above the contact box and can be dialled."""
    peer.replies["问"] = Reply(body=answers.EMERGENCY)
    shown = ask(opened(page, peer), "问")
    order = shown.evaluate("e => [...e.children].map((child) => child.className)")
    assert order.index("urgent") < order.index("contact") < order.index("text")
    assert shown.locator(".urgent a").get_attribute("href") == "tel:119"


def test_a_handover_shows_whom_to_call_before_the_text(page: Page, peer: Peer) -> None:
    """Where a person must act, the contact with its phone link and hours comes first."""
    peer.replies["问"] = Reply(body=answers.PERSONAL)
    shown = ask(opened(page, peer), "问")
    order = shown.evaluate("e => [...e.children].map((child) => child.className)")
    assert order.index("contact") < order.index("text")
    assert shown.locator(".contact a").first.get_attribute("href") == "tel:00000000401"
    expect(shown.locator(".contact")).to_contain_text("工作日9:00–12:00")


def test_a_paused_assistant_says_so_and_leads_to_people(page: Page, peer: Peer) -> None:
    """While the office has stopped it: a calm line, the contact below the text that speaks of it, a way to a
    person, and nothing to rate."""
    peer.replies["问"] = Reply(body=answers.STOPPED)
    shown = ask(opened(page, peer), "问")
    expect(shown.locator(".outcome")).to_have_text("助手暂停使用，请联系工作人员")
    order = shown.evaluate("e => [...e.children].map((child) => child.className)")
    assert order.index("text") < order.index("contact")
    assert shown.locator(".contact a").first.get_attribute("href") == "tel:00000000401"
    expect(shown.get_by_role("button", name="转人工")).to_be_visible()
    assert shown.locator(".rating").count() == 0
    assert "error" not in (shown.get_attribute("class") or "")


def test_english_pages_speak_english(page: Page, peer: Peer) -> None:
    """On an English page no word of the component is Chinese: an answer, its tools, the server's own words."""
    both = {"code": "too-long", "message": "太长了 / too long", "fix": "改短一点 / send less"}
    peer.replies |= {"q": Reply(body=answers.ENGLISH), "long": Reply(422, {"error": both})}
    field = opened(page, peer, "en")
    expect(ask(field, "long").locator(".text")).to_have_text("too long send less")
    ask(field, "q").get_by_role("button", name="Delete this question").click()
    shown = page.locator("dialog").inner_text()
    assert not [char for char in shown if "\u4e00" <= char <= "\u9fff"]


def test_no_script_of_the_site_writes_html() -> None:
    """Text reaches pages as text nodes only: no script names a way to parse HTML or to run text."""
    ways = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "eval(",
        "Function(",
    )
    scripts = {file.name: file.read_text() for file in ASSETS.glob("*.js")}
    assert "assistant-view.js" in scripts
    assert [(name, way) for name, text in scripts.items() for way in ways if way in text] == []
