"""M15, M26: nobody's data, and no real place, phone or site in demo data."""

from pathlib import Path
from typing import Any

import pytest

from rag.rules.privacy import DIVISIONS
from tests.library import guide, line_of, said, write_file, write_guide, write_office
from tests.rag.rules.cases import STEPS, Case


def _prose(code: str, bad: str, good: str, lang: str = "zh") -> Case:
    return Case(code, bad, bad_body=f"话。\n\n{bad}\n", good_body=f"话。\n\n{good}\n", lang=lang)


def _actor(name: str) -> dict[str, Any]:
    return {"steps": [STEPS[0] | {"actor": name}, STEPS[1]]}


# Built from parts, so that nothing in this file looks like anybody's number.
_ID = "110101" + "19900307" + "7571"
_MOBILE = "139" + "1234" + "5678"

CASES = (
    Case("M15", "打", bad_body=f"打{_MOBILE}。\n", good_body="打000-0000-0101。\n"),
    Case("M15", "progress_query:", {"progress_query": f"打{_MOBILE}查询"}, {"progress_query": "打000-0000-0101查询"}),
    Case("M15", "progress_query:", {"progress_query": f"打+86 {_MOBILE[:3]} {_MOBILE[3:7]} {_MOBILE[7:]}查询"}),
    Case("M15", "progress_query:", {"progress_query": "打" + "".join(chr(ord(c) + 0xFEE0) for c in _MOBILE) + "查询"}),
    Case("M15", "progress_query:", {"progress_query": f"报{_ID}查询"}, {"progress_query": "报SS-20260101-0001查询"}),
    Case("M15", "progress_query:", {"progress_query": f"报{_ID[:6]} {_ID[6:14]} {_ID[14:]}查询"}),
    Case("M15", "progress_query:", {"progress_query": f"报{_ID[:17]}0查询"}),
    Case("M15", "progress_query:", {"progress_query": "卡号6222 0200 0000 0000 000"}, {"progress_query": "单号1234567812345678"}),
    Case("M15", "progress_query:", {"progress_query": "写信到zhang.wei@a.example"}, {"progress_query": "写信到service@a.example"}),
    Case("M15", "reviewer:", {"reviewer": "李小明"}, {"reviewer": "李村服务站审核岗"}),
    Case("M15", "maintainer:", {"maintainer": "Zhang Wei"}, {"maintainer": "Knowledge editor"}, lang="en"),
    Case("M15", "maintainer:", {"maintainer": "Li Xiaoming, Knowledge editor"}, {"maintainer": "Knowledge editor, Data Bureau"}, lang="en"),
    Case("M15", '- {"n": 1', _actor("张伟"), _actor("张贴人员")),
    _prose("M26", "请到朝阳区的窗口。", "请到号牌区的窗口。"),
    _prose("M26", "云溪街道办理号牌。", "本街道办理号牌。"),
    _prose("M26", "北京市的号牌另办。", "北京时间每日更新。"),
    _prose("M26", "住在延吉市的人。", "资源县级共享，合作市场开放。"),
    _prose("M26", "Go to Haidian District.", "Go to the district office.", "en"),
    _prose("M26", "It holds in Shanghai too.", "Times are Beijing time.", "en"),
    _prose("M26", "打010-65121234。", "打000-0000-0101。"),
    _prose("M26", "拨打12333。", "拨打12345。"),
    _prose("M26", "看https://www.gov.cn/a。", "看https://a.example/b。"),
    _prose("M26", "看beijing.gov.cn。", "看a.example。"),
    Case("M26", "item_code:", {"item_code": "11330000MB1234567"}, {"item_code": "DEMO-1"}),
)  # fmt: skip


def test_real_names_are_refused_in_demo_data_only(tmp_path: Path) -> None:
    """A county that runs the system for real names its own places."""
    root = write_office(tmp_path)
    write_guide(root, guide(demo=False), "请到朝阳区的窗口。\n")
    assert said(root) == []


def test_places_of_the_demo_are_allowed(tmp_path: Path) -> None:
    """What params.yml and units.yml name is invented, however real it sounds."""
    root = write_office(tmp_path)
    write_guide(root, guide(), "请到朝阳区的窗口。\n")
    assert [code for code, *_ in said(root)] == ["M26"]
    write_office(tmp_path, params="place: {zh: 朝阳区, en: Zhaoyang District}\ntag:\n  days: 3\n")
    assert said(root) == []


def test_the_list_of_divisions_is_small_and_whole() -> None:
    """It holds some 3000 names in less than 60 kB, none of which is an everyday word."""
    text = DIVISIONS.read_text(encoding="utf-8")
    names = {name for line in text.split("\n") if not line.startswith("#") for name in line.split()}
    assert len(text.encode()) < 60_000
    assert len(names) > 3000
    assert not names & {"城区", "市辖区", "资源县", "会同县", "合作市"}


@pytest.mark.parametrize(
    "value",
    ["编辑岗", "县公安局知识编辑岗", "Knowledge editor, Civil Affairs Bureau", "12345热线中心业务审核岗"],
)
def test_posts_pass(tmp_path: Path, value: str) -> None:
    """Posts and offices answer for guides."""
    root = write_office(tmp_path)
    lang = (
        {"lang": "en", "summary": "A tag.", "title": "Bicycle tag", "reviewer": "Head of section"}
        if value.isascii()
        else {}
    )
    write_guide(root, guide(**lang, maintainer=value), "Bring it.\n" if lang else "带证件。\n")
    assert said(root) == []


@pytest.mark.parametrize(
    "name", ["units.yml", "zh/trainers/notes.md", "zh/public/pub-broken.md", "lists/a.csv"]
)
def test_files_beside_the_guides_are_read_too(tmp_path: Path, name: str) -> None:
    """A mobile in shared values, in notes for trainers or in a guide that cannot be read is found at its line."""
    root = write_office(tmp_path)
    write_file(root, Path(name), f"a: 1\nphone: {_MOBILE}\n")
    assert ("M15", name, 2) in said(root)


def test_a_number_without_quotes_is_read_too(tmp_path: Path) -> None:
    """A fact whose value is an identity number is refused although YAML reads a number."""
    root = write_office(tmp_path)
    path = write_guide(
        root, guide(answer_facts=[{"key": "a", "value": int(_ID), "quote": "带好证件到三号窗口。"}])
    )
    assert ("M15", str(path), line_of(root, path, '- {"key"')) in said(root)
