"""Prose as sections of plain lines, with the anchors of the built page."""

from typing import Any

import markdown
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pymdownx.slugs import slugify

from rag.body import blocks

PIECES = st.sampled_from(
    [
        "## 办理流程", "## Fees {#fees}", "### 细节", "# 大标题", "标题\n====", "正文一句。又一句。", "- 项目一\n- 项目二",
        "1. 第一\n\n    续行", "| a | b |\n|---|---|\n| 1 | 2 |", "```\n# 不是标题\n```", "~~~\n## 也不是\n~~~",
        "> ## 引用里的标题", '!!! note "题"\n    里面的话。', "???+ tip\n    ## 折叠", "<div>## x</div>", "***", "{#x}",
        "[a]: b.md", "\u2028", "\x0c", "\t- x",
    ]
)  # fmt: skip
BODIES = st.lists(PIECES | st.text(max_size=20), max_size=8).map("\n\n".join)


def _toc(body: str) -> list[str]:
    """Anchors that the site builder gives to headings, unless a page pins them."""
    converter = markdown.Markdown(
        extensions=["attr_list", "admonition", "sane_lists", "tables", "fenced_code", "toc"],
        extension_configs={"toc": {"slugify": slugify(case="lower")}},
    )
    converter.convert(body)
    found: list[str] = []

    def walk(tokens: list[dict[str, Any]]) -> None:
        for token in tokens:
            found.append(token["id"])
            walk(token["children"])

    walk(converter.toc_tokens)
    return found


@pytest.mark.parametrize(
    "heading",
    [
        "办理流程", "办理 流程", "办理流程 (Steps)", "1. 第一步", "第1步：提交", "2026-01-01", "3.14", "50% 折扣",
        "`code_x` 用法", "带 `a b` 和 **粗**", "**重点** 说明", "*斜体*字", "_强调_", "snake_case_word", "前__中__后",
        "Fees & limits", "C++ / C#", "Hello, World!", "Hello-World", "Über Straße", "ＦＵＬＬ width", "a   b",
        "[链接](x.md) 标题", "&lt;x&gt;", "x &copy; y", "x\\_y", "“引号” \"直\" '单'", "—破折号—", "e-mail <a@b.cn>",
        "！！！", "？", "a_1", "a_9", "section", "trailing ##", "🎉 表情",
        "Fees {#fees}", "Fees {: #fees }", "Fees { #fees .wide }", "Fees {.wide}", "a {#b} c",
    ],
)  # fmt: skip
def test_anchors_are_those_of_the_built_page(heading: str) -> None:
    """Slugs, pins and the counting of duplicates agree with Python-Markdown's toc."""
    body = f"## 前言\n\n话。\n\n## {heading}\n\n话。\n\n### {heading.split('{')[0]}\n\n话。\n"
    assert [block.anchor for block in blocks(body)] == _toc(body)


def test_a_later_pin_keeps_its_anchor() -> None:
    """A heading whose slug is pinned further down counts up, as in the built page."""
    body = "## Fees\n\na\n\n## Cost {#fees}\n\nb\n"
    assert [block.anchor for block in blocks(body)] == _toc(body) == ["fees_1", "fees"]


def test_anchors_of_the_rest_of_the_page_are_taken() -> None:
    """A heading of the body never gets an anchor that a generated section has."""
    assert [block.anchor for block in blocks("## Fees\n\na\n", frozenset({"fees"}))] == ["fees_1"]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("一句。两句。", ("一句。", "两句。")),
        ("- 一句。两句。\n- 三", ("一句。两句。", "三")),
        ("1. 甲\n2. 乙", ("甲", "乙")),
        ("| 项 | 时限 | 费 |\n|---|---|---|\n| 甲 | 3日 | 0 |", ("项：时限；费", "甲：3日；0")),
        ("```sh\ncurl x\n# 注释\n```", ("curl x\n# 注释",)),
        ("**重** *要* `码` [链](x.md)", ("重 要 码 链",)),
        ("换\n行", ("换 行",)),
        ("> 引用。", ("引用。",)),
        ('!!! note "当心"\n    慢走。\n\n后文。', ("当心", "慢走。", "后文。")),
        ("!!! note\n    慢走。", ("慢走。",)),
        ("词 {.wide}", ("词",)),
        ("<b>x</b>", ("<b>x</b>",)),
        ("", ()),
    ],
)
def test_lines_are_what_a_reader_sees(body: str, lines: tuple[str, ...]) -> None:
    """Marks go, words stay: sentences of paragraphs, whole list items, rows and code."""
    assert tuple(line for block in blocks(body) for line in block.lines) == lines


def test_a_block_knows_its_heading_depth_and_markdown() -> None:
    """Text before the first heading has no heading; deeper headings open their own blocks."""
    found = blocks("先说。\n\n## 甲 {#a}\n\n一。\n\n### 乙 {#b}\n\n- 二\n")
    assert [(b.anchor, b.heading, b.depth, b.markdown, b.first_line) for b in found] == [
        ("", "", 0, "先说。", 0),
        ("a", "甲", 2, "一。", 2),
        ("b", "乙", 3, "- 二", 6),
    ]


@pytest.mark.parametrize("body", ["```\n# a\n```\n", "~~~\n# a\n~~~\n", "    # a\n", "- # a\n", "> # a\n"])
def test_only_headings_of_the_page_open_blocks(body: str) -> None:
    """A number sign in code, a list or a quotation opens no section."""
    assert [block.heading for block in blocks(body)] == [""]


@given(BODIES)
@example("## \n\n## \n")
@example("x\n===\n")
def test_any_text_has_distinct_anchors_and_no_empty_lines(body: str) -> None:
    """Whatever is typed, no line is empty, and headings that pin nothing have distinct anchors."""
    found = blocks(body)
    assert all(line.strip() for block in found for line in block.lines)
    anchors = [block.anchor for block in found if block.anchor != "fees"]
    assert len(set(anchors)) == len(anchors)
    assert [block.anchor == "" for block in found[1:]] == [False] * len(found[1:])
