"""Every kind of page works under the headers that our own server sends."""

import pytest
from playwright.sync_api import Browser, ConsoleMessage

KINDS = [
    "",
    "public/",
    "public/pub-residence-permit/",
    "staff/",
    "topics/",
    "journeys/family-in-difficulty/",
    "search/?q=居住证",
    "assistant/",
    "print/",
    "404.html",
    "en/",
    "en/public/pub-residence-permit/",
    "en/search/?q=residence",
    "en/assistant/",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_the_policy(browser: Browser, guides: str, scheme: str) -> None:
    """Nothing on any kind of page is inline, from elsewhere, or turned from text into markup by a script."""
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(f"{page.url}: {message.text}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    for kind in KINDS:
        response = page.goto(f"{guides}{kind}", wait_until="networkidle")
        assert response is not None and response.ok, kind
        assert page.locator("main").count() == 1, kind
    context.close()
    assert wrong == []
