"""The outermost layer of the app: bounds of a request, headers of an answer, one log line, no bare failure.

It is plain ASGI, so that it also covers what no route handles.
"""

import asyncio
import logging
import time
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import (
    HEAD_TOO_LARGE,
    INTERNAL,
    NOT_JSON,
    TOO_LARGE,
    TOO_SLOW,
    ApiError,
    failure,
    log_failure,
)
from api.headers import NEVER_STORED, headers_for
from api.metrics import Metrics
from api.routes import API
from api.streams import Streams
from api.throttle import SAID
from rag.settings import Settings

BODY_LIMIT = 64 * 1024
_HEAD_LIMIT = 32 * 1024
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
LOG = logging.getLogger("zhinan.access")


class Edge:
    """Wraps the whole app, see the module."""

    def __init__(self, app: ASGIApp, metrics: Metrics, settings: Settings) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = headers_for(settings)
        self._body_seconds = settings.body_seconds
        self._streams = Streams(settings.streams_per_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; everything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        reply = _Reply(send, scope, self._headers)
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
            _check_head(scope)
            body = await _read_body(scope, receive, self._body_seconds)
            if body is None:
                return
            if body and _is_api(scope) and scope["method"] not in _WITHOUT_BODY:
                _check_json(scope)
            with self._streams.held(scope):
                await self._app(scope, _replayed(body, receive), reply)
        except ApiError as error:
            await error.response()(scope, receive, reply)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """One line a request: the route's template, never the address, which may hold a person's words."""
        route = str(getattr(scope.get("route"), "path", "site"))
        self._metrics.served(scope["method"], route, status, seconds)
        method = scope["method"] if scope["method"].isalpha() else "?"
        LOG.info("%s %s %s %.1fms", method[:10], route, status or "gone", seconds * 1000)


class _Reply:
    """The way back to the client, which adds the headers that every response has."""

    def __init__(self, send: Send, scope: Scope, headers: Mapping[str, str]) -> None:
        self._send = send
        self._scope = scope
        self._headers = headers
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            vary = headers.get("vary")
            for name, value in self._headers.items():
                headers[name] = value
            if vary:
                headers["Vary"] = f"{self._headers['Vary']}, {vary}"
            for name, value in self._scope.get("state", {}).get(SAID, {}).items():
                headers[name] = value
            if _is_api(self._scope) or "cache-control" not in headers:
                headers["Cache-Control"] = NEVER_STORED["Cache-Control"]
        await self._send(message)


def _is_api(scope: Scope) -> bool:
    return str(scope["path"]).startswith(f"{API}/")


def _check_head(scope: Scope) -> None:
    size = len(scope.get("raw_path", b"")) + len(scope.get("query_string", b""))
    if size + sum(len(name) + len(value) for name, value in scope["headers"]) > _HEAD_LIMIT:
        raise failure(431, HEAD_TOO_LARGE, {"Connection": "close"})


def _check_json(scope: Scope) -> None:
    """A body is JSON and says so: what a form on a foreign page can send is never taken for a question."""
    headers = Headers(scope=scope)
    kinds = [kind.partition(";")[0].strip().lower() for kind in headers.getlist("content-type")]
    if kinds != ["application/json"] or headers.get("content-encoding", "identity") != "identity":
        raise failure(415, NOT_JSON)


async def _read_body(scope: Scope, receive: Receive, seconds: float) -> bytes | None:
    """The whole body; None if the client has gone; ApiError if it is too large or too slow."""
    length = Headers(scope=scope).get("content-length", "0")
    if length.isdigit() and int(length) > BODY_LIMIT:
        raise failure(413, TOO_LARGE, {"Connection": "close"})
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
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
