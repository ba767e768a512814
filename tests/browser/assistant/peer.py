"""A scripted peer for the assistant's tests: serves a page and the real assets, and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from api.headers import ALWAYS

ASSETS = Path(__file__).resolve().parents[3] / "docs" / "assets"
TYPES = {".js": "text/javascript", ".css": "text/css"}
CSP = ALWAYS["Content-Security-Policy"]
GATE = "\0wait until the test opens the gate"
CUT = "\0close the connection"
PAGE = """<!doctype html><html lang="{lang}" class="{large}"><head><meta charset="utf-8"><title>Page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}
<link rel="icon" href="{root}/assets/icon.svg"><link rel="stylesheet" href="{root}/page.css">
<script type="module" src="{root}/assets/assistant.js"></script></head>
<body data-md-color-scheme="{scheme}"><main><h1>Page</h1><p>Text.</p><h2 id="steps">Steps</h2>
{before}<zhinan-assistant lang="{lang}" base="{root}"{open}></zhinan-assistant></main></body></html>"""
PAGE_CSS = '[data-md-color-scheme="slate"] { background: #1e2129; color: #eee } .filler { height: 40em }'


@dataclass(frozen=True)
class Reply:
    """What the peer says to one question: a status with a JSON body, or a stream of pieces."""

    status: int = 200
    body: Any = None
    pieces: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


def event(name: str, data: dict[str, Any]) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def streamed(answer: dict[str, Any], *sentences: str, gate: bool = False) -> Reply:
    """Sentences, then the answer; with `gate` the peer waits after the first sentence."""
    pieces = [event("sentence", {"text": text}) for text in sentences]
    if gate:
        pieces.insert(1, GATE)
    return Reply(pieces=(*pieces, event("answer", answer)))


@dataclass
class Peer:
    """The peer's address, its script and what it has received."""

    url: str
    replies: dict[str, Reply] = field(default_factory=dict)
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    deletions: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def page(self, lang: str = "zh", **options: str) -> str:
        """Address of the page that hosts the component."""
        query = "&".join(f"{name}={value}" for name, value in {"lang": lang, **options}.items())
        return f"{self.url}/county/public/page/?{query}"

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """Bodies received at a path below the API's root."""
        return [body for got, body in self.received if got == f"/county/api/v1/{path}"]


class _Handler(BaseHTTPRequestHandler):
    peer: ClassVar[Peer]

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the test output quiet."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        asset = ASSETS / path.rpartition("/")[2]
        if path.endswith("/page/"):
            self._send(200, _page(query).encode(), "text/html; charset=utf-8")
        elif path.endswith("/page.css"):
            self._send(200, PAGE_CSS.encode(), "text/css")
        elif path.startswith("/county/assets/") and asset.suffix in TYPES and asset.is_file():
            self._send(200, asset.read_bytes(), TYPES[asset.suffix])
        elif path.endswith("/icon.svg"):
            self._send(200, b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml")
        else:
            self._send(404, b"nothing here", "text/plain")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.peer.received.append((self.path, body))
        if self.path.endswith("/requests"):
            self.peer.keys.append(self.headers["Idempotency-Key"])
        name = body["question"] if self.path.endswith("/ask") else self.path.rpartition("/")[2]
        self._reply(self.peer.replies.get(name, Reply(404)))

    def do_DELETE(self) -> None:
        self.peer.deletions.append(self.path)
        self._reply(self.peer.replies.get("delete", Reply(404)))

    def _reply(self, reply: Reply) -> None:
        if reply.pieces:
            self._stream(reply)
        elif reply.body is None:
            self._send(reply.status, b"<h1>Not here</h1>", "text/html", reply.headers)
        else:
            self._send(reply.status, json.dumps(reply.body).encode(), "application/json", reply.headers)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        extra = {"Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": CSP}
        for name, value in (extra | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()
        for piece in reply.pieces:
            if piece == GATE:
                self.peer.gate.wait(10)
            elif piece != CUT:
                self.wfile.write(piece.encode())
                self.wfile.flush()


def _page(query: str) -> str:
    wanted = dict(pair.split("=", 1) for pair in query.split("&"))
    return PAGE.format(
        lang=wanted["lang"],
        root="../..",
        scheme=wanted.get("scheme", "default"),
        large=wanted.get("large", ""),
        open=" open-page" if "inline" in wanted else "",
        before='<p class="filler">Filler</p>' if "filler" in wanted else "",
        head=f'<meta name="zhinan-api" content="{wanted["api"]}">' if "api" in wanted else "",
    )


@contextmanager
def serving() -> Iterator[Peer]:
    """A peer on a free loopback port."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    peer = Peer(f"http://127.0.0.1:{server.server_port}")
    handler.peer = peer  # type: ignore[attr-defined]  # a class made here has no fields for mypy
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        peer.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
