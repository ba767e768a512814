"""What numbers of people look like: identity cards, bank cards, mobiles, mail, passports, permits, accounts.

Every pattern is bounded: the time for a text grows with its length alone, whatever it holds.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from rag.shadow import HIDDEN


class Personal(StrEnum):
    """Kinds of personal data known by their shape."""

    ID = "id"
    MOBILE = "mobile"
    CARD = "card"
    EMAIL = "email"
    DOCUMENT = "document"
    ACCOUNT = "account"
    PLATE = "plate"
    ADDRESS = "address"


class Shape(NamedTuple):
    """A kind, its pattern, and how much of the pattern's group `value` is really of the kind."""

    kind: Personal
    pattern: re.Pattern[str]
    length: Callable[[re.Match[str]], int]


ONE_GAP = f"[ \\t\u00a0\u2000-\u200a{HIDDEN}\u202f\u205f\u3000\u20e3\\-‐-―−－﹣·•・.．/／_＿()（）]"
GAP = f"{ONE_GAP}{{0,3}}"
"""What people put between the digits of a number."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# GB/T 2260, and 9 for foreigners with a permanent permit.
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_SERIAL = re.compile(r"20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
"""The day with which numbers of files and orders begin."""
_DAY = re.compile(
    r"(?:1[89]|20)\d\d(?P<s>[^\d\n]{1,3})(?:0?[1-9]|1[0-2])(?P=s)(?:0?[1-9]|[12]\d|3[01])(?!\d)"
)
_SAYS_NUMBER = re.compile("[号號:：]|number|no", re.IGNORECASE)
_OFFICE_PHONE = re.compile(r"0\d{2,3}[^\d\n]{1,3}\d{3,4}[^\d\n]?\d{4}$|[48]00[^\d\n]?\d{3,4}[^\d\n]?\d{3,4}$")
_SHORT_PHONE = re.compile(r"1[02]\d{3}|9[56]\d{3}")
_DOTTED = re.compile(r"\d+\.\d+[\-—–](?:19|20)\d\d|\d{1,3}(?:\.\d{1,3}){3}")
"""The part of a standard with its year, or an address in a network."""
_YEAR_AT_END = re.compile(r"[\-－](?:19|20)\d\d$")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_AMOUNT = re.compile(r"\s?(?:[元圆块万萬亿億人户戶件名平米吨公斤%]|yuan|rmb|people|sq)", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_GROUP = re.compile(r"\d+")
_APART = re.compile(r"\d\D+\d\D")
_GOES_ON = re.compile(rf"{ONE_GAP}{{1,3}}\d")
_WENT_BEFORE = re.compile(rf"\d{ONE_GAP}{{1,3}}$")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _whole(match: re.Match[str]) -> int:
    return len(match["value"])


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def _id(match: re.Match[str]) -> int:
    """By birth date or by checksum (GB 11643): a mistyped number is still somebody's."""
    if _is_cut(match):
        return 0
    digits = re.sub(r"[^\dX]", "", match["value"].upper().replace("×", "X"))
    is_of_a_place = bool(_PROVINCES.match(digits))
    if len(digits) == 15:
        return _whole(match) if is_of_a_place and _is_day(digits[8:10], digits[10:12]) else 0
    if digits[6:8] in ("18", "19", "20") and _is_day(digits[10:12], digits[12:14]):
        return _whole(match) if not _SERIAL.match(digits) else 0
    return _whole(match) if is_of_a_place and _checks(digits) else 0


def _checks(digits: str) -> bool:
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == digits[17]


def _is_cut(match: re.Match[str]) -> bool:
    """Whether digits that stand apart, one by one, go on before or behind."""
    begin, end = match.span("value")
    return bool(
        _APART.match(match.string, begin)
        and (_GOES_ON.match(match.string, end) or _WENT_BEFORE.search(match.string, max(0, begin - 4), begin))
    )


def _card(match: re.Match[str]) -> int:
    """The longest beginning that a card may be: by the prefix of UnionPay, or by groups and Luhn sum."""
    value = match["value"]
    ends = [group.span() for group in _GROUP.finditer(value)]
    if _is_cut(match) or (
        min(end - begin for begin, end in ends[:-1] or ends) < 4 and len(ends) < 16 and value[:2] != "62"
    ):
        return 0
    for _, end in reversed(ends):
        digits = _digits(value[:end])
        if (
            16 <= len(digits) <= 19
            and not _DAY_FIRST.match(digits)
            and (digits.startswith("62") or _luhn(digits))
        ):
            return end
    return 0


def _luhn(found: str) -> bool:
    digits = [int(d) for d in reversed(found)]
    return sum(sum(divmod(d * 2, 10)) if i % 2 else d for i, d in enumerate(digits)) % 10 == 0


def _mobile(match: re.Match[str]) -> int:
    """All of it, unless it is a day and a number, a dotted number of something else, or a range of amounts."""
    value = match["value"]
    is_range = re.fullmatch(r"\d+\D+\d+", value) and _AMOUNT.match(match.string, match.end("value"))
    return 0 if _DAY.match(value) or _DOTTED.fullmatch(value) or is_range else len(value)


def _passport(match: re.Match[str]) -> int:
    """All of it, unless its digits are a day, or behind two letters end in the year of a standard."""
    value = match["value"]
    digits = value.lstrip(_LETTERS)
    is_standard = len(value) - len(digits) == 2 and _YEAR_AT_END.search(digits)
    digits = digits.lstrip(" -")
    return 0 if is_standard or _SERIAL.match(digits) or _DAY.match(digits) else len(value)


def _announced(match: re.Match[str]) -> int:
    """A number after the word for it, unless it is a day or a phone of an office."""
    value = match["value"]
    if value.isdigit() and (not match["link"] or _SAYS_NUMBER.search(match["link"])):
        return len(value)
    return 0 if _DAY.match(value) or _SERIAL.match(value) or _OFFICE_PHONE.match(value) else len(value)


def _account(match: re.Match[str]) -> int:
    """A number but no hotline; a name if it holds a digit or is plainly announced."""
    value, link = match["value"], match["link"]
    if value[0].isdigit():
        return 0 if _SHORT_PHONE.fullmatch(_digits(value)) else len(value)
    plainly = re.search(r"[:：=是为為号號]|\bid\b|(?:number|account|no)\W+is", link, re.IGNORECASE)
    return len(value) if plainly or re.search(r"[\d_\-]", value) else 0


def _plate(match: re.Match[str]) -> int:
    return _whole(match) if len(_digits(match["value"])) >= 3 else 0


def _shape(kind: Personal, length: Callable[[re.Match[str]], int], pattern: str) -> Shape:
    return Shape(kind, re.compile(pattern, re.IGNORECASE), length)


def _run(shape: str) -> str:
    """From any digit on: a lookahead, so that a number which is nothing hides none that begins inside it."""
    return rf"(?<!\d)(?=(?P<value>{shape})(?!\d))"


_BREAK = f"[ \u00a0\u3000{HIDDEN}\\-－]{{0,2}}"
_LABEL = f"[A-Za-z0-9\\-{HIDDEN}]{{1,63}}"
EMAIL = _shape(
    Personal.EMAIL, _whole,
    rf"(?<![A-Za-z0-9_.+\-{HIDDEN}])(?P<value>[A-Za-z0-9_.+\-{HIDDEN}]{{1,128}}\s?(?:@|[(\[（【]\s?at\s?[)\]）】])\s?{_LABEL}(?:[.。]{_LABEL})+)",
)  # fmt: skip
PLATE = _shape(Personal.PLATE, _plate,
    r"(?P<value>[京津沪滬渝冀豫云雲辽遼黑湘皖鲁魯新苏蘇浙赣贛鄂桂甘晋晉蒙陕陝吉闽閩贵貴粤粵青藏川宁寧琼瓊]"
    r"[A-HJ-NP-Z][ ·•・.\-]?[A-HJ-NP-Z0-9]{5,6})(?![A-Z0-9])")  # fmt: skip
NUMBERS = (
    _shape(Personal.ID, _id, _run(rf"\d(?:{GAP}\d){{16}}{GAP}[\dX×]")),
    _shape(Personal.CARD, _card, _run(rf"\d(?:{GAP}\d){{15,18}}")),
    _shape(Personal.ID, _id, _run(rf"\d(?:{GAP}\d){{14}}")),
    # The mainland, then with the code of another place, then Taiwan.
    _shape(Personal.MOBILE, _mobile,
           rf"(?<!\d)(?<!0\.)(?P<value>(?:[(（]?(?:\+|00)?86{GAP})?1{GAP}[3-9](?:{GAP}\d){{9}}"
           rf"|\+(?!86)[1-9]\d{{0,2}}{GAP}\d(?:{GAP}\d){{6,11}}|09\d\d[ \-]?\d{{3}}[ \-]?\d{{3}})(?!\d)"),
    # China and passes of Hong Kong, Macao and Taiwan; identity cards of Taiwan and Hong Kong.
    _shape(Personal.DOCUMENT, _passport,
           rf"(?<![A-Z/])(?<!\d\d)(?P<value>(?:[EGDSPHMCWLTK]{_BREAK}\d(?:{_BREAK}\d){{7}}(?:\d\d)?|[GDSP]{_BREAK}\d(?:{_BREAK}\d){{6}}"
           rf"|[ECDSPHMK][A-Z]{_BREAK}\d(?:{_BREAK}\d){{6}}|[A-Z][1289]\d{{8}}|[A-Z]{{1,2}}\d{{6}}[(（][\dA][)）]))(?![\dA-Z])"),
)  # fmt: skip

# What may stand between the word for a number and the number: "号码是：", " number is ".
_LINK = (
    rf"(?P<link>(?:[\s:：=,，\"'“「#(（是为為叫{HIDDEN}]|号码?|號碼?|账号|帐号|帳號|賬號"
    r"|(?:id|number|no|account|is)(?![a-z])\.?|加我?){0,8}+)"
)
ANNOUNCED = (
    _shape(Personal.DOCUMENT, _announced,
           r"(?:护照|護照|passport|通行证|通行證|[台臺]胞[证證]|回[乡鄉][证證]|身[份分][证證]|居[住留][证證]|证件|證件"
           rf"|[驾駕][驶駛][证證]|军官证|(?<![a-z])id(?:entity)?(?: card)?(?![a-z])|permit){_LINK}(?P<value>[A-Z]{{0,2}}\d(?:{GAP}\d){{6,17}}X?)(?!\d)"),
    _shape(Personal.CARD, _announced,
           r"(?:[银銀]行卡|卡[号號]|[账帐帳賬]|[储儲]蓄卡|信用卡|社保卡|存折|(?<![a-z])card|(?<![a-z])account)"
           rf"{_LINK}(?P<value>\d(?:{GAP}\d){{11,21}})(?!\d)"),
    _shape(Personal.ACCOUNT, _account,
           rf"(?:微信|薇信|wechat|weixin|v信|(?<![a-z])[vw]x){_LINK}(?P<value>[A-Z][A-Z0-9_\-]{{5,19}}(?![A-Z0-9_\-])|\d(?:{GAP}\d){{5,11}}(?!\d))"),
    _shape(Personal.ACCOUNT, _account,
           rf"(?:(?<![a-z])q ?q|扣扣|企鹅号){_LINK}(?P<value>\d(?:{GAP}\d){{4,11}})(?!\d)"),
)  # fmt: skip
ANNOUNCES = re.compile(
    r"[护護证證卡账帐帳賬存微薇扣企]|v信|passport|permit|id|card|account|wechat|weixin|vx|wx|q ?q",
    re.IGNORECASE,
)
