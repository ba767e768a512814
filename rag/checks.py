"""Rules that keep guides true: each rule is a function that yields problems; `check` runs them all.

Codes M01–M27 are described, with examples, in docs/*/trainers. A rule never mends and never guesses.
"""

import itertools
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from rag.access import Audience, Level
from rag.body import visible_text
from rag.facets import Facet
from rag.fields import facet_lines
from rag.guides import AUDIENCE_FOLDERS, LEVEL_FOLDERS, Guide, Library, read_library
from rag.page import page_of
from rag.problems import Problem
from rag.schema import REQUIRED_BY_TYPE, GuideType, TimeLimit
from rag.text import fold, numbers

_PREFIX = {
    "off": Audience.LEADERS,
    "stf": Audience.STAFF,
    "org": Audience.ORGANISATIONS,
    "pub": Audience.PUBLIC,
}
_LANGS = {"zh": "zh-Hans", "en": "en"}
# A mark stands with its star, or alone on its line: prose about secrecy is no mark, nor is Markdown's bold.
SECRET_MARK = re.compile(
    r"[绝机秘][^\S\n]*密[^\S\n]*(?:\*\*)?[^\S\n]*(?:[★☆]|\*[^\S\n]*(?:\d|长期))"
    r"|^[^\w\n]*[绝机秘][^\S\n]*密[^\w\n]*(?:\d+[^\S\n]*年|长期)?[^\w\n]*$"
    r"|内部(?:资料|文件)[^\S\n]*[,，]?[^\S\n]*注意保[存密]",
    re.MULTILINE,
)
_VAGUE_LIMIT = re.compile(r"尽快|及时|适时|as soon as possible|promptly", re.IGNORECASE)
_VAGUE_MATERIAL = re.compile(
    r"其他材料|其它材料|有关材料|相关材料|有关证明|other documents|relevant documents|等$", re.IGNORECASE
)
_LINK = re.compile(r"\]\(([^)\s]+)")

Rule = Callable[[Library, date], Iterator[Problem]]


def check(root: Path, today: date | None = None) -> list[Problem]:
    """Every problem below `root`, in file and line order; warnings are marked as such."""
    return checked_library(root, today)[1]


def checked_library(root: Path, today: date | None = None) -> tuple[Library, list[Problem]]:
    """The guides below `root` and every problem with them."""
    library, problems = read_library(root)
    day = today or date.today()
    for rule in RULES:
        problems += rule(library, day)
    return library, sorted(problems, key=lambda p: (str(p.path), p.line, p.code))


def errors(problems: list[Problem]) -> list[Problem]:
    """The problems that stop a build."""
    return [problem for problem in problems if not problem.warning]


def secret_mark(text: str) -> re.Match[str] | None:
    """A mark of state secrecy (密级) in a text, widths and scripts folded, or None."""
    return SECRET_MARK.search(fold(text.replace("＊", "★")))


def _at(guide: Guide, code: str, keys: tuple[object, ...], *said: str, warning: bool = False) -> Problem:
    zh, en, fix_zh, fix_en = said
    return Problem(code, guide.path, guide.line_of(*keys), zh, en, fix_zh, fix_en, warning)


def m01_required_by_type(library: Library, today: date) -> Iterator[Problem]:
    """Fields that a guide of this type must have; a contact must name at least one way."""
    for guide in library.guides:
        for name in REQUIRED_BY_TYPE[guide.meta.type]:
            if getattr(guide.meta, name) in (None, []) and not (
                name == "prerequisites" and guide.meta.prerequisites == []
            ):
                yield _at(
                    guide, "M01", ("type",), f"{guide.meta.type} 指南缺少字段 {name}",
                    f"a guide of type {guide.meta.type} needs the field {name}",
                    f"补上 {name}", f"add {name}",
                )  # fmt: skip
        for name in ("contact", "complaint"):
            contact = getattr(guide.meta, name)
            if contact and not any((contact.phone, contact.address, contact.url)):
                yield _at(
                    guide, "M01", (name,), f"{name} 没有任何联系方式", f"{name} names no way to reach anybody",
                    "写电话、地址或网址", "give a phone, an address or a url",
                )  # fmt: skip


def m02_unique(library: Library, today: date) -> Iterator[Problem]:
    """An id stands once a language, a title once a language, and the file carries the id as its name."""
    ids: dict[tuple[str, str], Guide] = {}
    titles: dict[tuple[str, str], Guide] = {}
    for guide in library.guides:
        for seen, value, key in ((ids, guide.id, "id"), (titles, guide.meta.title, "title")):
            first = seen.setdefault((guide.lang, value), guide)
            if first is not guide:
                yield _at(
                    guide, "M02", (key,), f"{key} “{value}” 已被 {first.path} 使用",
                    f'{key} "{value}" is already used by {first.path}', "换一个", "choose another",
                )  # fmt: skip
        if guide.path.stem != guide.id:
            yield _at(
                guide, "M02", ("id",), f"文件名应为 {guide.id}.md", f"the file should be named {guide.id}.md",
                "改文件名或编号", "rename the file or mend the id",
            )  # fmt: skip
        if _LANGS[guide.lang] != guide.meta.lang:
            yield _at(
                guide, "M02", ("lang",), f"lang 与文件夹 {guide.lang}/ 不一致",
                f"lang disagrees with the folder {guide.lang}/", "改正一处", "mend one of the two",
            )  # fmt: skip


def m02_anchors(library: Library, today: date) -> Iterator[Problem]:
    """An anchor stands once on a page: citations point to it."""
    for guide in library.guides:
        anchors = Counter(section.anchor for section in page_of(guide, library).sections)
        for anchor in (anchor for anchor, n in anchors.items() if n > 1):
            line = guide.body_line + guide.body.count("\n", 0, max(0, guide.body.rfind(f"#{anchor}")))
            yield Problem("M02", guide.path, line, f"锚点 #{anchor} 在页面上出现两次",
                          f"the anchor #{anchor} stands twice on the page", "换一个锚点", "choose another")  # fmt: skip


def m03_prefix(library: Library, today: date) -> Iterator[Problem]:
    """The prefix of an id and the folder name the first audience."""
    for guide in library.guides:
        first = guide.meta.audience[0]
        if _PREFIX[guide.id.split("-")[0]] is not first:
            yield _at(
                guide, "M03", ("id",), f"编号前缀与第一对象 {first} 不一致",
                f"the id's prefix disagrees with the first audience {first}", "改编号或对象", "mend id or audience",
            )  # fmt: skip
        if guide.folder in AUDIENCE_FOLDERS and guide.folder != first:
            yield _at(
                guide, "M03", ("audience",), f"文件夹 {guide.folder} 与第一对象 {first} 不一致",
                f"the folder {guide.folder} disagrees with the first audience {first}", "移动文件", "move the file",
            )  # fmt: skip


def m04_level(library: Library, today: date) -> Iterator[Problem]:
    """Level, folder, audience and readers agree."""
    for guide in library.guides:
        meta, inner = guide.meta, guide.path.parts[2:-1]
        folder = inner[0] if inner else Level.OPEN.value
        if folder not in (*LEVEL_FOLDERS, Level.OPEN) or folder != meta.level or len(inner) > 1:
            yield _at(
                guide, "M04", ("level",), f"级别 {meta.level} 与文件夹 {'/'.join(inner) or '（无）'} 不一致",
                f"level {meta.level} disagrees with the folder {'/'.join(inner) or '(none)'}",
                "把文件移入同名级别的文件夹", "move the file into the folder of its level",
            )  # fmt: skip
        if Audience.PUBLIC in meta.audience and meta.level is not Level.OPEN:
            yield _at(guide, "M04", ("level",), "面向公众的指南必须是 open", "a guide for the public must be open",
                      "改级别或对象", "mend level or audience")  # fmt: skip
        if Audience.ORGANISATIONS in meta.audience and meta.level.rank > Level.MEMBERS.rank:
            yield _at(guide, "M04", ("level",), "面向组织的指南不能高于 members",
                      "a guide for organisations may not be above members",
                      "改级别或对象", "mend level or audience")  # fmt: skip
        if (meta.level is Level.RESTRICTED) != bool(meta.readers):
            yield _at(guide, "M04", ("readers",), "restricted 指南（且只有它）要列出 readers",
                      "restricted guides, and only they, list readers", "补上或删去 readers",
                      "add or remove readers")  # fmt: skip


def m05_secret_mark(library: Library, today: date) -> Iterator[Problem]:
    """Text marked as a state secret must not enter this system (保密法 29, 31)."""
    for file in sorted([*library.root.rglob("*.md"), *library.root.rglob("*.yml")]):
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:  # read_library names guides that cannot be read
            continue
        if found := secret_mark(text):
            line = found.string.count("\n", 0, found.start()) + 1
            yield Problem("M05", file.relative_to(library.root), line, "文中有密级标志，不得存入本系统",
                          "the text carries a secrecy mark and must not be stored here",
                          "立即移出文件并告知保密办", "remove the file at once and tell the secrecy office")  # fmt: skip


def m06_higher_level(library: Library, today: date) -> Iterator[Problem]:
    """No page shows the id, title or address of a guide that its readers may not open."""
    for guide in library.guides:
        higher = [g for g in library.guides if g.id != guide.id and not _covers(guide, g)]
        text = f"{guide.meta.model_dump()}\n{guide.body}\n{_whole_text(guide, library)}" if higher else ""
        for other in higher:
            shown = _naming(other)
            if shown.search(text):
                yield Problem(
                    "M06", guide.path, _line_showing(guide, shown), "页面提到了级别更高的指南",
                    "the page shows a guide of a higher level",
                    "删去链接、编号或标题", "remove the link, id or title",
                )  # fmt: skip


def m06_links(library: Library, today: date) -> Iterator[Problem]:
    """Links between guides point to a guide that exists and that the same readers may open."""
    by_path = {str(guide.path): guide for guide in library.guides}
    ids = {guide.id for guide in library.guides}
    for guide in library.guides:
        for match in _LINK.finditer(guide.body):
            target = match[1].split("#")[0]
            if not target.endswith(".md"):
                continue
            found = by_path.get(posixpath.normpath((guide.path.parent / target).as_posix()))
            line = guide.body_line + guide.body.count("\n", 0, match.start())
            if found is None or not _covers(guide, found):
                yield Problem("M06", guide.path, line, f"链接 {target} 不能用", f"the link {target} cannot be used",
                              "指向同级或更低级别的指南", "link to a guide of the same or a lower level")  # fmt: skip
        for other in guide.meta.related + guide.meta.part_of:
            if other not in ids:
                yield _at(guide, "M06", ("related",), f"没有指南 {other}", f"there is no guide {other}",
                          "改正编号或删去", "mend the id or remove it")  # fmt: skip


def m07_m20_translations(library: Library, today: date) -> Iterator[Problem]:
    """Both languages state the same level, readers, numbers and steps."""
    by_id: dict[str, list[Guide]] = defaultdict(list)
    for guide in library.guides:
        by_id[guide.id].append(guide)
    for guides in by_id.values():
        for one, other in itertools.pairwise(guides):
            if one.meta.level is not other.meta.level or one.readers != other.readers:
                yield _at(other, "M07", ("level",), f"级别与 {one.path} 不同", f"its level differs from {one.path}",
                          "两种语言写同一级别", "give both languages the same level")  # fmt: skip
            counts = [Counter(numbers(_whole_text(g, library))) for g in (one, other)]
            if counts[0] != counts[1]:
                only = [sorted((a - b).elements()) for a, b in (counts, counts[::-1])]
                yield _at(other, "M20", ("id",), f"数字与 {one.path} 不同：{one.lang} 多 {only[0]}，本页多 {only[1]}",
                          f"numbers differ from {one.path}: only there {only[0]}, only here {only[1]}",
                          "逐个核对数字", "compare the numbers one by one")  # fmt: skip
            if len(one.meta.steps) != len(other.meta.steps):
                yield _at(other, "M20", ("steps",), f"步骤数与 {one.path} 不同", f"step count differs from {one.path}",
                          "补齐步骤", "give both the same steps")  # fmt: skip


def m08_dates(library: Library, today: date) -> Iterator[Problem]:
    """Validity and review dates are in order and within the caps."""
    for guide in library.guides:
        meta = guide.meta
        if meta.valid_to and meta.valid_to < meta.valid_from:
            yield _at(guide, "M08", ("valid_to",), "失效日早于生效日", "valid_to is before valid_from",
                      "改正日期", "mend the dates")  # fmt: skip
        cap = 180 if meta.type in (GuideType.SERVICE, GuideType.TECHNICAL) else 365
        if not timedelta(0) <= meta.review_by - meta.reviewed_on <= timedelta(days=cap):
            yield _at(guide, "M08", ("review_by",), f"review_by 应在复核后{cap}日内",
                      f"review_by must be within {cap} days of reviewed_on", "改正日期", "mend the date")  # fmt: skip
        if meta.status == "published" and meta.review_by < today:
            yield _at(guide, "M08", ("review_by",), "已到复核日", "the guide is due for review",
                      "复核后更新日期", "review it and move the date", warning=True)  # fmt: skip
        if meta.version > 1 and not meta.change_note:
            yield _at(guide, "M08", ("version",), "第2版起要写 change_note", "from version 2 a change_note is needed",
                      "写清改了什么", "say what changed")  # fmt: skip


def m09_limits(library: Library, today: date) -> Iterator[Problem]:
    """The promised time is no longer than the statutory one, and limits are numbers."""
    for guide in library.guides:
        limit = guide.meta.time_limit
        if limit and _over_statutory(limit):
            yield _at(guide, "M09", ("time_limit", "promised"), "承诺时限长于法定时限",
                      "the promised time is longer than the statutory time", "缩短承诺时限",
                      "shorten the promise")  # fmt: skip
        for n, step in enumerate(guide.meta.steps):
            if step.limit and _VAGUE_LIMIT.search(step.limit):
                yield _at(guide, "M09", ("steps", n), f"时限含糊：{step.limit}", f"vague limit: {step.limit}",
                          "写数字和单位", "give a number and a unit")  # fmt: skip


def m10_fee(library: Library, today: date) -> Iterator[Problem]:
    """A charge names its item and basis; what is free is not paid online."""
    for guide in library.guides:
        fee = guide.meta.fee
        if fee and fee.charged and not any(item.basis for item in fee.items):
            yield _at(guide, "M10", ("fee",), "收费要写项目和依据", "a charge needs an item and its basis",
                      "补上 items 和 basis", "add items with basis")  # fmt: skip
        if fee and not fee.charged and fee.pay_online:
            yield _at(guide, "M10", ("fee", "pay_online"), "不收费却可网上缴费", "free, yet paid online",
                      "改正一处", "mend one of the two")  # fmt: skip


def m11_visits(library: Library, today: date) -> Iterator[Problem]:
    """Visits have a reason; no visit needs a way without one."""
    for guide in library.guides:
        meta = guide.meta
        if meta.visits and not meta.visit_reason:
            yield _at(guide, "M11", ("visits",), "要到现场却没有理由", "visits without a reason",
                      "写 visit_reason", "give visit_reason")  # fmt: skip
        remote = {"web", "post", "proxy", "phone", "api"}
        if meta.visits == 0 and not any(channel.kind in remote for channel in meta.channels):
            yield _at(guide, "M11", ("visits",), "跑0次却没有网上、邮寄或代办渠道",
                      "0 visits, but no web, post or proxy channel", "补渠道", "add such a channel")  # fmt: skip


def m12_materials(library: Library, today: date) -> Iterator[Problem]:
    """Materials are named exactly, and what offices share is not demanded."""
    for guide in library.guides:
        for n, material in enumerate(guide.meta.materials):
            if _VAGUE_MATERIAL.search(material.name):
                yield _at(guide, "M12", ("materials", n), f"材料名含糊：{material.name}",
                          f"vague material: {material.name}", "写明是什么材料", "name the document")  # fmt: skip
            if material.source == "shared-no-need" and material.need == "must":
                yield _at(guide, "M12", ("materials", n), "部门可共享的材料不得要求必交",
                          "a document that offices share must not be required", "改 need", "change need")  # fmt: skip


def m14_contacts(library: Library, today: date) -> Iterator[Problem]:
    """Complaints have their own number, and the public can reach somebody without a computer."""
    for guide in library.guides:
        meta = guide.meta
        if meta.complaint and meta.complaint.phone and meta.complaint.phone == meta.contact.phone:
            yield _at(guide, "M14", ("complaint",), "咨询电话与投诉电话相同", "contact and complaint phones are equal",
                      "写不同的电话", "give different numbers")  # fmt: skip
        if Audience.PUBLIC in meta.audience and not meta.complaint:
            yield _at(guide, "M14", ("contact",), "公众指南要有投诉方式", "a public guide needs a complaint contact",
                      "补 complaint", "add complaint")  # fmt: skip
        if Audience.PUBLIC in meta.audience and not (meta.contact.phone or meta.contact.address):
            yield _at(guide, "M14", ("contact",), "公众指南要有非数字渠道", "a public guide needs a non-digital way",
                      "写电话或地址", "give a phone or an address")  # fmt: skip


def m16_legal_basis(library: Library, today: date) -> Iterator[Problem]:
    """Legal bases name article and check date, are in force, and were checked within a year."""
    for guide in library.guides:
        for n, basis in enumerate(guide.meta.legal_basis):
            if not basis.article or not basis.verified_on or basis.status == "repealed":
                yield _at(guide, "M16", ("legal_basis", n), f"依据不完整或已废止：{basis.name}",
                          f"legal basis incomplete or repealed: {basis.name}", "写条款和核对日期",
                          "give article and verified_on")  # fmt: skip
            elif today - basis.verified_on > timedelta(days=365):
                yield _at(guide, "M16", ("legal_basis", n), "依据核对已超过365日", "checked more than 365 days ago",
                          "重新核对", "check it again", warning=True)  # fmt: skip


def m17_owner(library: Library, today: date) -> Iterator[Problem]:
    """Owner units are in units.yml, and nobody reviews his own guide."""
    for guide in library.guides:
        meta = guide.meta
        for key, unit in [("owner_unit", meta.owner_unit), *(("co_units", u) for u in meta.co_units)]:
            if unit not in library.units:
                yield _at(guide, "M17", (key,), f"units.yml 中没有 {unit}", f"units.yml has no {unit}",
                          "改正或补充单位", "mend it or add the unit")  # fmt: skip
        if meta.maintainer == meta.reviewer:
            yield _at(guide, "M17", ("reviewer",), "编写岗与审核岗相同", "maintainer and reviewer are the same",
                      "写不同的岗位", "name two posts")  # fmt: skip
        if meta.level in (Level.INTERNAL, Level.RESTRICTED) and not meta.level_setter:
            yield _at(guide, "M17", ("level",), "内部和受限指南要写 level_setter",
                      "internal and restricted guides name a level_setter", "补定级岗", "add it")  # fmt: skip


def m24_quotes(library: Library, today: date) -> Iterator[Problem]:
    """Quotes of answer facts stand word for word on the page."""
    for guide in library.guides:
        text = _page_text(guide, library)
        for n, fact in enumerate(guide.meta.answer_facts):
            if fact.quote not in text:
                yield _at(guide, "M24", ("answer_facts", n), f"页面上没有这句话：{fact.quote}",
                          f"the page has no such sentence: {fact.quote}", "逐字引用正文或问答",
                          "quote the body or an FAQ answer word for word")  # fmt: skip


def _over_statutory(limit: TimeLimit) -> bool:
    law = limit.statutory
    return law != "none" and law.unit is limit.promised.unit and limit.promised.n > law.n


def _covers(guide: Guide, other: Guide) -> bool:
    """Whether everybody who may read `guide` may also read `other`."""
    if other.meta.level is Level.RESTRICTED:
        return guide.meta.level is Level.RESTRICTED and guide.readers <= other.readers
    return guide.meta.level.rank >= other.meta.level.rank


def _naming(guide: Guide) -> re.Pattern[str]:
    """The id of a guide, whole, or its title; a title of three characters or less is an everyday word."""
    title = f"|{re.escape(guide.meta.title)}" if len(guide.meta.title) > 3 else ""
    return re.compile(f"(?<![a-z0-9-]){guide.id}(?![a-z0-9-]){title}")


def _line_showing(guide: Guide, shown: re.Pattern[str]) -> int:
    """Line of the body that shows something; else of the field that does."""
    for n, line in enumerate(guide.body.split("\n")):
        if shown.search(line):
            return guide.body_line + n
    fields = guide.meta.model_dump().items()
    return next((guide.line_of(key) for key, value in fields if shown.search(str(value))), 1)


def _page_text(guide: Guide, library: Library) -> str:
    """Visible text of a page: fields, questions and body."""
    lines = [line for group in facet_lines(guide, library).values() for line in group]
    faq = [text for item in guide.meta.faq for text in (item.q, item.a)]
    return "\n".join([guide.meta.title, guide.meta.summary, *lines, *faq, visible_text(guide.body)])


def _whole_text(guide: Guide, library: Library) -> str:
    """What M06 and M20 compare: the page without its legal references and shared contact lines."""
    groups = facet_lines(guide, library)
    skipped = (Facet.LEGAL_BASIS, Facet.CONTACT, Facet.COMPLAINT)
    lines = [line for facet, group in groups.items() if facet not in skipped for line in group]
    faq = [text for item in guide.meta.faq for text in (item.q, item.a)]
    return "\n".join([guide.meta.title, guide.meta.summary, *lines, *faq, visible_text(guide.body)])


RULES: tuple[Rule, ...] = (
    m01_required_by_type,
    m02_unique,
    m02_anchors,
    m03_prefix,
    m04_level,
    m05_secret_mark,
    m06_higher_level,
    m06_links,
    m07_m20_translations,
    m08_dates,
    m09_limits,
    m10_fee,
    m11_visits,
    m12_materials,
    m14_contacts,
    m16_legal_basis,
    m17_owner,
    m24_quotes,
)

if __name__ == "__main__":
    for problem in check(Path("docs")):
        print(problem)
