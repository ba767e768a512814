"""Everything that is no route: the built site of the reader's circle, file by file.

What a reader may not read is not in the folder, so it is absent, not forbidden.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from api.audit import Act
from api.deps import Services, services_of, who_asks
from api.errors import NOT_GRANTED, failure
from api.identity import Identity
from api.keys import Scope as KeyScope
from api.pages import wants_page
from api.withdrawn import Absent, Gone, Withdrawals
from rag.access import Circle, Level, circle_of
from rag.generation import Generation
from rag.packs import OFFLINE

# Types that the system's own table may lack or call by older names.
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


_OF_ALL = ("/search-data.json", "/print/", "/print/index.html", f"/{OFFLINE}")
"""Files of a site with the text of all its guides, in each language."""


class Site:
    """What the router falls back to; `refuse` answers connections that are not HTTP."""

    def __init__(self, refuse: ASGIApp) -> None:
        self._refuse = refuse
        self._withdrawals = Withdrawals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file of the site."""
        if scope["type"] != "http":
            await self._refuse(scope, receive, send)
            return
        response = await run_in_threadpool(_serve, Request(scope), self._withdrawals)
        await response(scope, receive, send)


def _serve(request: Request, withdrawals: Withdrawals) -> Response:
    """The file of a path, a redirect to the folder's own address, or what says that there is nothing."""
    if request.method not in ("GET", "HEAD"):
        raise HTTPException(405, headers={"Allow": "GET, HEAD"})
    identity, services = who_asks(request), services_of(request)
    if KeyScope.GUIDES not in identity.scopes:
        raise failure(403, NOT_GRANTED)
    generation = services.live.assistant().generation
    circle = circle_of(identity.reader, generation.restricted)
    gone = withdrawals.gone(generation, circle, services.watch.over(generation).withdrawn)
    root, path = generation.site_folder(circle), request.url.path
    shown = _Shown(root, withdrawals, gone)
    found = None if gone and gone.holds(path) else find(root, path)
    if found and found.is_dir():
        found = find(found, "/index.html")
        if found and not path.endswith("/"):
            return _with_slash(request)
    elif path.endswith("/"):
        found = None
    if found is None:
        return _absent(shown, request)
    try:
        content = shown.content(found)
    except Absent:
        return _absent(shown, request)
    if circle.restricted:
        _record_reading(services, identity, generation, path)
    return _file(found, content, request, circle, f"{generation.name}/{circle.name}{path}")


def _record_reading(services: Services, identity: Identity, generation: Generation, path: str) -> None:
    """Who opens a restricted guide is in the audit trail; where that cannot be written, nothing is shown."""
    held = generation.guides(identity.reader, services.watch.over(generation).withdrawn)
    records = [guide for guide in held if guide["level"] == Level.RESTRICTED]
    for guide in records:
        if path.startswith(guide["url"]):
            services.audit.record(
                identity.actor, Act.RESTRICTED_READ, guide["id"], lang=guide["lang"], way="site"
            )
    if records and path.endswith(_OF_ALL):
        ids = sorted({guide["id"] for guide in records})
        services.audit.record(identity.actor, Act.RESTRICTED_READ, path, guides=ids, way="site")


@dataclass(frozen=True)
class _Shown:
    """A circle's site as it is shown now."""

    root: Path
    withdrawals: Withdrawals
    gone: Gone | None

    def content(self, file: Path) -> bytes | None:
        """What is shown in place of a file, or None where it is shown itself; Absent where nothing is."""
        return self.withdrawals.content(self.root, file, self.gone) if self.gone else None


def find(root: Path, path: str) -> Path | None:
    """The file or folder below `root` that a path names, or None.

    Each step is looked at by itself: links, dotfiles and names that mean another place are absent.
    """
    found = root
    for name in path.removeprefix("/").removesuffix("/").split("/") if path != "/" else []:
        if not name or name.startswith(".") or any(sign in name for sign in "\\\0:"):
            return None
        found = found / name
        try:
            mode = os.lstat(found).st_mode
        except (OSError, ValueError):
            return None
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            return None
    return found


def _with_slash(request: Request) -> Response:
    """To the folder's address with its closing slash; relative, so it holds behind any proxy and host."""
    query = request.scope["query_string"].decode("latin-1")
    target = f"./{quote(request.url.path.rsplit('/', 1)[-1])}/"
    return Response(status_code=307, headers={"Location": f"{target}?{query}" if query else target})


def _absent(shown: _Shown, request: Request) -> Response:
    """The site's own page for people, the usual error for programs."""
    lang = "/en" if request.url.path.startswith("/en/") else ""
    page = find(shown.root, f"{lang}/404.html") or find(shown.root, "/404.html")
    if page is None or not wants_page(request):
        raise HTTPException(404)
    content, headers = shown.content(page), {"Cache-Control": "private, no-store"}
    if content is None:
        return FileResponse(page, 404, headers=headers)
    return _whole(content, request, 404, headers, "text/html")


def _whole(
    content: bytes, request: Request, status: int, headers: dict[str, str], media_type: str | None
) -> Response:
    """Content in one piece; for HEAD its headers alone."""
    length = {"Content-Length": str(len(content))}
    return Response(
        b"" if request.method == "HEAD" else content, status, headers=headers | length, media_type=media_type
    )


def _file(file: Path, content: bytes | None, request: Request, circle: Circle, identity: str) -> Response:
    """A file, or the content in its place, with the tag of exactly this variant: equal names in two circles never
    share one."""
    found = file.stat()
    variant = f"{identity}/{found.st_mtime_ns}/{found.st_size}".encode()
    digest = hashlib.sha256(variant + (b"/" + content if content is not None else b"")).hexdigest()
    cache = "public, no-cache" if circle.level is Level.OPEN else "private, no-cache"
    headers = {"ETag": f'"{digest[:32]}"', "Cache-Control": cache}
    seen = request.headers.get("if-none-match", "").split(",")
    if headers["ETag"] in (tag.strip().removeprefix("W/") for tag in seen):
        return Response(status_code=304, headers=headers)
    media_type = _TYPES.get(file.suffix)
    if content is not None:
        return _whole(content, request, 200, headers, media_type or guess_type(file.name)[0])
    return FileResponse(file, headers=headers, media_type=media_type, stat_result=found)
