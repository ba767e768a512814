"""The outermost layer of the app: body limit, security headers, one log line, and no bare failure.

It is plain ASGI, so that it also covers what no route handles.
"""

import asyncio
import logging
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import INTERNAL, TOO_LARGE, TOO_SLOW, ApiError, failure, log_failure
from api.metrics import Metrics

BODY_LIMIT = 64 * 1024
BODY_SECONDS = 15.0
LOG = logging.getLogger("zhinan.access")
_CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # Who asks decides what comes back, so no shared cache may give one reader's answer to another.
    "Vary": "X-API-Key",
}


class Edge:
    """Wraps the whole app, see the module."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; everything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        reply = _Reply(send)
        try:
            await self._serve(scope, receive, reply)
        except Exception as error:
            log_failure(error)
            if reply.status:
                raise
            await failure(500, INTERNAL).response()(scope, receive, reply)
        finally:
            self._note(scope, reply.status, time.perf_counter() - begun)

    async def _serve(self, scope: Scope, receive: Receive, reply: "_Reply") -> None:
        """Read the body first: nothing is parsed before its size is known."""
        try:
            body = await _read_body(scope, receive)
        except ApiError as error:
            await error.response()(scope, receive, reply)
            return
        if body is not None:
            await self._app(scope, _replayed(body, receive), reply)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """One line a request: the route's template, never the address, which may hold a person's words."""
        route = str(getattr(scope.get("route"), "path", "site"))
        self._metrics.served(scope["method"], route, status, seconds)
        method = scope["method"] if scope["method"].isalpha() else "?"
        LOG.info("%s %s %s %.1fms", method[:10], route, status or "gone", seconds * 1000)


class _Reply:
    """The way back to the client, which adds the headers that every response has."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "private, no-store")
        await self._send(message)


async def _read_body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body; None if the client has gone; ApiError if it is too large or too slow."""
    length = Headers(scope=scope).get("content-length", "0")
    if length.isdigit() and int(length) > BODY_LIMIT:
        raise failure(413, TOO_LARGE, {"Connection": "close"})
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if len(body) > BODY_LIMIT:
                    raise failure(413, TOO_LARGE, {"Connection": "close"})
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise failure(408, TOO_SLOW, {"Connection": "close"}) from None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then whatever comes next."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
