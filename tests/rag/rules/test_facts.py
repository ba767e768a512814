"""M24: quotes stand on the page, numbers of the prose are stated."""

from typing import Any

from tests.rag.rules.cases import Case


def _fact(value: Any, quote: str) -> dict[str, Any]:
    return {"answer_facts": [{"key": "where", "value": value, "quote": quote}]}


CASES = (
    Case("M24", '- {"key"', _fact(3, "带好证件到二号窗口。"), _fact(3, "带好证件到三号窗口。")),
    Case("M24", "到7号", _fact(3, "带好证件。"), _fact(7, "到7号窗口。"), "带好证件。\n\n到7号窗口。\n", "带好证件。\n\n到7号窗口。\n"),
    Case("M24", "到７号", bad_body="到７号窗口。\n", good_body="编号1. 是 `第7号`，见 <https://a.example/7>。\n".replace("编号1. 是", "它是")),
    Case("M24", "- 满", bad_body="- 满5.5元。\n", good_body="```\n5.5\n```\n\n1. 一。\n2. 二。\n"),
    Case("M24", "5个", bad_body="## 第1课 号牌 {#how}\n\n5个工作日办好，3日领取，6次。\n", good_body="## 第1课 号牌 {#how}\n\n5个工作日办好，3日领取。\n"),
)  # fmt: skip
