"""Fields as plain sentences, the same for page and assistant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facets import Facet
from rag.fields import amount, duration, facet_lines, sentence
from rag.schema import Duration, Unit
from tests.library import guide, office, parsed, service


def _lines(facet: Facet, lang: str = "zh-Hans", **changes: Any) -> list[str]:
    one = parsed(service(lang=lang, **changes))
    return facet_lines(one, office(one)).get(facet, [])


@pytest.mark.parametrize(
    ("n", "unit", "zh", "en"),
    [
        (15, Unit.DAY, "15日", "15 days"),
        (1, Unit.DAY, "1日", "1 day"),
        (20, Unit.WORKING_DAY, "20个工作日", "20 working days"),
        (0, Unit.HOUR, "0小时", "0 hours"),
        (6, Unit.MONTH, "6个月", "6 months"),
        (2, Unit.YEAR, "2年", "2 years"),
    ],
)
def test_a_limit_is_said_in_both_languages(n: int, unit: Unit, zh: str, en: str) -> None:
    """Number and unit read as a person writes them; one is singular in English."""
    assert (amount(n, unit, "zh"), amount(n, unit, "en")) == (zh, en)
    assert duration(Duration(n=n, unit=unit), "en") == en


@given(st.text(st.sampled_from("一a。.！!？?；;，, ")), st.sampled_from(["zh", "en"]))
def test_a_sentence_has_its_stop_once(text: str, lang: str) -> None:
    """Every sentence ends with a stop, and making a sentence of a sentence changes nothing."""
    made = sentence(text, lang)
    assert made.rstrip().endswith(("。", ".", "！", "!", "？", "?", "；"))
    assert sentence(made, lang) == made


@pytest.mark.parametrize(
    ("facet", "zh"),
    [
        (
            Facet.APPLIES,
            ["有自行车的人。", "适用范围：全县。", "适用时间：全年。", "不适用：电动车。请到：车管所。"],
        ),
        (Facet.MATERIALS, ["身份证：查验原件，必须提供。", "购车发票：纸质件，2份，可以后补。"]),
        (
            Facet.STEPS,
            [
                "第1步 申请人：交申请表（三号窗口）。",
                "第2步 窗口：发号牌（三号窗口）；结果：拿到号牌；时限：3日。",
            ],
        ),
        (
            Facet.TIME_LIMIT,
            [
                "承诺办结时限：5个工作日。",
                "法定办结时限：20个工作日（自行车条例第3条）。",
                "起算时间：受理之日。",
                "不计入时限：公示时间。",
            ],
        ),
        (Facet.FEE, ["不收费。"]),
        (Facet.CHANNELS, ["窗口：三号窗口，9:00–17:00。", "到现场次数：1次（当面领取号牌）。"]),
        (Facet.RESULT, ["办理结果：号牌（证牌）。", "领取方式：当场领取。", "有效期：长期。"]),
        (Facet.PROGRESS, ["打000-0000-0101查询。"]),
        (Facet.CONTACT, ["负责单位：自行车管理处。", "咨询电话：000-0000-0101。"]),
        (Facet.COMPLAINT, ["投诉电话：000-0000-0109。"]),
        (Facet.LEGAL_BASIS, ["《自行车条例》，第3条。"]),
    ],
)
def test_each_facet_reads_as_whole_chinese_sentences(facet: Facet, zh: list[str]) -> None:
    """A line says what it is about, so it can be quoted alone."""
    assert _lines(facet) == zh


@pytest.mark.parametrize(
    ("facet", "en"),
    [
        (Facet.FEE, ["No fee is charged."]),
        (Facet.TIME_LIMIT, ["Promised time: 5 working days.", "Counted from: receipt."]),
        (Facet.CONTACT, ["Responsible office: Bicycle Office.", "Enquiries phone: 000-0000-0101."]),
        (
            Facet.MATERIALS,
            [
                "form: on paper, 1 copy, required.",
                "card: electronic, shared between offices, not asked of you.",
            ],
        ),
    ],
)
def test_english_guides_speak_english(facet: Facet, en: list[str]) -> None:
    """The same fields of an English guide make English sentences."""
    limit = {"statutory": "none", "promised": {"n": 5, "unit": "working-day"}, "starts": "receipt"}
    materials = [
        {"name": "form", "source": "own", "form": "paper", "copies": 1, "need": "must"},
        {"name": "card", "source": "shared-no-need", "form": "electronic", "copies": 0, "need": "if-case"},
    ]
    assert _lines(facet, "en", time_limit=limit, materials=materials) == en


def test_fees_state_amount_rule_and_basis() -> None:
    """A number is money; words stay as written; the basis follows."""
    items = [
        {"name": "工本费", "amount": 5, "basis": "条例"},
        {"name": "补领", "amount": "免费", "rule": "每年一次"},
    ]
    said = _lines(Facet.FEE, fee={"charged": True, "pay_online": True, "items": items})
    assert said == ["工本费：5元（依据：条例）。", "补领：免费，每年一次。", "可以网上缴费。"]


def test_remedies_name_both_ways() -> None:
    """Review and court each have a sentence with the limit."""
    remedy = {"review_body": "县政府", "days": 60, "court": "县法院", "months": 6}
    assert _lines(Facet.REMEDY, remedy=remedy) == [
        "不服决定，可以在60日内向县政府申请行政复议。",
        "也可以在6个月内向县法院提起行政诉讼。",
    ]


def test_empty_fields_say_nothing() -> None:
    """A facet without fields is absent, not empty."""
    one = parsed(guide(complaint=None, owner_unit="nobody"))
    assert facet_lines(one, office(one)) == {Facet.CONTACT: ["咨询电话：000-0000-0101。"]}
