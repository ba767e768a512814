"""M04, M06: who may read a guide, and that no page shows a guide of a higher level."""

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from rag.access import Audience, Level
from rag.facets import Facet
from rag.guides import LEVEL_FOLDERS, Guide
from rag.problems import Problem
from rag.rules.view import Rule, View, at, covers
from rag.text import INVISIBLE, to_simplified

# Inline links and images, and the targets of reference links.
_LINK = re.compile(r"\]\(\s*(<[^>\n]*>|[^)\s]+)|^\s{0,3}\[[^\]\n]+\]:\s*(\S+)")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_ID = re.compile(r"(?:off|stf|org|pub)(?:-[a-z0-9]+)+")
_LONGEST = 1000
_SHARED = (Facet.LEGAL_BASIS, Facet.CONTACT, Facet.COMPLAINT)


def m04_level(view: View) -> Iterator[Problem]:
    """Level, folder, audience and readers agree."""
    for guide in view.guides:
        meta, inner = guide.meta, guide.path.parts[2:-1]
        folder = inner[0] if inner else Level.OPEN.value
        if folder not in (*LEVEL_FOLDERS, Level.OPEN) or folder != meta.level or len(inner) > 1:
            yield at(
                guide, "M04", ("level",), f"级别 {meta.level} 与文件夹 {'/'.join(inner) or '（无）'} 不一致",
                f"level {meta.level} disagrees with the folder {'/'.join(inner) or '(none)'}",
                "把文件移入同名级别的文件夹", "move the file into the folder of its level",
            )  # fmt: skip
        if Audience.PUBLIC in meta.audience and meta.level is not Level.OPEN:
            yield at(guide, "M04", ("level",), "面向公众的指南必须是 open", "a guide for the public must be open",
                      "改级别或对象", "mend level or audience")  # fmt: skip
        if Audience.ORGANISATIONS in meta.audience and meta.level.rank > Level.MEMBERS.rank:
            yield at(guide, "M04", ("level",), "面向组织的指南不能高于 members",
                      "a guide for organisations may not be above members",
                      "改级别或对象", "mend level or audience")  # fmt: skip
        if (meta.level is Level.RESTRICTED) != bool(meta.readers):
            yield at(guide, "M04", ("readers",), "restricted 指南（且只有它）要列出 readers",
                      "restricted guides, and only they, list readers", "补上或删去 readers",
                      "add or remove readers")  # fmt: skip


def m06_higher_level(view: View) -> Iterator[Problem]:
    """No page shows the id, title or address of a guide that its readers may not open."""
    shown_by: dict[frozenset[str], re.Pattern[str]] = {}
    for guide in view.guides:
        higher = [g for g in view.library.guides if g.id != guide.id and not covers(guide, g)]
        if not higher:
            continue
        names = frozenset(name for other in higher for name in _names(other))
        # Guides of one circle may not show the same others: one pattern serves them all.
        if names not in shown_by:
            shown_by[names] = _naming(names)
        shown = shown_by[names]
        text = "\n".join(piece.text for piece in view.pieces(guide)) + view.page_text(guide, *_SHARED)
        if shown.search(_folded(text)):
            yield at(guide, "M06", _line_showing(view, guide, shown), "页面提到了级别更高的指南",
                     "the page shows a guide of a higher level",
                     "删去链接、编号或标题", "remove the link, id or title")  # fmt: skip


def m06_links(view: View) -> Iterator[Problem]:
    """Links lead to a section of a guide, or to an image, that exists and that the same readers may open."""
    for guide in view.guides:
        for n, text in enumerate(guide.body.split("\n")):
            for found in _LINK.finditer(text):
                target = (found[1] or found[2]).strip("<>")
                if not _SCHEME.match(target) and not _leads(view, guide, target):
                    yield at(guide, "M06", guide.body_line + n, f"链接 {target} 不能用", f"the link {target} cannot be used",
                             "指向同级或更低级别的指南、小节或图片",
                             "link to a guide, section or image of the same or a lower level")  # fmt: skip
        for key in ("related", "part_of"):
            for other in getattr(guide.meta, key):
                if other not in view.by_id:
                    yield at(guide, "M06", (key,), f"没有指南 {other}", f"there is no guide {other}",
                             "改正编号或删去", "mend the id or remove it")  # fmt: skip


def _leads(view: View, guide: Guide, target: str) -> bool:
    """Whether a link inside the guides ends where every reader of this guide may be."""
    place, _, anchor = target.partition("#")
    if not place:
        return not anchor or anchor in _anchors(view, guide)
    path = posixpath.normpath((guide.path.parent / unquote(place)).as_posix())
    if found := view.by_path.get(path):
        return covers(guide, found) and (not anchor or anchor in _anchors(view, found))
    if (
        place.lower().endswith((".md", ".markdown"))
        or path.startswith(("../", "/"))
        or "\0" in path
        or len(path) > _LONGEST
    ):
        return False
    level = next((Level(part) for part in path.split("/") if part in LEVEL_FOLDERS), Level.OPEN)
    return level.rank <= guide.meta.level.rank and (view.library.root / path).is_file()


def _anchors(view: View, guide: Guide) -> set[str]:
    return {section.anchor for section in view.page(guide).sections}


def _names(guide: Guide) -> Iterator[str]:
    """The id of a guide and its title; a title of three characters or less is an everyday word."""
    yield guide.id
    if len(guide.meta.title) > 3:
        yield _folded(guide.meta.title)


def _naming(names: frozenset[str]) -> re.Pattern[str]:
    """Any of the names, ids whole."""
    parts = (
        rf"(?<![a-z0-9-]){name}(?![a-z0-9-])" if _ID.fullmatch(name) else re.escape(name)
        for name in sorted(names)
    )
    return re.compile("|".join(parts))


def _folded(text: str) -> str:
    """Widths and scripts folded; letters keep their case, for a title in small letters is an everyday phrase."""
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    return to_simplified(text)


def _line_showing(view: View, guide: Guide, shown: re.Pattern[str]) -> int:
    """Line of the body that shows something; else of the field that does."""
    found = [piece for piece in view.pieces(guide) if shown.search(_folded(piece.text))]
    return next((piece.line for piece in (*(p for p in found if not p.keys), *found)), 1)


RULES: tuple[Rule, ...] = (
    m04_level,
    m06_higher_level,
    m06_links,
)
