"""M15, M26: no personal data of anybody, and no real place, phone or site on a page of demo data."""

import re
from collections.abc import Iterator
from functools import cache

from rag.guides import Guide
from rag.personal import Personal, find, widths
from rag.problems import Problem
from rag.rules.posts import SYLLABLE, is_person, is_post
from rag.rules.view import Piece, Rule, View, at
from rag.settings import ROOT

DIVISIONS = ROOT / "rag" / "rules" / "divisions.txt"

# Other kinds are masked in questions alone: guides give addresses of offices and numbers of forms.
_SAID = {
    Personal.ID: ("身份证号", "an identity number"),
    Personal.MOBILE: ("手机号", "a mobile number"),
    Personal.CARD: ("银行卡号", "a bank card number"),
    Personal.EMAIL: ("个人邮箱", "the e-mail address of a person"),
}
# The mailbox of an office belongs to nobody.
_OFFICE_MAILBOX = re.compile(
    r"^(?:info|contact|service|services|support|office|help|helpdesk|data|api|hotline|guide|privacy|security|noreply|no-reply|"
    r"feedback|bureau|admin|webmaster|press|mail|team|desk|12345)(?:[._-][a-z0-9]+)*@",
    re.IGNORECASE,
)
_PLAIN = frozenset({".md", ".markdown", ".txt", ".yml", ".yaml", ".csv", ".tsv", ".json"})
_ROLES = ("maintainer", "reviewer", "level_setter")
_SITE = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9.-]+|(?<![@A-Za-z0-9_./-])(?:[a-z0-9-]+\.)+(?:com|cn|gov|org|net|edu|io|top|info)(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{3}")
_LANDLINE = re.compile(r"(?<![\d.\-])(?:0\d{2,3}[- ]?\d{4}[- ]?\d{3,4}|[48]00[- ]?\d{3}[- ]?\d{4})(?![\d-])")
_SHORT_NUMBER = re.compile(
    r"(?:拨打?|打|电话|热线|致电|来电|[Cc]all|[Pp]hone|[Dd]ial|[Rr]ing|[Hh]otline)[^\w\n]{0,3}(?:to |the |是|为)?(1[12]\d{1,3}|9[56]\d{3,4})(?!\d|[-.:]\d)"
    r"|(?<![\d.\-])(12[3]\d\d|9[56]\d{3})(?=\s?(?:热线|hotline|电话|平台))",
)
_ROMAN_PLACE = re.compile(
    r"\b((?:[A-Z][a-z]+['’]?[a-z]*[ -]){1,2})(?:County|District|City|Province|Prefecture|Subdistrict|Township|Town|Village|Municipality)\b"
)
_ROMAN = re.compile(f"(?:{SYLLABLE}['’]?)+", re.IGNORECASE)
# A division's suffix may begin another word: 资源县级, 合作市场.
_SUFFIX = re.compile("(?:[省市区县旗州盟](?![级场民域间别块]|分(?!局))|街道)")
_LONGEST_NAME = 14
# Beijing time is the time of the whole country.
_CAPITALISED = re.compile(r"(?<![A-Za-z])[A-Z][a-z]+(?: Mongolia)?(?![A-Za-z]| [Tt]ime)")


def m15_personal_data(view: View) -> Iterator[Problem]:
    """No identity number, mobile, bank card or e-mail address of a person, however it is written."""
    for guide in view.guides:
        for piece in view.pieces(guide):
            for kind, value in find(piece.text):
                if kind not in _SAID or (kind is Personal.EMAIL and _OFFICE_MAILBOX.match(value)):
                    continue
                zh, en = _SAID[kind]
                yield at(guide, "M15", piece.line, f"有{zh}：{_shortened(value)}", f"{en}: {_shortened(value)}",
                         "删去；要举例就用文字描述格式", "remove it; describe the form in words")  # fmt: skip


def m15_other_files(view: View) -> Iterator[Problem]:
    """Files beside the guides, and guides that cannot be read, hold no personal data either."""
    root = view.library.root
    for file in sorted(root.rglob("*")) if view.is_whole else ():
        path = file.relative_to(root)
        if file.suffix.lower() not in _PLAIN or path.as_posix() in view.by_path or not file.is_file():
            continue
        for n, line in enumerate(file.read_bytes().decode("utf-8", errors="replace").split("\n"), 1):
            for kind, value in find(line):
                if kind in _SAID and kind is not Personal.EMAIL:
                    zh, en = _SAID[kind]
                    yield Problem("M15", path, n, f"有{zh}：{_shortened(value)}", f"{en}: {_shortened(value)}",
                                  "删去；要举例就用文字描述格式", "remove it; describe the form in words")  # fmt: skip


def m15_posts(view: View) -> Iterator[Problem]:
    """Whoever answers for a guide or acts in a step is a post or a role, never a person by name."""
    for guide in view.guides:
        for key in _ROLES:
            value = getattr(guide.meta, key)
            if value and not is_post(value, guide.lang):
                yield _named(guide, (key,), value)
        for n, step in enumerate(guide.meta.steps):
            if is_person(step.actor, guide.lang):
                yield _named(guide, ("steps", n, "actor"), step.actor)


def m26_places(view: View) -> Iterator[Problem]:
    """A demo page names invented places only: those of params.yml, units.yml and names.yml."""
    allowed = _allowed_names(view)
    for guide in view.guides:
        if not guide.meta.demo:
            continue
        for piece in view.pieces(guide):
            for name in (*_divisions(piece.text), *(_romanised(piece.text) if guide.lang == "en" else ())):
                if not any(name in known for known in allowed):
                    yield _real(
                        guide, piece, "地名", "place", name, "改用示范地名", "use a place of the demo"
                    )


def m26_phones(view: View) -> Iterator[Problem]:
    """A demo page gives phones of the demo, national numbers and reserved sites only."""
    names = view.data("names.yml")
    if not names:
        return
    phones = re.compile(
        "|".join([*map(re.escape, names.get("national", [])), *names.get("phones", [])]) or r"(?!)"
    )
    sites = tuple(names.get("sites", []))
    codes = re.compile("|".join(names.get("item_codes", [])) or ".*")
    for guide in view.guides:
        if not guide.meta.demo:
            continue
        code = guide.meta.item_code
        if code and not codes.fullmatch(code):
            yield at(guide, "M26", ("item_code",), f"像是真实的事项编码：{code}", f"looks like a real item code: {code}",
                     "用示范编码", "use a code of the demo")  # fmt: skip
        for piece in view.pieces(guide):
            text = widths(piece.text)
            has_number = _DIGITS.search(text)
            for found in [*_LANDLINE.finditer(text), *_SHORT_NUMBER.finditer(text)] if has_number else ():
                number = next((group for group in found.groups() if group), found[0])
                if not phones.fullmatch(number):
                    yield _real(guide, piece, "电话", "phone", number, "改用示范电话或全国统一号码",
                                "use a phone of the demo or a national number")  # fmt: skip
            for found in _SITE.finditer(text) if "." in text else ():
                host = re.sub(r"^https?://", "", found[0], flags=re.IGNORECASE).rstrip(".-")
                if not host.endswith(sites):
                    yield _real(
                        guide, piece, "网址", "site", host, "改用 .example 网址", "use a .example address"
                    )


def _named(guide: Guide, keys: tuple[object, ...], value: str) -> Problem:
    return at(guide, "M15", keys, f"应写岗位，不写人名：{value}", f"name a post, not a person: {value}",
              "改成岗位名，如“知识编辑岗”", 'name the post, such as "Knowledge editor"')  # fmt: skip


def _real(guide: Guide, piece: Piece, zh: str, en: str, name: str, fix_zh: str, fix_en: str) -> Problem:
    return at(
        guide,
        "M26",
        piece.line,
        f"示范页面出现真实{zh}：{name}",
        f"a real {en} on a demo page: {name}",
        fix_zh,
        fix_en,
    )


def _shortened(value: str) -> str:
    """Enough to find it, not enough to spread it."""
    return f"{value[:3]}…"


def _allowed_names(view: View) -> list[str]:
    """Every text of params.yml, units.yml and names.yml."""
    found = list(_texts({name: view.data(f"{name}.yml") for name in ("params", "units")}))
    return [
        *found,
        *view.data("names.yml").get("others", []),
        *(n for u in view.library.units.values() for n in u.name.values()),
    ]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, str):
        yield value


@cache
def _known() -> frozenset[str]:
    """Names of real divisions, Chinese and English, from the list beside this module."""
    text = re.sub(r"^#.*$", "", DIVISIONS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return frozenset(name.replace("_", " ") for name in text.split())


def _divisions(text: str) -> Iterator[str]:
    """Names of the list in a text; a subdistrict named like a county is as real (云溪区, 云溪街道)."""
    known = _known()
    for end in _SUFFIX.finditer(text):
        kinds = "县区市" if end[0] == "街道" else end[0]
        for length in range(2, min(_LONGEST_NAME, end.start()) + 1):
            stem = text[end.start() - length : end.start()]
            if any(stem + kind in known for kind in kinds):
                yield stem + end[0]
    for word in _CAPITALISED.finditer(text):
        yield from (name for name in {word[0], word[0].split(" ")[0]} if name in known)


def _romanised(text: str) -> Iterator[str]:
    """English names that are Chinese syllables followed by the kind of a place."""
    for found in _ROMAN_PLACE.finditer(text):
        words = found[1].split()
        if _ROMAN.fullmatch(words[-1]):
            yield found[0][found[0].index(words[-1]) :]


RULES: tuple[Rule, ...] = (m15_personal_data, m15_other_files, m15_posts, m26_places, m26_phones)
