"""The fields of a guide in plain sentences, one a line: shown on the page and quoted by the assistant.

Both readers see the same words because both come from here. A line is complete when quoted alone.
"""

from collections.abc import Callable

from rag.facets import Facet
from rag.guides import Guide, Library
from rag.schema import Channel, Contact, Duration, FeeItem, Material, Step, Unit

_UNITS = {
    Unit.WORKING_DAY: ("个工作日", "working day"),
    Unit.DAY: ("日", "day"),
    Unit.WORKING_HOUR: ("个工作小时", "working hour"),
    Unit.HOUR: ("小时", "hour"),
    Unit.MINUTE: ("分钟", "minute"),
    Unit.MONTH: ("个月", "month"),
    Unit.YEAR: ("年", "year"),
}
_FORMS = {
    "paper": ("纸质件", "on paper"),
    "electronic": ("电子件", "electronic"),
    "check-original": ("查验原件", "original shown, not kept"),
}
_NEEDS = {
    "must": ("必须提供", "required"),
    "may-follow": ("可以后补", "may follow later"),
    "if-case": ("符合情形时提供", "only in this case"),
}
_SOURCES = {
    "own": ("自备", "you provide it"),
    "agency-issued": ("由机关出具", "issued by an office"),
    "shared-no-need": ("部门共享，无需提交", "shared between offices, not asked of you"),
}
_KINDS = {
    "web": ("网上办理", "Online"),
    "phone": ("电话", "Phone"),
    "counter": ("窗口", "Counter"),
    "self-service": ("自助终端", "Self-service terminal"),
    "post": ("邮寄", "Post"),
    "proxy": ("代办", "Through somebody else"),
    "home-visit": ("上门服务", "Home visit"),
    "api": ("接口", "API"),
}


def facet_lines(guide: Guide, library: Library) -> dict[Facet, list[str]]:
    """Lines of each facet that the front matter fills, in page order."""
    writers: dict[Facet, Callable[[Guide], list[str]]] = {
        Facet.APPLIES: _applies,
        Facet.MATERIALS: _materials,
        Facet.STEPS: _steps,
        Facet.TIME_LIMIT: _time_limit,
        Facet.FEE: _fee,
        Facet.CHANNELS: _channels,
        Facet.RESULT: _result,
        Facet.PROGRESS: _progress,
        Facet.CONTACT: lambda g: _contact(g, library),
        Facet.COMPLAINT: lambda g: _reach(g.meta.complaint, g.lang, ("投诉", "Complaints")),
        Facet.REMEDY: _remedy,
        Facet.LEGAL_BASIS: _legal_basis,
    }
    return {facet: lines for facet, write in writers.items() if (lines := write(guide))}


def duration(limit: Duration, lang: str) -> str:
    """`15日`, `20个工作日`; `15 days`, `20 working days`."""
    return amount(limit.n, limit.unit, lang)


def amount(n: int, unit: Unit, lang: str) -> str:
    """A number of units in words of the language."""
    zh, en = _UNITS[unit]
    return f"{n}{zh}" if lang == "zh" else f"{n} {en}{'' if n == 1 else 's'}"


def sentence(text: str, lang: str) -> str:
    """Text with exactly one full stop at its end."""
    stop = "。" if lang == "zh" else "."
    return (
        text
        if text.rstrip().endswith(("。", ".", "！", "!", "？", "?", "；"))
        else text.rstrip("，,;") + stop
    )


def _pick(pair: tuple[str, str], lang: str) -> str:
    return pair[0] if lang == "zh" else pair[1]


def _label(lang: str, zh: str, en: str, value: str) -> str:
    """`名称：值。` or `Name: value.`"""
    return sentence(f"{zh}：{value}" if lang == "zh" else f"{en}: {value}", lang)


def _join(parts: list[str], lang: str) -> str:
    stop = "。."
    return ("，" if lang == "zh" else ", ").join(part.rstrip(stop) for part in parts)


def _paren(value: str, lang: str) -> str:
    return f"（{value.rstrip('。')}）" if lang == "zh" else f" ({value.rstrip('.')})"


def _applies(guide: Guide) -> list[str]:
    applies, lang = guide.meta.applies_to, guide.lang
    lines: list[str] = []
    if applies:
        lines += [sentence(who, lang) for who in applies.who]
        lines += [_label(lang, "适用范围", "Where", where) for where in applies.where]
        if applies.when:
            lines.append(_label(lang, "适用时间", "When", applies.when))
    for case in guide.meta.not_for:
        zh, en = f"不适用：{case.case.rstrip('。')}", f"Not for: {case.case.rstrip('.')}"
        lines.append(
            sentence(f"{zh}。请到：{case.go_to}" if lang == "zh" else f"{en}. Go to: {case.go_to}", lang)
        )
    return lines


def _materials(guide: Guide) -> list[str]:
    lang = guide.lang
    lines = [_material(material, lang) for material in guide.meta.materials]
    return lines + [sentence(need, lang) for need in guide.meta.prerequisites or []]


def _material(material: Material, lang: str) -> str:
    parts = [_pick(_FORMS[material.form], lang)]
    if material.copies and material.form != "check-original":
        copies = "份" if lang == "zh" else f" {'copy' if material.copies == 1 else 'copies'}"
        parts.append(f"{material.copies}{copies}")
    if material.case:
        parts.append(_pick(("情形：", "if: "), lang) + material.case)
    elif material.source != "shared-no-need":
        parts.append(_pick(_NEEDS[material.need], lang))
    if material.source != "own":
        parts.append(_pick(_SOURCES[material.source], lang))
    if material.template:
        parts.append(_pick(("样表：", "form: "), lang) + material.template)
    return _label(lang, material.name, material.name, _join(parts, lang))


def _steps(guide: Guide) -> list[str]:
    return [_step(step, guide.lang) for step in guide.meta.steps]


def _step(step: Step, lang: str) -> str:
    stops = "。."
    action, where = step.action.rstrip(stops), step.where.rstrip(stops)
    if lang == "zh":
        text = f"第{step.n}步 {step.actor}：{action}（{where}）"
        extra = [("结果：", step.result), ("时限：", step.limit)]
        return sentence("；".join([text, *(k + v.rstrip(stops) for k, v in extra if v)]), lang)
    text = f"Step {step.n}. {step.actor}: {action} ({where})"
    extra = [("result: ", step.result), ("time: ", step.limit)]
    return sentence("; ".join([text, *(k + v.rstrip(stops) for k, v in extra if v)]), lang)


def _time_limit(guide: Guide) -> list[str]:
    limit, lang = guide.meta.time_limit, guide.lang
    lines: list[str] = []
    if limit:
        lines.append(_label(lang, "承诺办结时限", "Promised time", duration(limit.promised, lang)))
        if limit.statutory != "none":
            value = duration(limit.statutory, lang) + _paren(limit.statutory.basis, lang)
            lines.append(_label(lang, "法定办结时限", "Statutory time", value))
        lines.append(_label(lang, "起算时间", "Counted from", limit.starts))
        lines += [_label(lang, "不计入时限", "Not counted", item) for item in limit.excludes]
    for item in guide.meta.deadlines:
        lines.append(_label(lang, item.name, item.name, amount(item.n, item.unit, lang)))
    return lines


def _fee(guide: Guide) -> list[str]:
    fee, lang = guide.meta.fee, guide.lang
    if not fee:
        return []
    lines = [] if fee.charged else [_pick(("不收费。", "No fee is charged."), lang)]
    lines += [_fee_item(item, lang) for item in fee.items]
    if fee.pay_online:
        lines.append(_pick(("可以网上缴费。", "You can pay online."), lang))
    return lines


def _fee_item(item: FeeItem, lang: str) -> str:
    value = "" if item.amount is None else str(item.amount)
    if isinstance(item.amount, (int, float)):
        value = f"{item.amount}元" if lang == "zh" else f"{item.amount} yuan"
    value = _join([part for part in (value, item.rule or "") if part], lang)
    basis = _paren(_pick(("依据：", "basis: "), lang) + item.basis, lang) if item.basis else ""
    return _label(lang, item.name, item.name, value + basis)


def _channels(guide: Guide) -> list[str]:
    lang = guide.lang
    lines = [_channel(channel, lang) for channel in guide.meta.channels]
    if guide.meta.visits is not None:
        value = _pick((f"{guide.meta.visits}次", f"{guide.meta.visits}"), lang)
        if guide.meta.visit_reason:
            value += _paren(guide.meta.visit_reason, lang)
        lines.append(_label(lang, "到现场次数", "Visits in person", value))
    return lines


def _channel(channel: Channel, lang: str) -> str:
    parts = [channel.place, channel.hours, channel.url, channel.online_depth, channel.accessibility]
    zh, en = _KINDS[channel.kind]
    return _label(lang, zh, en, _join([part for part in parts if part], lang))


def _result(guide: Guide) -> list[str]:
    result, lang = guide.meta.result, guide.lang
    if not result:
        return []
    lines = [
        _label(lang, "办理结果", "You receive", result.name + _paren(result.kind, lang)),
        _label(lang, "领取方式", "How you get it", result.delivery),
        _label(lang, "有效期", "Valid for", result.validity),
    ]
    return lines + ([_label(lang, "样本", "Sample", result.sample)] if result.sample else [])


def _progress(guide: Guide) -> list[str]:
    query = guide.meta.progress_query
    return [sentence(query, guide.lang)] if query else []


def _contact(guide: Guide, library: Library) -> list[str]:
    lang = guide.lang
    unit = library.units.get(guide.meta.owner_unit)
    owner = [_label(lang, "负责单位", "Responsible office", unit.said(lang))] if unit else []
    return owner + _reach(guide.meta.contact, lang, ("咨询", "Enquiries"))


def _reach(contact: Contact | None, lang: str, kind: tuple[str, str]) -> list[str]:
    if not contact:
        return []
    named = [
        (("电话", "phone"), contact.phone),
        (("时间", "hours"), contact.hours),
        (("地址", "address"), contact.address),
        (("网址", "website"), contact.url),
    ]
    head = _pick(kind, lang)
    gap = "" if lang == "zh" else " "
    return [_label(lang, f"{head}{zh}", f"{head}{gap}{en}", value) for (zh, en), value in named if value]


def _remedy(guide: Guide) -> list[str]:
    remedy, lang = guide.meta.remedy, guide.lang
    if not remedy:
        return []
    if lang == "zh":
        return [
            f"不服决定，可以在{remedy.days}日内向{remedy.review_body}申请行政复议。",
            f"也可以在{remedy.months}个月内向{remedy.court}提起行政诉讼。",
        ]
    return [
        f"If you disagree, you can apply to {remedy.review_body} for review within {remedy.days} days.",
        f"You can also go to {remedy.court} within {remedy.months} months.",
    ]


def _legal_basis(guide: Guide) -> list[str]:
    lang = guide.lang
    lines = []
    for basis in guide.meta.legal_basis:
        name = f"《{basis.name}》" if lang == "zh" and "《" not in basis.name else basis.name
        parts = [part for part in (name, basis.doc_no, basis.article) if part]
        text = sentence(_join(parts, lang), lang)
        lines.append(f"{text.rstrip('。.')}：{basis.quote}" if basis.quote and lang == "zh" else text)
    return lines
