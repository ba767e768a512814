"""Invented personal data as people write it, and public numbers that look like it.

Made from the standards that define the numbers (GB 11643 identity numbers, GB/T 2260 divisions, ISO/IEC 7812
cards, the numbering plan), with a fixed seed: nothing here is anybody's, and nothing is taken from the code that
looks for it.
"""

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from opencc import OpenCC

DIVISIONS = [
    "110101",
    "130203",
    "210302",
    "310115",
    "330106",
    "350203",
    "370613",
    "420111",
    "440305",
    "510107",
    "610113",
    "650104",
    "810000",
    "830000",
]
MOBILE_STARTS = [
    "130",
    "131",
    "135",
    "138",
    "139",
    "145",
    "147",
    "150",
    "155",
    "159",
    "166",
    "170",
    "173",
    "177",
    "180",
    "186",
    "188",
    "191",
    "193",
    "195",
    "198",
    "199",
]
CARD_STARTS = ("622202", "621700", "622848", "625912", "453242", "518710", "356833", "436742", "955880")
SURNAMES = ("zhang", "wangli", "chen.hao", "liu_yang", "zhao-min", "sun88", "ma")
MAIL_HOSTS = ("qq.com", "163.com", "example.org", "mail.example.com.cn", "foxmail.com")
ROADS = ("幸福路", "解放街", "柳树巷", "滨河大道", "石板胡同", "建设东路", "红旗二路", "李家弄")
ESTATES = ("阳光小区", "锦绣花园", "桃源新村", "和平里小区", "怡景家园", "翠湖公寓", "龙泉村", "东升苑")
CITIES = ("", "", "示例县", "示例省示例市示例县", "示例县城关镇")
SPOKEN = ("〇一二三四五六七八九", "零一二三四五六七八九", "零幺二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
_NUMERALS = str.maketrans("".join(SPOKEN) + "貳叄陸么", "0123456789" * 4 + "2361")


@dataclass(frozen=True)
class Item:
    """One piece of personal data as it is written, and what of it must be gone afterwards."""

    kind: str
    written: str
    secret: str


def id_18(draw: random.Random) -> str:
    """An identity number of 18 places with its check character (GB 11643)."""
    day = f"{draw.randint(1930, 2024)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
    body = draw.choice(DIVISIONS) + day + f"{draw.randint(0, 999):03}"
    remainder = sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(body)) % 11
    check = (12 - remainder) % 11
    return body + ("X" if check == 10 else str(check))


def id_15(draw: random.Random) -> str:
    """An identity number of the first generation: 15 places, no century, no check character."""
    day = f"{draw.randint(30, 99)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
    return draw.choice(DIVISIONS) + day + f"{draw.randint(1, 999):03}"


def mobile(draw: random.Random) -> str:
    """A mobile number of the mainland."""
    return draw.choice(MOBILE_STARTS) + f"{draw.randint(0, 99_999_999):08}"


def card(draw: random.Random) -> str:
    """A bank card of 16 to 19 places, the last of which makes its Luhn sum right."""
    start = draw.choice(CARD_STARTS)
    body = start + "".join(draw.choices("0123456789", k=draw.choice((16, 17, 18, 19)) - 1 - len(start)))
    for check in range(10):
        doubled = [int(c) * (2 - i % 2) for i, c in enumerate(reversed(f"{body}"))]
        if (sum(n - 9 if n > 9 else n for n in doubled) + check) % 10 == 0:
            return f"{body}{check}"
    raise AssertionError(body)


def _number(draw: random.Random, places: int) -> str:
    return "".join(draw.choices("123456789", k=1) + draw.choices("0123456789", k=places - 1))


def passport(draw: random.Random) -> str:
    """Passports of China and passes of Hong Kong, Macao and the mainland: letters and digits."""
    return draw.choice((
        "E" + _number(draw, 8), "G" + _number(draw, 8), "D" + _number(draw, 8), "P" + _number(draw, 7),
        "S" + _number(draw, 7), "E" + draw.choice("ABCDEFGH") + _number(draw, 7), "PE" + _number(draw, 7),
        "H" + _number(draw, 8), "M" + _number(draw, 8), "H" + _number(draw, 8) + "01", "C" + _number(draw, 8),
        "CA" + _number(draw, 7), "L" + _number(draw, 8), "T" + _number(draw, 8),
    ))  # fmt: skip


def mail(draw: random.Random) -> str:
    """A mail address of a person."""
    local = draw.choice(
        (draw.choice(SURNAMES) + _number(draw, 2), _number(draw, 9), draw.choice(SURNAMES) + "@")
    )
    return local.rstrip("@") + "@" + draw.choice(MAIL_HOSTS)


# -- ways to write --------------------------------------------------------------------------------------


def wide(text: str, draw: random.Random) -> str:
    """Full-width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def spaced(text: str, draw: random.Random) -> str:
    """In groups of three or four, with blanks between."""
    return draw.choice((" ", "  ", "　", "\u00a0")).join(_groups(text, draw))


def dashed(text: str, draw: random.Random) -> str:
    """In groups of three or four, with a stroke or a dot between."""
    return draw.choice(("-", "－", "—", "·", ".", " - ")).join(_groups(text, draw))


def apart(text: str, draw: random.Random) -> str:
    """Each character by itself."""
    return draw.choice((" ", "-", "\u200b", "　")).join(text)


def said(text: str, draw: random.Random) -> str:
    """Digit by digit in Chinese numerals."""
    numerals = draw.choice(SPOKEN)
    return "".join(numerals[int(c)] if c.isdigit() else c for c in text)


def half_said(text: str, draw: random.Random) -> str:
    """Some digits in Chinese numerals, the others not."""
    numerals = draw.choice(SPOKEN[:2])
    return "".join(numerals[int(c)] if c.isdigit() and draw.random() < 0.5 else c for c in text)


def circled(text: str, draw: random.Random) -> str:
    """Digits in circles."""
    return "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(c)] if c.isdigit() else c for c in text)


def as_is(text: str, draw: random.Random) -> str:
    """As it stands on the card."""
    return text


def lettered(text: str, draw: random.Random) -> str:
    """With a blank or stroke behind the letters, or in two halves as well."""
    letters = re.match("[A-Z]+", text)
    assert letters is not None
    digits, gap = text[letters.end() :], draw.choice((" ", "-", "　"))
    return letters[0] + gap + draw.choice((digits, f"{digits[:4]}{gap}{digits[4:]}"))


def small(text: str, draw: random.Random) -> str:
    """With small letters."""
    return text.lower()


Way = Callable[[str, random.Random], str]
DIGITAL: tuple[Way, ...] = (as_is, as_is, wide, spaced, dashed, apart, said, half_said, circled, small)


def _groups(text: str, draw: random.Random) -> list[str]:
    cuts = {18: (6, 14), 15: (6, 12), 11: (3, 7)}.get(len(text), tuple(range(4, len(text), 4)))
    return [text[a:b] for a, b in zip((0, *cuts), (*cuts, len(text)), strict=True)]


def _home(draw: random.Random) -> Item:
    """A home, down to house or flat, in Chinese or English."""
    house, block, unit, room = (
        draw.randint(1, 399),
        draw.randint(1, 38),
        draw.randint(1, 6),
        draw.randint(101, 2804),
    )
    road, estate, city = draw.choice(ROADS), draw.choice(ESTATES), draw.choice(CITIES)
    shapes = [
        f"{city}{road}{house}号{block}栋{room}室", f"{city}{estate}{block}号楼{unit}单元{room}室", f"{city}{estate}{block}-{unit}-{room}",
        f"{city}{estate}{block}幢{room}", f"{city}{road}{house}号{estate}{block}栋{unit}单元{room}", f"{road}{house}号{room}室",
        f"{city}{road} {house} 号 {block} 栋 {room} 室", f"{estate}{block}栋{unit}单元{room}室",
        f"Room {room}, Building {block}, {house} Xingfu Road", f"Flat {room}, {house} Jiefang Street",
        f"{house} Binhe Avenue, Unit {unit}, Room {room}", f"Building {block}, Unit {unit}, Apt {room}, Sunshine Estate",
    ]  # fmt: skip
    text = draw.choice(shapes)
    if "Room" not in text and "Flat" not in text and "Apt" not in text:
        way = draw.choice((as_is, as_is, wide, _numerals))
        text = way(text, draw)
    return Item("address", text, re.sub(r"\D", "", unicodedata.normalize("NFKC", text)))


def _numerals(text: str, draw: random.Random) -> str:
    return re.sub(r"\d+", lambda found: said(found[0], draw), text)


def _account(draw: random.Random) -> Item:
    """An account of WeChat or QQ, said so."""
    wechat = draw.choice(
        (f"{draw.choice(SURNAMES[:2])}_{_number(draw, 3)}", f"wx{_number(draw, 6)}", f"li{_number(draw, 8)}")
    )
    number = _number(draw, draw.randint(7, 10))
    said_so = draw.choice((
        ("微信号{}", wechat), ("微信：{}", wechat), ("加我微信 {}", wechat), ("WeChat ID: {}", wechat),
        ("my WeChat is {}", wechat), ("微信号是{}", wechat), ("vx {}", wechat), ("QQ{}", number), ("QQ号：{}", number),
        ("qq是{}", number), ("扣扣 {}", number), ("My QQ number is {}", number), ("QQ號碼{}", number),
    ))  # fmt: skip
    value = said_so[1] if said_so[1] is wechat else draw.choice((as_is, wide, spaced, said))(number, draw)
    return Item("account", said_so[0].format(value), said_so[1])


def _permit(draw: random.Random) -> Item:
    """A permit of digits alone, said so."""
    number = _number(draw, draw.choice((8, 10)))
    word = draw.choice(("台胞证{}", "台胞证号码是{}", "台湾居民来往大陆通行证：{}", "臺胞證號 {}", "Taiwan travel permit number {}",
                        "外国护照{}", "passport no. {}", "护照号：{}"))  # fmt: skip
    return Item("permit", word.format(draw.choice((as_is, wide, said))(number, draw)), number)


def _plain(
    kind: str, make: Callable[[random.Random], str], ways: tuple[Way, ...]
) -> Callable[[random.Random], Item]:
    def draw_one(draw: random.Random) -> Item:
        secret = make(draw)
        return Item(kind, draw.choice(ways)(secret, draw), secret)

    return draw_one


def _mobile_with_code(draw: random.Random) -> Item:
    secret = mobile(draw)
    written = draw.choice((as_is, spaced, dashed, wide))(secret, draw)
    return Item("mobile", draw.choice(("+86 ", "0086", "（+86）", "86-", "＋８６")) + written, secret)


MAKERS: tuple[Callable[[random.Random], Item], ...] = (
    _plain("id", id_18, DIGITAL), _plain("id", id_18, DIGITAL), _plain("id15", id_15, DIGITAL),
    _plain("mobile", mobile, DIGITAL), _plain("mobile", mobile, DIGITAL), _mobile_with_code,
    _plain("card", card, DIGITAL), _plain("passport", passport, (as_is, as_is, wide, small, lettered, said, circled)), _permit,
    _plain("mail", mail, (as_is, as_is, wide, lambda text, draw: text.upper())), _account, _home, _home,
)  # fmt: skip

AROUND = (
    "{}", "我的号码是{}，想办居住证", "{}，这个能办吗", "请问{}可以预约吗？", "本人{}申请低保要什么材料",
    "我叫王某，{}，孩子上学怎么报名", "上次留的是{}。现在要改", "周一{}来过", "老三的{}弄丢了", "第3次问：{}",
    "材料都交了（{}），多久能好", "打12345说要登记{}", "2026年3月1日交的，{}", "联系方式: {}\n谢谢",
    "My details: {} - how do I apply?", "I moved here, {}, which office do I go to?", "Is {} enough for the permit?",
    "id/phone={} please help",
)  # fmt: skip


def items(count: int, seed: int) -> list[tuple[Item, str, str]]:
    """So many items, the question that holds each, and that question without it; a fifth in Traditional."""
    draw, traditional = random.Random(seed), OpenCC("s2tw")
    found = []
    for n in range(count):
        item = MAKERS[n % len(MAKERS)](draw)
        around = draw.choice(AROUND)
        if draw.random() < 0.2:
            item = Item(item.kind, traditional.convert(item.written), item.secret)
            around = traditional.convert(around)
        if (
            item.kind == "address"
            and item.written[0].isascii()
            and item.written[0].isalnum()
            and "路" not in item.written
        ):
            around = draw.choice([text for text in AROUND if text.isascii()])
        found.append((item, around.replace("{}", item.written), around.replace("{}", "")))
    return found


# -- what is nobody's -----------------------------------------------------------------------------------


def _day(draw: random.Random) -> tuple[int, int, int]:
    return draw.randint(1990, 2027), draw.randint(1, 12), draw.randint(1, 28)


def _public_phone(draw: random.Random) -> str:
    area, local = (
        draw.choice(("010", "021", "0571", "0931", "0991", "000")),
        _number(draw, draw.choice((7, 8))),
    )
    return draw.choice((
        "12345", "110", "96110", "12388", "95588", "12345转2", "120、119", "110/119/120/122", "12345或12388", "10086",
        f"400-{_number(draw, 3)}-{_number(draw, 4)}", f"400{_number(draw, 7)}", f"800 {_number(draw, 3)} {_number(draw, 4)}",
        f"{area}-{local}", f"({area}){local}", f"{area} {local}", f"{area}-{local}转{_number(draw, 3)}", f"+86 571 {_number(draw, 8)}",
        "000-0000-0101", f"{area}-{local}、{area}-{_number(draw, 8)}", "一二三四五", "幺幺零", "九六一一〇",
    ))  # fmt: skip


def _document_number(draw: random.Random) -> str:
    year = draw.randint(1990, 2027)
    n, part = draw.randint(1, 999), draw.randint(1, 20)
    return draw.choice((
        f"国办函〔{year}〕{n}号", f"示例政发〔{year}〕{n}号第{part}条", f"国务院令第{n}号", f"GB/T {draw.randint(1000, 49999)}-{year}",
        f"GB {draw.randint(1000, 49999)}.{part}-{year}", f"GB/T {draw.randint(1000, 9999)}—{year}", f"DB33/T {draw.randint(1000, 9999)}-{year}",
        f"HJ {draw.randint(1000, 1999)}-{year}", f"T/CESA {draw.randint(1000, 1999)}-{year}", f"ISO/IEC {draw.randint(10000, 29999)}:{year}",
        f"(2025)示01民初{draw.randint(1, 9999)}号", f"财税[{year}]{n}号", f"第{n}号公告", f"国发[{year}] {n} 号", f"主席令第{_spoken_number(n)}号",
    ))  # fmt: skip


def _spoken_number(n: int) -> str:
    return "".join(SPOKEN[0][int(c)] for c in str(n))


def _date_text(draw: random.Random) -> str:
    year, month, day = _day(draw)
    return draw.choice((
        f"{year}-{month:02}-{day:02}", f"{year}年{month}月{day}日", f"{year}/{month}/{day}", f"{year}.{month:02}.{day:02}",
        f"{year}{month:02}{day:02}", f"{year}-{month:02}-{day:02} {draw.randint(8, 17):02}:30", f"{year}-{month:02}-{day:02} {_number(draw, 3)}元",
        f"{year}-{month:02}-{day:02} 至 {year + 1}-{month:02}-{day:02}", f"{year}-{month:02}-{day:02}/{year + 1}-{month:02}-{day:02}",
        f"二〇二六年{_spoken_number(month)}月", f"{year}-{year + 3}年", f"{year}-{month:02}-{day:02}T09:30:00", "9:00–17:00", "8:30-12:00 14:00-17:30",
    ))  # fmt: skip


def _amount(draw: random.Random) -> str:
    return draw.choice((
        f"{draw.randint(1, 99999)}元", f"{draw.randint(1, 999)},{_number(draw, 3)}.{_number(draw, 2)}元", f"1{_number(draw, 1)},800,138,000元",
        f"{draw.randint(1300, 1999)}—{draw.randint(2000, 2999)}元", f"1{_number(draw, 4)}-1{_number(draw, 5)}元", f"{draw.randint(1, 99)}%",
        f"{draw.randint(30, 200)}平方米", "一千三百五十元", "三万八千元", f"{draw.randint(1, 30)}个工作日", f"{draw.randint(2, 9)}人户",
        f"¥{_number(draw, 4)}.00", f"{_number(draw, 7)} yuan", "一式三份、两寸照片四张",
    ))  # fmt: skip


def _code(draw: random.Random) -> str:
    year, month, day = _day(draw)
    series = draw.choice(("SS", "ZZ", "XB"))
    return draw.choice((
        f"{series}-{year}{month:02}{day:02}-{draw.randint(1, 9999):04}", f"编号{series}-20261123-{draw.randint(1, 99):04}", "pub-residence-permit",
        "org-business-licence", "staff-hotline-12345", f"第{draw.randint(1, 9)}步", f"步骤S{draw.randint(1, 20)}", f"M{draw.randint(1, 27):02}",
        f"DEMO-{_number(draw, 6)}-LIB-LOAN", f"91330100MA{_number(draw, 2)}W{_number(draw, 4)}X", f"表{draw.randint(1, 9)}-{draw.randint(1, 9)}",
        f"order {year}{month:02}{day:02}{_number(draw, 8)}", "v1.12.3", "Windows 11", "U盘16GB", f"G{draw.randint(1, 9999)}次列车", "A4纸",
        f"{year}{month:02}{day:02}{_number(draw, 9)}", "step 3 of 5", "form 12-B", "(1)(2)(3)", "①身份证②户口本③照片",
    ))  # fmt: skip


def _office_place(draw: random.Random) -> str:
    n, room = draw.randint(1, 20), draw.randint(101, 512)
    return draw.choice((
        "示例县政务服务中心", f"示例县政务服务中心{n}号窗口", f"民政局{room}室", f"政务服务中心{n % 5 + 1}楼{room}室", f"人民路{n}号示例县政务服务中心",
        f"政务大厅A座{room}室", f"示例县公安局（人民路{n}号）", f"{n}号线地铁", f"幸福路派出所{n}号窗", f"税务局在建设路{n}号吗", f"{n}号楼窗口",
        "幸福村党群服务中心", "一楼大厅二号窗口", "三单元怎么合并户口", f"Room {room}, Government Service Centre", f"Window {n}, second floor",
        f"the service centre at {n} Renmin Road, Government Service Centre", "城南街道18号文件", "阳光小区物业电话", "五一路改造", "老旧小区3-5天停水",
    ))  # fmt: skip


CLEAN_MAKERS = (_public_phone, _public_phone, _document_number, _document_number, _date_text, _amount, _code, _office_place)  # fmt: skip
CLEAN_AROUND = (
    "{}", "请问{}是什么意思", "按{}的规定能办居住证吗", "{}有效吗？", "护照和身份证在{}能办吗", "看到{}，还要带银行卡吗", "微信里说{}，对吗",
    "QQ群里说{}", "我家孩子上学，{}怎么算", "Does {} still hold?", "My ID card and passport: see {} first", "材料见{}。户口本要原件吗",
)  # fmt: skip


def clean(count: int, seed: int) -> list[tuple[str, str]]:
    """So many public numbers, dates, amounts, codes and places of offices, each with a question around it."""
    draw, traditional = random.Random(seed), OpenCC("s2tw")
    found = []
    for n in range(count):
        text = CLEAN_MAKERS[n % len(CLEAN_MAKERS)](draw)
        question = draw.choice(CLEAN_AROUND).replace("{}", text)
        found.append((text, traditional.convert(question) if draw.random() < 0.2 else question))
    return found


def plain(text: str) -> str:
    """A text with every digit, however it is written, as an ASCII digit, and letters small."""
    text = unicodedata.normalize("NFKC", re.sub("大[陆陸]", "", text)).lower()
    return text.translate(_NUMERALS)


def digits_of(text: str) -> str:
    """Every digit of a text in order, however it is written."""
    return "".join(c for c in plain(text) if c.isdigit())


def is_gone(item_masked: str, rest: str) -> bool:
    """Whether a masked question names a kind and holds no digit, nor any @, beyond those around the item."""
    around = iter(digits_of(rest))
    return "[" in item_masked and "@" not in item_masked and all(c in around for c in digits_of(item_masked))
