"""An office whose guides hold canaries: invented subjects, each with facts that stand nowhere else.

The same seed writes the same office, so a finding can be looked at again. Open guides are about the same things
as closed ones: what closed guides say would shift the statistics of the open ones if anything let it through.
"""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from rag.access import Audience, Level, Reader
from tests.library import guide, service, write_guide

ROLES = ("director", "auditor")
_THINGS = (
    ("雨棚", "rain shelter"), ("渡船", "ferry boat"), ("果园", "orchard"), ("窑炉", "kiln"), ("冰柜", "freezer"),
    ("水车", "water wheel"), ("粮仓", "granary"), ("路灯", "street lamp"), ("苗圃", "nursery bed"), ("鱼塘", "fish pond"),
    ("戏台", "village stage"), ("凉亭", "pavilion"), ("磨坊", "flour mill"), ("茶馆", "tea house"), ("钟楼", "bell tower"),
    ("篷车", "covered wagon"), ("蜂箱", "beehive"), ("染缸", "dyeing vat"), ("水闸", "sluice gate"), ("吊桥", "rope bridge"),
)  # fmt: skip
_ACTS = {
    Level.OPEN: (("借用", "Borrowing"), ("报修", "Reporting faults of")),
    Level.MEMBERS: (("备案", "Registering"), ("团体租赁", "Group hire of")),
    Level.INTERNAL: (("盘点", "Stock-taking of"), ("夜间巡检", "Night inspection of")),
    Level.RESTRICTED: (
        ("专款拨付", "Special funding of"),
        ("失窃移交", "Theft referral for"),
        ("拆除密议", "Closed talks on"),
    ),
}
_STONES = (("珊瑚", "CORAL"), ("琥珀", "AMBER"), ("翡翠", "JADEITE"), ("玛瑙", "AGATE"), ("孔雀石", "MALACHITE"),
           ("石榴石", "GARNET"), ("青金石", "LAPIS"), ("月长石", "MOONSTONE"), ("黑曜石", "OBSIDIAN"), ("绿松石", "TURQUOISE"))  # fmt: skip
_TOOLS = (("罗盘", "COMPASS"), ("沙漏", "HOURGLASS"), ("六分仪", "SEXTANT"), ("风铃", "WINDCHIME"), ("日晷", "SUNDIAL"),
          ("陀螺", "GYROSCOPE"), ("竖琴", "LYRE"), ("棱镜", "PRISM"), ("铁锚", "ANCHOR"), ("滑轮", "PULLEY"),
          ("织梭", "SHUTTLE"), ("火镰", "FIRESTEEL"), ("烛台", "CANDELABRA"), ("马镫", "STIRRUP"), ("船桨", "PADDLE"),
          ("帆索", "HALYARD"))  # fmt: skip
_FOLDER = {
    Level.OPEN: ("pub", Audience.PUBLIC), Level.MEMBERS: ("org", Audience.ORGANISATIONS),
    Level.INTERNAL: ("stf", Audience.STAFF), Level.RESTRICTED: ("off", Audience.LEADERS),
}  # fmt: skip
_UNITS = {
    "works": {
        "platform": True, "name": {"zh": "样例镇器物处", "en": "Yangli Town Works Office"},
        "phone": "000-0000-0101", "complaint": "000-0000-0109",
    }
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """One guide of the office: what it is about and what it alone says."""

    level: Level
    roles: frozenset[str]
    thing: tuple[str, str]
    act: tuple[str, str]
    code: tuple[str, str]
    amount: int
    number: int

    @property
    def id(self) -> str:
        """Its guide's id."""
        return f"{_FOLDER[self.level][0]}-{self.code[1].lower()}"

    @property
    def zh(self) -> str:
        """Its guide's Chinese title."""
        return f"{self.thing[0]}{self.act[0]}（{self.code[0]}）"

    @property
    def en(self) -> str:
        """Its guide's English title."""
        return f"{self.act[1]} the {self.thing[1]} ({self.code[1]})"

    @property
    def name(self) -> tuple[str, str]:
        """What an asker calls it, in both languages."""
        return f"{self.thing[0]}{self.act[0]}", f"{self.act[1].lower()} the {self.thing[1]}"

    @property
    def topic(self) -> str:
        """Its guide's topic: those above the open level have one of their own."""
        return "器物" if self.level is Level.OPEN else f"{self.code[0]}事项"

    @property
    def is_bilingual(self) -> bool:
        """Every second guide has an English page; the others reach English readers in Chinese."""
        return self.number % 2 == 0

    @property
    def is_service(self) -> bool:
        """Whether its guide is of type service, which the catalogue exports."""
        return self.number % 4 == 1

    @property
    def marks(self) -> tuple[str, ...]:
        """Words that betray this guide wherever they are seen; the amount betrays it too."""
        return (*self.code, *self.name)

    @property
    def path(self) -> str:
        """Address of its page on the site."""
        inner = "" if self.level is Level.OPEN else f"{self.level}/"
        return f"/{_FOLDER[self.level][1]}/{inner}{self.id}/"

    def sentences(self, lang: str) -> tuple[str, str, str]:
        """What its page says: who takes the matter, what is paid, what to bring."""
        if lang == "zh":
            name, code = self.name[0], self.code[0]
            return (
                f"{name}由{code}小组在{self.thing[0]}旁受理。",
                f"{name}的保证金是{self.amount}元，交到{code}账户。",
                f"{name}要带{code}登记表和身份证。",
            )
        name, code = self.name[1], self.code[1]
        return (
            f"The {code} team takes requests for {name}.",
            f"The deposit for {name} is {self.amount} yuan, paid into the {code} account.",
            f"For {name} bring the {code} form and your identity card.",
        )

    def opens_to(self, reader: Reader) -> bool:
        """Whether this reader may know of it."""
        # Written out again, so that a fault in the product's own rule is not shared.
        if self.level is Level.RESTRICTED:
            return reader.level is Level.RESTRICTED and not self.roles.isdisjoint(reader.roles)
        order = [Level.OPEN, Level.MEMBERS, Level.INTERNAL, Level.RESTRICTED]
        return order.index(self.level) <= order.index(reader.level)


def subjects(each: int, seed: int = 7) -> list[Subject]:
    """`each` guides a level, and as many for each role of the restricted one; no code or amount twice."""
    draw = random.Random(seed)
    codes = [(a[0] + b[0], f"{a[1]}-{b[1]}") for a, b in product(_STONES, _TOOLS)]
    draw.shuffle(codes)
    amounts = draw.sample(range(310_007, 989_989, 7), k=len(codes))
    made: list[Subject] = []
    for level in Level:
        roles = [frozenset({role}) for role in ROLES] if level is Level.RESTRICTED else [frozenset[str]()]
        pairs = draw.sample(list(product(_THINGS, _ACTS[level])), k=each * len(roles))
        for place, (thing, act) in enumerate(pairs):
            n = len(made)
            made.append(Subject(level, roles[place // each], thing, act, codes[n], amounts[n], n))
    return made


def write_office(root: Path, held: Iterable[Subject]) -> Path:
    """Write the guides of these subjects, what people ask about them, and a journey through each circle."""
    own = list(held)
    root.mkdir(parents=True, exist_ok=True)
    _write(root / "units.yml", _UNITS)
    _write(root / "params.yml", {"tag": {"days": 3, "name": {"zh": "号牌", "en": "tag"}}})
    for subject in own:
        for lang in ("zh", "en") if subject.is_bilingual else ("zh",):
            write_guide(root, _meta(subject, lang), _body(subject, lang))
        _write(root / "asked" / f"{subject.id}.yml", _asked(subject))
    _write(root / "journeys.yml", _journeys(own))
    return root


def _write(file: Path, data: dict[str, Any]) -> None:
    """JSON is YAML."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        "\n".join(f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in data.items()), encoding="utf-8"
    )


def _meta(subject: Subject, lang: str) -> dict[str, Any]:
    today, zh = date.today(), lang == "zh"
    prefix, audience = _FOLDER[subject.level]
    said = subject.sentences(lang)
    code = subject.code[0 if zh else 1]
    title, name = (subject.zh, subject.name[0]) if zh else (subject.en, subject.name[1])
    inner = "" if subject.level is Level.OPEN else f"/{subject.level}"
    other = ("en", "en") if zh else ("zh-Hans", "zh")
    twin = {"path": f"{other[1]}/{audience}{inner}/{subject.id}.md", "source_version": 1}
    changes: dict[str, Any] = {
        "lang": "zh-Hans" if zh else "en",
        "title": title,
        "summary": said[0],
        "aliases": [name, code],
        "topic": subject.topic,
        "owner_unit": "works",
        "maintainer": f"{code}编辑岗" if zh else f"Editor for {code}",
        "fee": {"charged": False, "items": [{"name": f"{code}", "rule": said[1]}], "pay_online": False},
        "faq": [{"q": _faq(subject, lang), "a": said[2]}],
        "answer_facts": [{"key": "fee", "value": subject.amount, "quote": said[1]}],
        "valid_from": str(today - timedelta(days=30)),
        "reviewed_on": str(today - timedelta(days=10)),
        "review_by": str(today + timedelta(days=100)),
        "translations": {other[0]: twin} if subject.is_bilingual else {},
    }
    if subject.is_service:
        meta = service(subject.id, level=subject.level.value, **changes)
    else:
        meta = guide(subject.id, subject.level.value, **changes)
    if subject.level in (Level.INTERNAL, Level.RESTRICTED):
        meta["level_setter"] = "定级岗"
    if subject.roles:
        meta["readers"] = sorted(subject.roles)
    assert subject.id.startswith(prefix)
    return meta


def _faq(subject: Subject, lang: str) -> str:
    return f"{subject.name[0]}要带什么材料？" if lang == "zh" else f"What do I bring for {subject.name[1]}?"


def _body(subject: Subject, lang: str) -> str:
    first, second, third = subject.sentences(lang)
    heads = ("受理", "保证金", "材料") if lang == "zh" else ("Requests", "Deposit", "What to bring")
    return (
        f"## {heads[0]} {{#how}}\n\n{first}\n\n## {heads[1]} {{#deposit}}\n\n{second}\n\n"
        f"## {heads[2]} {{#bring}}\n\n{third}\n"
    )


def _asked(subject: Subject) -> dict[str, Any]:
    zh, en = subject.name
    found = {
        "deposit": {"zh": [f"{zh}先押多少钱给{subject.code[0]}"]},
        "unanswered": {"zh": [f"{zh}能不能请{subject.code[0]}上门"]},
    }
    if subject.is_bilingual:
        found["deposit"]["en"] = [f"How much must I put down for {en}?"]
        found["unanswered"]["en"] = [f"Does the {subject.code[1]} team come home for {en}?"]
    return found


def _journeys(own: Sequence[Subject]) -> dict[str, Any]:
    """A journey through the first three guides of each circle, named after the first one's code."""
    found: dict[str, Any] = {}
    for level, roles in dict.fromkeys((subject.level, subject.roles) for subject in own):
        # Both languages need every stop.
        stops = [s for s in own if (s.level, s.roles) == (level, roles) and s.is_bilingual][:3]
        if len(stops) < 2:
            continue
        zh, en = stops[0].code
        found[f"way-{en.lower()}"] = {
            "audience": _FOLDER[level][1].value,
            "title": {"zh": f"{zh}之路", "en": f"The way of {en}"},
            "summary": {"zh": f"按{zh}的次序走。", "en": f"Go in the order of {en}."},
            "steps": [
                {"guide": s.id, "when": {"zh": "先", "en": "First"}, "do": {"zh": s.name[0], "en": s.name[1]}}
                for s in stops
            ],
        }
    return found
