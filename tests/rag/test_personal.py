"""Personal data by its shape: what is found, what is left alone, and that no text takes long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.personal import Personal, find, replace
from rag.screen import mask
from tests.personal_items import clean, is_gone, items

_NAMES = {kind: f"[{kind}]" for kind in Personal}
# Built from parts, so that nothing in this file looks like anybody's number.
_ID = "110101" + "19900307" + "7571"
_MOBILE = "139" + "1234" + "5678"
_DRAWN = items(2000, 3)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (_MOBILE, Personal.MOBILE),
        (f"{_MOBILE[:3]}-{_MOBILE[3:7]}-{_MOBILE[7:]}", Personal.MOBILE),
        (f"（+86）{_MOBILE[:3]} {_MOBILE[3:7]} {_MOBILE[7:]}", Personal.MOBILE),
        (f"0086{_MOBILE}", Personal.MOBILE),
        ("".join(chr(ord(c) + 0xFEE0) for c in _MOBILE), Personal.MOBILE),
        (_ID, Personal.ID),
        (_ID[:17] + "0", Personal.ID),
        (f"{_ID[:6]} {_ID[6:14]} {_ID[14:]}", Personal.ID),
        ("4111 1111 1111 1111", Personal.CARD),
        ("li.na@a.example", Personal.EMAIL),
        ("ｌｉ＠ａ．example", Personal.EMAIL),
    ],
)
def test_personal_data_is_found_once(text: str, kind: Personal) -> None:
    """Spaces, hyphens, widths and country codes hide nothing, and a number is one thing only."""
    assert [found for found, _ in find(f"联系{text}。")] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "000-0000-0101",
        "12345",
        "SS-20260101-0001",
        "2026-11-02",
        "国办发〔2020〕53号",
        "1234567812345678",
        "10000000000",
    ],
)
def test_numbers_of_offices_are_left_alone(text: str) -> None:
    """Hotlines, numbers of requests, dates and documents are nobody's."""
    assert list(find(text)) == []
    assert replace(text, _NAMES) == text


@given(st.text(alphabet="0123456789 -abc@.中１２一号室", max_size=40))
def test_a_text_without_findings_stays_as_it_is(text: str) -> None:
    """Replacing changes nothing where nothing is found, and something where anything is."""
    assert (replace(text, _NAMES) == text) == (not list(find(text)))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (_ID[:6] + _ID[8:17], Personal.ID),
        ("一三九一二三四五六七八", Personal.MOBILE),
        ("幺三玖１２34〇〇6柒八", Personal.MOBILE),
        ("\u200b".join(_MOBILE), Personal.MOBILE),
        ("+852 9123 4567", Personal.MOBILE),
        ("護照 E 1234 5678", Personal.DOCUMENT),
        ("臺胞證號碼是12345678", Personal.DOCUMENT),
        ("港澳通行证CA1234567", Personal.DOCUMENT),
        ("银行账号 1234 5678 9012", Personal.CARD),
        ("加我微信：zhangsan", Personal.ACCOUNT),
        ("扣扣一二三四五六七八", Personal.ACCOUNT),
        ("浙A·12345", Personal.PLATE),
        ("阳光小区3号楼2单元502室", Personal.ADDRESS),
        ("幸福路18号3棟502", Personal.ADDRESS),
        ("我住李家村三组25号", Personal.ADDRESS),
        ("Room 502, Building 3, 18 Xingfu Road", Personal.ADDRESS),
        ("li.na (at) a.example", Personal.EMAIL),
    ],
)
def test_more_kinds_are_found_in_questions(text: str, kind: Personal) -> None:
    """Old and foreign documents, accounts said to be one, homes, and numbers said in Chinese numerals."""
    assert [found for found, _ in find(f"你好，{text}，谢谢")] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "示例县政务服务中心在哪",
        "人民路18号示例县政务服务中心几点开门",
        "政务服务中心在人民路18号吗",
        "民政局在行政中心3号楼205室",
        "小区3栋楼加装电梯",
        "3室2厅的房子",
        "Room 302, Government Service Centre",
        "微信小程序怎么预约",
        "my WeChat payment failed",
        "信用卡 400-820-8820",
        "身份证2026-11-23到期",
        "GB 18970.16-2017",
        "HJ 1380-2019",
        "13000-150000元",
        "| 0.151 (0.127–0.187) |",
    ],
)
def test_what_is_asked_about_stays(text: str) -> None:
    """Places of offices, accounts of nobody, days after a document's name, standards, amounts and tables."""
    assert replace(text, _NAMES) == text


@pytest.mark.parametrize("seed", [1, 2])
def test_two_thousand_items_leave_nothing_behind(seed: int) -> None:
    """However an item is written and whatever stands around it, no digit of it is left."""
    drawn = items(2000, seed)
    left = [(item.kind, question) for item, question, rest in drawn if not is_gone(mask(question), rest)]
    assert left == []


@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_thousand_public_numbers_at_most_five_are_masked(seed: int) -> None:
    """Hotlines, document numbers, days, amounts, codes and places of offices stay: at most 0.5 % are mistaken."""
    wrong = [question for _, question in clean(1000, seed) if mask(question) != question]
    assert len(wrong) <= 5, wrong


_WORDS = st.text(alphabet="我的号码是请问办理居住证，。 ;apply for permit", max_size=30)


@settings(max_examples=200)
@given(_WORDS, st.integers(0, 1999), _WORDS)
def test_words_around_hide_nothing(before: str, chosen: int, behind: str) -> None:
    """Any everyday words before and behind an item leave it masked."""
    item, _, _ = _DRAWN[chosen]
    assert is_gone(mask(f"{before}，{item.written}。{behind}"), "")


_HOSTILE = (
    "1", "1 ", "1-", "一 ", "a", "a@", "@", "((1", "1---", "12.", "东路1号", "12 aaa ", "微信:", "no ", "(at) ", "E1 ", "京A",
    "1\u200b\u200b", "138001380", "6222 ", "road 1 ", "3栋", "路",
)  # fmt: skip


@pytest.mark.parametrize("piece", _HOSTILE)
def test_no_text_takes_long(piece: str) -> None:
    """500 hostile characters are masked in half a second at most, 64,000 in ten: time grows with length alone."""
    for length, seconds in ((500, 0.5), (64_000, 10.0)):
        begun = time.process_time()
        mask((piece * length)[:length])
        assert time.process_time() - begun < seconds
