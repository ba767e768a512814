"""Facets: what a section of a guide tells and what a question asks for; one vocabulary for both."""

from dataclasses import dataclass
from enum import StrEnum


class Facet(StrEnum):
    """Aspects of a service or task that fields of a guide state."""

    APPLIES = "applies"
    MATERIALS = "materials"
    STEPS = "steps"
    TIME_LIMIT = "time_limit"
    FEE = "fee"
    CHANNELS = "channels"
    HOURS = "hours"
    RESULT = "result"
    PROGRESS = "progress"
    FAQ = "faq"
    CONTACT = "contact"
    COMPLAINT = "complaint"
    REMEDY = "remedy"
    LEGAL_BASIS = "legal_basis"


@dataclass(frozen=True)
class Heading:
    """Heading of a generated section in both languages; the anchor is the same in both."""

    anchor: str
    zh: str
    en: str

    def said(self, lang: str) -> str:
        """The heading in a folder language."""
        return self.zh if lang == "zh" else self.en


HEADINGS: dict[Facet, Heading] = {
    Facet.APPLIES: Heading("who", "适用对象", "Who it is for"),
    Facet.MATERIALS: Heading("materials", "需要准备", "What you need"),
    Facet.STEPS: Heading("steps", "办理步骤", "Steps"),
    Facet.TIME_LIMIT: Heading("time-limit", "办理时限", "Time limits"),
    Facet.FEE: Heading("fees", "收费", "Fees"),
    Facet.CHANNELS: Heading("channels", "办理渠道", "Where and how to apply"),
    Facet.HOURS: Heading("hours", "办理时间", "Opening hours"),
    Facet.RESULT: Heading("result", "办理结果", "What you receive"),
    Facet.PROGRESS: Heading("progress", "查询进度", "Check progress"),
    Facet.FAQ: Heading("faq", "常见问题", "Common questions"),
    Facet.CONTACT: Heading("contact", "咨询", "Contact"),
    Facet.COMPLAINT: Heading("complaint", "投诉", "Complaints"),
    Facet.REMEDY: Heading("remedy", "不服决定", "If you disagree"),
    Facet.LEGAL_BASIS: Heading("legal-basis", "依据", "Legal basis"),
}


def facet_of_fact(key: str) -> Facet | None:
    """The facet that the key of an answer fact begins with (`time_limit.special`), if any."""
    head = key.split(".")[0]
    return Facet(head) if head in list(Facet) else None
