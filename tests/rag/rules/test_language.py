"""M18, M19: plain steps, short titles and sentences."""

from typing import Any

from tests.rag.rules.cases import STEPS, Case


def _step(**changes: Any) -> dict[str, Any]:
    return {"steps": [STEPS[0] | changes, STEPS[1]]}


def _english(**changes: Any) -> dict[str, Any]:
    one = {"n": 1, "actor": "You", "action": "Hand in the form", "where": "Counter"}
    return {"steps": [one | changes, one | {"n": 2, "action": "Collect the tag"}]}


_TEN = [STEPS[0] | {"n": n} for n in range(1, 11)]
_LONG = "号牌丢失以后请带好本人身份证和购车发票原件在工作日上午九点以后到自行车管理处一楼三号窗口补领新号牌。"
_LONG_EN = "When a tag is lost please bring your own identity card and the original invoice of the bicycle to the third counter on the ground floor of the office. "

CASES = (
    Case("M18", "steps:", {"steps": _TEN}, {"steps": _TEN[:9]}),
    Case("M18", "steps:", {"steps": STEPS[:1]}, {"steps": STEPS}),
    Case("M18", "steps:", {"steps": [STEPS[1], STEPS[0]]}, {"steps": STEPS}),
    Case("M18", '- {"n": 1', _step(actor="无"), _step(actor="您")),
    Case("M18", '- {"n": 1', _step(action="填申请表，然后交到窗口"), _step(action="把申请表、身份证和发票交到窗口")),
    Case("M18", '- {"n": 1', _step(action="填表并向窗口提交"), _step(action="提交合并办理的申请表")),
    Case("M18", '- {"n": 1', _step(action="填申请表；交申请表"), _step(action="交填好的申请表。")),
    Case("M18", '- {"n": 1', _step(action="应当交申请表"), _step(action="响应短信通知")),
    Case("M18", '- {"n": 1', _step(action="可到窗口交表"), _step(action="确认可以办理的窗口")),
    Case("M18", '- {"n": 1', _step(where="须在窗口办理"), _step(where="必须在窗口办理")),
    Case("M18", '- {"n": 1', _step(result="应在窗口领取"), _step(result="拿到写明应还日期的凭条，应急通道可用")),
    Case("M18", '- {"n": 1', _english(action="You should hand in the form"), _english(action="Hand in the form in May"), lang="en"),
    Case("M18", '- {"n": 1', _english(action="Fill in the form and send it"), _english(action="Fill in the name and address"), lang="en"),
    Case("M18", '- {"n": 1', _english(action="Fill in the form, then wait"), _english(action="Fill in the reason, the place and the date"), lang="en"),
    Case("M19", "title:", {"title": "号牌"}, {"title": "自行车号牌"}),
    Case("M19", "title:", {"title": "A" * 66}, {"title": "A" * 65}, lang="en"),
    Case("M19", "summary:", {"summary": "号" * 80 + "。"}, {"summary": "号" * 79 + "。"}),
    Case("M19", "summary:", {"summary": "号牌说明"}, {"summary": "号牌说明。"}),
    Case("M19", "faq:+1", {"faq": [{"q": "丢了怎么办", "a": "补" * 121}]}, {"faq": [{"q": "丢了怎么办", "a": "补" * 120}]}),
    Case("M19", "## 怎么", bad_body="## 怎么补领 {#how}\n\n带好证件。\n", good_body="## 补领的办法 {#how}\n\n带好证件。\n"),
    Case("M19", "## How", bad_body="## How do I get one {#how}\n\nBring it.\n", good_body="## How a tag is issued {#how}\n\nBring it.\n", lang="en"),
    Case("M19", "号牌丢失", bad_body=_LONG * 5 + "\n", good_body=_LONG * 4 + "带证件。" * 10 + "\n"),
    Case("M19", "When", bad_body=_LONG_EN * 5 + "\n", good_body=_LONG_EN * 4 + "Bring it. " * 10 + "\n", lang="en"),
)  # fmt: skip
