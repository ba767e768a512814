"""A real browser signs in at a real provider and comes back as somebody who may read more."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser

from api.app import create_app
from rag.settings import Settings
from tests.api.oidc.conftest import Running, office_settings, running_provider
from tests.api.oidc.provider import PASSWORD


@contextmanager
def served(settings: Settings, running: Running) -> Iterator[None]:
    """The app at the address that the provider knows."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [running.app_socket]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    yield
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def provider(library_settings: Settings, tmp_path: Path) -> Iterator[Running]:
    """A provider, and the library's server beside it."""
    with running_provider(tmp_path) as running:
        own = {"database": f"sqlite:///{tmp_path / 'store.sqlite'}", "secret": tmp_path / "secret.key"}
        base = Settings(**(library_settings.model_dump() | own))
        with served(office_settings(base, tmp_path, running.issuer, running.public_url), running):
            yield running


def test_a_person_signs_in_with_a_browser(browser: Browser, provider: Running) -> None:
    """There, through the provider's form and back: the site shows internal guides, no script sees a cookie, and
    another browser sees nothing of it."""
    page = browser.new_page()
    page.set_default_timeout(20_000)
    internal = f"{provider.public_url}/staff/internal/stf-shelving/"
    before = page.goto(internal)
    assert before is not None and before.status == 404
    page.goto(f"{provider.public_url}/sign-in/office")
    assert page.url.startswith(provider.issuer.removesuffix("/o"))
    page.fill("input[name=username]", "li.na")
    page.fill("input[name=password]", PASSWORD)
    page.click("button")
    page.wait_for_url(f"{provider.public_url}/desk**")
    shown = page.goto(internal)
    assert shown is not None and shown.status == 200
    assert "zhinan" not in page.evaluate("document.cookie")
    names = {cookie["name"] for cookie in page.context.cookies(provider.public_url)}
    assert "zhinan" in names and "zhinan-office" not in names
    with browser.new_context() as other:
        foreign = other.new_page().goto(internal)
        assert foreign is not None and foreign.status == 404
    page.context.close()
