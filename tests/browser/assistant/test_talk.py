"""How the assistant speaks with the API: streams, history, and everything that can go wrong."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.assistant import answers
from tests.browser.assistant.peer import CUT, Peer, Reply, event, streamed
from tests.browser.assistant.steps import ask, no_violations, opened

ONE_BYTE_AT_A_TIME = """
  const real = window.fetch;
  window.fetch = async (...request) => {
    const response = await real(...request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    let sent = 0;
    const pull = (out) => (sent < bytes.length ? out.enqueue(bytes.slice(sent, ++sent)) : out.close());
    return new Response(new ReadableStream({ pull }), { headers: response.headers });
  };
"""


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
    """Characters and events cut apart by the network, with CRLF and comments, make the same answer."""
    stream = event("sentence", {"text": "一"}) + event("answer", answers.ABSTAINED)
    peer.replies["问"] = Reply(pieces=((": keep-alive\n\n" + stream).replace("\n", "\r\n"),))
    page.add_init_script(ONE_BYTE_AT_A_TIME)
    expect(ask(opened(page, peer), "问").locator(".text")).to_contain_text("指南里没有能回答")


def test_choosing_asks_the_choices_question_with_the_history(page: Page, peer: Peer) -> None:
    """A choice sends its question; a plain text choice sends itself; earlier turns go along, six at most."""
    peer.replies |= {
        name: Reply(body=answers.CLARIFY) for name in ("问", "怎么申领居住证", "申请最低生活保障")
    }
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
    assert [turn["text"] for turn in sent[4]["history"]] == [
        "怎么申领居住证",
        text,
        "申请最低生活保障",
        text,
        "问",
        text,
    ]


def test_the_api_address_can_be_set_by_the_page(page: Page, peer: Peer) -> None:
    """A site whose API lives elsewhere names it in a meta element."""
    peer.replies["问"] = Reply(body=answers.ANSWERED)
    ask(opened(page, peer, api="/other/v1"), "问")
    assert peer.received[0][0] == "/other/v1/ask"


FAILURES = {
    "many": (
        Reply(429, {"error": {"code": "too-many", "message": "x"}}, headers={"Retry-After": "30"}),
        "提问太密集了，请30秒钟后再试",
    ),
    "day": (
        Reply(429, {"error": {"code": "too-many", "message": "x"}}, headers={"Retry-After": "7300"}),
        "请3小时后再试",
    ),
    "quota": (Reply(429, {"error": {"code": "too-many", "message": "x"}}), "请过一会儿再试"),
    "busy": (
        Reply(503, {"error": {"code": "busy", "message": "x"}}, headers={"Retry-After": "5"}),
        "暂时排不上队。请5秒钟后再试",
    ),
    "session": (Reply(401, {"error": {"code": "bad-session", "message": "x"}}), "您的登录已经结束"),
    "forbidden": (
        Reply(403, {"error": {"code": "not-granted", "message": "没有开通 / not covered"}}),
        "服务器不允许这样提问",
    ),
    "input": (
        Reply(422, {"error": {"code": "too-long", "message": "太长了", "fix": "改短一点"}}),
        "太长了 改短一点",
    ),
    "signin": (Reply(401, {"error": {"code": "key", "message": "密钥过期"}}), "重新登录"),
    "server": (Reply(500, {"error": {"code": "internal", "message": "内部错误"}}), "助手出了故障"),
    "absent": (Reply(404), "没有开通在线助手"),
    "static": (Reply(405), "没有开通在线助手"),
    "unimplemented": (Reply(501), "没有开通在线助手"),
    "proxy": (Reply(413), "没有被接受"),
    "gateway": (Reply(502), "连不上助手"),
    "cut": (Reply(pieces=(event("sentence", {"text": "半句"}), CUT)), "回答没有传完"),
    "event": (Reply(pieces=(event("error", {"error": {"code": "e", "message": "写作失败"}}),)), "写作失败"),
    "garbage": (Reply(pieces=("event: answer\ndata: {not json\n\n",)), "助手出了故障"),
    "shape": (Reply(body={"hello": 1}), "助手出了故障"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_says_what_to_do(page: Page, peer: Peer, name: str) -> None:
    """Whatever goes wrong, the person reads plain words and the hotline, never half an answer."""
    reply, words = FAILURES[name]
    peer.replies["问"] = reply
    shown = ask(opened(page, peer), "问")
    expect(shown).to_contain_text(words)
    expect(shown).not_to_contain_text("半句")
    assert shown.locator('a[href="tel:12345"]').count() == 1
    expect(page.locator("[role=status]")).to_have_text("没有得到回答，请看说明")
    no_violations(page)


@pytest.mark.parametrize(
    ("lang", "kind", "link"), [("zh", "session", "工作人员登录"), ("en", "signin", "Staff sign-in")]
)
def test_who_is_signed_out_finds_the_way_back(
    page: Page, peer: Peer, lang: str, kind: str, link: str
) -> None:
    """A session that ended leads to sign-in beside the conversation, in its language; the retry stays."""
    peer.replies["问"] = FAILURES[kind][0]
    shown = ask(opened(page, peer, lang), "问")
    found = shown.get_by_role("link", name=link)
    assert found.evaluate("a => a.href") == f"{peer.url}/county/sign-in?lang={lang}"
    assert found.get_attribute("target") == "_blank"
    peer.replies["问"] = Reply(body=answers.ENGLISH)
    shown.get_by_role("button", name={"zh": "再试一次", "en": "Try again"}[lang]).click()
    expect(page.locator(".answered")).to_be_visible()


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
    """新对话 stops a running answer and clears what was said; the browser stores nothing."""
    peer.replies |= {
        "慢": streamed(answers.ANSWERED, "一句。", gate=True),
        "问": Reply(body=answers.ANSWERED),
    }
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
