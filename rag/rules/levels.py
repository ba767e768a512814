"""M04, M06: who may read a guide, and that no page shows a guide of a higher level."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from rag.access import Audience, Level
from rag.guides import LEVEL_FOLDERS, Guide
from rag.problems import Problem
from rag.rules.view import Rule, View, at, covers, folded

# Inline links and images, and the targets of reference links.
_LINK = re.compile(r"\]\(\s*(<[^>\n]*>|[^)\s]+)|^\s{0,3}\[[^\]\n]+\]:\s*(\S+)")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_ID = re.compile(r"(?<![a-z0-9-])(?:off|stf|org|pub)(?:-[a-z0-9]+)+")
_EVERYDAY = 3
"""A title of so few characters is an everyday word."""
_LONGEST = 1000


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
    for guide in view.guides:
        higher = [g for g in view.library.guides if g.id != guide.id and not covers(guide, g)]
        ids, titles = (
            {g.id for g in higher},
            {t for g in higher if len(t := view.folded_title(g)) > _EVERYDAY},
        )
        if higher and _shows(view.folded(guide), ids, titles):
            lines = [piece for piece in view.pieces(guide) if _shows(folded(piece.text), ids, titles)]
            first = next((p.line for p in (*(p for p in lines if not p.keys), *lines)), guide.body_line)
            yield at(guide, "M06", first, "页面提到了级别更高的指南",
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


def _shows(text: str, ids: set[str], titles: set[str]) -> bool:
    """Whether a text holds one of the ids, whole, or one of the titles."""
    return any(found[0] in ids for found in _ID.finditer(text)) or any(title in text for title in titles)


RULES: tuple[Rule, ...] = (
    m04_level,
    m06_higher_level,
    m06_links,
)
