"""Exits: the request with which a probe's words go to each of them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.leak.probes import Probe


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    method: str
    url: str
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None
    accept: str = "application/json"
    form: dict[str, str] = field(default_factory=dict)


def request_of(probe: Probe) -> Sent:
    """The request of a probe."""
    return _REQUESTS[probe.exit](probe, random.Random(f"{probe.subject.id}{probe.asked.text}"))


def _ask_body(probe: Probe) -> dict[str, Any]:
    asked = probe.asked
    body: dict[str, Any] = {"question": asked.text[:500]}
    if asked.history:
        body["history"] = [{"role": role, "text": text} for role, text in asked.history]
    if asked.lang:
        body["lang"] = asked.lang
    return body


def _guide(probe: Probe, draw: random.Random) -> Sent:
    """Names of the record: the id as it is and dressed up, and whatever the form says."""
    own = probe.subject.id
    tried = [
        own,
        own.upper(),
        f"{own}%20",
        f"{own}.json",
        f"./{own}",
        f"{own}%00",
        f"{own};level=open",
        quote(own + "\u200b"),
    ]
    name = draw.choice([*tried, quote(probe.asked.text[:80], safe="")])
    params = draw.choice([{}, {"lang": "en"}, {"lang": "zh-Hans", "level": probe.subject.level.value}])
    return Sent("GET", f"/api/v1/guides/{name}", params)


def _filter(probe: Probe, draw: random.Random) -> Sent:
    subject = probe.subject
    params = draw.choice(
        [
            {"topic": subject.topic},
            {"topic": probe.asked.text[:100]},
            {"audience": subject.path.split("/")[1]},
            {"level": subject.level.value, "lang": "en"},
            {"readers": "director", "q": probe.asked.text[:100]},
        ]
    )
    return Sent("GET", draw.choice(["/api/v1/guides", "/api/v1/topics", "/api/v1/units"]), params)


def _page(probe: Probe, draw: random.Random) -> Sent:
    """The page's address and what lies beside it, plain and dressed up."""
    path = draw.choice(["", "/en"]) + probe.subject.path
    tails = (
        "",
        "index.html",
        "index.md",
        "guide.json",
        "../",
        "%2e%2e/",
        "#deposit",
        "?level=restricted",
        "//",
        "%00",
    )
    dressed = (path + draw.choice(tails), path.upper(), "/." + path, f"/public/..{path}", f"/%2e%2e/circles{path}",
               path.replace("/", "%2f"), path.replace("/", "\\"), f"/{quote(probe.asked.text[:60], safe='')}/")  # fmt: skip
    return Sent("GET", draw.choice(dressed), accept=draw.choice(["text/html", "application/json"]))


def _error(probe: Probe, draw: random.Random) -> Sent:
    """Requests that fail, with the words in every place that a message could repeat."""
    text = probe.asked.text
    bodies: list[Any] = [
        {"question": text * 600},
        {"question": text, "level": text},
        {"question": [text]},
        {"question": text, "lang": text[:20]},
        {"question": text, "history": [{"role": text[:20], "text": text}]},
        {"question": text, "history": text},
        [text],
        text,
    ]
    gets = [Sent("GET", "/api/v1/search", {"q": text, "limit": text[:40]}), Sent("GET", "/api/v1/guides", {"lang": text[:40]}),
            Sent("GET", "/api/v1/guides", {"audience": text[:40]}), Sent("DELETE", f"/api/v1/guides/{quote(text[:60], safe='')}")]  # fmt: skip
    posts = [Sent("POST", draw.choice(["/api/v1/ask", "/api/v1/requests"]), body=body) for body in bodies]
    return draw.choice([*gets, *posts])


def _rating(probe: Probe, draw: random.Random) -> Sent:
    text = probe.asked.text
    name = draw.choice([probe.subject.id, quote(text[:60], safe=""), "0" * 32])
    body = draw.choice([{"useful": True}, {"useful": True, "reason": text}, {"useful": text}])
    return Sent("POST", f"/api/v1/answers/{name}/rating", body=body)


def _request(probe: Probe, draw: random.Random) -> Sent:
    text = probe.asked.text
    if draw.random() < 0.3:
        return Sent("GET", "/api/v1/requests/SS-20260101-0001", {"code": text[:24]})
    return Sent("POST", "/api/v1/requests", body={"question": text[:500], "contact": text[:100]})


def _desk(probe: Probe, draw: random.Random) -> Sent:
    """The pages of those who sign in, with the words in the address and in every field of their forms."""
    text, guide = probe.asked.text, probe.subject
    name = draw.choice([text[:60], guide.id, guide.path])
    # Few sign-ins: each costs a hash, that is a tenth of a second.
    path = draw.choice([*_FORMS * 3, "/sign-in"])
    params = draw.choice([{"lang": "en"}, {"lang": name}, {"q": text[:100], "level": guide.level.value}])
    gets = (
        "/desk",
        "/desk",
        "/desk",
        "/sign-in",
        f"/desk/{quote(name, safe='')}",
        f"/sign-in/{quote(name, safe='')}",
    )
    if draw.random() < 0.7:
        return Sent("GET", draw.choice(gets), params, accept="text/html")
    if draw.random() < 0.3:
        return Sent("GET", "/sign-in/link", {"token": name}, accept="text/html")
    fields = dict.fromkeys(("name", "password", "token", "form", "old"), name)
    return Sent("POST", path, {"lang": name}, form=fields, accept="text/html")


_FORMS = ("/sign-in/link", "/sign-out", "/desk/password", "/desk/sign-out-everywhere")
_REQUESTS: dict[str, Callable[[Probe, random.Random], Sent]] = {
    "ask": lambda probe, _: Sent("POST", "/api/v1/ask", body=_ask_body(probe)),
    "stream": lambda probe, _: Sent("POST", "/api/v1/ask", body=_ask_body(probe), accept="text/event-stream"),
    "search": lambda probe, _: Sent("GET", "/api/v1/search", {"q": probe.asked.text[:500], "limit": "20"}),
    "guide": _guide,
    "filter": _filter,
    "page": _page,
    "error": _error,
    "rating": _rating,
    "request": _request,
    "desk": _desk,
}
