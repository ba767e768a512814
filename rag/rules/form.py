"""M01–M03: a guide has the fields of its type, a name of its own and its place among the audiences."""

import re
from collections import Counter
from collections.abc import Iterator

from rag.access import Audience
from rag.guides import AUDIENCE_FOLDERS, LANG_FOLDERS, Guide
from rag.problems import Problem
from rag.rules.view import Rule, View, at
from rag.schema import REQUIRED_BY_TYPE, GuideType

_PREFIX = {
    "off": Audience.LEADERS,
    "stf": Audience.STAFF,
    "org": Audience.ORGANISATIONS,
    "pub": Audience.PUBLIC,
}
# Pages for trainers and operators: plain documents, not guides.
_PLAIN_FOLDERS = ("trainers",)
_LANG_FOLDER = re.compile(r"[a-z]{2}(?:-[A-Za-z]{2,4})?")
_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_LIMITED = (GuideType.HOW_TO, GuideType.POLICY, GuideType.TECHNICAL)
_LIMIT = re.compile(
    r"\d+(?:个工作日|个工作小时|日|小时|分钟|个月)(?:内|之内|以内)|\bwithin \d+ (?:working |calendar )?(?:days?|hours?|minutes?|months?)\b"
)


def m01_required_by_type(view: View) -> Iterator[Problem]:
    """Fields that a guide of this type must have; a contact must name at least one way."""
    for guide in view.guides:
        for name in REQUIRED_BY_TYPE[guide.meta.type]:
            if getattr(guide.meta, name) in (None, []) and not (
                name == "prerequisites" and guide.meta.prerequisites == []
            ):
                yield at(
                    guide, "M01", ("type",), f"{guide.meta.type} 指南缺少字段 {name}",
                    f"a guide of type {guide.meta.type} needs the field {name}",
                    f"补上 {name}", f"add {name}",
                )  # fmt: skip
        for name in ("contact", "complaint"):
            contact = getattr(guide.meta, name)
            if contact and not any((contact.phone, contact.address, contact.url)):
                yield at(
                    guide, "M01", (name,), f"{name} 没有任何联系方式", f"{name} names no way to reach anybody",
                    "写电话、地址或网址", "give a phone, an address or a url",
                )  # fmt: skip


def m01_when_stated(view: View) -> Iterator[Problem]:
    """Limits in the text of a guide that is no service stand in `deadlines`; a topic is one of topics.yml."""
    topics = view.data("topics.yml")
    for guide in view.guides:
        meta = guide.meta
        if topics and meta.topic not in topics:
            yield at(guide, "M01", ("topic",), f"topics.yml 中没有主题 {meta.topic}", f"topics.yml has no topic {meta.topic}",
                     "改成其中一个", "use one of them")  # fmt: skip
        stated = meta.deadlines or meta.time_limit or any(step.limit for step in meta.steps)
        if meta.type in _LIMITED and not stated and (found := _LIMIT.search(view.visible_body(guide))):
            yield at(guide, "M01", ("type",), f"正文写了时限“{found[0]}”，却没有 deadlines",
                     f'the body states a limit "{found[0]}", but there are no deadlines', "在 deadlines 里写名称、数字和单位",
                     "give name, number and unit in deadlines")  # fmt: skip


def m02_unique(view: View) -> Iterator[Problem]:
    """An id stands once a language, a title once a language, and the file carries the id as its name."""
    ids: dict[tuple[str, str], Guide] = {}
    titles: dict[tuple[str, str], Guide] = {}
    # Guides compare by value, and a copy is the very thing to find: hence by identity.
    looked_at = {id(guide) for guide in view.guides}
    for guide in view.library.guides:
        for seen, value, key in ((ids, guide.id, "id"), (titles, view.folded_title(guide).lower(), "title")):
            first = seen.setdefault((guide.lang, value), guide)
            if first is not guide and id(guide) in looked_at:
                yield at(
                    guide, "M02", (key,), f"{key} “{value}” 已被 {first.path} 使用",
                    f'{key} "{value}" is already used by {first.path}', "换一个", "choose another",
                )  # fmt: skip
        if id(guide) not in looked_at:
            continue
        if guide.path.stem != guide.id:
            yield at(
                guide, "M02", ("id",), f"文件名应为 {guide.id}.md", f"the file should be named {guide.id}.md",
                "改文件名或编号", "rename the file or mend the id",
            )  # fmt: skip
        if LANG_FOLDERS[guide.lang] != guide.meta.lang:
            yield at(
                guide, "M02", ("lang",), f"lang 与文件夹 {guide.lang}/ 不一致",
                f"lang disagrees with the folder {guide.lang}/", "改正一处", "mend one of the two",
            )  # fmt: skip


def m02_superseded(view: View) -> Iterator[Problem]:
    """An id is never reused: a guide that another one supersedes is not published any more."""
    for guide in view.guides:
        for other in (g for old in guide.meta.supersedes for g in view.by_id.get(old, [])):
            if other.meta.status == "published" and other.lang == guide.lang:
                yield at(guide, "M02", ("supersedes",), f"已被取代的 {other.id} 仍在发布", f"{other.id} is superseded and still published",
                         "撤下旧指南，或删去 supersedes", "withdraw the old guide, or remove it from supersedes")  # fmt: skip


def m02_anchors(view: View) -> Iterator[Problem]:
    """An anchor stands once on a page: citations point to it."""
    for guide in view.guides:
        anchors = Counter(section.anchor for section in view.page(guide).sections)
        for anchor in (anchor for anchor, n in anchors.items() if n > 1):
            line = guide.body_line + guide.body.count("\n", 0, max(0, guide.body.rfind(f"#{anchor}")))
            yield Problem("M02", guide.path, line, f"锚点 #{anchor} 在页面上出现两次",
                          f"the anchor #{anchor} stands twice on the page", "换一个锚点", "choose another")  # fmt: skip


def m03_prefix(view: View) -> Iterator[Problem]:
    """The prefix of an id and the folder name the first audience."""
    for guide in view.guides:
        first = guide.meta.audience[0]
        if _PREFIX[guide.id.split("-")[0]] is not first:
            yield at(
                guide, "M03", ("id",), f"编号前缀与第一对象 {first} 不一致",
                f"the id's prefix disagrees with the first audience {first}", "改编号或对象", "mend id or audience",
            )  # fmt: skip
        if guide.folder in AUDIENCE_FOLDERS and guide.folder != first:
            yield at(
                guide, "M03", ("audience",), f"文件夹 {guide.folder} 与第一对象 {first} 不一致",
                f"the folder {guide.folder} disagrees with the first audience {first}", "移动文件", "move the file",
            )  # fmt: skip


def m03_stray_files(view: View) -> Iterator[Problem]:
    """A Markdown file of a language lies in an audience folder, or nobody would ever read it."""
    root = view.library.root
    for folder in sorted(root.iterdir()) if view.is_whole and root.is_dir() else ():
        if not folder.is_dir() or not (folder.name in LANG_FOLDERS or _LANG_FOLDER.fullmatch(folder.name)):
            continue
        for file in sorted(folder.rglob("*")):
            path = file.relative_to(root)
            known = folder.name in LANG_FOLDERS and path.parts[1] in (*AUDIENCE_FOLDERS, *_PLAIN_FOLDERS)
            if file.suffix.lower() in _MARKDOWN and not (known and file.suffix == ".md"):
                yield Problem("M03", path, 1, "文件不在任何对象的文件夹里，不会发布", "the file is in no audience folder and is never published",
                              f"移到 {'、'.join(AUDIENCE_FOLDERS)} 之一，扩展名用 .md",
                              f"move it to one of {', '.join(AUDIENCE_FOLDERS)}, with the ending .md")  # fmt: skip


RULES: tuple[Rule, ...] = (
    m01_required_by_type,
    m01_when_stated,
    m02_unique,
    m02_superseded,
    m02_anchors,
    m03_prefix,
    m03_stray_files,
)
