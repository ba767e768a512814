"""What the app answers when every route is asked in every way: the material of the checks in test_asvs.py."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import httpx2
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

EVIL = "evil.example"
PLACES = {"guide_id": "pub-bike-tag", "answer_id": "a" * 32, "number": "SS-20261123-0001"}
METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "TRACK",
    "DEBUG",
    "PROPFIND",
    "FOO",
)
SITE = (
    "/", "/index.html", "/public", "/public/", "/public/pub-bike-tag", "/public/pub-bike-tag/", "/public/pub-bike-tag/index.md",
    "/en/", "/assets", "/assets/", "/assets/page.js", "/search-data.json", "/sitemap.xml", "/llms.txt", "/offline.zip",
    "/404.html", "/robots.txt", "/nothing", "/staff/internal/stf-bike-audit/", "/api", "/api/", "/api/v1", "/api/v1/",
    "/api/v1/nothing", "/docs", "/redoc", "/openapi.json", "/admin", "/.env", "/.git/config", "/server-status", "/actuator",
)  # fmt: skip
LURES = (
    f"//{EVIL}", f"//{EVIL}/", f"///{EVIL}/public", f"/\\{EVIL}", f"/\\\\{EVIL}/public", f"/%5c{EVIL}", f"/%2f{EVIL}/%2e%2e",
    f"/%09/{EVIL}", f"/public?next=//{EVIL}", f"/public?https://{EVIL}", f"/sign-in?next=https://{EVIL}/", f"/desk?return=//{EVIL}",
    f"/sign-in?redirect_uri=//{EVIL}", f"/public%0d%0aLocation:%20https://{EVIL}", "/public%0d%0a%0d%0a<script>", "/public%0aSet-Cookie:a=b",
    "/public?a%0d%0aSet-Cookie:%20a=b", f"/@{EVIL}", f"/.{EVIL}", f"/https://{EVIL}", f"/public/..//{EVIL}", f"/public;@{EVIL}",
    "/%E2%80%AEpublic", "/public%E5%98%8D%E5%98%8ALocation:x",
)  # fmt: skip
"""Addresses that lead elsewhere where a redirect or a link is made carelessly."""
WAYS: dict[str, dict[str, str]] = {
    "plain": {},
    "browser": {"Accept": "text/html,application/xhtml+xml"},
    "wrong host": {"Host": EVIL, "Accept": "text/html"},
    "forwarded": {
        "X-Forwarded-Host": EVIL, "X-Forwarded-Server": EVIL, "X-Host": EVIL, "Forwarded": f"host={EVIL};proto=https",
        "X-Forwarded-Proto": "https", "X-Forwarded-Port": "1337", "X-Forwarded-Prefix": f"//{EVIL}", "Accept": "text/html",
    },
    "rewritten": {
        "X-Original-URL": "/metrics", "X-Rewrite-URL": "/metrics", "X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE",
        "X-Method-Override": "DELETE",
    },
    "other origin": {
        "Origin": f"https://{EVIL}", "Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "X-API-Key",
        "Sec-Fetch-Site": "cross-site",
    },
    "null origin": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "wrong key": {"X-API-Key": "wrong"},
    "wrong cookie": {"Cookie": "zhinan=wrong; __Host-zhinan=wrong"},
    "form": {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"},
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One request and its answer."""

    method: str
    path: str
    way: str
    answer: httpx2.Response = field(repr=False)

    @property
    def kind(self) -> str:
        """The type of the answer without its parameters."""
        return self.header("content-type").partition(";")[0]

    def header(self, name: str) -> str:
        """A header of the answer, or nothing."""
        return str(self.answer.headers.get(name, ""))

    @property
    def is_api(self) -> bool:
        """Whether the API was asked."""
        return self.path.startswith("/api/")

    @property
    def cookies(self) -> list[str]:
        """Every Set-Cookie."""
        return self.answer.headers.get_list("set-cookie")


def routes(app: FastAPI) -> list[str]:
    """An address of every route, described or not."""
    found = dict.fromkeys(str(route.path).format_map(PLACES) for route in iter_route_contexts(app.routes))
    return list(found)


def observe(client: TestClient, ways: Iterable[str] = WAYS) -> Iterator[Seen]:
    """Every route and address by every method in every way, and each lure by GET and POST."""
    assert isinstance(client.app, FastAPI)
    for way in ways:
        for path in (*routes(client.app), *SITE):
            for method in METHODS:
                yield _asked(client, method, path, way)
        for path in LURES:
            for method in ("GET", "POST"):
                yield _asked(client, method, path, way)


def _asked(client: TestClient, method: str, path: str, way: str) -> Seen:
    client.cookies.clear()
    # A whole address, since a path that begins with two slashes would be taken for a host.
    url = httpx2.URL("http://testserver").copy_with(raw_path=path.encode())
    body = b"name=a&password=b" if way == "form" and method == "POST" else None
    return Seen(method, path, way, client.request(method, url, headers=WAYS[way], content=body))
