"""Hostile text in a real browser, without any policy that would help the renderer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

import pytest
from playwright.sync_api import Browser, Dialog

from api.render import Links, render
from tests.api.payloads import EVIL, HANDWRITTEN, mutations

LINKS = Links(frozenset({"/cited/"}), frozenset({"known.example"}))
GENERATED = 5000
A_PAGE = 500
# Every element and attribute that stands in a case, and where its links lead.
_LOOK = """() => [...document.querySelectorAll('section.case')].map(box => {
  const all = [...box.querySelectorAll('*')];
  return {
    end: box.nextElementSibling?.className,
    tags: [...new Set(all.map(e => e.localName))],
    attributes: [...new Set(all.flatMap(e => e.getAttributeNames()))],
    links: all.filter(e => e.localName === 'a').map(e => e.getAttribute('href')),
  };
})"""
TAGS = {
    "p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@dataclass
class Evil:
    """The host that texts want to reach: everything that comes is written down."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def _listening(pages: dict[str, str]) -> Iterator[Evil]:
    """A listener on loopback that gives the pages it is told and notes every other request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path not in pages:
                evil.asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages.get(self.path, "").encode(errors="replace"))

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    evil = Evil(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield evil
    server.shutdown()
    server.server_close()


def _page(fragments: list[str]) -> str:
    cases = "".join(f"<section class=case>{fragment}</section><hr class=end>" for fragment in fragments)
    return f"<!doctype html><meta charset=utf-8><link rel=icon href=/icon><title>x</title>{cases}"


@dataclass
class Seen:
    """What a page did."""

    hits: int
    dialogs: list[str]
    requests: list[str]
    cases: list[dict[str, list[str]]]


def _shown(browser: Browser, pages: dict[str, str], evil: Evil, path: str) -> Seen:
    """Load a page, wait until it is quiet, move over and focus every link; then tell what happened."""
    context = browser.new_context()
    page = context.new_page()
    dialogs: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", on_dialog)
    page.add_init_script("window.hits = 0; window.hit = () => { window.hits += 1; alert('hit'); };")
    evil.asked.clear()
    page.goto(evil.address + path, wait_until="networkidle")
    page.evaluate(
        "() => document.querySelectorAll('section *').forEach(e => {"
        " for (const kind of ['mouseover', 'focus', 'toggle', 'error']) e.dispatchEvent(new Event(kind)); })"
    )
    page.wait_for_timeout(100)
    seen = Seen(page.evaluate("() => window.hits"), dialogs, list(evil.asked), page.evaluate(_LOOK))
    context.close()
    return seen


@pytest.fixture(scope="module")
def evil_pages() -> Iterator[tuple[dict[str, str], Evil]]:
    """A listener and the pages it serves, which tests fill."""
    pages: dict[str, str] = {"/icon": ""}
    with _listening(pages) as evil:
        yield pages, evil


def _texts(evil: Evil, count: int) -> list[str]:
    """Handwritten and generated texts that name the listener."""
    made = [*HANDWRITTEN, *islice(mutations(count), count)]
    return [text.replace(EVIL, evil.address).replace(EVIL[7:], evil.address[7:]) for text in made]


def test_the_listener_and_the_trap_work(browser: Browser, evil_pages: tuple[dict[str, str], Evil]) -> None:
    """Shown as they are, the same texts do run scripts and do reach the listener: the test can fail."""
    pages, evil = evil_pages
    for number, text in enumerate(_texts(evil, 0)[:12]):
        pages[f"/raw{number}"] = _page([text])
    seen = [_shown(browser, pages, evil, f"/raw{number}") for number in range(12)]
    assert sum(bool(one.hits and one.dialogs) for one in seen) >= 4
    assert sum(any(path.startswith(("/s.js", "/i", "/s")) for path in one.requests) for one in seen) >= 3


def test_no_text_runs_loads_or_leads_away(browser: Browser, evil_pages: tuple[dict[str, str], Evil]) -> None:
    """Over five thousand hostile texts, rendered: no script, no dialog, no request, no foreign link or element."""
    pages, evil = evil_pages
    texts = _texts(evil, GENERATED)
    links = LINKS
    for start in range(0, len(texts), A_PAGE):
        pages[f"/p{start}"] = _page([render(text, links) for text in texts[start : start + A_PAGE]])
    for start in range(0, len(texts), A_PAGE):
        seen = _shown(browser, pages, evil, f"/p{start}")
        assert (seen.hits, seen.dialogs, seen.requests) == (0, [], [])
        assert len(seen.cases) == len(texts[start : start + A_PAGE])
        for text, case in zip(texts[start : start + A_PAGE], seen.cases, strict=True):
            assert case["end"] == "end", text
            assert set(case["tags"]) <= TAGS, text
            assert set(case["attributes"]) <= {"href", "rel", "start"}, text
            assert all(
                href == "/cited/" or (href.startswith("https://known.example/") and "?" not in href)
                for href in case["links"]
            ), text
