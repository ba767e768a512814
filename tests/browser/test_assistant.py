"""The assistant component in a real browser, against a scripted peer under a strict content security policy."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.browser import assistant_answers as answers
from tests.browser.assistant_peer import CUT, Peer, Reply, event, serving, streamed

OUTCOMES = {
    "answered": answers.ANSWERED,
    "partial": answers.PARTIAL,
    "clarify": answers.CLARIFY,
    "abstained": answers.ABSTAINED,
    "refused": answers.REFUSED,
    "handover": answers.EMERGENCY,
}
RECEIPT = {"number": "SS-20261122-0001", "code": "K7M2P9QX", "state": "new", "due": "2026-11-23", "contact": answers.CONTACT}
STATUS_LOG = """() => {
  const app = document.querySelector("zhinan-assistant").shadowRoot;
  window.said = [];
  for (const region of app.querySelectorAll("[role=status],[role=alert],[role=log],[aria-live]"))
    new MutationObserver(() => window.said.push(region.textContent)).observe(region, { childList: true });
}"""


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A peer of its own for each test."""
    with serving() as peer:
        yield peer


@pytest.fixture
def page(browser: Browser, peer: Peer) -> Iterator[Page]:
    """A page that fails its test on a request to another host, a dialog, a script error or a policy violation."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    page = context.new_page()
    page.set_default_timeout(8000)
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # axe tries inline styles of its own; that the component has none is asked where outcomes are shown.
        if "Content Security Policy" in message.text and "Applying inline style" not in message.text:
            wrong.append(message.text)

    def on_dialog(dialog: Any) -> None:
        wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("console", on_console)
    page.on("dialog", on_dialog)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    context.on("request", lambda request: None if request.url.startswith(peer.url) else wrong.append(request.url))
    yield page
    context.close()
    assert wrong == []


def opened(page: Page, peer: Peer, lang: str = "zh", **options: str) -> Locator:
    """Opens the page and the dialog where there is one; gives the question field."""
    page.goto(peer.page(lang, **options))
    if "inline" not in options:
        page.locator(".launcher").click()
    field = page.locator(".composer textarea")
    expect(field).to_be_visible()
    return field


def ask(field: Locator, question: str) -> Locator:
    """Asks and waits for the end; gives the latest answer."""
    field.fill(question)
    field.press("Enter")
    done = field.page.locator(".entry.assistant:not(.busy)").last
    expect(field.page.locator(".entry.busy")).to_have_count(0)
    expect(done).to_be_visible()
    return done


def no_violations(page: Page) -> None:
    """axe finds nothing, in the shadow root too."""
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()


@pytest.mark.parametrize("scheme", ["default", "slate"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_is_named_labelled_and_accessible(page: Page, peer: Peer, outcome: str, scheme: str) -> None:
    """Each outcome has its own words, its text and the AI label, and axe finds nothing in light or dark."""
    peer.replies["问"] = Reply(body=OUTCOMES[outcome])
    shown = ask(opened(page, peer, scheme=scheme), "问")
    expect(shown.locator(".outcome")).to_be_visible()
    expect(shown.locator("> .label")).to_have_text(answers.LABEL)
    assert outcome in (shown.get_attribute("class") or "").split()
    assert page.locator("zhinan-assistant").locator("style, [style]").count() == 0
    no_violations(page)


def test_outcomes_differ_in_words(page: Page, peer: Peer) -> None:
    """No two outcomes open with the same line, so colour is never the only sign."""
    peer.replies |= {outcome: Reply(body=body) for outcome, body in OUTCOMES.items()}
    field = opened(page, peer)
    lines = {ask(field, outcome).locator(".outcome").inner_text() for outcome in OUTCOMES}
    assert len(lines) == len(OUTCOMES)


def test_sentences_appear_as_they_come_and_give_way_to_the_answer(page: Page, peer: Peer) -> None:
    """The first sentence shows while the second is still held back; the Answer then replaces both."""
    peer.replies["问"] = streamed(answers.ANSWERED, "第一句。", "第二句。", gate=True)
    field = opened(page, peer)
    field.fill("问")
    field.press("Enter")
    text = page.locator(".entry.busy .text")
    expect(text).to_have_text("第一句。")
    peer.gate.set()
    expect(page.locator(".answered .text")).to_contain_text("15日内发放")
    expect(page.locator(".log")).not_to_contain_text("第二句")


def test_events_split_at_any_byte_are_read(page: Page, peer: Peer) -> None:
    """Characters, lines and events cut apart by the network, with CRLF and comments between, make the same answer."""
    whole = ": keep-alive\r\n\r\n" + (event("sentence", {"text": "一"}) + event("answer", answers.ABSTAINED)).replace("\n", "\r\n")
    peer.replies["问"] = Reply(pieces=tuple(whole[n : n + 3] for n in range(0, len(whole), 3)))
    expect(ask(opened(page, peer), "问").locator(".text")).to_contain_text("指南里没有能回答")


def test_citations_link_to_the_heading_below_the_sites_root(page: Page, peer: Peer) -> None:
    """A citation opens the cited heading beside the conversation and shows quote, version, date and owner."""
    peer.replies["问"] = Reply(body=answers.ANSWERED)
    shown = ask(opened(page, peer), "问")
    link = shown.locator(".cites a").first
    assert link.evaluate("a => a.href") == f"{peer.url}/county/public/pub-residence-permit/#time-limit"
    assert link.get_attribute("target") == "_blank"
    expect(shown.locator(".cites li").first).to_contain_text("第3版 · 复核日期 2026-10-09 · 负责单位 示例县公安局")
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
    """Tags, javascript: and foreign addresses in any field of an answer or a stream run nothing and load nothing."""
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


def test_only_start_and_end_are_announced(page: Page, peer: Peer) -> None:
    """However many sentences stream, the one live region says that an answer began and that it is ready."""
    peer.replies["问"] = streamed(answers.ANSWERED, *("一句。" for _ in range(20)))
    field = opened(page, peer)
    page.evaluate(STATUS_LOG)
    assert page.locator("[role=status], [role=alert], [role=log], [aria-live]").count() == 1
    ask(field, "问")
    assert page.evaluate("window.said") == ["正在回答", "回答完成"]


def test_the_keyboard_alone_is_enough(page: Page, peer: Peer) -> None:
    """Open, ask, write a second line, choose, close: without a mouse, and the focus comes back to the button."""
    peer.replies |= {"怎么\n申请": Reply(body=answers.CLARIFY), "怎么申领居住证": Reply(body=answers.ANSWERED)}
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
        "field => field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(field).to_have_value("juzhuzheng")
    assert peer.received == []


def test_choosing_asks_the_choices_question_with_the_history(page: Page, peer: Peer) -> None:
    """A choice sends its question; a plain text choice sends itself; earlier turns go along, six at most."""
    peer.replies |= {name: Reply(body=answers.CLARIFY) for name in ("问", "怎么申领居住证", "申请最低生活保障")}
    field = opened(page, peer)
    ask(field, "问").get_by_role("button", name="申领居住证").click()
    expect(page.locator(".clarify")).to_have_count(2)
    page.locator(".clarify").last.get_by_role("button", name="申请最低生活保障").click()
    expect(page.locator(".clarify")).to_have_count(3)
    ask(field, "问")
    ask(field, "问")
    sent = peer.bodies("ask")
    assert [body["question"] for body in sent] == ["问", "怎么申领居住证", "申请最低生活保障", "问", "问"]
    assert sent[0] == {"question": "问", "history": []}
    text = answers.CLARIFY["text"]
    assert sent[1]["history"] == [{"role": "user", "text": "问"}, {"role": "assistant", "text": text}]
    assert [turn["text"] for turn in sent[4]["history"]] == ["怎么申领居住证", text, "申请最低生活保障", text, "问", text]


def test_rating_useful_sends_it_and_thanks(page: Page, peer: Peer) -> None:
    """有用 posts useful: true for this answer and leaves a thank-you with the keyboard focus."""
    peer.replies |= {"问": Reply(body=answers.ANSWERED), "rating": Reply(201, {})}
    shown = ask(opened(page, peer), "问")
    shown.get_by_role("button", name="有用").click()
    expect(shown.locator(".note")).to_have_text("谢谢您的评价。")
    expect(shown.locator(".note")).to_be_focused()
    assert peer.bodies("answers/a-answered/rating") == [{"useful": True}]


def test_rating_useless_is_kept_and_may_say_why(page: Page, peer: Peer) -> None:
    """没用 is stored at once; a reason chosen after it replaces it; axe finds nothing in between."""
    peer.replies |= {"问": Reply(body=answers.ANSWERED), "rating": Reply(201, {})}
    shown = ask(opened(page, peer), "问")
    shown.get_by_role("button", name="没用").click()
    expect(shown.get_by_role("button", name="内容有误")).to_be_visible()
    no_violations(page)
    shown.get_by_role("button", name="缺少内容").click()
    expect(shown.locator(".note")).to_have_text("谢谢您的评价。")
    assert peer.bodies("answers/a-answered/rating") == [{"useful": False}, {"useful": False, "reason": "missing"}]


def test_a_rating_that_is_not_taken_can_be_given_again(page: Page, peer: Peer) -> None:
    """When the server does not take a rating, the buttons come back with a word about it."""
    peer.replies |= {"问": Reply(body=answers.ANSWERED), "rating": Reply(503, {"error": {"code": "busy", "message": "忙"}})}
    shown = ask(opened(page, peer), "问")
    shown.get_by_role("button", name="有用").click()
    expect(shown.locator(".note")).to_have_text("评价没有送出，请稍后再试。")
    expect(shown.get_by_role("button", name="没用")).to_be_visible()


def test_copy_takes_label_and_sources_along(page: Page, peer: Peer) -> None:
    """The clipboard holds the text, the source list with full addresses, and the AI label."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    peer.replies["问"] = Reply(body=answers.ANSWERED)
    shown = ask(opened(page, peer), "问")
    shown.get_by_role("button", name="复制回答").click()
    expect(shown.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("**15日**内发放")
    assert f"[1] 申领居住证 › 办理时限 {peer.url}/county/public/pub-residence-permit/#time-limit" in copied
    assert copied.endswith(answers.LABEL)


def test_copy_works_without_the_clipboard_interface(page: Page, peer: Peer) -> None:
    """On a plain-http intranet address, where browsers hide the clipboard, the same text is copied another way."""
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    peer.replies["问"] = Reply(body=answers.ABSTAINED)
    field = opened(page, peer)
    shown = ask(field, "问")
    shown.get_by_role("button", name="复制回答").click()
    expect(shown.get_by_role("button", name="已复制")).to_be_focused()
    field.press("Control+V")
    expect(field).to_have_value(f"{answers.ABSTAINED['text']}\n\n{answers.LABEL}")


def test_asking_a_person_sends_the_question_and_shows_both_keys(page: Page, peer: Peer) -> None:
    """The form carries the question over, sends the answer's id, and shows number and code with advice to keep both."""
    peer.replies |= {"问": Reply(body=answers.ABSTAINED), "requests": Reply(201, RECEIPT)}
    shown = ask(opened(page, peer), "问")
    shown.get_by_role("button", name="转人工").click()
    form = page.locator(".request")
    expect(form.get_by_label("您的问题")).to_have_value("问")
    expect(form.get_by_label("您的问题")).to_be_focused()
    expect(form.locator(".contact")).to_contain_text("12345")
    no_violations(page)
    form.get_by_label("联系电话或邮箱").fill("me@office.example")
    form.get_by_role("button", name="提交").click()
    receipt = page.locator(".receipt")
    for text in ("SS-20261122-0001", "K7M2P9QX", "都记下来", "2026-11-23"):
        expect(receipt).to_contain_text(text)
    expect(receipt.locator("h4").first).to_be_focused()
    no_violations(page)
    assert peer.bodies("requests") == [{"question": "问", "answer_id": "a-abstained", "contact": "me@office.example"}]


def test_a_person_can_be_asked_before_any_answer(page: Page, peer: Peer) -> None:
    """The button in the header needs no answer; an empty question is held back with a word; cancel takes it away."""
    peer.replies["requests"] = Reply(503, {"error": {"code": "busy", "message": "稍后再来"}})
    opened(page, peer)
    person = page.locator("header").get_by_role("button", name="转人工")
    person.click()
    form = page.locator(".request")
    form.get_by_role("button", name="提交").click()
    expect(form.locator(".problem")).to_have_text("请先写下您的问题。")
    form.get_by_label("您的问题").fill("路灯坏了")
    form.get_by_role("button", name="提交").click()
    expect(form.locator(".problem")).to_contain_text("稍后再来")
    expect(form.get_by_label("您的问题")).to_have_value("路灯坏了")
    assert peer.bodies("requests") == [{"question": "路灯坏了"}]
    person.click()
    expect(form).to_have_count(1)
    form.get_by_role("button", name="取消").click()
    expect(form).to_have_count(0)


FAILURES = {
    "many": (Reply(429, {"error": {"code": "rate", "message": "x"}}, headers={"Retry-After": "30"}), "请30秒后再试"),
    "input": (Reply(422, {"error": {"code": "too-long", "message": "太长了", "fix": "改短一点"}}), "太长了 改短一点"),
    "signin": (Reply(401, {"error": {"code": "key", "message": "密钥过期"}}), "重新登录"),
    "server": (Reply(500, {"error": {"code": "internal", "message": "内部错误"}}), "助手出了故障"),
    "absent": (Reply(404), "没有开通在线助手"),
    "static": (Reply(405), "没有开通在线助手"),
    "gateway": (Reply(502), "连不上助手"),
    "cut": (Reply(pieces=(event("sentence", {"text": "半句"}), CUT)), "回答没有传完"),
    "event": (Reply(pieces=(event("error", {"error": {"code": "e", "message": "写作失败"}}),)), "写作失败"),
    "garbage": (Reply(pieces=("event: answer\ndata: {not json\n\n",)), "助手出了故障"),
    "shape": (Reply(body={"hello": 1}), "助手出了故障"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_says_what_to_do(page: Page, peer: Peer, name: str) -> None:
    """Whatever goes wrong, the person reads plain words and the hotline, never a half answer, and axe finds nothing."""
    reply, words = FAILURES[name]
    peer.replies["问"] = reply
    shown = ask(opened(page, peer), "问")
    expect(shown).to_contain_text(words)
    expect(shown).not_to_contain_text("半句")
    assert shown.locator('a[href="tel:12345"]').count() == 1
    expect(page.locator("[role=status]")).to_have_text("没有得到回答，请看说明")
    no_violations(page)


def test_a_dead_network_is_told_and_tried_again(page: Page, peer: Peer) -> None:
    """Without a connection the question is kept: one press asks it again, and only the answer stays."""
    field = opened(page, peer)
    page.route("**/api/v1/ask", lambda route: route.abort(), times=1)
    peer.replies["问"] = Reply(body=answers.ANSWERED)
    shown = ask(field, "问")
    expect(shown).to_contain_text("现在连不上助手")
    shown.get_by_role("button", name="再试一次").click()
    expect(page.locator(".answered")).to_be_visible()
    expect(page.locator(".entry")).to_have_count(2)


def test_a_silent_server_is_given_up(page: Page, peer: Peer) -> None:
    """After a minute without a byte the wait ends with words instead of going on for ever."""
    page.clock.install()
    peer.replies["问"] = streamed(answers.ANSWERED, "一句。", "两句。", gate=True)
    field = opened(page, peer)
    field.fill("问")
    field.press("Enter")
    expect(page.locator(".entry.busy .text")).to_be_visible()
    page.clock.run_for(61_000)
    expect(page.locator(".entry.error")).to_contain_text("等了很久")


def test_one_question_at_a_time(page: Page, peer: Peer) -> None:
    """While an answer streams, a second question waits in the field and is not lost."""
    peer.replies["问"] = streamed(answers.ANSWERED, "一句。", gate=True)
    field = opened(page, peer)
    field.fill("问")
    field.press("Enter")
    expect(page.locator(".entry.busy")).to_be_visible()
    field.fill("再问")
    field.press("Enter")
    expect(field).to_have_value("再问")
    peer.gate.set()
    expect(page.locator(".answered")).to_be_visible()
    assert len(peer.bodies("ask")) == 1


def test_a_new_conversation_forgets_everything(page: Page, peer: Peer) -> None:
    """新对话 stops a running answer, clears what was said, sends no history, and the browser stores nothing."""
    peer.replies |= {"慢": streamed(answers.ANSWERED, "一句。", gate=True), "问": Reply(body=answers.ANSWERED)}
    field = opened(page, peer)
    ask(field, "问")
    field.fill("慢")
    field.press("Enter")
    expect(page.locator(".entry.busy .text")).to_be_visible()
    page.get_by_role("button", name="新对话").click()
    peer.gate.set()
    expect(page.locator(".entry")).to_have_count(0)
    ask(field, "问")
    assert peer.bodies("ask")[-1] == {"question": "问", "history": []}
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0


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


def test_the_api_address_can_be_set_by_the_page(page: Page, peer: Peer) -> None:
    """A site whose API lives elsewhere names it in a meta element."""
    peer.replies["问"] = Reply(body=answers.ANSWERED)
    ask(opened(page, peer, api="/other/v1"), "问")
    assert peer.received[0][0] == "/other/v1/ask"


@pytest.mark.parametrize(("lang", "scheme"), [("zh", "default"), ("en", "slate")])
def test_the_page_form_has_no_launcher_and_is_accessible(page: Page, peer: Peer, lang: str, scheme: str) -> None:
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


def test_english_pages_speak_english(page: Page, peer: Peer) -> None:
    """On an English page no word of the component is Chinese, with an answer and its tools shown."""
    peer.replies["q"] = Reply(body=answers.ENGLISH)
    ask(opened(page, peer, "en"), "q")
    shown = page.locator("dialog").inner_text()
    assert not [char for char in shown if "\u4e00" <= char <= "\u9fff"]


@pytest.mark.parametrize("large", ["", "zhinan-large"])
def test_a_320_pixel_screen_is_enough(page: Page, peer: Peer, large: str) -> None:
    """At 320 by 568 pixels, in large print too, the dialog fills the screen and nothing scrolls sideways."""
    peer.replies |= {"问": Reply(body=answers.ANSWERED), "requests": Reply(201, RECEIPT)}
    page.set_viewport_size({"width": 320, "height": 568})
    field = opened(page, peer, "en", large=large)
    ask(field, "问").get_by_role("button", name="Ask a person").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".receipt")).to_be_visible()
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
