"""One Chromium for all browser tests, Debian's own and never downloaded; and the site of our own guides."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from api.headers import ALWAYS
from rag.access import circles
from rag.guides import read_library
from rag.settings import ROOT
from rag.site import build_site, write_tree

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium. Without one the tests are skipped, in CI (variable CI) they fail."""
    path = os.environ.get("ZHINAN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        reason = "no Chromium: install Debian's package chromium, or name one in ZHINAN_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield browser
        browser.close()


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        for name, value in ALWAYS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Address of a folder served on loopback with the headers that our own server sends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def guides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the widest site of this repository's guides."""
    library, _ = read_library(ROOT / "docs")
    folder = tmp_path_factory.mktemp("guides")
    for lang, target in (("zh", "site"), ("en", "site/en")):
        write_tree(library, circles(library.restricted())[-1], lang, folder / lang)
        build_site(folder / lang, lang, folder / target)
    with serving(folder / "site") as address:
        yield f"{address}/"
