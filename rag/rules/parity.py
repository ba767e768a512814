"""M07, M20: both languages of a guide have the same readers, point at each other and say the same."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from rag.guides import LANG_FOLDERS, Guide
from rag.problems import Problem
from rag.rules.view import SHARED, Rule, View, at
from rag.schema import LegalBasis
from rag.text import numbers

_IDS = ("related", "part_of", "supersedes", "serves", "co_units", "audience")
_SAME = (
    "type", "topic", "owner_unit", "item_code", "share_type", "personal_data", "handling_type", "visits",
    "valid_from", "valid_to", "demo",
)  # fmt: skip
_DATES = ("reviewed_on", "review_by")
_COUNTED: dict[str, Callable[[Guide], int]] = {
    "materials": lambda g: len(g.meta.materials),
    "deadlines": lambda g: len(g.meta.deadlines),
    "channels": lambda g: len(g.meta.channels),
    "faq": lambda g: len(g.meta.faq),
    "answer_facts": lambda g: len(g.meta.answer_facts),
    "legal_basis": lambda g: len(g.meta.legal_basis),
}


def m07_levels(view: View) -> Iterator[Problem]:
    """No translation has another level or other readers than its source."""
    for one, other in _pairs(view):
        if one.meta.level is not other.meta.level or one.readers != other.readers:
            yield at(other, "M07", ("level",), f"级别与 {one.path} 不同", f"its level differs from {one.path}",
                     "两种语言写同一级别", "give both languages the same level")  # fmt: skip


def m20_numbers(view: View) -> Iterator[Problem]:
    """Both pages carry the same numbers, each as often."""
    for one, other in _pairs(view):
        counts = [Counter(numbers(view.page_text(g, *SHARED))) for g in (one, other)]
        if counts[0] != counts[1]:
            only = [sorted((a - b).elements()) for a, b in (counts, counts[::-1])]
            yield at(other, "M20", ("id",), f"数字与 {one.path} 不同：{one.lang} 多 {only[0]}，本页多 {only[1]}",
                     f"numbers differ from {one.path}: only there {only[0]}, only here {only[1]}",
                     "逐个核对数字", "compare the numbers one by one")  # fmt: skip


def m20_fields(view: View) -> Iterator[Problem]:
    """Both languages share steps, ids, phones, limits, facts and every value that is no prose."""
    for one, other in _pairs(view):
        if len(one.meta.steps) != len(other.meta.steps):
            yield _differs(other, ("steps",), one, "步骤数", "step count")
        for key in _IDS:
            if set(getattr(one.meta, key)) != set(getattr(other.meta, key)):
                yield _differs(other, (key,), one, key, key)
        # An older translation keeps the dates of its own review.
        dates = _DATES if one.meta.version == other.meta.version else ()
        for key in (*_SAME, *dates):
            if getattr(one.meta, key) != getattr(other.meta, key):
                yield _differs(other, (key,), one, key, key)
        for key, count in _COUNTED.items():
            if count(one) != count(other):
                yield _differs(other, (key,), one, f"{key} 的条数", f"the number of {key}")
        theirs = _values(other)
        for keys, value in _values(one).items():
            if keys in theirs and theirs[keys] != value:
                name = ".".join(map(str, keys))
                yield _differs(other, keys, one, name, name)


def m20_translations(view: View) -> Iterator[Problem]:
    """`translations` names the other languages of the same guide, and none of them is older than its source."""
    folders = {lang: folder for folder, lang in LANG_FOLDERS.items()}
    for guide in view.guides:
        listed = guide.meta.translations
        for lang, translation in listed.items():
            keys = ("translations", lang, "path")
            found = view.by_path.get(translation.path)
            path = PurePosixPath(translation.path)
            if found is None and path.stem == guide.id and (view.library.root / path).is_file():
                continue  # it cannot be read as a guide, and is named for that
            if found is None or found.id != guide.id or found.lang != folders[lang] or found is guide:
                yield at(guide, "M20", keys, f"{translation.path} 不是本指南的另一语言", f"{translation.path} is not this guide in {lang}",
                         "改正 path，或补写译文", "mend the path, or write the translation")  # fmt: skip
            elif translation.source_version > found.meta.version:
                yield at(guide, "M20", ("translations", lang, "source_version"), "source_version 高于原文版本",
                         "source_version is above the version of the source", "改正版本号", "mend the version")  # fmt: skip
            elif translation.source_version < found.meta.version and guide.meta.version < found.meta.version:
                yield at(guide, "M20", ("translations", lang, "source_version"), "译文比原文旧，页面会有提示",
                         "older than its source; the page says so", "更新译文和 source_version",
                         "update the translation and source_version", warning=True)  # fmt: skip
        for twin in view.by_id[guide.id]:
            if twin.lang != guide.lang and LANG_FOLDERS[twin.lang] not in listed:
                yield at(guide, "M20", ("translations",), f"translations 没有写 {twin.path}", f"translations does not name {twin.path}",
                         "补上另一语言的路径", "add the path of the other language")  # fmt: skip


def _pairs(view: View) -> Iterator[tuple[Guide, Guide]]:
    """Neighbouring languages of each guide looked at."""
    for guide_id in dict.fromkeys(guide.id for guide in view.guides):
        yield from itertools.pairwise(view.by_id[guide_id])


def _values(guide: Guide) -> dict[tuple[object, ...], Any]:
    """Values that are the same in every language, by their keys."""
    meta = guide.meta
    found: dict[tuple[object, ...], Any] = {}
    for name in ("contact", "complaint"):
        contact = getattr(meta, name)
        found[(name, "phone")] = contact and contact.phone
        found[(name, "url")] = contact and contact.url
        found[(name,)] = contact and _numbers(contact.hours, contact.address)
    if meta.remedy:
        found |= {("remedy", "days"): meta.remedy.days, ("remedy", "months"): meta.remedy.months}
    if limit := meta.time_limit:
        found[("time_limit", "promised")] = (limit.promised.n, limit.promised.unit)
        found[("time_limit", "statutory")] = limit.statutory != "none" and (
            limit.statutory.n,
            limit.statutory.unit,
        )
    found |= {("deadlines", n): (d.n, d.unit) for n, d in enumerate(meta.deadlines)}
    found |= {("materials", n): (m.source, m.form, m.copies, m.need) for n, m in enumerate(meta.materials)}
    found |= {("channels", n): (c.kind, c.url) for n, c in enumerate(meta.channels)}
    found |= {("legal_basis", n): _law(basis) for n, basis in enumerate(meta.legal_basis)}
    found |= {("answer_facts", n): (f.key, _number(f.value)) for n, f in enumerate(meta.answer_facts)}
    if meta.fee:
        found[("fee",)] = (meta.fee.charged, meta.fee.pay_online, len(meta.fee.items))
    if meta.training:
        quiz = meta.training.quiz
        found[("training",)] = (meta.training.minutes, len(meta.training.competences), len(quiz))
        found |= {
            ("training", "quiz", n): (
                q.answer,
                len(q.options),
                q.source,
                _numbers(q.q, *q.options, q.explanation),
            )
            for n, q in enumerate(quiz)
        }
    return found


def _law(basis: LegalBasis) -> tuple[object, ...]:
    """What a legal basis says in every language."""
    said = (basis.article, basis.doc_no, basis.quote)
    return (basis.effective, basis.status, basis.verified_on, *(_numbers(text) for text in said))


def _numbers(*texts: str | None) -> list[str]:
    return sorted(numbers("\n".join(text for text in texts if text)))


def _number(value: object) -> object:
    """A value where it is a number, else the numbers in its words."""
    return _numbers(value) if isinstance(value, str) else value


def _differs(guide: Guide, keys: tuple[object, ...], one: Guide, zh: str, en: str) -> Problem:
    return at(guide, "M20", keys, f"{zh}与 {one.path} 不同", f"{en} differs from {one.path}",
              "两种语言写一样的值", "give both languages the same value")  # fmt: skip


RULES: tuple[Rule, ...] = (m07_levels, m20_numbers, m20_fields, m20_translations)
