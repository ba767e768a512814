"""A circle's site as if some of its guides had never been built: what is absent, and what else changes.

Applied while something is withdrawn, to files that were built before. Whatever is made of a guide goes: its
pages, entries of lists and search, links, records. What other guides say in words of their own stays theirs,
as it would if the site were built anew without the guide. A kind of file that is not known here is absent if
it names a withdrawn guide at all.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from posixpath import basename
from typing import Any
from urllib.parse import urlsplit

from api.withdrawn_pages import leads_through, page_without
from rag.access import Circle
from rag.generation import Generation, open_generation
from rag.packs import OFFLINE, offline
from rag.record import naming
from rag.site_search import data_of

_CACHED = 512
"""Filtered files that are kept, about 30 kB each."""
_FILES = frozenset({"index.html", "index.md", "guide.json"})
_LANG_ROOTS = ("/", "/en/")
_LINK = re.compile(r"\[((?:\\.|[^\]\\])+)\]\(([^)\s]+)\)")
_RELATED = re.compile(r"^- (相关指南：|Related guides: )(.*)\n", re.MULTILINE)
_ALTERNATE = re.compile(r"<xhtml:link [^>]*/>")


class Absent(Exception):
    """The file is not there any more."""


@dataclass(frozen=True)
class Gone:
    """What a circle's site has lost: ids of guides, and root-relative addresses of pages, each with its slash."""

    ids: frozenset[str]
    pages: frozenset[str]

    @cached_property
    def names(self) -> frozenset[str]:
        """The last part of each address, which every link to it holds."""
        return frozenset(basename(page.rstrip("/")) for page in self.pages)

    def holds(self, path: str) -> bool:
        """Whether a path of the site is one of the pages, or lies below one."""
        return any(f"{path}/".startswith(page) for page in self.pages)

    def leads(self, address: str) -> bool:
        """Whether an address with or without the site's own host is one of the pages, or a file beside it."""
        path = urlsplit(address).path
        folder = path[: -len(basename(path))] if basename(path) in _FILES else path
        # The English page of a Chinese address ends like it.
        return any(folder.endswith(page) and not folder[: -len(page)].endswith("/en") for page in self.pages)


class Withdrawals:
    """Sites without what is withdrawn; what was made once is kept."""

    def __init__(self) -> None:
        self._gone = lru_cache(maxsize=64)(_gone)
        self._content = lru_cache(maxsize=_CACHED)(self._made)

    def gone(self, generation: Generation, circle: Circle, ids: frozenset[str]) -> Gone | None:
        """What this circle's site loses with the guides of these ids; None if it has none of them."""
        return self._gone(generation.path, circle, ids) if ids else None

    def content(self, root: Path, file: Path, gone: Gone) -> bytes | None:
        """The file without what is gone, or None if it stays as it is; Absent if it must not be served."""
        return self._content(root, file, gone)

    def _made(self, root: Path, file: Path, gone: Gone) -> bytes | None:
        if gone.holds(_address(root, file)):
            raise Absent
        name = file.name
        if file.suffix == ".html":
            said = page_without(file.read_text(encoding="utf-8"), _address(root, file), gone)
            return None if said is None else said.encode("utf-8")
        if name == OFFLINE:
            return self._zip(root, file, gone)
        if name in _TEXTS:
            text = file.read_text(encoding="utf-8")
            less = _TEXTS[name](text, gone)
            return None if less == text else less.encode("utf-8")
        is_asset = "assets" in file.relative_to(root).parts[:2]
        if not is_asset and any(guide.encode() in file.read_bytes() for guide in gone.ids):
            raise Absent
        return None

    def _zip(self, root: Path, file: Path, gone: Gone) -> bytes | None:
        """The offline site, entry by entry as the site itself."""
        made, changed = io.BytesIO(), False
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
            for entry in old.infolist():
                page = file.parent / entry.filename.partition("/")[2]
                try:
                    less = self.content(root, page, gone) if page.suffix == ".html" else None
                except Absent:
                    changed = True
                    continue
                changed = changed or less is not None
                new.writestr(entry, old.read(entry) if less is None else offline(less.decode()).encode())
        return made.getvalue() if changed else None


def _gone(path: Path, circle: Circle, ids: frozenset[str]) -> Gone | None:
    """Pages of the guides, of journeys that lead through one, and of audiences that have no other guide."""
    generation = open_generation(path.parent, path.name)
    records, kept = generation.records(circle), generation.records(circle, ids)
    if len(records) == len(kept):
        return None
    lost = [record for record in records if record["id"] in ids]
    gone = Gone(frozenset(record["id"] for record in lost), frozenset(record["url"] for record in lost))
    root = generation.site_folder(circle)
    journeys = (
        _address(root, file)
        for lang in _LANG_ROOTS
        for file in (root / lang.strip("/")).glob("journeys/*/index.html")
        if leads_through(file.read_text(encoding="utf-8"), _address(root, file), gone)
    )
    return Gone(gone.ids, gone.pages.union(journeys, _audiences(records) - _audiences(kept)))


def _audiences(records: Iterable[dict[str, Any]]) -> frozenset[str]:
    """Addresses of the audience pages that these guides make."""
    found = set()
    for record in records:
        root = "/en/" if record["lang"] == "en" else "/"
        folder = record["url"].removeprefix(root).partition("/")[0]
        found |= {f"{root}{name}/" for name in (folder, *record["audience"])}
    return frozenset(found)


def _address(root: Path, file: Path) -> str:
    """Address of a page, or of the folder that a file lies in."""
    folder = file.parent.relative_to(root).as_posix()
    return "/" if folder == "." else f"/{folder}/"


# -- texts for programs --------------------------------------------------------------------------------------


def _search_data(text: str, gone: Gone) -> str:
    entries = json.loads(text)["entries"]
    # Addresses there begin at the root of their language.
    kept = [entry for entry in entries if not gone.leads("/" + entry["url"])]
    if len(kept) == len(entries):
        return text
    return json.dumps(data_of(kept), ensure_ascii=False, separators=(",", ":"))


def _record(text: str, gone: Gone) -> str:
    data = json.loads(text)
    less = naming(data, lambda other: other not in gone.ids)
    return text if less == data else json.dumps(less, ensure_ascii=False, indent=1) + "\n"


def _markdown(text: str, gone: Gone) -> str:
    """A guide's Markdown: links become their words, and the list of related guides loses them."""

    def related(match: re.Match[str]) -> str:
        links = list(_LINK.finditer(match[2]))
        kept = [link[0] for link in links if not gone.leads(link[2])]
        separator = "、" if match[1].endswith("：") else ", "
        return f"- {match[1]}{separator.join(kept)}\n" if kept else ""

    body, line, origin = text.rpartition("\n---\n")
    told = _LINK.sub(lambda link: link[1] if gone.leads(link[2]) else link[0], body)
    return told + line + _RELATED.sub(related, origin)


def _llms(text: str, gone: Gone) -> str:
    """llms.txt without their lines, and without headings that have none left."""
    lines = [
        line for line in text.splitlines() if not any(gone.leads(link[2]) for link in _LINK.finditer(line))
    ]
    head, *parts = re.split(r"^(?=## )", "\n".join(lines), flags=re.MULTILINE)
    kept = [part.strip() for part in (head, *(part for part in parts if "\n- " in part))]
    return "\n\n".join(kept) + "\n"


def _sitemap(text: str, gone: Gone) -> str:
    """The sitemap without their lines; a page whose other language is gone has no alternates."""
    kept = []
    for line in text.splitlines(keepends=True):
        place = re.search(r"<loc>([^<]*)</loc>", line)
        if place and gone.leads(place[1]):
            continue
        others = re.findall(r'href="([^"]*)"', line)
        kept.append(_ALTERNATE.sub("", line) if any(map(gone.leads, others)) else line)
    return "".join(kept)


_TEXTS = {
    "search-data.json": _search_data,
    "guide.json": _record,
    "index.md": _markdown,
    "llms.txt": _llms,
    "sitemap.xml": _sitemap,
}
