"""A peer and a watched page for each test of the assistant."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

from tests.browser.assistant.peer import Peer, serving


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A peer of its own for each test."""
    with serving() as peer:
        yield peer


@pytest.fixture
def page(browser: Browser, peer: Peer) -> Iterator[Page]:
    """A page that fails its test on a foreign request, a dialog, a script error or a policy violation."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    page = context.new_page()
    page.set_default_timeout(8000)
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # axe tries inline styles of its own; that the component has none is asked where outcomes are shown.
        if "Content Security Policy" in message.text and "Applying inline style" not in message.text:
            wrong.append(message.text)

    def on_dialog(dialog: Dialog) -> None:
        wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("console", on_console)
    page.on("dialog", on_dialog)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    context.on(
        "request", lambda request: None if request.url.startswith(peer.url) else wrong.append(request.url)
    )
    yield page
    context.close()
    assert wrong == []
