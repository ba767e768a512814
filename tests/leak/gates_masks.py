"""Gates over personal data: what is masked, what is not, and that nothing goes on unmasked."""

import tempfile
import uuid
from datetime import date
from pathlib import Path

from sqlalchemy import select

from api.tables import ANSWERS, REQUESTS
from rag.access import ANONYMOUS
from rag.checks import check
from rag.encoders import Vector
from rag.exchange import Question, Turn
from rag.screen import mask
from tests.leak.exits import Sent
from tests.leak.judge import Judge
from tests.leak.office import write_office
from tests.leak.own import store_of
from tests.library import guide, write_guide
from tests.personal_items import clean, digits_of, is_gone, items

# Written by hand, so that each stands for one way to write; the numbers are nobody's.
MOBILE, ID = "13800138000", "11010519491231002X"
_WIDE = {n: n + 0xFEE0 for n in range(33, 127)}
"""Each character full-width."""
_WRITTEN = {
    "an identity number": f"身份证{ID}能办吗",
    "a mistyped identity number": "110105194912310021 这个号能办吗",
    "a mobile": f"电话{MOBILE}能预约吗",
    "a mobile in groups": "138 0013-8000 能改吗",
    "a bank card": "工资卡6222021234567890123 换号",
    "mail": "发到 li.si@example.com 行吗",
    "a passport": "护照E12345678丢了",
    "a number said to be one": "微信号是 li_82340917",
    "a car": "京A12F45 停哪里",
    "full-width digits": "电话１３８００１３８０００能预约吗",
    "digits in circles": "电话①③⑧⓪⓪①③⑧⓪⓪⓪",
    "digits with what cannot be seen between": "138\u200b0013\u200b8000",
    "digits said in Chinese": "我的电话一三八零零一三八零零零",
    "a home": "我住阳光小区3号楼2单元501室，能办吗",
    "a home in English": "I live at Room 1203, Building 5, Sunshine Garden",
}
_PUBLIC = (
    "12345热线", "请打96110", "12388和12345转2", "微信12345是什么", "0571-87654321", "证件办理电话：0571-87654321",
    "400-123-4567", "国办函〔2025〕12号", "GB/T 45654-2025", "2026-03-01 至 2027-03-01", "1300-1999元", "护照号：2026-03-01",
    "办护照：0571-87654321", "HJ 123-2025",
    "人民路8号示例县政务服务中心", "政务服务中心3楼305室", "编号SS-20261123-0001", "QQ 12345",
)  # fmt: skip
"""What anybody may know, and looks like somebody's."""


def kind_gate(_: Judge) -> list[str]:
    """Each kind of number, name and home is masked, however it is written."""
    return [name for name, text in _WRITTEN.items() if not is_gone(mask(text), "")]


def drawn_gate(_: Judge) -> list[str]:
    """So are those drawn by lot, in a text around them."""
    return [item.written for item, question, rest in items(120, 11) if not is_gone(mask(question), rest)]


def public_gate(_: Judge) -> list[str]:
    """Hotlines, phones of offices, dates, amounts and numbers of documents stay as they are."""
    drawn = [question for _, question in clean(120, 11)]
    return [text for text in (*_PUBLIC, *drawn) if digits_of(mask(text)) != digits_of(text)]


def kept_gate(judge: Judge) -> list[str]:
    """A question, a request, its contact and the answer that it names are kept without anybody's number; of a text
    that is marked as a state secret nothing is."""
    sign = uuid.uuid4().hex
    personal = f"{sign}，电话{MOBILE}，雨棚借用要带什么"
    bodies = [
        ("ask", {"question": personal}),
        ("ask", {"question": f"机密★1年 {sign}"}),
        ("requests", {"question": personal, "contact": f"{sign} {MOBILE}", "answer_id": f"{sign}{MOBILE}"[:64]}),
        ("requests", {"question": f"{sign}找谁", "contact": f"机密★1年 {sign}"}),
    ]  # fmt: skip
    statuses = [judge.send("anonymous", Sent("POST", f"/api/v1/{to}", body=body)).status_code for to, body in bodies]  # fmt: skip
    with store_of(judge).reading() as connection:
        rows = [*connection.execute(select(ANSWERS.c.question))]
        rows += [*connection.execute(select(REQUESTS.c.question, REQUESTS.c.contact, REQUESTS.c.answer_id))]
    own = [value for row in rows for value in row if value and sign in value]
    wrong = [value for value in own if MOBILE in value or "机密" in value]
    wrong += [f"kept: {own}"] * (len(own) != 3)
    return wrong + [f"statuses {statuses}"] * (statuses != [200, 200, 201, 422])


def reply_gate(judge: Judge) -> list[str]:
    """No failure names a field that somebody made up of a number."""
    responses = [
        judge.send("anonymous", Sent("POST", path, body={"question": "雨棚借用", MOBILE: 1, f"x{ID}": 2}))
        for path in ("/api/v1/ask", "/api/v1/requests")
    ]
    wrong = [r.text for r in responses if MOBILE in r.text or ID in r.text]
    return wrong + [f"status {r.status_code}" for r in responses if r.status_code != 422]


def model_gate(judge: Judge) -> list[str]:
    """What goes to the encoder and is remembered, of a question, of what was said before and of a search, holds
    nobody's number."""
    assistant, seen = judge.served.fresh(), []
    embed, text = assistant._embed, f"雨棚借用，电话{MOBILE}，要带什么材料"

    def listening(said: str) -> Vector:
        seen.append(said)
        return embed(said)

    assistant._embed = assistant._vector = listening  # type: ignore[assignment]  # as partial and cache of it are
    before = (Turn("user", text), Turn("assistant", text))
    asked = assistant.read(Question(f"那{text}", before), ANONYMOUS, None)
    assistant.ask(Question(text, before), ANONYMOUS)
    assistant.search(text, ANONYMOUS)
    found = [
        said for said in (*seen, asked.text, asked.query, str(asked.context)) if MOBILE in digits_of(said)
    ]
    return found + ["nothing was encoded"] * (not seen)


def guide_gate(_: Judge) -> list[str]:
    """The check finds a person's number in what an office wants to publish, however it is typed, and no hotline."""
    wrong = []
    texts = {"12345热线，0571-87654321": False, f"打{MOBILE}": True, f"证号{ID.translate(_WIDE)}": True}
    for text, is_somebodys in texts.items():
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            write_office(root, [])
            (root / "journeys.yml").unlink()
            write_guide(root, guide("pub-page"), f"## 说明 {{#how}}\n\n{text}。\n")
            found = "M15" in {problem.code for problem in check(root, date.today())}
            wrong += [f"{text}: {'found' if found else 'not found'}"] * (found != is_somebodys)
    return wrong
