"""Everything that is no route: the built site of the reader's circle, file by file.

What a reader may not read is not in the folder, so it is absent, not forbidden.
"""

import hashlib
import os
import stat
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from api.deps import services_of, who_asks
from api.errors import NOT_GRANTED, failure
from api.keys import Scope as KeyScope
from rag.access import Circle, Level, circle_of

# Types that the system's own table may lack or call by older names.
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


class Site:
    """What the router falls back to; `refuse` answers connections that are not HTTP."""

    def __init__(self, refuse: ASGIApp) -> None:
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file of the site."""
        if scope["type"] != "http":
            await self._refuse(scope, receive, send)
            return
        response = await run_in_threadpool(_serve, Request(scope))
        await response(scope, receive, send)


def _serve(request: Request) -> Response:
    """The file of a path, a redirect to the folder's own address, or what says that there is nothing."""
    if request.method not in ("GET", "HEAD"):
        raise HTTPException(405, headers={"Allow": "GET, HEAD"})
    identity = who_asks(request)
    if KeyScope.GUIDES not in identity.scopes:
        raise failure(403, NOT_GRANTED)
    reader = identity.reader
    generation = services_of(request).live.assistant().generation
    circle = circle_of(reader, generation.restricted)
    root, path = generation.site_folder(circle), request.url.path
    found = find(root, path)
    if found and found.is_dir():
        found = find(found, "/index.html")
        if found and not path.endswith("/"):
            return _with_slash(request)
    elif path.endswith("/"):
        found = None
    if found is None:
        return _absent(root, request)
    return _file(found, request, circle, f"{generation.name}/{circle.name}{path}")


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


def _absent(root: Path, request: Request) -> Response:
    """The site's own page for people, the usual error for programs."""
    lang = "/en" if request.url.path.startswith("/en/") else ""
    page = find(root, f"{lang}/404.html") or find(root, "/404.html")
    if page is None or "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    return FileResponse(page, 404, headers={"Cache-Control": "private, no-store"})


def _file(file: Path, request: Request, circle: Circle, identity: str) -> Response:
    """A file with the tag of exactly this variant: equal names in two circles never share one."""
    found = file.stat()
    digest = hashlib.sha256(f"{identity}/{found.st_mtime_ns}/{found.st_size}".encode()).hexdigest()
    cache = "public, no-cache" if circle.level is Level.OPEN else "private, no-cache"
    headers = {"ETag": f'"{digest[:32]}"', "Cache-Control": cache}
    seen = request.headers.get("if-none-match", "").split(",")
    if headers["ETag"] in (tag.strip().removeprefix("W/") for tag in seen):
        return Response(status_code=304, headers=headers)
    return FileResponse(file, headers=headers, media_type=_TYPES.get(file.suffix), stat_result=found)
