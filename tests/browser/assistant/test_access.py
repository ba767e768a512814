"""Use by keyboard, screen reader, small screens, large print and in the dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.assistant import answers
from tests.browser.assistant.peer import Peer, Reply, streamed
from tests.browser.assistant.steps import ask, no_violations, opened

STATUS_LOG = """() => {
  const app = document.querySelector("zhinan-assistant").shadowRoot;
  window.said = [];
  for (const region of app.querySelectorAll("[role=status],[role=alert],[role=log],[aria-live]"))
    new MutationObserver(() => window.said.push(region.textContent)).observe(region, { childList: true });
}"""


def test_only_start_and_end_are_announced(page: Page, peer: Peer) -> None:
    """However many sentences stream, the one live region says that an answer began and that it is ready."""
    peer.replies["问"] = streamed(answers.ANSWERED, *("一句。" for _ in range(20)))
    field = opened(page, peer)
    page.evaluate(STATUS_LOG)
    assert page.locator("[role=status], [role=alert], [role=log], [aria-live]").count() == 1
    ask(field, "问")
    assert page.evaluate("window.said") == ["正在回答", "回答完成"]


def test_the_keyboard_alone_is_enough(page: Page, peer: Peer) -> None:
    """Open, ask, write a second line, choose and close without a mouse; the focus comes back."""
    peer.replies |= {
        "怎么\n申请": Reply(body=answers.CLARIFY),
        "怎么申领居住证": Reply(body=answers.ANSWERED),
    }
    page.goto(peer.page())
    page.keyboard.press("Tab")
    expect(page.locator(".launcher")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".composer textarea")).to_be_focused()
    page.keyboard.type("怎么")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("申请")
    page.keyboard.press("Enter")
    expect(page.locator(".choices button").first).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.locator(".choices button").first.evaluate("e => e.matches(':focus')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".answered")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator(".launcher")).to_be_focused()


def test_enter_that_picks_a_word_does_not_send(page: Page, peer: Peer) -> None:
    """Enter during input-method composition belongs to the input method."""
    field = opened(page, peer)
    field.fill("juzhuzheng")
    field.evaluate(
        "field => field.dispatchEvent("
        "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }))"
    )
    expect(field).to_have_value("juzhuzheng")
    assert peer.received == []


def test_the_counter_shows_near_the_limit_and_the_field_stops_at_it(page: Page, peer: Peer) -> None:
    """At 400 characters the counter appears; no more than 500 can be typed."""
    field = opened(page, peer)
    field.fill("长" * 399)
    expect(page.locator(".counter")).to_be_hidden()
    field.press_sequentially("长")
    expect(page.locator(".counter")).to_have_text("已写 400 字，最多 500 字")
    field.fill("长" * 499)
    field.press_sequentially("长长长")
    assert len(field.input_value()) == 500


@pytest.mark.parametrize(("lang", "scheme"), [("zh", "default"), ("en", "slate")])
def test_the_page_form_has_no_launcher_and_is_accessible(
    page: Page, peer: Peer, lang: str, scheme: str
) -> None:
    """With open-page the conversation stands in the page, and axe finds nothing empty or answered."""
    peer.replies["问"] = Reply(body=answers.ENGLISH)
    field = opened(page, peer, lang, inline="1", scheme=scheme)
    assert page.locator(".launcher, dialog").count() == 0
    no_violations(page)
    ask(field, "问")
    no_violations(page)


def test_closed_open_and_answering_are_accessible(page: Page, peer: Peer) -> None:
    """axe finds nothing before the dialog opens, when it is empty, and while an answer streams."""
    peer.replies["问"] = streamed(answers.ANSWERED, "一句。", gate=True)
    page.goto(peer.page("en"))
    expect(page.locator(".launcher")).to_have_text("Ask")
    no_violations(page)
    page.locator(".launcher").click()
    no_violations(page)
    page.locator(".composer textarea").fill("问")
    page.locator(".composer textarea").press("Enter")
    expect(page.locator(".entry.busy .text")).to_be_visible()
    no_violations(page)


@pytest.mark.parametrize("large", ["", "zhinan-large"])
def test_a_320_pixel_screen_is_enough(page: Page, peer: Peer, large: str) -> None:
    """At 320 by 568 pixels, in large print too, the dialog fills the screen and nothing scrolls sideways."""
    peer.replies |= {"问": Reply(body=answers.ANSWERED), "requests": Reply(201, answers.RECEIPT)}
    page.set_viewport_size({"width": 320, "height": 568})
    field = opened(page, peer, "en", large=large)
    ask(field, "问").get_by_role("button", name="Ask a person").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".receipt")).to_be_visible()
    page.get_by_role("button", name="Delete this question").click()
    expect(page.locator(".forget .note")).to_be_visible()
    box = page.locator("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 320, "height": 568}
    assert page.locator(".log").evaluate("log => log.scrollWidth <= log.clientWidth")
    for control in (page.get_by_role("button", name="Close"), field, page.get_by_role("button", name="Send")):
        expect(control).to_be_in_viewport(ratio=1)


def test_large_print_and_dark_follow_the_page_at_once(page: Page, peer: Peer) -> None:
    """Switching the page's large print or Material's scheme changes the open dialog too."""
    opened(page, peer)
    app = page.locator(".app")
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    before = app.evaluate(size)
    page.evaluate("document.documentElement.classList.add('zhinan-large')")
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    expect(page.locator(".app.large.dark")).to_have_count(1)
    assert app.evaluate(size) >= before * 1.25


def test_dark_follows_the_system_where_the_page_sets_nothing(page: Page, peer: Peer) -> None:
    """A page without a background of its own shows the component as the system prefers."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    opened(page, peer)
    expect(page.locator(".app.dark")).to_have_count(1)
