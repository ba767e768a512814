"""Tiny folders of guides: valid ones as dicts that a test changes, so that it shows its whole input."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from rag.access import Circle
from rag.checks import check
from rag.guides import Guide, Library, UnitOffice
from rag.record import readable_guides
from rag.schema import FrontMatter
from rag.site_pages import Shelf

TODAY = date(2026, 11, 22)
BODY = "## 说明 {#how}\n\n带好证件到三号窗口。\n"
UNITS = 'bike-office:\n  name: {zh: 自行车管理处, en: Bicycle Office}\n  phone: "000-0000-0101"\n'
PARAMS = "tag:\n  days: 3\n  name: {zh: 号牌, en: tag}\n"
_FOLDERS = {"off": "leaders", "stf": "staff", "org": "organisations", "pub": "public"}


def guide(guide_id: str = "pub-bike-tag", level: str = "open", **changes: Any) -> dict[str, Any]:
    """A valid Chinese guide of type technical, which needs the fewest fields."""
    meta: dict[str, Any] = {
        "id": guide_id,
        "lang": "zh-Hans",
        "title": f"自行车号牌 {guide_id}",
        "summary": "自行车号牌的说明。",
        "type": "technical",
        "audience": [_FOLDERS[guide_id[:3]]],
        "level": level,
        "topic": "自行车",
        "owner_unit": "bike-office",
        "maintainer": "编辑岗",
        "reviewer": "审核岗",
        "contact": {"phone": "000-0000-0101"},
        "complaint": {"phone": "000-0000-0109"},
        "prerequisites": [],
        "ai_use": "answer",
        "status": "published",
        "version": 1,
        "valid_from": "2026-01-01",
        "reviewed_on": "2026-11-01",
        "review_by": "2027-03-01",
        "translations": {},
        "serves": ["S1"],
        "demo": True,
    }
    if level in ("internal", "restricted"):
        meta["level_setter"] = "定级岗"
    if level == "restricted":
        meta["readers"] = ["incident-team"]
    return meta | changes


def service(guide_id: str = "pub-bike-tag", **changes: Any) -> dict[str, Any]:
    """A valid Chinese guide of type service with every field that such a guide must have."""
    fields: dict[str, Any] = {
        "type": "service",
        "aliases": ["车牌"],
        "item_code": "DEMO-1",
        "personal_data": "ordinary",
        "legal_basis": [
            {"name": "自行车条例", "article": "第3条", "status": "in-force", "verified_on": "2026-10-01"}
        ],
        "applies_to": {"who": ["有自行车的人"], "where": ["全县"], "when": "全年"},
        "not_for": [{"case": "电动车", "go_to": "车管所"}],
        "materials": [
            {"name": "身份证", "source": "own", "form": "check-original", "copies": 0, "need": "must"},
            {"name": "购车发票", "source": "own", "form": "paper", "copies": 2, "need": "may-follow"},
        ],
        "steps": [
            {"n": 1, "actor": "申请人", "action": "交申请表", "where": "三号窗口"},
            {
                "n": 2,
                "actor": "窗口",
                "action": "发号牌",
                "where": "三号窗口",
                "result": "拿到号牌",
                "limit": "3日",
            },
        ],
        "handling_type": "committed",
        "time_limit": {
            "statutory": {"n": 20, "unit": "working-day", "basis": "自行车条例第3条"},
            "promised": {"n": 5, "unit": "working-day"},
            "starts": "受理之日",
            "excludes": ["公示时间"],
        },
        "fee": {"charged": False, "pay_online": False},
        "visits": 1,
        "visit_reason": "当面领取号牌",
        "channels": [{"kind": "counter", "place": "三号窗口", "hours": "9:00–17:00"}],
        "result": {"name": "号牌", "kind": "证牌", "delivery": "当场领取", "validity": "长期"},
        "progress_query": "打000-0000-0101查询",
        "faq": [{"q": "丢了怎么办", "a": "带身份证补领"}],
    }
    return guide(guide_id, **fields) | changes


def text_of(meta: dict[str, Any], body: str = BODY) -> str:
    """A guide file: JSON is YAML, so one key a line, and one line for each entry of a list of parts."""
    lines: list[str] = []
    for key, value in meta.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{key}:", *(f"  - {_json(part)}" for part in value)]
        else:
            lines.append(f"{key}: {_json(value)}")
    return "\n".join(["---", *lines, "---", "", body])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_office(root: Path, units: str = UNITS, params: str = PARAMS) -> Path:
    """Write units.yml and params.yml below `root`."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "units.yml").write_text(units, encoding="utf-8")
    (root / "params.yml").write_text(params, encoding="utf-8")
    return root


def write_guide(root: Path, meta: dict[str, Any], body: str = BODY, at: str = "") -> Path:
    """Write a guide where it belongs (or at the path `at`); returns its path below `root`."""
    lang = "en" if meta["lang"] == "en" else "zh"
    inner = [] if meta["level"] == "open" else [meta["level"]]
    path = Path(at) if at else Path(lang, meta["audience"][0], *inner, f"{meta['id']}.md")
    return write_file(root, path, text_of(meta, body))


def write_file(root: Path, path: Path, content: str | bytes) -> Path:
    """Write a file below `root` whatever it holds; returns its path below `root`."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def line_of(root: Path, path: Path, start: str) -> int:
    """Number of the first line of a file that begins with `start`, spaces aside."""
    lines = (root / path).read_text(encoding="utf-8").split("\n")
    return next(n for n, line in enumerate(lines, 1) if line.strip().startswith(start))


def said(root: Path, today: date = TODAY) -> list[tuple[str, str, int]]:
    """Code, file and line of each problem that `check` finds."""
    return [(problem.code, str(problem.path), problem.line) for problem in check(root, today)]


def parsed(meta: dict[str, Any], body: str = BODY) -> Guide:
    """The guide of a dict without any file; its lines are unknown."""
    lang = "en" if meta["lang"] == "en" else "zh"
    inner = [] if meta["level"] == "open" else [meta["level"]]
    path = Path(lang, meta["audience"][0], *inner, f"{meta['id']}.md")
    return Guide(path, path.parts[1], FrontMatter.model_validate(meta), body, 1, {})


def office(*guides: Guide) -> Library:
    """A library of guides without any file."""
    unit = UnitOffice(name={"zh": "自行车管理处", "en": "Bicycle Office"}, phone="000-0000-0101")
    return Library(Path("nowhere"), guides, {"bike-office": unit})


def shelf_of(library: Library, circle: Circle, lang: str) -> Shelf:
    """What the tree of one circle and language is made of, without topic names and journeys."""
    readable = readable_guides(library, circle)
    twins = {guide.id: guide for guide in readable if guide.lang != lang}
    own = tuple(guide for guide in readable if guide.lang == lang)
    return Shelf(library=library, lang=lang, guides=own, twins=twins, topics={}, journeys=(), today=TODAY)
