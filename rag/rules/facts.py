"""M24: what the assistant may state stands on the page, and each number of the prose is a stated fact."""

import re
from collections.abc import Iterator

from rag.guides import Guide
from rag.problems import Problem
from rag.rules.view import Rule, View, at
from rag.text import numbers

# Prose of the front matter: what it says is no field that states a value.
_PROSE = (
    "title",
    "summary",
    "aliases",
    "faq",
    "change_note",
    "related",
    "translations",
    "training",
    "serves",
)
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
# Headings that count lessons or steps count their own sections.
_COUNTED = re.compile(
    r"^(#{1,6}\s+)(?:第\d+[课步节讲]|(?:Lesson|Step|Part) \d+)", re.MULTILINE | re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://\S+|\]\([^)]*\)|\{[^{}\n]*\}|^\s*\d+[.)]\s|[#/][\w/-]+", re.MULTILINE)


def m24_quotes(view: View) -> Iterator[Problem]:
    """Quotes of answer facts stand word for word on the page."""
    for guide in view.guides:
        text = view.page_text(guide)
        for n, fact in enumerate(guide.meta.answer_facts):
            if fact.quote not in text:
                yield at(guide, "M24", ("answer_facts", n), f"页面上没有这句话：{fact.quote}",
                         f"the page has no such sentence: {fact.quote}", "逐字引用正文或问答",
                         "quote the body or an FAQ answer word for word")  # fmt: skip


def m24_numbers(view: View) -> Iterator[Problem]:
    """A number in the body stands in a fact, a field or a step too: nothing else is quoted as a number."""
    for guide in view.guides:
        stated = _stated(view, guide)
        for n, line in enumerate(_prose(guide.body).split("\n")):
            missing = [number for number in numbers(line) if number not in stated]
            if missing:
                yield at(guide, "M24", guide.body_line + n, f"数字 {'、'.join(missing)} 不在任何要点、字段或步骤里",
                         f"the number {', '.join(missing)} stands in no fact, field or step",
                         "在 answer_facts 里加一条，逐字引用这句话", "add an answer fact that quotes this sentence")  # fmt: skip


def _stated(view: View, guide: Guide) -> set[str]:
    """Numbers of the fields, steps and facts of a guide."""
    said = [piece.text for piece in view.pieces(guide) if piece.keys and piece.keys[0] not in _PROSE]
    lines = [line for group in view.fields(guide).values() for line in group]
    values = [str(fact.value) for fact in guide.meta.answer_facts]
    return set(numbers("\n".join([*said, *lines, *values])))


def _prose(body: str) -> str:
    """A body without code, addresses and the numbers of lists and lessons, line by line as it was."""
    text = _FENCE.sub(lambda found: "\n" * found[0].count("\n"), body)
    return _ADDRESS.sub("", _COUNTED.sub(r"\1", _CODE.sub("", text)))


RULES: tuple[Rule, ...] = (m24_quotes, m24_numbers)
