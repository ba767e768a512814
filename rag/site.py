"""The static site of one circle of readers in one language: a copied tree, then one MkDocs run over it.

The tree holds only what the circle may read, so nothing that the site builder does can publish more.
This file and site_pages.py write data; docs/_theme decides how it looks.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from rag.access import AUDIENCES, Circle
from rag.guides import Guide, Library
from rag.journeys import read_journeys
from rag.packs import write_packs
from rag.schema import GuideType
from rag.settings import ROOT
from rag.site_lists import (
    audience_meta,
    audiences,
    journey_meta,
    journey_text,
    list_meta,
    listing,
    print_meta,
    site_meta,
)
from rag.site_pages import Shelf, file_of, guide_meta, guide_text
from rag.site_search import search_data
from rag.twins import open_twins

THEME = ROOT / "docs" / "_theme"
ASSETS = ROOT / "docs" / "assets"
CONFIGS = {"zh": ROOT / "mkdocs.yml", "en": ROOT / "mkdocs.en.yml"}
BUILDERS = ("mkdocs", "mkdocs-material", "Markdown", "pymdown-extensions")
_DATA_IMAGE = re.compile(r"""url\((["'])data:image/.*?\1\)""")
"""An icon of the theme. No page of ours shows one, but a browser that has read the theme's sheet and not yet
ours asks for it, and the content security policy lets no picture be written into a sheet."""
_CLEAR = "linear-gradient(transparent,transparent)"
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_PAGES = {
    "index": ("您想办什么事？", "What do you want to do?"),
    "search": ("搜索", "Search"),
    "topics": ("全部主题", "All topics"),
    "assistant": ("问办助手", "Assistant"),
}


class SiteError(Exception):
    """MkDocs could not build a site; `log` is everything that it said."""

    def __init__(self, lang: str, log: str) -> None:
        super().__init__(f"the {lang} site could not be built:\n{log}")
        self.lang = lang
        self.log = log


def write_tree(library: Library, circle: Circle, lang: str, target: Path, today: date | None = None) -> Shelf:
    """Write the tree of one circle and language (`zh` or `en`) into the new folder `target`; what it holds."""
    shelf = _shelf(library, circle, lang, today or date.today())
    target.mkdir(parents=True)
    shutil.copytree(ASSETS, target / "assets")
    for guide in shelf.guides:
        _write(target / file_of(guide), guide_meta(guide, shelf), guide_text(guide, shelf))
    for journey in shelf.journeys:
        _write(
            target / f"{journey.url.rstrip('/')}.md",
            journey_meta(journey, shelf),
            journey_text(journey, shelf),
        )
    for audience in audiences(shelf):
        _write(
            target / audience / "index.md",
            audience_meta(audience, shelf),
            listing(shelf.of(audience), shelf, "../"),
        )
    services = [guide for guide in shelf.guides if guide.meta.type is GuideType.SERVICE]
    home = list_meta("index", shelf.say(_PAGES["index"]), "") | {"site": site_meta(shelf)}
    _write(target / "index.md", home, listing(services, shelf, ""))
    for name in ("search", "topics"):
        _write(
            target / f"{name}.md",
            list_meta(name, shelf.say(_PAGES[name]), f"{name}/"),
            listing(shelf.guides, shelf, ""),
        )
    _write(target / "print.md", print_meta(shelf), "")
    _write(target / "assistant.md", list_meta("assistant", shelf.say(_PAGES["assistant"]), "assistant/"), "")
    data = json.dumps(search_data(shelf), ensure_ascii=False, separators=(",", ":"))
    (target / "search-data.json").write_text(data, encoding="utf-8")
    return shelf


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
    for sheet in (target / "assets" / "stylesheets").glob("*.css"):
        sheet.write_text(_DATA_IMAGE.sub(_CLEAR, sheet.read_text(encoding="utf-8")), encoding="utf-8")
    write_packs(target, f"guides-{lang}")


def write_twins(shelf: Shelf, site: Path) -> None:
    """Put the machine-readable twins of the open guides into a built site, over what MkDocs wrote there."""
    (site / "sitemap.xml.gz").unlink(missing_ok=True)
    for path, text in open_twins(shelf, shelf.library.site).items():
        (site / path).write_text(text, encoding="utf-8")


def tree_digest(tree: Path) -> str:
    """SHA-256 of all that a site is built from: tree, theme, configuration, builder and this file."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in BUILDERS).encode())
    files = [(file, file.relative_to(root)) for root in (tree, THEME) for file in sorted(root.rglob("*"))]
    own = (*CONFIGS.values(), Path(__file__))
    for file, name in [*files, *((file, Path(file.name)) for file in own)]:
        if file.is_file():
            content = file.read_bytes()
            digest.update(f"\0{name.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _shelf(library: Library, circle: Circle, lang: str, today: date) -> Shelf:
    topics = library.root / "topics.yml"
    named = yaml.safe_load(topics.read_text(encoding="utf-8")) if topics.is_file() else {}
    twins = {guide.id: guide for guide in _readable(library, circle, "en" if lang == "zh" else "zh")}
    order = [audience.value for audience in AUDIENCES]
    guides = tuple(sorted(_readable(library, circle, lang), key=lambda guide: order.index(guide.folder)))
    own = {guide.id for guide in guides}
    journeys = tuple(j for j in read_journeys(library)[0] if own.issuperset(j.guides))
    return Shelf(library, lang, guides, twins, named, journeys, today)


def _readable(library: Library, circle: Circle, lang: str) -> Iterator[Guide]:
    for guide in library.guides:
        if (
            guide.lang == lang
            and guide.meta.status == "published"
            and circle.opens(guide.id, guide.meta.level)
        ):
            yield guide


def _write(file: Path, meta: Mapping[str, Any], text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    front = yaml.dump(dict(meta), Dumper=_DUMPER, allow_unicode=True, sort_keys=False)
    file.write_text(f"---\n{front}---\n\n{text}", encoding="utf-8")
