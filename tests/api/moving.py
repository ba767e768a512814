"""An office whose guides move between levels from one generation to the next, and what a reader sees of them."""

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from rag.access import ANONYMOUS, Audience, Level, Reader
from tests.library import guide, write_guide, write_office

READERS = {
    "anonymous": ANONYMOUS,
    "members": Reader(Audience.ORGANISATIONS, Level.MEMBERS),
    "internal": Reader(Audience.STAFF, Level.INTERNAL),
    "team": Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"team"})),
    "others": Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"others"})),
}
_ALL = frozenset(READERS)
OPENS = {
    "open": _ALL,
    "members": _ALL - {"anonymous"},
    "internal": _ALL - {"anonymous", "members"},
    "team": frozenset({"team"}),
    "others": frozenset({"others"}),
    "withdrawn": frozenset[str](),
    "deleted": frozenset[str](),
}
"""Where a guide can stand, and the readers to whom it is open there."""
States = Mapping[str, str]
"""Where each guide stands."""
WORDS = {
    "stf-lake": ("游湖", "松烟"),
    "stf-kiln": ("窑炉", "石绿"),
    "stf-loom": ("织机", "藤黄"),
    "stf-mill": ("水磨", "胭脂"),
    "stf-well": ("水井", "花青"),
}
"""What each guide is about, and a word that it alone says."""
BEFORE = dict(zip(WORDS, ("open", "internal", "open", "members", "open"), strict=True))
AFTER = dict(zip(WORDS, ("internal", "team", "withdrawn", "deleted", "open"), strict=True))
"""Open to internal, internal to restricted, withdrawn, deleted, and one that stays."""


def write_moving(root: Path, states: States) -> Path:
    """Write the office with its guides where they stand."""
    shutil.rmtree(root, ignore_errors=True)
    write_office(root)
    for name, state in states.items():
        if state != "deleted":
            write_guide(root, _meta(name, state), f"## 收费 {{#fee}}\n\n{_sentence(name)}\n")
    return root


def _sentence(name: str) -> str:
    about, mark = WORDS[name]
    return f"{about}登记不收费，到{mark}窗口办理。"


def _meta(name: str, state: str) -> dict[str, Any]:
    today = date.today()
    restricted, plain = state in ("team", "others"), state if state in set(Level) else "open"
    changes: dict[str, Any] = {"readers": [state]} if restricted else {}
    if state == "withdrawn":
        changes["status"] = "withdrawn"
    return guide(
        name,
        "restricted" if restricted else plain,
        title=f"{WORDS[name][0]}登记",
        summary=_sentence(name),
        valid_from=str(today - timedelta(days=30)),
        reviewed_on=str(today - timedelta(days=10)),
        review_by=str(today + timedelta(days=100)),
        **({"level_setter": "定级岗"} if restricted or plain == "internal" else {}),
        **changes,
    )


def may_see(reader: str, states: States) -> frozenset[str]:
    """Guides that this reader may see where they stand so."""
    return frozenset(name for name, state in states.items() if reader in OPENS[state])


@dataclass(frozen=True)
class Seen:
    """What one reader was shown, by exit, and the generation that each answer names with what it shows."""

    guides: Mapping[str, frozenset[str]]
    answers: tuple[tuple[str, frozenset[str]], ...]

    def beyond(self, allowed: Collection[str]) -> dict[str, frozenset[str]]:
        """Exits that show more than is allowed, and what."""
        return {way: more for way, found in self.guides.items() if (more := found - set(allowed))}


def look(client: httpx.Client, headers: Mapping[str, str], about: Collection[str] = tuple(WORDS)) -> Seen:
    """Look at the lists, and for some guides ask, search, and open record and page."""
    texts = {way: client.get(path, headers=headers).text for way, path in _LISTS.items()}
    guides = {way: _shown(text) for way, text in texts.items()}
    answers = []
    for name in about:
        question = f"{WORDS[name][0]}登记收费吗"
        answer = client.post("/api/v1/ask", json={"question": question}, headers=headers).json()
        shown = frozenset(
            item["guide"] for key in ("citations", "suggestions", "choices") for item in answer[key]
        )
        answers.append((answer["generation"], shown | _marked(answer["text"])))
        hits = client.get("/api/v1/search", params={"q": question}, headers=headers).json()["hits"]
        guides[f"search {name}"] = frozenset(hit["guide"] for hit in hits)
        guides[f"ask {name}"] = answers[-1][1]
        for way, path in _OWN.items():
            response = client.get(path.format(name), headers=headers)
            guides[f"{way} {name}"] = (
                frozenset({name}) if response.status_code != 404 else _shown(response.text)
            )
    return Seen(guides, tuple(answers))


_LISTS = {
    "list": "/api/v1/guides",
    "search data": "/search-data.json",
    "topics": "/topics/",
    "print": "/print/",
}
_OWN = {
    "record": "/api/v1/guides/{}",
    "page": "/staff/{}/",
    "members' page": "/staff/members/{}/",
    "internal page": "/staff/internal/{}/",
    "restricted page": "/staff/restricted/{}/",
}


def _shown(text: str) -> frozenset[str]:
    return _marked(text) | {name for name in WORDS if name in text}


def _marked(text: str) -> frozenset[str]:
    return frozenset(name for name, (_, mark) in WORDS.items() if mark in text)
