"""What a person does with an answer: copy it, rate it, ask a member of staff."""

from playwright.sync_api import Page, expect

from tests.browser.assistant import answers
from tests.browser.assistant.peer import Peer, Reply
from tests.browser.assistant.steps import ask, no_violations, opened


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
    assert peer.bodies("answers/a-answered/rating") == [
        {"useful": False},
        {"useful": False, "reason": "missing"},
    ]


def test_a_rating_that_is_not_taken_can_be_given_again(page: Page, peer: Peer) -> None:
    """When the server does not take a rating, the buttons come back with a word about it."""
    peer.replies |= {
        "问": Reply(body=answers.ANSWERED),
        "rating": Reply(503, {"error": {"code": "busy", "message": "忙"}}),
    }
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
    """On a plain-http intranet address, where browsers hide the clipboard, the same text is copied."""
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    peer.replies["问"] = Reply(body=answers.ABSTAINED)
    field = opened(page, peer)
    shown = ask(field, "问")
    shown.get_by_role("button", name="复制回答").click()
    expect(shown.get_by_role("button", name="已复制")).to_be_focused()
    field.press("Control+V")
    expect(field).to_have_value(f"{answers.ABSTAINED['text']}\n\n{answers.LABEL}")


def test_asking_a_person_sends_the_question_and_shows_both_keys(page: Page, peer: Peer) -> None:
    """The form carries the question and the answer's id, and shows number and code to keep."""
    peer.replies |= {"问": Reply(body=answers.ABSTAINED), "requests": Reply(201, answers.RECEIPT)}
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
    assert peer.bodies("requests") == [
        {"question": "问", "answer_id": "a-abstained", "contact": "me@office.example"}
    ]


def test_a_request_that_is_tried_again_is_marked_as_the_same(page: Page, peer: Peer) -> None:
    """A second press after an error carries the first one's key, so nothing is filed twice; another text carries
    another."""
    peer.replies["requests"] = Reply(503, {"error": {"code": "not-stored", "message": "稍后再来"}})
    opened(page, peer)
    page.locator("header").get_by_role("button", name="转人工").click()
    form = page.locator(".request")
    for text in ("路灯坏了", "路灯坏了", "路灯不亮"):
        form.get_by_label("您的问题").fill(text)
        with page.expect_response("**/requests"):
            form.get_by_role("button", name="提交").click()
    first, again, other = peer.keys
    assert first == again != other
    assert all(len(key or "") == 32 for key in peer.keys)


def test_a_person_can_be_asked_before_any_answer(page: Page, peer: Peer) -> None:
    """The button in the header needs no answer; an empty question is held back; cancel takes it away."""
    peer.replies["requests"] = Reply(503, {"error": {"code": "not-stored", "message": "稍后再来"}})
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
