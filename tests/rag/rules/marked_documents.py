"""Generated guides: with a mark of state secrecy in many forms and places, and with words that only look like one."""

import random
from collections.abc import Iterator

from rag.text import to_traditional

_FULL_WIDTH = str.maketrans("0123456789*", "０１２３４５６７８９＊")
_GRADES = ("秘密", "机密", "绝密", "祕密", "機密", "絕密")
_TERMS = ("★", "★1年", "★10年", "★长期", "☆5年", "*20年", " ★ 30年", "★二十年", "⭐3年", "✩")
_PLACES = (
    ("heading", "## 说明\n\n# {mark}\n\n正文。"),
    ("first line", "{mark}\n\n## 说明\n\n正文。"),
    ("page header", "{mark}　　　第3号　特急\n\n## 说明\n\n正文。"),
    ("page footer", "## 说明\n\n正文。\n\n印发单位：办公室　　{mark}"),
    ("sentence", "## 说明\n\n本件为{mark}，请按规定保管。"),
    ("alt text", "## 说明\n\n![会议纪要 {mark}](a.png)"),
    ("link text", "## 说明\n\n见[名单 {mark}](https://a.example)。"),
    ("table", "## 说明\n\n| 文件 | 标志 |\n| --- | --- |\n| 名单 | {mark} |"),
    ("comment", "## 说明\n\n正文。<!-- {mark} -->"),
    ("list", "## 说明\n\n1. 正文\n2. {mark}"),
    ("quote", "## 说明\n\n> {mark}\n> 正文"),
    ("code", "## 说明\n\n```\n{mark}\n```"),
    ("English", "## How it works\n\nThis list is marked {mark} and must stay inside."),
    ("HTML", "## 说明\n\n<p><b>{mark}</b></p>"),
    ("footnote", "## 说明\n\n正文[^1]\n\n[^1]: 原件{mark}。"),
)
_BARE = (
    "{grade}", "**{grade}**", "# {grade}", "【{grade}】会议纪要", "[{grade}] Minutes of the meeting", "密级：{grade}",
    "密 级: {grade}", "| 密级 | {grade} |", "保密等级：{grade}", "Classification: {grade}", "{grade} 10年", "{grade}　特急",
    "（{grade}）关于名单的通知", "> {grade}", "<td>密级</td><td>{grade}</td>", "- {grade}级", "〔{grade} 5年〕",
)  # fmt: skip
_ABOUT = (
    "商业秘密", "个人秘密", "国家秘密", "工作秘密", "通信秘密", "秘密投票", "无记名秘密投票", "机密性", "信息的机密性与完整性",
    "保密", "保密协议", "保密期限10年", "保守秘密的义务", "秘密侦查", "机密级计算机", "绝密级档案", "秘密电码", "密码", "机密文件柜",
    "侵犯商业秘密罪", "涉密人员", "脱密期", "密级的确定", "不上网的秘密事项", "公开的秘密", "密级分为绝密、机密、秘密三级",
)  # fmt: skip
_SAYS = (
    "## 说明\n\n工作人员对{word}负责。", "## {word}怎么办\n\n先问窗口。", "## 说明\n\n- {word}不在这里办\n- 其他事项照办",
    "## 说明\n\n**{word}**不得写入。", "## 说明\n\n| 事项 | 期限 |\n| --- | --- |\n| {word}的登记 | 5年 |",
    "## 说明\n\n服务评价：★★★★★。本件不谈{word}。", "## 说明\n\n> 问：什么是{word}？\n> 答：见法律。",
    "## How it works\n\nThe words {word} stand in the law; ★ marks what is new.", "## 说明\n\n![说明{word}的图](a.png)",
    "## 说明\n\n1. 涉及{word}的，10年内不得公开。", "## 说明\n\n见[{word}的规定](https://a.example)。",
    "## 说明\n\n<!-- 这里讲{word} -->正文。", "## 说明\n\n{word}：由法律规定。", "## 说明\n\n依据是“{word}”一章，长期有效。",
)  # fmt: skip


def _disguises(mark: str) -> Iterator[str]:
    """The same mark as people type, convert or hide it."""
    yield mark
    yield mark.translate(_FULL_WIDTH)
    yield " ".join(mark)
    yield mark[0] + "\u200b" + mark[1:]
    yield mark[0] + "\u3000" + mark[1:]
    yield to_traditional(mark)
    yield mark[0] + "**" + mark[1] + "**" + mark[2:]
    yield f"<b>{mark[0]}</b>{mark[1:]}"
    yield "".join(f"&#{ord(sign)};" for sign in mark)
    yield mark[0] + "\n" + mark[1:]
    yield f"_{mark[:2]}_{mark[2:]}"
    yield mark[:2] + "级" + mark[2:]


def marked(count: int = 500, seed: int = 20261123) -> list[tuple[str, str]]:
    """Names and bodies of guides that carry a mark, drawn evenly from all forms and places."""
    found = [
        (f"{place}: {mark!r}", text.format(mark=mark))
        for place, text in _PLACES
        for grade in _GRADES
        for term in _TERMS
        for mark in _disguises(grade + term)
        # A break inside a mark ends the line of a table, heading or list: no reader sees one mark there.
        if "\n" not in mark or place in ("sentence", "English", "code", "comment")
    ]
    bare = [
        (repr(form), f"## 说明\n\n正文。\n\n{form.format(grade=grade)}\n\n正文。")
        for form in _BARE
        for grade in _GRADES
    ]
    return random.Random(seed).sample(found, count - len(bare)) + bare


def unmarked(count: int = 500, seed: int = 20261123) -> list[str]:
    """Bodies of guides that speak of secrecy and carry no mark."""
    found = [text.format(word=word) for text in _SAYS for word in _ABOUT]
    found += [to_traditional(text) for text in found]
    return random.Random(seed).sample(list(dict.fromkeys(found)), count)
