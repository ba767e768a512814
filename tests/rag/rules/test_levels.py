"""M04, M06: who may read a guide, and that no page shows a higher one."""

from pathlib import Path
from typing import Any

import pytest

from tests.library import guide, line_of, said, write_file, write_guide, write_office
from tests.rag.rules.cases import Case

CASES = (
    Case("M04", "level:", {"level": "members"}, {"level": "open"}),
    Case("M04", "readers:", {"readers": ["team"]}, {"readers": []}),
    Case("M06", "related:", {"related": ["pub-nothing"]}, {"related": ["pub-bike-tag"]}),
    Case(
        "M06",
        "看[这里]",
        bad_body="## 甲 {#a}\n\n看[这里](#b)。\n",
        good_body="## 甲 {#a}\n\n看[这里](#a)。\n",
    ),
    Case(
        "M06",
        "[表]:",
        bad_body="看[表]。\n\n[表]: gone.md\n",
        good_body="看[表]。\n\n[表]: https://a.example/gone\n",
    ),
    Case(
        "M06",
        "![图",
        bad_body="话。\n\n![图上是窗口](gone.png)\n",
        good_body="话。\n\n![图上是窗口](https://a.example/b.png)\n",
    ),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an office and shared values, without guides."""
    return write_office(tmp_path)


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
    ],
)
def test_a_guide_at_the_wrong_level_is_an_error(
    root: Path, meta: dict[str, Any], at: str, code: str, line_start: str
) -> None:
    """Level, folder, audience and readers must agree."""
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


HIGHER = guide("off-theft", "restricted", title="失窃线索怎么报")


@pytest.mark.parametrize(
    ("changes", "body", "line_start"),
    [
        ({"related": ["off-theft"]}, "话。\n", "related:"),
        ({"part_of": ["off-theft"]}, "话。\n", "part_of:"),
        ({"supersedes": ["off-theft"]}, "话。\n", "supersedes:"),
        ({"summary": "另见off-theft。"}, "话。\n", "summary:"),
        ({"aliases": ["失窃线索怎么报"]}, "话。\n", "aliases:"),
        ({"faq": [{"q": "丢了", "a": "看《失窃线索怎么报》。"}]}, "话。\n", '- {"q": "丢了"'),
        ({}, "话。\n\n看[这里](../leaders/restricted/off-theft.md)。\n", "看[这里]"),
        ({}, "话。\n\n看[这里](<../leaders/restricted/off-theft.md>)。\n", "看[这里]"),
        ({}, "话。\n\n看 /leaders/restricted/off-theft/ 。\n", "看"),
        ({}, "话。\n\n看失窃线索怎么报。\n", "看"),
        ({}, "话。\n\n看失竊線索怎麼報。\n", "看"),
        ({}, "话。\n\n看失窃线\u200b索怎么报。\n", "看"),
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
    write_guide(
        root,
        guide("off-theft-public", title="失窃了怎么办"),
        "## 说明 {#how}\n\n看[这里](off-theft-public.md)。\n",
    )
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


def test_a_screenshot_is_of_no_higher_level_than_its_page(root: Path) -> None:
    """An image in the folder of a higher level may not be shown; one in the open may."""
    for folder in ("_images", "zh/staff/internal"):
        write_file(root, Path(folder, "a.png"), b"x")
    path = write_guide(root, guide(), "话。\n\n![窗口](../../_images/a.png)\n")
    assert said(root) == []
    write_guide(root, guide(), "话。\n\n![窗口](../staff/internal/a.png)\n")
    assert said(root) == [("M06", str(path), line_of(root, path, "![窗口]"))]


@pytest.mark.parametrize(
    "target", ["gone.md", "../../../etc/passwd.md", "a\0b.md", "/zh/public/x.md", f"{'x/' * 3000}a.md"]
)
def test_a_link_that_leads_nowhere_is_an_error(root: Path, target: str) -> None:
    """A link to a file that is no guide is refused on its line, whatever it looks like."""
    path = write_guide(root, guide(), f"话。\n\n看[这里]({target})和[外面](https://a.example/x)。\n")
    assert ("M06", str(path), line_of(root, path, "看")) in said(root)
