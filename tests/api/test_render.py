"""The one renderer: what it keeps, what it drops, that it is quick, and that it is the only one."""

import re
import time

import pytest
from markupsafe import Markup

from api.render import MOST_CHARS, Links, render
from rag.settings import ROOT
from tests.api.payloads import HANDWRITTEN

LINKS = Links(frozenset({"/cited/", "https://cited.example/a?b=1&c=中"}), frozenset({"known.example"}))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("一**二**", "<p>一<strong>二</strong></p>\n"),
        ("# 一\n\n二", "<h3>一</h3>\n<p>二</p>\n"),
        ("###### 一", "<h6>一</h6>\n"),
        ("3. 一\n4. 二", '<ol start="3">\n<li>一</li>\n<li>二</li>\n</ol>\n'),
        ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
        ("![说明](/x.png)", "<p>说明</p>\n"),
        ("[一](https://evil.example/)", "<p>一</p>\n"),
        ("<b>一</b>", "<p>&lt;b&gt;一&lt;/b&gt;</p>\n"),
        ("一\u202e二\u200b三\U000e0041", "<p>一二三</p>\n"),
        (
            "|一|\n|-|\n|二|",
            "<table>\n<thead>\n<tr>\n<th>一</th>\n</tr>\n</thead>\n"
            "<tbody>\n<tr>\n<td>二</td>\n</tr>\n</tbody>\n</table>\n",
        ),
        ("```py\nx\n```", "<pre><code>x\n</code></pre>\n"),
    ],
)
def test_what_is_kept_and_what_is_dropped(text: str, html: str) -> None:
    """Plain Markdown stays; markup, images, foreign links and hidden characters leave their words alone."""
    assert render(text, LINKS) == Markup(html)


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("/cited/", True),
        ("<https://cited.example/a?b=1&c=中>", True),
        ("https://cited.example/a?b=1", False),
        ("https://known.example", True),
        ("https://known.example/a/b#c", True),
        ("https://KNOWN.example/a", True),
        ("https://known.example/a?b", False),
        ("https://x.known.example/", False),
        ("http://known.example/", False),
        ("/cited/x", False),
    ],
)
def test_a_link_leads_to_a_citation_or_a_known_host(href: str, kept: bool) -> None:
    """The very address of a citation, or an https page without a query on a host that is named."""
    html = render(f"[一]({href})", LINKS)
    assert ("<a href=" in html) is kept
    assert not kept or 'rel="nofollow noopener noreferrer"' in html


def test_no_link_without_a_permission() -> None:
    """Where the caller names no place nothing leads anywhere."""
    assert "<a" not in render("[一](/cited/) [二](https://known.example) <https://known.example>")


def test_there_are_enough_payloads() -> None:
    """The list that browsers are shown holds more than sixty texts, each another."""
    assert len(set(HANDWRITTEN)) == len(HANDWRITTEN) > 60


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "![" * 50_000,
        "[a](<b" * 20_000,
        "*a_" * 30_000,
        "`" * 30_000 + "a",
        "> " * 30_000 + "a",
        "- " * 30_000 + "a",
        "\n".join(" " * n + "- a" for n in range(2000)),
        "<" * 50_000,
        "&" * 50_000,
        "|a" * 3000 + "\n" + "|-" * 3000 + "\n" + "|\n" * 8000,
        "[r]: /cited/ '" + "t" * 9000 + "'\n\n" + "[r]" * 3600,
        "a" * 10_000_000,
    ],
    ids=lambda text: text[:8],
)
def test_hostile_text_costs_little(text: str) -> None:
    """No text hangs the renderer, nests without end or grows to more than its bound allows."""
    begun = time.process_time()
    html = render(text, LINKS)
    assert time.process_time() - begun < 4
    assert len(html) < MOST_CHARS * 10
    assert html.count("<blockquote>") <= 20 and html.count("<ul>") <= MOST_CHARS


_SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe|createContextualFragment|DOMParser"
    r"|\beval\(|new Function\(|\|\s*safe\b|\bMarkup\(|autoescape\s*=\s*False|\bMarkdownIt\b|\bnh3\b"
)


def test_there_is_no_second_way_from_text_to_markup() -> None:
    """No script, template or module but the renderer turns text into markup or runs it."""
    files = [
        *(ROOT / "docs" / "assets").rglob("*.js"),
        *(ROOT / "docs" / "_theme").rglob("*.html"),
        *(ROOT / "api").rglob("*.py"),
        *(ROOT / "api").rglob("*.html"),
        *(ROOT / "api").rglob("*.js"),
    ]
    found = {
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in files
        for match in _SINKS.finditer(file.read_text(encoding="utf-8"))
        if file != ROOT / "api" / "render.py"
    }
    assert len(files) > 40 and found == set()
    assert _SINKS.search((ROOT / "api" / "render.py").read_text(encoding="utf-8"))
