"""Rules that keep guides true: each has an input that it accepts and one that it refuses, at its line."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.checks import RULES, check, errors
from rag.guides import read_library
from rag.rules.marks import secret_mark
from rag.rules.view import View
from rag.settings import ROOT
from tests.library import (
    TODAY,
    guide,
    line_of,
    office,
    parsed,
    said,
    service,
    text_of,
    write_file,
    write_guide,
    write_office,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an office and shared values, without guides."""
    return write_office(tmp_path)


_STEP = {"n": 1, "actor": "申请人", "action": "交表", "where": "窗口"}
_PAPER = {"name": "身份证", "source": "own", "form": "paper", "copies": 1, "need": "must"}
_LAW = {"name": "条例", "article": "第3条", "status": "in-force", "verified_on": "2026-10-01"}
_LIMIT = {"promised": {"n": 20, "unit": "day"}, "starts": "受理之日"}
_BY_LAW = {"n": 20, "unit": "day", "basis": "条例"}
_TRAINING = {"framework": "甲", "competences": ["乙"], "level": 1, "minutes": 5}


def _changed(rule: str, code: str, at: str, good: dict[str, Any], bad: dict[str, Any]) -> Any:
    return pytest.param(code, at, good, bad, id=f"{rule}: {'-'.join(bad)}")


@pytest.mark.parametrize(
    ("code", "at", "good", "bad"),
    [
        _changed("m01", "M01", "type:", {"fee": {"charged": False, "pay_online": False}}, {"fee": None}),
        _changed("m01", "M01", "type:", {"visits": 1}, {"visits": None}),
        _changed("m01", "M01", "type:", {"aliases": ["牌"]}, {"aliases": []}),
        _changed("m01", "M01", "type:", {}, {"type": "training"}),
        _changed("m01", "M01", "contact:", {"contact": {"address": "一楼"}}, {"contact": {"hours": "全天"}}),
        _changed("m01", "M01", "complaint:", {"complaint": {"url": "a"}}, {"complaint": {"hours": "全天"}}),
        _changed("m02", "M02", "lang:", {"lang": "zh-Hans"}, {"lang": "en"}),
        _changed("m03", "M03", "id:", {"audience": ["public", "staff"]}, {"audience": ["organisations", "public"]}),
        _changed("m03", "M03", "audience:", {"audience": ["public"]}, {"audience": ["organisations", "public"]}),
        _changed("m04", "M04", "level:", {"level": "open"}, {"level": "members"}),
        _changed("m04", "M04", "readers:", {"readers": []}, {"readers": ["team"]}),
        _changed("m06", "M06", "related:", {"related": ["pub-bike-tag"]}, {"related": ["pub-nothing"]}),
        _changed("m08", "M08", "valid_to:", {"valid_to": "2026-01-01"}, {"valid_to": "2025-12-31"}),
        _changed("m08", "M08", "review_by:", {"review_by": "2027-04-30"}, {"review_by": "2027-05-01"}),
        _changed("m08", "M08", "review_by:", {}, {"review_by": "2026-10-31"}),
        _changed("m08", "M08", "review_by:", {}, {"reviewed_on": "9999-12-31"}),
        _changed("m08", "M08", "version:", {"version": 2, "change_note": "改了时限"}, {"version": 2}),
        _changed(
            "m09", "M09", "time_limit:",
            {"time_limit": _LIMIT | {"statutory": _BY_LAW}}, {"time_limit": _LIMIT | {"statutory": _BY_LAW | {"n": 19}}},
        ),
        _changed("m09", "M09", '- {"n": 1', {"steps": [_STEP | {"limit": "3日"}]}, {"steps": [_STEP | {"limit": "尽快"}]}),
        _changed("m09", "M09", '- {"n": 1', {}, {"steps": [_STEP | {"limit": "As soon as possible"}]}),
        _changed(
            "m10", "M10", "fee:",
            {"fee": {"charged": True, "pay_online": True, "items": [{"name": "费", "amount": 5, "basis": "条例"}]}},
            {"fee": {"charged": True, "pay_online": True, "items": [{"name": "费", "amount": 5}]}},
        ),
        _changed("m10", "M10", "fee:", {}, {"fee": {"charged": False, "pay_online": True}}),
        _changed("m11", "M11", "visits:", {"visits": 2, "visit_reason": "当面签字"}, {"visits": 2, "visit_reason": None}),
        _changed(
            "m11", "M11", "visits:",
            {"visits": 0, "channels": [{"kind": "web"}]}, {"visits": 0, "channels": [{"kind": "counter"}]},
        ),
        _changed("m12", "M12", '- {"name": "其他材料', {"materials": [_PAPER]}, {"materials": [_PAPER | {"name": "其他材料"}]}),
        _changed("m12", "M12", '- {"name": "身份证', {}, {"materials": [_PAPER | {"name": "身份证等"}]}),
        _changed(
            "m12", "M12", '- {"name": "身份证',
            {"materials": [_PAPER | {"source": "shared-no-need", "need": "if-case"}]},
            {"materials": [_PAPER | {"source": "shared-no-need"}]},
        ),
        _changed("m14", "M14", "complaint:", {"complaint": {"phone": "1"}}, {"complaint": {"phone": "000-0000-0101"}}),
        _changed("m14", "M14", "contact:", {"contact": {"phone": "1"}}, {"contact": {"url": "https://a.example"}}),
        _changed("m14", "M14", "contact:", {}, {"complaint": None}),
        _changed("m16", "M16", '- {"name"', {"legal_basis": [_LAW]}, {"legal_basis": [_LAW | {"status": "repealed"}]}),
        _changed("m16", "M16", '- {"name"', {}, {"legal_basis": [_LAW | {"article": None}]}),
        _changed("m16", "M16", '- {"name"', {}, {"legal_basis": [_LAW | {"verified_on": None}]}),
        _changed("m17", "M17", "owner_unit:", {"owner_unit": "bike-office"}, {"owner_unit": "nobody"}),
        _changed("m17", "M17", "co_units:", {"co_units": ["bike-office"]}, {"co_units": ["bike-office", "nobody"]}),
        _changed("m17", "M17", "reviewer:", {"reviewer": "审核岗"}, {"reviewer": "编辑岗"}),
        _changed(
            "m24", "M24", '- {"key"',
            {"answer_facts": [{"key": "where", "value": 3, "quote": "带好证件到三号窗口。"}]},
            {"answer_facts": [{"key": "where", "value": 3, "quote": "带好证件到二号窗口。"}]},
        ),
    ],
)  # fmt: skip
def test_a_rule_accepts_and_refuses(
    root: Path, code: str, at: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    """The good guide has no problem; the bad one has this code on the line of the field at fault."""
    place = "zh/public/pub-bike-tag.md"
    write_guide(root, service(**good), at=place)
    assert said(root) == []
    path = write_guide(root, service(**bad), at=place)
    assert (code, place, line_of(root, path, at)) in said(root)
    assert errors(check(root, TODAY))


def test_every_type_has_a_guide_that_passes(root: Path) -> None:
    """Each type can be written with exactly what it needs."""
    steps = {"steps": [_STEP], "aliases": ["牌"], "personal_data": "none", "applies_to": {"who": ["人"]}}
    write_guide(root, guide("pub-how", type="how-to", **steps))
    write_guide(root, guide("pub-policy", type="policy", legal_basis=[_LAW]))
    write_guide(root, guide("pub-course", type="training", training=_TRAINING))
    write_guide(root, guide("pub-tech"))
    write_guide(root, service("pub-service"))
    assert said(root) == []


@pytest.mark.parametrize(
    ("meta", "at", "code", "line_start"),
    [
        (guide("org-fleet", "members"), "zh/organisations/org-fleet.md", "M04", "level:"),
        (guide("org-fleet"), "zh/organisations/members/org-fleet.md", "M04", "level:"),
        (guide("stf-audit", "internal"), "zh/staff/secret/stf-audit.md", "M04", "level:"),
        (guide("stf-audit", "internal"), "zh/staff/internal/deep/stf-audit.md", "M04", "level:"),
        (guide("stf-audit"), "zh/staff/open/deep/stf-audit.md", "M04", "level:"),
        (guide("org-fleet", "internal"), "zh/organisations/internal/org-fleet.md", "M04", "level:"),
        (guide("pub-bike-tag", "members"), "zh/public/members/pub-bike-tag.md", "M04", "level:"),
        (
            guide("off-theft", "restricted", readers=[]),
            "zh/leaders/restricted/off-theft.md",
            "M04",
            "readers:",
        ),
        (
            guide("stf-audit", "internal", level_setter=None),
            "zh/staff/internal/stf-audit.md",
            "M17",
            "level:",
        ),
        (guide("stf-audit"), "zh/public/stf-audit.md", "M03", "audience:"),
        (guide("pub-bike-tag"), "zh/public/pub-bike.md", "M02", "id:"),
        (guide("pub-bike-tag"), "en/public/pub-bike-tag.md", "M02", "lang:"),
    ],
)
def test_a_guide_in_the_wrong_place_is_an_error(
    root: Path, meta: dict[str, Any], at: str, code: str, line_start: str
) -> None:
    """Level, audience, language and name must agree with folder and file."""
    path = write_guide(root, meta, at=at)
    assert (code, at, line_of(root, path, line_start)) in said(root)


def test_each_level_passes_in_its_own_folder(root: Path) -> None:
    """One guide of each level, where it belongs, has no problem."""
    for one in (
        guide(),
        guide("org-fleet", "members"),
        guide("stf-audit", "internal"),
        guide("off-theft", "restricted"),
    ):
        write_guide(root, one)
    assert said(root) == []


def test_ids_and_titles_stand_once_a_language(root: Path) -> None:
    """The second guide of an id or a title is named; its translation is no double."""
    write_guide(root, guide(title="号牌"))
    write_guide(root, guide(title="号牌", lang="en"))
    assert said(root) == []
    path = write_guide(root, guide(title="号牌"), at="zh/public/restricted/pub-bike-tag.md")
    assert {("M02", str(path), line_of(root, path, f"{key}:")) for key in ("id", "title")} <= set(said(root))


@pytest.mark.parametrize(
    "body", ["## 甲 {#a}\n\n话。\n\n## 乙 {#a}\n\n话。\n", "话。\n\n## 咨询我们 {#contact}\n\n话。\n"]
)
def test_an_anchor_stands_once_on_a_page(root: Path, body: str) -> None:
    """A pin used twice, or that of a generated section, is an error on its line."""
    path = write_guide(root, guide(), body.replace("{#a}", "{#b}", 1).replace("#contact", "#us"))
    assert said(root) == []
    write_guide(root, guide(), body)
    wanted = max(
        n for n, line in enumerate((root / path).read_text().split("\n"), 1) if line.startswith("## ")
    )
    assert said(root) == [("M02", str(path), wanted)]


MARKS = [
    "绝密★", "机密★10年", "秘密 ★ 长期", "绝 密★", "機密★", "機 密 ★", "絕密★", "祕密★", "绝密☆", "秘密＊3年", "绝\u200b密★",
    "**机密★**", "**机密**★5年", "## 绝密", "绝密", "　机　密　", "【秘密】", "机密 20年", "内部资料 注意保存", "內部資料，注意保密",
    "内部文件，注意保存",
]  # fmt: skip
PROSE = [
    "不得写入国家秘密。", "**秘密**不上网。", "国家秘密\n\n* 一", "机密级文件另行办理", "分为绝密、机密、秘密三级", "保守工作秘密", "密级★",
]  # fmt: skip


@pytest.mark.parametrize("mark", MARKS)
def test_a_secrecy_mark_is_found_at_its_line(root: Path, mark: str) -> None:
    """Full-width, spaced, Traditional, hidden or bold: a mark is an error wherever it stands."""
    path = write_guide(root, guide(), f"## 说明\n\n前文。\n\n{mark}\n\n后文。\n")
    assert ("M05", str(path), line_of(root, path, mark.strip())) in said(root)


@pytest.mark.parametrize("prose", PROSE)
def test_prose_about_secrecy_is_no_mark(root: Path, prose: str) -> None:
    """Guides may explain secrecy grades."""
    write_guide(root, guide(), f"## 说明\n\n{prose}\n")
    assert said(root) == []


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["绝密★", "絕 密★", "机密★5年"]))
def test_no_text_around_a_mark_hides_it(before: str, after: str, mark: str) -> None:
    """A mark with its star is found in any text."""
    assert secret_mark(before + mark + after)


@pytest.mark.parametrize("name", ["notes.md", "zh/drafts/a.md", "units.yml", "params.yml", "topics.yml"])
def test_a_mark_in_any_file_of_the_folder_is_an_error(root: Path, name: str) -> None:
    """Files that are no guides are searched too: nothing marked secret may be stored here."""
    write_file(root, Path(name), "a: 1\n# 绝密★\n")
    assert ("M05", name, 2) in said(root)


HIGHER = guide("off-theft", "restricted", title="失窃线索怎么报")


@pytest.mark.parametrize(
    ("changes", "body", "line_start"),
    [
        ({"related": ["off-theft"]}, "话。\n", "related:"),
        ({"part_of": ["off-theft"]}, "话。\n", "part_of:"),
        ({"supersedes": ["off-theft"]}, "话。\n", "supersedes:"),
        ({"summary": "另见off-theft。"}, "话。\n", "summary:"),
        ({"aliases": ["失窃线索怎么报"]}, "话。\n", "aliases:"),
        ({"faq": [{"q": "丢了", "a": "看《失窃线索怎么报》。"}]}, "话。\n", "faq:"),
        ({}, "话。\n\n看[这里](../leaders/restricted/off-theft.md)。\n", "看[这里]"),
        ({}, "话。\n\n看[这里](<../leaders/restricted/off-theft.md>)。\n", "看[这里]"),
        ({}, "话。\n\n看 /leaders/restricted/off-theft/ 。\n", "看"),
        ({}, "话。\n\n看失窃线索怎么报。\n", "看"),
        ({}, '话。\n\n!!! note "失窃线索怎么报"\n    见内网。\n', "!!!"),
    ],
)
def test_no_page_shows_a_guide_of_a_higher_level(
    root: Path, changes: dict[str, Any], body: str, line_start: str
) -> None:
    """Link, relation, id, title or address of a guide that its readers may not open is an error at its line."""
    write_guide(root, HIGHER)
    path = write_guide(root, guide(**changes), body)
    assert ("M06", str(path), line_of(root, path, line_start)) in said(root)


def test_guides_show_those_of_the_same_or_a_lower_level(root: Path) -> None:
    """A restricted guide may name an open one, and a guide whose id begins like a higher one is another guide."""
    write_guide(root, HIGHER)
    write_guide(root, guide("off-theft-public", title="失窃了怎么办"), "看[这里](off-theft-public.md)。\n")
    write_guide(root, guide("off-report", "restricted", related=["off-theft", "off-theft-public"]),
                "看[这里](off-theft.md)和[那里](../off-theft-public.md#how)。\n")  # fmt: skip
    assert said(root) == []


def test_restricted_guides_show_only_what_all_their_readers_may_open(root: Path) -> None:
    """Two restricted guides with different roles may not name each other, unless all readers of one are of the other."""
    write_guide(root, guide("off-theft", "restricted", readers=["a", "b"]))
    write_guide(root, guide("off-narrow", "restricted", readers=["a"], related=["off-theft"]))
    assert said(root) == []
    path = write_guide(root, guide("off-wide", "restricted", readers=["a", "c"], related=["off-theft"]))
    assert said(root) == [("M06", str(path), line_of(root, path, "related:"))]


@pytest.mark.parametrize(
    "target", ["gone.md", "../../../etc/passwd.md", "a\0b.md", "/zh/public/x.md", f"{'x/' * 3000}a.md"]
)
def test_a_link_that_leads_nowhere_is_an_error(root: Path, target: str) -> None:
    """A link to a file that is no guide is refused on its line, whatever it looks like."""
    path = write_guide(root, guide(), f"话。\n\n看[这里]({target})和[外面](https://a.example/x)。\n")
    assert said(root) == [("M06", str(path), line_of(root, path, "看"))]


@pytest.mark.parametrize(
    ("zh", "en", "code", "line_start"),
    [
        ({"level": "internal"}, {"level": "open"}, "M07", "level:"),
        (
            {"level": "restricted", "readers": ["a"]},
            {"level": "restricted", "readers": ["b"]},
            "M07",
            "level:",
        ),
        ({"summary": "15日办好"}, {"summary": "16 days"}, "M20", "id:"),
        ({"summary": "1,500元"}, {"summary": "1,501 yuan"}, "M20", "id:"),
        ({"steps": [_STEP]}, {"steps": [_STEP, _STEP]}, "M20", "steps:"),
    ],
)
def test_translations_say_the_same(
    root: Path, zh: dict[str, Any], en: dict[str, Any], code: str, line_start: str
) -> None:
    """Two languages of a guide share level, readers, numbers and steps; the second is named."""
    base = {"level_setter": "定级岗", "title": "Theft"}
    write_guide(root, guide("off-theft", **base | zh))
    path = write_guide(root, guide("off-theft", **base | zh | {"lang": "en"}))
    assert said(root) == []
    os.remove(root / path)
    path = write_guide(root, guide("off-theft", **base | {"lang": "en"} | en))
    assert (code, str(path), line_of(root, path, line_start)) in said(root)


@pytest.mark.parametrize(
    ("changes", "code", "at", "today"),
    [
        ({}, "M08", "review_by:", date(2027, 3, 2)),
        ({"legal_basis": [_LAW]}, "M16", '- {"name"', date(2027, 2, 1)),
    ],
)
def test_what_is_late_is_a_warning(
    root: Path, changes: dict[str, Any], code: str, at: str, today: date
) -> None:
    """A guide due for review and a law unchecked for a year are named, but stop no build."""
    late = (
        {"reviewed_on": "2026-11-01", "legal_basis": [_LAW | {"verified_on": "2026-01-31"}]}
        if code == "M16"
        else {}
    )
    path = write_guide(root, guide(**changes | late))
    assert [p for p in said(root, date(2026, 11, 2)) if p[0] == code] == []
    assert said(root, today) == [(code, str(path), line_of(root, path, at))]
    assert errors(check(root, today)) == []


def test_problems_come_in_file_and_line_order_with_both_languages(root: Path) -> None:
    """Reports are sorted by file and line, and each says what and how in Chinese and English."""
    write_guide(root, guide("pub-b", owner_unit="nobody", reviewer="编辑岗"))
    write_guide(root, guide("pub-a", owner_unit="nobody"))
    found = check(root, TODAY)
    assert [p.line for p in found] == [line for _, line in sorted((str(p.path), p.line) for p in found)]
    assert len(found) == 3
    assert all(p.zh and p.en and p.fix_zh and p.fix_en for p in found)


@given(st.text(max_size=80))
def test_no_body_makes_a_rule_fail(body: str) -> None:
    """Whatever prose a guide holds, every rule ends."""
    one, higher = parsed(service(), body), parsed(HIGHER)
    for rule in RULES:
        assert all(problem.line >= 1 for problem in rule(View.whole(office(one, higher), TODAY)))


def test_an_empty_folder_has_one_problem(tmp_path: Path) -> None:
    """A folder that is none, or is empty, lacks its offices and nothing fails."""
    assert said(tmp_path) == said(tmp_path / "nowhere") == [("M17", "units.yml", 1)]


def test_a_broken_guide_hides_no_other(root: Path) -> None:
    """One unreadable guide is left out, and the rest are still checked."""
    write_file(root, Path("zh/public/pub-bad.md"), text_of(guide("pub-bad")).replace("level:", "livel:"))
    path = write_guide(root, guide(owner_unit="nobody"))
    assert ("M17", str(path), line_of(root, path, "owner_unit:")) in said(root)


def test_the_guides_of_this_repository_are_clean() -> None:
    """The published guides pass without an error, and each is there in Chinese and in English."""
    assert errors(check(ROOT / "docs")) == []
    library, _ = read_library(ROOT / "docs")
    places = {lang: {g.path.parts[1:] for g in library.guides if g.lang == lang} for lang in ("zh", "en")}
    assert places["zh"] == places["en"] != set()
