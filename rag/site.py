"""The static site of one circle of readers in one language: a copied tree, then one MkDocs run over it.

The tree holds only what the circle may read, so nothing that the site builder does can publish more.
This file and site_pages.py write data; docs/_theme decides how it looks.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from rag.access import Audience, Circle, Level
from rag.guides import Guide, Library, UnitOffice
from rag.page import page_of
from rag.schema import GuideType
from rag.settings import ROOT
from rag.site_pages import AUDIENCES, Shelf, anchor_of, escape, file_of, guide_meta, guide_text, url_of
from rag.text import fold, normalise

THEME = ROOT / "docs" / "_theme"
ASSETS = ROOT / "docs" / "assets"
CONFIGS = {"zh": ROOT / "mkdocs.yml", "en": ROOT / "mkdocs.en.yml"}
BUILDERS = ("mkdocs", "mkdocs-material", "Markdown", "pymdown-extensions")
_PAGES = {
    "index": ("您想办什么事？", "What do you want to do?"),
    "search": ("搜索", "Search"),
    "assistant": ("问办助手", "Assistant"),
}
_LEVELS = {
    Level.MEMBERS: ("组织", "members"),
    Level.INTERNAL: ("内部", "internal"),
    Level.RESTRICTED: ("受限", "restricted"),
}


class SiteError(Exception):
    """MkDocs could not build a site; `log` is everything that it said."""

    def __init__(self, lang: str, log: str) -> None:
        super().__init__(f"the {lang} site could not be built:\n{log}")
        self.lang = lang
        self.log = log


def write_tree(library: Library, circle: Circle, lang: str, target: Path, today: date | None = None) -> None:
    """Write the tree of one circle and language (`zh` or `en`) into the new folder `target`."""
    shelf = _shelf(library, circle, lang, today or date.today())
    target.mkdir(parents=True)
    shutil.copytree(ASSETS, target / "assets")
    for guide in shelf.guides:
        _write(target / file_of(guide), guide_meta(guide, shelf), guide_text(guide, shelf))
    for audience in _audiences(shelf):
        mirrored = any(audience in guide.meta.audience for guide in shelf.twins.values())
        meta = _list_meta("audience", shelf.say(AUDIENCES[audience]), f"{audience}/" if mirrored else "")
        _write(target / audience / "index.md", meta, _listing(shelf.of(audience), shelf, "../"))
    services = [guide for guide in shelf.guides if guide.meta.type is GuideType.SERVICE]
    home = _list_meta("index", shelf.say(_PAGES["index"]), "") | {"site": _site_meta(shelf)}
    _write(target / "index.md", home, _listing(services, shelf, ""))
    _write(target / "search.md", _list_meta("search", shelf.say(_PAGES["search"]), "search/"),
           _listing(shelf.guides, shelf, ""))  # fmt: skip
    _write(target / "assistant.md", _list_meta("assistant", shelf.say(_PAGES["assistant"]), "assistant/"), "")
    data = json.dumps(_search_data(shelf), ensure_ascii=False, separators=(",", ":"))
    (target / "search-data.json").write_text(data, encoding="utf-8")


def build_site(tree: Path, lang: str, target: Path) -> None:
    """Build a tree into exactly the folder `target`, which MkDocs empties first: zh before en below it."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(CONFIGS[lang])]
    env = {
        "ZHINAN_TREE": str(tree.resolve()),
        "ZHINAN_SITE": str(target.resolve()),
        "NO_MKDOCS_2_WARNING": "1",
    }
    done = subprocess.run(command, env=os.environ | env, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise SiteError(lang, done.stdout + done.stderr)
    # Our pages run none of the theme's scripts, and those name foreign hosts.
    shutil.rmtree(target / "assets" / "javascripts", ignore_errors=True)


def tree_digest(tree: Path) -> str:
    """SHA-256 of all that a site is built from: tree, theme, configuration and builder."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in BUILDERS).encode())
    files = [(file, file.relative_to(root)) for root in (tree, THEME) for file in sorted(root.rglob("*"))]
    for file, name in [*files, *((config, Path(config.name)) for config in CONFIGS.values())]:
        if file.is_file():
            content = file.read_bytes()
            digest.update(f"\0{name.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _shelf(library: Library, circle: Circle, lang: str, today: date) -> Shelf:
    topics = library.root / "topics.yml"
    named = yaml.safe_load(topics.read_text(encoding="utf-8")) if topics.is_file() else {}
    twins = {guide.id: guide for guide in _readable(library, circle, "en" if lang == "zh" else "zh")}
    return Shelf(library, lang, tuple(_readable(library, circle, lang)), twins, named, today)


def _readable(library: Library, circle: Circle, lang: str) -> Iterator[Guide]:
    for guide in library.guides:
        if (
            guide.lang == lang
            and guide.meta.status == "published"
            and circle.opens(guide.id, guide.meta.level)
        ):
            yield guide


def _audiences(shelf: Shelf) -> list[Audience]:
    """Audiences that have a page: they have guides, or a guide's trail leads there."""
    folders = {guide.folder for guide in shelf.guides}
    return [audience for audience in AUDIENCES if shelf.of(audience) or audience in folders]


def _write(file: Path, meta: Mapping[str, Any], text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    front = yaml.safe_dump(dict(meta), allow_unicode=True, sort_keys=False)
    file.write_text(f"---\n{front}---\n\n{text}", encoding="utf-8")


def _list_meta(template: str, title: str, twin: str) -> dict[str, Any]:
    return {"template": f"{template}.html", "title": title, "twin": twin}


def _site_meta(shelf: Shelf) -> dict[str, Any]:
    """What every page shows: the audiences that have guides, and who runs the site."""
    tabs = [{"title": shelf.say(AUDIENCES[a]), "url": f"{a}/", "name": a.value} for a in _audiences(shelf)]
    return {"tabs": tabs, "office": _office(shelf.library.platform, shelf.lang)}


def _office(unit: UnitOffice | None, lang: str) -> dict[str, str | None]:
    if not unit:
        return {}
    hours = unit.hours.get(lang) if isinstance(unit.hours, dict) else unit.hours
    return {"name": unit.said(lang), "phone": unit.phone, "hours": hours}


def _listing(guides: Iterable[Guide], shelf: Shelf, up: str) -> str:
    """Guides by topic, in the order of topics.yml, each with its summary; `up` leads to the tree's root."""
    by_topic: dict[str, list[Guide]] = {topic.get(shelf.lang, key): [] for key, topic in shelf.topics.items()}
    for guide in guides:
        by_topic.setdefault(shelf.topic(guide), []).append(guide)
    return "\n".join(
        f"## {escape(topic)} {{#{anchor_of(topic)}}}\n\n"
        + "\n".join(_entry(guide, shelf, up) for guide in found)
        for topic, found in by_topic.items()
        if found
    )


def _entry(guide: Guide, shelf: Shelf, up: str) -> str:
    meta = guide.meta
    badge = f" *{shelf.say(_LEVELS[meta.level])}*{{ .zn-badge }}" if meta.level in _LEVELS else ""
    return f"- [{escape(meta.title)}]({up}{file_of(guide)}){badge}\n\n    {escape(meta.summary)}\n"


def _search_data(shelf: Shelf) -> dict[str, Any]:
    """Sections for assets/search.js, and the Traditional characters that fold to one of theirs."""
    entries = []
    for guide in shelf.guides:
        for section in page_of(guide, shelf.library).sections:
            entry: dict[str, Any] = {
                "title": guide.meta.title,
                "section": section.heading,
                "url": url_of(guide) + (f"#{section.anchor}" if section.anchor else ""),
                "text": "\n".join(section.lines),
            }
            if not section.anchor:
                entry["aliases"] = guide.meta.aliases
            entries.append(entry)
    return {"entries": entries, "fold": _fold_table(fold(json.dumps(entries, ensure_ascii=False)))}


def _fold_table(text: str) -> str:
    """Pairs of characters, Traditional and Simplified, for each Simplified one that occurs in `text`."""
    han = [
        chr(code) for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF)) for code in range(first, last + 1)
    ]
    pairs = zip(han, fold("\n".join(han)).split("\n"), strict=True)
    return "".join(a + b for a, b in pairs if a != b and len(b) == 1 and b in text and normalise(a) == a)
