"""M18, M19: steps in plain words, one action a step; titles, summaries and sentences short enough to read."""

import re
from collections.abc import Iterator

from rag.guides import Guide
from rag.problems import Problem
from rag.rules.view import Rule, View, at
from rag.schema import GuideType
from rag.text import sentences

_MOST_STEPS = 9
_LEAST_STEPS = 2
_NOBODY = re.compile(r"^(?:[-—–/.·]+|无|暂无|待定|不详|none|n/?a|tbd|nobody)$", re.IGNORECASE)
# Two actions in one step: a second clause, or a word that joins a second verb.
_SECOND_CLAUSE = {
    "zh": re.compile(
        r"[；;。！!](?=.)|然后|接着|随后|再(?=[由到向把将去打填提交报])|(?<![合一归吞兼])并(?:且|(?=[向把将由在到]|[^行列存联案网轨购入轨发]..))"
    ),
    "en": re.compile(
        r"[;!](?=.)|\.\s+(?=[A-Z])|\bthen\b|\band (?:then )?(?:also )?(?:send|choose|submit|attach|confirm|enter|wait|go|bring|"
        r"ask|tell|give|take|keep|write|read|decide|explain|fill|press|click|collect|pay|hand)\b",
    ),
}
# 应、可、须 as words: not inside 应急、响应、可以、可能、必须、须知 and the like.
_MODAL = {
    "zh": re.compile(
        r"应当|应该|(?<![相响对反供适回呼感效照])应(?![急用答对诉付聘收邀届变援]|[还交缴付收领办](?:日期|时间|金额|数|款|额))"
        r"|(?<![许认不尚宁])可(?![以能靠行用信见视选疑读逆控查]|.{1,3}的)|不可(?![抗缺少靠信逆见撤])|(?<!必)须(?!知)|必需(?!品)"
    ),
    "en": re.compile(r"\b(?:should|shall|may)\b"),
}
_QUESTION = {
    "zh": re.compile(r"[?？]|[吗呢]$|^(?:怎么|怎样|如何|什么|为什么|哪些|哪里|谁|多久|多少)"),
    "en": re.compile(
        r"\?|^(?:why|can|do|does|is|are|should|(?:how|what|where|when|who|which)(?: much| many| long| soon)? (?:do|does|can|is|are|may|must|should))\b",
        re.IGNORECASE,
    ),
}
_TITLE = {"zh": (4, 28), "en": (1, 65)}
_SUMMARY = {"zh": 80, "en": 160}
_ANSWER = {"zh": 120, "en": 60}
_SENTENCE = {"zh": 40, "en": 25}
_FEW = 5
"""So many long sentences are no accident; fewer are let pass."""
_SHARE = 0.3


def m18_steps(view: View) -> Iterator[Problem]:
    """Steps are 2 to 9, counted from 1, and each names who acts."""
    for guide in view.guides:
        steps = guide.meta.steps
        if len(steps) > _MOST_STEPS:
            yield at(guide, "M18", ("steps",), f"步骤多于{_MOST_STEPS}步", f"more than {_MOST_STEPS} steps",
                     "拆成两份指南或合并步骤", "split the guide or merge steps")  # fmt: skip
        if len(steps) < _LEAST_STEPS and (steps or guide.meta.type in (GuideType.SERVICE, GuideType.HOW_TO)):
            yield at(guide, "M18", ("steps",), "步骤少于2步", "fewer than 2 steps",
                     "写出先做什么、再做什么", "say what comes first and what next")  # fmt: skip
        if [step.n for step in steps] != list(range(1, len(steps) + 1)):
            yield at(guide, "M18", ("steps",), "步骤编号不是从1开始依次加1", "steps are not numbered 1, 2, 3 …",
                     "重新编号", "number them again")  # fmt: skip
        for n, step in enumerate(steps):
            if _NOBODY.match(step.actor):
                yield at(guide, "M18", ("steps", n, "actor"), "步骤没有写由谁做", "the step names nobody who acts",
                         "写明申请人、窗口或岗位", "name the applicant, the counter or the post")  # fmt: skip


def m18_wording(view: View) -> Iterator[Problem]:
    """A step has one verb clause, and duty is said with must, need or can (必须、需要、可以)."""
    for guide in view.guides:
        for n, step in enumerate(guide.meta.steps):
            if _SECOND_CLAUSE[guide.lang].search(step.action.rstrip("。.！!；;")):
                yield at(guide, "M18", ("steps", n, "action"), f"一步里有两个动作：{step.action}",
                         f"two actions in one step: {step.action}", "一步只写一个动作，另起一步写另一个",
                         "one action a step; make another step of the second")  # fmt: skip
            for key in ("action", "where", "result", "limit"):
                found = _MODAL[guide.lang].search(getattr(step, key) or "")
                if found:
                    yield at(guide, "M18", ("steps", n, key), f"步骤里用了“{found[0]}”",
                             f'a step says "{found[0]}"', "改用“必须”“需要”“可以”或直接写动作",
                             "use must, need or can, or the plain verb")  # fmt: skip


def m19_lengths(view: View) -> Iterator[Problem]:
    """Title, summary and answers are as short as the page and the assistant need them."""
    for guide in view.guides:
        meta, lang = guide.meta, guide.lang
        least, most = _TITLE[lang]
        if not least <= len(meta.title) <= most:
            yield _hint(guide, ("title",), f"标题应为{least}–{most}个字符", f"a title has {least} to {most} characters",
                        "改短或写全标题", "shorten or complete the title")  # fmt: skip
        if len(meta.summary) > _SUMMARY[lang]:
            yield _hint(guide, ("summary",), f"摘要超过{_SUMMARY[lang]}个字符",
                        f"the summary has more than {_SUMMARY[lang]} characters", "缩成一句", "make it one short sentence")  # fmt: skip
        if not meta.summary.endswith("。" if lang == "zh" else "."):
            yield _hint(guide, ("summary",), "摘要没有以句号结尾", "the summary does not end with a full stop",
                        "在句末加句号", "end it with a full stop")  # fmt: skip
        for n, item in enumerate(meta.faq):
            if _length(item.a, lang) > _ANSWER[lang]:
                yield _hint(guide, ("faq", n), f"回答超过{_ANSWER[lang]}字", f"the answer has more than {_ANSWER[lang]} words",
                            "先写结论，其余移入正文", "state the fact and move the rest to the body")  # fmt: skip


def m19_readability(view: View) -> Iterator[Problem]:
    """Most sentences of a body are short, and headings state rather than ask."""
    for guide in view.guides:
        most = _SENTENCE[guide.lang]
        said = [s for line in view.visible_body(guide).split("\n") for s in sentences(line)]
        long = [sentence for sentence in said if _length(sentence, guide.lang) > most]
        if len(long) >= _FEW and len(long) > len(said) * _SHARE:
            yield _hint(guide, _line_of(guide, long[0]), f"{len(said)}句中有{len(long)}句超过{most}字",
                        f"{len(long)} of {len(said)} sentences have more than {most} words",
                        "把长句拆成短句", "split long sentences")  # fmt: skip
        for block in view.blocks(guide):
            if _QUESTION[guide.lang].search(block.heading):
                yield _hint(guide, guide.body_line + block.first_line, f"标题是问句：{block.heading}",
                            f"a heading that asks: {block.heading}",
                            "改成陈述句", "make it a statement")  # fmt: skip


def _line_of(guide: Guide, sentence: str) -> int:
    """Line of the body where a sentence begins, marks aside; else where the body does."""
    lines = (n for n, line in enumerate(guide.body.split("\n")) if sentence[:12] in line)
    return guide.body_line + next(lines, 0)


def _length(text: str, lang: str) -> int:
    """Characters of a Chinese text without spaces, words of an English one."""
    return len(re.sub(r"\s", "", text)) if lang == "zh" else len(text.split())


def _hint(guide: Guide, where: tuple[object, ...] | int, *said: str) -> Problem:
    return at(guide, "M19", where, *said, warning=True)


RULES: tuple[Rule, ...] = (m18_steps, m18_wording, m19_lengths, m19_readability)
