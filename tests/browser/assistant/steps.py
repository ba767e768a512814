"""Steps that the assistant's tests share."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.assistant.peer import Peer


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
