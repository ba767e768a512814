"""How a person has a question deleted: asked once, gone from page and server, and told when it is not."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.assistant import answers
from tests.browser.assistant.peer import Peer, Reply
from tests.browser.assistant.steps import ask, no_violations, opened

DELETED = Reply(204, "")
PATH = "/county/api/v1/answers/a-answered"


def _refused(status: int, code: str, **headers: str) -> Reply:
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": {"code": code, "message": "甲 / A"}}, headers=found)


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_deleting_asks_once_and_takes_the_exchange_away(page: Page, peer: Peer, scheme: str) -> None:
    """After a yes the answer is deleted by its id, page and announcements say so, and no later question sends it
    along; axe finds nothing at any step."""
    peer.replies |= {
        "问": Reply(body=answers.ANSWERED),
        "再问": Reply(body=answers.CLARIFY),
        "delete": DELETED,
    }
    field = opened(page, peer, scheme=scheme)
    ask(field, "再问")
    shown = ask(field, "问")
    shown.get_by_role("button", name="删除这次提问").click()
    expect(shown.locator(".note")).to_be_focused()
    expect(shown.locator(".note")).to_contain_text("删除这次提问和回答？")
    assert peer.deletions == []
    no_violations(page)
    shown.get_by_role("button", name="删除", exact=True).click()
    status = page.locator("[role=status]")
    expect(status).to_have_text("这次提问和回答已经删除。")
    expect(status).to_be_in_viewport(ratio=1)
    expect(page.locator(".entry")).to_have_count(2)
    expect(page.locator(".log")).not_to_contain_text("15日内发放")
    expect(page.locator(".log")).to_be_focused()
    assert peer.deletions == [PATH]
    no_violations(page)
    ask(field, "再问")
    sent = peer.bodies("ask")[-1]["history"]
    assert [turn["text"] for turn in sent] == ["再问", answers.CLARIFY["text"]]


def test_the_keyboard_deletes_and_may_change_its_mind(page: Page, peer: Peer) -> None:
    """Enter opens the question, 保留 leads back to the button and sends nothing, Tab and Enter delete."""
    peer.replies |= {"问": Reply(body=answers.ANSWERED), "delete": DELETED}
    shown = ask(opened(page, peer), "问")
    start = shown.get_by_role("button", name="删除这次提问")
    start.press("Enter")
    page.keyboard.press("Tab")
    expect(shown.get_by_role("button", name="删除", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(start).to_be_focused()
    assert peer.deletions == []
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".entry")).to_have_count(0)
    assert peer.deletions == [PATH]


FAILURES = {
    "session": (_refused(401, "bad-session"), "您的登录已经结束，没有删除"),
    "many": (_refused(429, "too-many", Retry_After="20"), "没有删除。请20秒钟后再试"),
    "store": (_refused(503, "not-stored"), "服务器没有删除，请稍后再试"),
    "gateway": (Reply(502), "现在连不上服务器，没有删除"),
    "static": (Reply(405), "服务器没有删除"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_deletion_that_fails_says_why_and_can_be_repeated(page: Page, peer: Peer, name: str) -> None:
    """The exchange stays, the note says that nothing was deleted, and the same button then deletes."""
    reply, words = FAILURES[name]
    peer.replies |= {"问": Reply(body=answers.ANSWERED), "delete": reply}
    shown = ask(opened(page, peer), "问")
    shown.get_by_role("button", name="删除这次提问").click()
    shown.get_by_role("button", name="删除", exact=True).click()
    expect(shown.locator(".note")).to_contain_text(words)
    expect(shown.locator(".note")).to_be_focused()
    expect(shown).to_contain_text("15日内发放")
    no_violations(page)
    peer.replies["delete"] = DELETED
    shown.get_by_role("button", name="删除", exact=True).click()
    expect(page.locator(".entry")).to_have_count(0)
    assert peer.deletions == [PATH, PATH]


def test_what_the_server_no_longer_holds_leaves_the_page_too(page: Page, peer: Peer) -> None:
    """Where nothing stands under the id the page says that where the reader sees it, and keeps nothing either."""
    page.set_viewport_size({"width": 390, "height": 600})
    peer.replies |= {"q": Reply(body=answers.ENGLISH), "delete": _refused(404, "not-found")}
    field = opened(page, peer, "en", inline="1", filler="1")
    ask(field, "q")
    shown = ask(field, "q")
    shown.get_by_role("button", name="Delete this question").click()
    shown.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("[role=status]")).to_contain_text("holds no record of this question")
    expect(page.locator("[role=status]")).to_be_in_viewport(ratio=1)
    expect(page.locator(".entry")).to_have_count(2)


def test_a_form_that_repeats_the_question_goes_with_it_but_a_receipt_stays(page: Page, peer: Peer) -> None:
    """An open request form holds the deleted question and goes; number and code of a filed request are kept."""
    peer.replies |= {
        "问": Reply(body=answers.ANSWERED),
        "delete": DELETED,
        "requests": Reply(201, answers.RECEIPT),
    }
    field = opened(page, peer)
    for filed in (False, True):
        shown = ask(field, "问")
        shown.get_by_role("button", name="转人工").click()
        if filed:
            page.locator(".request").get_by_role("button", name="提交").click()
            expect(page.locator(".receipt")).to_be_visible()
        shown.get_by_role("button", name="删除这次提问").click()
        shown.get_by_role("button", name="删除", exact=True).click()
        expect(page.locator(".entry")).to_have_count(1 if filed else 0)
    expect(page.locator(".receipt")).to_contain_text("K7M2P9QX")
    page.locator("header").get_by_role("button", name="转人工").click()
    expect(page.get_by_label("您的问题", exact=True)).to_have_value("")
