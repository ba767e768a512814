"""M14, M17, M27: how an office is reached, and who answers for a guide."""

import re
from collections.abc import Iterator

from rag.access import Audience, Level
from rag.problems import Problem
from rag.rules.posts import is_post
from rag.rules.view import Rule, View, at
from rag.text import fold

_DIGITAL = frozenset({"web", "api", "self-service"})
# A machine by itself. A post that works with AI (AI应用审核岗) is a person's.
_MACHINE = re.compile(
    r"^(?:AI|人工智能|大?(?:语言)?模型|智能体|机器人|自动)(?:助手|模型|编辑|写手|起草|生成|程序|系统|机器人|智能体)*$"
    r"|ChatGPT|\bGPT\b|DeepSeek|通义|文心一言|豆包|Kimi|Claude|(?:AI|智能|自动)(?:助手|生成|起草|编写|审核)(?!岗|员|处|科|组|专岗)"
    r"|^(?:the )?(?:ai|llm|language model|chatbot|bot|assistant|automatic)(?: (?:model|assistant|writer|editor|reviewer|draft\w*|bot|agent|system|generated))*$",
    re.IGNORECASE,
)
_DRAFTED = re.compile(
    r"(?:AI|人工智能|模型|机器人|自动)[^。；，]{0,4}(?:起草|生成|撰写|编写|改写|草稿)|\b(?:AI|LLM|model)[- ](?:draft|generat|written)"
    r"|\b(?:draft|generat|writ)\w* by (?:an? |the )?(?:AI|LLM|model|bot|assistant)",
    re.IGNORECASE,
)
_UNREVIEWED = re.compile(
    r"(?:AI|人工智能|模型|机器人|自动).*(?:未经|没有|尚未|无|未)(?:人工)?(?:审核|复核|校对|审校)|\b(?:AI|LLM|model)\b.*\b(?:unreviewed|not (?:yet )?reviewed|without (?:human )?review)",
    re.IGNORECASE,
)


def m14_contacts(view: View) -> Iterator[Problem]:
    """Complaints have their own number, and the public can reach somebody without a computer."""
    for guide in view.guides:
        meta = guide.meta
        if (
            meta.complaint
            and _number(meta.complaint.phone)
            and _number(meta.complaint.phone) == _number(meta.contact.phone)
        ):
            yield at(guide, "M14", ("complaint",), "咨询电话与投诉电话相同", "contact and complaint phones are equal",
                      "写不同的电话", "give different numbers")  # fmt: skip
        if Audience.PUBLIC in meta.audience and not meta.complaint:
            yield at(guide, "M14", ("contact",), "公众指南要有投诉方式", "a public guide needs a complaint contact",
                      "补 complaint", "add complaint")  # fmt: skip
        digital_only = bool(meta.channels) and all(channel.kind in _DIGITAL for channel in meta.channels)
        if Audience.PUBLIC in meta.audience and digital_only:
            yield at(guide, "M14", ("channels",), "公众指南的渠道全是数字渠道", "all channels of a public guide are digital",
                     "补窗口、电话、邮寄、代办或上门", "add a counter, phone, post, proxy or home visit")  # fmt: skip
        if Audience.PUBLIC in meta.audience and not (meta.contact.phone or meta.contact.address):
            yield at(guide, "M14", ("contact",), "公众指南要有非数字渠道", "a public guide needs a non-digital way",
                      "写电话或地址", "give a phone or an address")  # fmt: skip


def m17_owner(view: View) -> Iterator[Problem]:
    """Owner units are in units.yml, and nobody reviews his own guide."""
    for guide in view.guides:
        meta = guide.meta
        for key, unit in [("owner_unit", meta.owner_unit), *(("co_units", u) for u in meta.co_units)]:
            if unit not in view.library.units:
                yield at(guide, "M17", (key,), f"units.yml 中没有 {unit}", f"units.yml has no {unit}",
                          "改正或补充单位", "mend it or add the unit")  # fmt: skip
        if fold(meta.maintainer).replace(" ", "") == fold(meta.reviewer).replace(" ", ""):
            yield at(guide, "M17", ("reviewer",), "编写岗与审核岗相同", "maintainer and reviewer are the same",
                      "写不同的岗位", "name two posts")  # fmt: skip
        if meta.level in (Level.INTERNAL, Level.RESTRICTED) and not meta.level_setter:
            yield at(guide, "M17", ("level",), "内部和受限指南要写 level_setter",
                      "internal and restricted guides name a level_setter", "补定级岗", "add it")  # fmt: skip


def m27_ai_drafts(view: View) -> Iterator[Problem]:
    """What an AI drafted is published only when a human post has reviewed it."""
    for guide in view.guides:
        meta = guide.meta
        if meta.status != "published":
            continue
        for key in ("maintainer", "reviewer"):
            if _MACHINE.search(getattr(meta, key)):
                yield at(guide, "M27", (key,), f"{key} 写的是AI：{getattr(meta, key)}", f"{key} is an AI: {getattr(meta, key)}",
                         "写负责的人工岗位", "name the human post that answers for it")  # fmt: skip
        note = meta.change_note or ""
        if _UNREVIEWED.search(note) or (_DRAFTED.search(note) and not is_post(meta.reviewer, guide.lang)):
            yield at(guide, "M27", ("change_note",), "AI起草的指南没有人工审核岗", "drafted by an AI without a human reviewing post",
                     "由人工岗位审核后再发布", "have a human post review it before it is published")  # fmt: skip


def _number(phone: str | None) -> str:
    """Digits of a phone number, widths folded."""
    return re.sub(r"\D", "", fold(phone or ""))


RULES: tuple[Rule, ...] = (
    m14_contacts,
    m17_owner,
    m27_ai_drafts,
)
