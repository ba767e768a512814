"""The answers that the assistant's tests show: one of every outcome, in the shape of the API's contract."""

from typing import Any

CONTACT = {
    "name": "示例县公安局",
    "phone": "000-0000-0401",
    "hours": "工作日9:00–12:00、13:30–17:00",
    "complaint": "000-0000-0409",
}
CITE = {
    "n": 1,
    "guide": "pub-residence-permit",
    "lang": "zh-Hans",
    "title": "申领居住证",
    "section": "办理时限",
    "url": "/public/pub-residence-permit/#time-limit",
    "quote": "自受理之日起15日内制作发放；边远地区最长30日。",
    "version": 3,
    "reviewed_on": "2026-10-09",
    "owner_unit": "示例县公安局",
}
LABEL = "本回答由人工智能辅助生成，内容摘自已发布的指南。"


def answer(outcome: str, text: str, **extra: Any) -> dict[str, Any]:
    """An Answer JSON with everything that the test does not name left empty."""
    empty = {"citations": [], "choices": [], "suggestions": [], "contact": None}
    fixed = {"id": f"a-{outcome}", "outcome": outcome, "reason": "evidence", "text": text, "lang": "zh-Hans"}
    made = {"writer": "extractive", "generation": "g-1", "label": LABEL, "elapsed_ms": 12}
    return {**fixed, **empty, **made, **extra}


SUGGESTION = {"guide": "pub-channels", "title": "反映诉求的渠道", "url": "/public/pub-channels/"}
SECOND = {
    **CITE,
    "n": 2,
    "section": "需要的材料",
    "url": "/public/pub-residence-permit/#materials",
    "quote": "居民身份证；居住证明。",
}
ANSWERED = answer(
    "answered",
    "**15日**内发放，边远地区最长30日。[1]\n\n需要带这些材料：[2]\n- 居民身份证\n- 居住证明",
    citations=[CITE, SECOND],
    suggestions=[SUGGESTION],
)
PARTIAL = answer(
    "partial", "居住证15日内发放。[1]\n\n没有找到：今天窗口排队的人数。", citations=[CITE], contact=CONTACT
)
CLARIFY = answer(
    "clarify",
    "您想申请哪一项？",
    choices=[{"label": "申领居住证", "question": "怎么申领居住证"}, "申请最低生活保障"],
)
ABSTAINED = answer(
    "abstained",
    "指南里没有能回答这个问题的内容。您可以拨打12345，或者转人工。",
    contact={"name": "12345热线", "phone": "12345", "hours": "每天24小时"},
)
REFUSED = answer(
    "refused", "助手不能查询别人的个人信息。本人可以带身份证到窗口查询自己的记录。", contact=CONTACT
)
EMERGENCY = answer(
    "handover",
    "请马上离开并拨打119。\n\n不要开关电器，不要点火，到通风的地方等候。",
    reason="emergency-gas",
    contact={"name": "消防救援", "phone": "119", "hours": "每天24小时"},
)
STOPPED = answer(
    "handover",
    "办助手现在暂停使用。指南网页照常可以看，请用下面的方式联系工作人员，或点“转人工”留言。",
    reason="stopped",
    contact=CONTACT,
)
PERSONAL = answer("handover", "您的情况需要工作人员核实后才能答复。", contact=CONTACT, citations=[CITE])
ENGLISH = answer(
    "answered",
    "The permit is issued within **15 days**. [1]",
    lang="en",
    label="This answer was prepared with the help of AI from published guides.",
    citations=[
        {
            **CITE,
            "lang": "en",
            "title": "Apply for a residence permit",
            "section": "Time limit",
            "url": "/en/public/pub-residence-permit/#time-limit",
            "quote": "Issued within 15 days of acceptance.",
            "owner_unit": "Shili County Public Security Bureau",
        }
    ],
)
HOSTILE_TEXT = (
    '<img src="http://evil.example/a.png" onerror="alert(1)"> <script>alert(2)</script> '
    "![a](http://evil.example/b.png) [点这里](javascript:alert(3)) <iframe src=//evil.example></iframe> "
    "**<b onmouseover=alert(4)>粗</b>** [1] [2] [3] [4] [5] [99]\n- <a href='//evil.example'>x</a>"
)
HOSTILE_URLS = (
    "javascript:alert(1)",
    "//evil.example/a",
    "https://evil.example/a",
    "/\\evil.example/a",
    "/javascript:alert(1)",
)
HOSTILE = answer(
    "answered",
    HOSTILE_TEXT,
    lang='zh" onload="alert(5)',
    label="<img src=x onerror=alert(6)>",
    citations=[
        {
            **CITE,
            "n": n,
            "url": url,
            "title": "<img src=x onerror=alert(7)>",
            "quote": "<script>alert(8)</script>",
        }
        for n, url in enumerate(HOSTILE_URLS, 1)
    ],
    suggestions=[{"guide": "x", "title": "<svg onload=alert(9)>", "url": url} for url in HOSTILE_URLS],
    contact={
        "name": "<img src=x>",
        "phone": "javascript:alert(1)",
        "hours": "<b>",
        "url": "https://evil.example",
    },
)
RECEIPT = {
    "number": "SS-20261122-0001",
    "code": "K7M2P9QX",
    "state": "new",
    "due": "2026-11-23",
    "contact": CONTACT,
}
