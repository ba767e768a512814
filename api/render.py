"""The one place where text of a model, a person or a guide becomes HTML, for pages outside the built site.

Nobody who wrote it is trusted: no markup of his own, no image, no link but to places that the caller names.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

MOST_CHARS = 20_000
_DEEPEST = 20
_MOST_CELLS = 5000
_HEADINGS_BELOW = 2
_TAGS = {
    "p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
# No user, port or query: a query could carry away what the text knows.
_ON_HOST = re.compile(r"https://([A-Za-z0-9.-]+)(?:/[\w.~%/-]*)?(?:#[\w.~%-]*)?", re.ASCII)


@dataclass(frozen=True)
class Links:
    """Where a text may lead: these very addresses (those of its citations), and https pages of these hosts."""

    addresses: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def allow(self, href: str) -> bool:
        """Whether a link, as the parser has normalised it, may stand."""
        if href in {_markdown(tables=False).normalizeLink(address) for address in self.addresses}:
            return True
        match = _ON_HOST.fullmatch(href)
        return match is not None and match[1].lower() in self.hosts


NOWHERE = Links()


def render(text: str, links: Links = NOWHERE) -> Markup:
    """Markdown as safe HTML; a link that is not allowed is its words alone, an image its description."""
    shown = _visible(text)
    markdown = _markdown(tables=_cells(shown) <= _MOST_CELLS)
    tokens = markdown.parse(shown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + _HEADINGS_BELOW, 6)}"
        elif token.children:
            token.children = list(_harmless(token.children, links))
    html: str = markdown.renderer.render(tokens, markdown.options, {})
    return Markup(_cleaner().clean(html))


def _harmless(tokens: Sequence[Token], links: Links) -> Iterable[Token]:
    """Inline tokens without images, and with links only where they may lead."""
    dropped: list[bool] = []
    for token in tokens:
        if token.type == "image":
            yield Token("text", "", 0, content=token.content)
        elif token.type == "link_open":
            dropped.append(not links.allow(str(token.attrs.get("href", ""))))
            # A title is repeated by each use of a reference: a short text could grow without end.
            token.attrs = {"href": token.attrs.get("href", "")}
            if not dropped[-1]:
                yield token
        elif token.type != "link_close" or not dropped.pop():
            yield token


def _visible(text: str) -> str:
    """The text within its bound, without characters that hide or reorder others."""
    cut = text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}…"
    return "".join(
        char for char in cut if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )


def _cells(text: str) -> int:
    """How many cells a table could have: the parser fills up each line to the longest."""
    lines = text.split("\n")
    return max(line.count("|") for line in lines) * len(lines)


@lru_cache(2)
def _markdown(tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
    return parser.enable("table") if tables else parser


@lru_cache(1)
def _cleaner() -> nh3.Cleaner:
    """The second gate: what the parser lets through is still no more than these elements."""
    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "http"},
        link_rel="nofollow noopener noreferrer",
    )
