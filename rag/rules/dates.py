"""M08, M09: dates are in order, and limits are numbers that keep to the law."""

import re
from collections.abc import Iterator
from datetime import timedelta

from rag.guides import Guide
from rag.personal import widths
from rag.problems import Problem
from rag.rules.view import Rule, View, at
from rag.schema import GuideType, TimeLimit
from rag.text import fold

_SAID = ("summary", "steps", "faq", "progress_query", "prerequisites", "applies_to", "channels", "result")

_VAGUE_LIMIT = re.compile(
    r"尽快|尽早|及时|适时|抓紧|近期|as soon as possible|\bpromptly\b|in due (?:course|time)|in a timely (?:manner|way)|\bsoon\b|\bshortly\b",
    re.IGNORECASE,
)
# In prose only what promises or demands an act by such a time is a limit; keeping a page up to date is none.
_VAGUE_PROMISE = re.compile(
    r"(?:尽快|尽早|及时|适时)(?:地|予以|给予|作出|进行|向.{1,6}|为.{1,6}|给.{1,6})?"
    r"(?:办|答|回|反馈|审|发|联系|受理|告知|通知|处|解决|送|退|派|签|接|报|补|到场|整改|更正|下架|移送|转)"
    r"|(?:repl(?:y|ies)|answer|contact|handle|decide|notif|inform|accept|forward|issue|report|return|finish|close|deal|respond|send|correct)\w*"
    r" (?:\w+ ){0,4}(?:as soon as possible|promptly|in due course|in a timely manner)"
    r"|\b(?:promptly) (?:repl|answer|contact|handle|decide|notif|inform|accept|forward|issue|report|return|finish|close|deal|respond|send|correct)",
    re.IGNORECASE,
)
_CLOCK = r"\d{1,2}[:：]\d{2}|\d{4}-\d{2}-\d{2}|\d{1,2}月\d{1,2}日|\d{4}年"
_WITH_UNIT = {
    "zh": re.compile(
        rf"(?:{_CLOCK}|\d++(?:\.\d++)?\s*+(?:[%％]|个?(?:工作)?(?:日|天|小时|分钟|秒|周|星期|月|季度|年|学期)|个|次|号|步|类|名|人|岁|点|份|条|课|题|级|种|元|%|倍|米|公里))"
        r"|\d++(?=\s*+(?:[-–~至到、或和/]|[（(])\s*\d)"
    ),
    "en": re.compile(
        rf"(?:{_CLOCK}|(?:the )?\d+(?:st|nd|rd|th)|\d++(?:\.\d++)?[ -]?(?:%|per ?cent|(?:working |business |calendar |more |full )?"
        r"(?:days?|hours?|minutes?|seconds?|weeks?|months?|quarters?|years?|terms?)|times?|o'clock|am|pm|a\.m|p\.m|copies|items?|people|units?|cases?|points?|questions?|lessons?))"
        r"|\b(?:day|month|week|year|step|article|no\.?|number|level|lesson|tier|case) \d+|\d++(?=\s*+(?:[-–~/]|to|or|and)\s*\d)",
        re.IGNORECASE,
    ),
}


def m08_dates(view: View) -> Iterator[Problem]:
    """Validity and review dates are in order and within the caps."""
    for guide in view.guides:
        meta = guide.meta
        if meta.valid_to and meta.valid_to < meta.valid_from:
            yield at(guide, "M08", ("valid_to",), "失效日早于生效日", "valid_to is before valid_from",
                      "改正日期", "mend the dates")  # fmt: skip
        cap = 180 if meta.type in (GuideType.SERVICE, GuideType.TECHNICAL) else 365
        if not timedelta(0) <= meta.review_by - meta.reviewed_on <= timedelta(days=cap):
            yield at(guide, "M08", ("review_by",), f"review_by 应在复核后{cap}日内",
                      f"review_by must be within {cap} days of reviewed_on", "改正日期", "mend the date")  # fmt: skip
        if meta.status == "published" and meta.review_by < view.today:
            yield at(guide, "M08", ("review_by",), "已到复核日", "the guide is due for review",
                      "复核后更新日期", "review it and move the date", warning=True)  # fmt: skip
        if meta.status == "published" and meta.review_by < meta.valid_from:
            yield at(guide, "M08", ("review_by",), "发布时复核日已过", "review_by is past when the guide is published",
                     "先复核再发布", "review it before it is published")  # fmt: skip
        if meta.version > 1 and not meta.change_note:
            yield at(guide, "M08", ("version",), "第2版起要写 change_note", "from version 2 a change_note is needed",
                      "写清改了什么", "say what changed")  # fmt: skip


def m09_limits(view: View) -> Iterator[Problem]:
    """The promised time is no longer than the statutory one, and limits are numbers."""
    for guide in view.guides:
        limit = guide.meta.time_limit
        if limit and _over_statutory(limit):
            yield at(guide, "M09", ("time_limit", "promised"), "承诺时限长于法定时限",
                      "the promised time is longer than the statutory time", "缩短承诺时限",
                      "shorten the promise")  # fmt: skip
        for keys, text in _limits(guide):
            if _VAGUE_LIMIT.search(fold(text)):
                yield at(guide, "M09", keys, f"时限含糊：{text}", f"vague limit: {text}",
                         "写数字和单位", "give a number and a unit")  # fmt: skip
            if _lacks_unit(text, guide.lang):
                yield at(guide, "M09", keys, f"时限只有数字没有单位：{text}", f"a limit without a unit: {text}",
                         "写明工作日、日、小时或分钟", "say working days, days, hours or minutes")  # fmt: skip
        for n, fact in enumerate(guide.meta.answer_facts):
            is_number = isinstance(fact.value, int | float) and not isinstance(fact.value, bool)
            if fact.key.startswith("time_limit") and is_number and not fact.unit:
                yield at(guide, "M09", ("answer_facts", n), f"时限要点 {fact.key} 没有单位", f"the fact {fact.key} has no unit",
                         "写 unit", "give its unit")  # fmt: skip


def m09_vague_prose(view: View) -> Iterator[Problem]:
    """No sentence promises or demands an act soon, promptly or in due course."""
    for guide in view.guides:
        for piece in view.pieces(guide):
            if piece.keys and piece.keys[0] not in _SAID:
                continue
            if found := _VAGUE_PROMISE.search(piece.text):
                yield at(guide, "M09", piece.line, f"用“{found[0]}”当时限", f'"{found[0]}" stands for a limit',
                         "写数字和单位，或写先后次序", "give a number and a unit, or the order of acts")  # fmt: skip


def _limits(guide: Guide) -> Iterator[tuple[tuple[object, ...], str]]:
    """Every text of a guide that states a limit, with its keys."""
    for n, step in enumerate(guide.meta.steps):
        if step.limit:
            yield ("steps", n, "limit"), step.limit
    for n, deadline in enumerate(guide.meta.deadlines):
        yield ("deadlines", n), deadline.name
    if limit := guide.meta.time_limit:
        yield ("time_limit", "starts"), limit.starts
        yield from ((("time_limit", "excludes", n), text) for n, text in enumerate(limit.excludes))


def _lacks_unit(text: str, lang: str) -> bool:
    """Whether a number of a limit stands without the unit that it counts; names such as 12345 count nothing."""
    rest = _WITH_UNIT[lang].sub("", widths(text))
    return any(
        len(number) < 4 for number in re.findall(r"(?<![\w.])\d+(?![\w.])" if lang == "en" else r"\d+", rest)
    )


def _over_statutory(limit: TimeLimit) -> bool:
    law = limit.statutory
    return law != "none" and law.unit is limit.promised.unit and limit.promised.n > law.n


RULES: tuple[Rule, ...] = (
    m08_dates,
    m09_limits,
    m09_vague_prose,
)
