"""M25: courses teach without check-ins, points or ranking, and each quiz item can be looked up and learnt from."""

import re
from collections.abc import Iterator

from rag.guides import Guide
from rag.problems import Problem
from rag.rules.view import Rule, View, at, covers
from rag.schema import GuideType

# National rules against formalism forbid these in training; a course may say that it has none of them.
_GAME = re.compile(
    r"积分|打卡|签到|排名|排行|名次|在线时长|学时排|龙虎榜|光荣榜"
    r"|\bcheck(?:ing)?[- ]?ins?\b|\bleader ?boards?\b|\branking|\branked\b|\brank (?:the |each |all )?(?:learners|people|staff|participants)"
    r"|\b(?:earn|award|collect|gain|win|receive|get|give)\w* (?:\w+ )?points\b|\bpoints (?:system|table|total|ranking)s?\b|\b(?:no|without) points\b"
    r"|\b(?:online|screen) (?:hours|time)\b|\btime (?:spent )?online\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"不(?![仅但只光])|没有|无(?!论)|禁止|别|未|取消|\b(?:no|not|never|without|neither|nor|none)\b|n't\b",
    re.IGNORECASE,
)
# An English list keeps its denial over commas ("no check-in, points or ranking"); a Chinese one uses 、.
_CLAUSE = re.compile(r"[。！？；;，.!?]|但是?|而是|\bbut\b|\bhowever\b")


def m25_no_game(view: View) -> Iterator[Problem]:
    """A course has no points, check-in, ranking or hours online, except to say so."""
    for guide in view.guides:
        if guide.meta.type is not GuideType.TRAINING:
            continue
        for piece in view.pieces(guide):
            for found in _GAME.finditer(piece.text):
                if not _denied(piece.text, found):
                    yield at(guide, "M25", piece.line, f"课程里有“{found[0]}”", f'the course has "{found[0]}"',
                             "删去；不搞积分、打卡、排名和在线时长", "remove it: no points, check-in, ranking or hours")  # fmt: skip


def m25_quiz(view: View) -> Iterator[Problem]:
    """Each quiz item has an explanation and a section that the reader of the course may open."""
    for guide in view.guides:
        for n, item in enumerate(guide.meta.training.quiz if guide.meta.training else []):
            here = ("training", "quiz", n)
            if not item.explanation:
                yield at(guide, "M25", here, "题目没有解释", "a quiz item without explanation",
                         "写 explanation：为什么对", "add explanation: why it is right")  # fmt: skip
            if not item.source or not _opens(view, guide, item.source):
                yield at(guide, "M25", here, f"出处打不开：{item.source or '（无）'}",
                         f"a source that the reader cannot open: {item.source or '(none)'}",
                         "写“指南编号#锚点”，选同级或更低级别的小节",
                         "write guide-id#anchor of a section of the same or a lower level")  # fmt: skip


def _denied(text: str, found: re.Match[str]) -> bool:
    """Whether the clause that holds a word, up to that word, denies it; a list in 、 stays one clause."""
    before = _CLAUSE.split(text[: found.start()])[-1] + found[0]
    return bool(_DENIAL.search(before))


def _opens(view: View, guide: Guide, source: str) -> bool:
    """Whether a source names a section in the language of the course that all its readers may open."""
    guide_id, _, anchor = source.partition("#")
    found = [g for g in view.by_id.get(guide_id, []) if g.lang == guide.lang]
    if not found or not covers(guide, found[0]):
        return False
    return bool(anchor) and anchor in {section.anchor for section in view.page(found[0]).sections}


RULES: tuple[Rule, ...] = (m25_no_game, m25_quiz)
