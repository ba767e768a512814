"""A tiny office with one guide of each level, written to a folder: what the API tests build from."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

CANARIES = {
    "members": "CANARYMEMBERSQX",
    "internal": "CANARYINTERNALQX",
    "restricted": "CANARYRESTRICTEDQX",
}
TITLES = {"members": "车队登记备案", "internal": "库存盘点规程", "restricted": "失窃线索移交"}
ROLE = "incident-team"
_UNITS = {
    "bike-office": {
        "platform": True,
        "name": {"zh": "自行车管理处", "en": "Bicycle Office"},
        "phone": "000-0000-0101",
        "complaint": "000-0000-0109",
    }
}


def write_library(root: Path) -> Path:
    """Write units.yml and the guides of all levels below `root`."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "units.yml").write_text(json.dumps(_UNITS, ensure_ascii=False), encoding="utf-8")
    _write(root, "zh", "public", "pub-bike-tag", "自行车号牌的申领", "open", "自行车号牌当场发放，不收费。")
    _write(root, "en", "public", "pub-bike-tag", "Getting a bicycle tag", "open", "The bicycle tag is free.")
    for lang, name in (("zh", "org-bike-fleet"), ("zh", "stf-bike-audit"), ("zh", "off-bike-theft")):
        level = {"org": "members", "stf": "internal", "off": "restricted"}[name[:3]]
        folder = {"org": "organisations", "stf": "staff", "off": "leaders"}[name[:3]]
        title = TITLES[level]
        said = f"{title}：交到三号窗口，暗号{CANARIES[level]}，由专人登记。"
        _write(root, lang, f"{folder}/{level}", name, title, level, said)
    return root


def _write(root: Path, lang: str, folder: str, guide_id: str, title: str, level: str, sentence: str) -> None:
    """One guide of type technical, which needs the fewest fields."""
    file = root / lang / folder / f"{guide_id}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    meta = _meta(guide_id, title, level, lang, folder.split("/")[0], sentence)
    # JSON is YAML: no quoting to get wrong.
    heading = "办理说明" if lang == "zh" else "How it works"
    lines = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in meta.items())
    file.write_text(f"---\n{lines}\n---\n\n## {heading} {{#how}}\n\n{sentence}\n", encoding="utf-8")


def _other_language(lang: str) -> dict[str, Any]:
    """Where the tag's guide stands in the other language."""
    name, folder = ("en", "en") if lang == "zh" else ("zh-Hans", "zh")
    return {name: {"path": f"{folder}/public/pub-bike-tag.md", "source_version": 1}}


def _meta(guide_id: str, title: str, level: str, lang: str, audience: str, sentence: str) -> dict[str, Any]:
    today = date.today()
    meta: dict[str, Any] = {
        "id": guide_id,
        "lang": "zh-Hans" if lang == "zh" else "en",
        "title": title,
        "summary": sentence,
        "type": "technical",
        "audience": [audience],
        "level": level,
        "topic": "自行车" if level == "open" else "登记",
        "owner_unit": "bike-office",
        "maintainer": "编辑岗",
        "reviewer": "审核岗",
        "contact": {"phone": "000-0000-0101"},
        "complaint": {"phone": "000-0000-0109"},
        "prerequisites": [],
        "ai_use": "answer",
        "status": "published",
        "version": 1,
        "valid_from": str(today - timedelta(days=30)),
        "reviewed_on": str(today - timedelta(days=10)),
        "review_by": str(today + timedelta(days=100)),
        "translations": _other_language(lang) if guide_id == "pub-bike-tag" else {},
        "serves": ["S1"],
        "demo": True,
    }
    items = [] if level == "open" else [{"name": "暗号", "rule": CANARIES[level]}]
    meta["fee"] = {"charged": False, "items": items, "pay_online": False}
    if level in ("internal", "restricted"):
        meta["level_setter"] = "定级岗"
    if level == "restricted":
        meta["readers"] = [ROLE]
    return meta
