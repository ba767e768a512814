"""The prose of a guide as sections of plain lines, with the anchors that its built page will have."""

import itertools
import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pymdownx.slugs import slugify

from rag.text import sentences

_ATTRIBUTES = re.compile(r"\s*\{:?\s*([^{}\n]*)\}\s*$")
_ADMONITION = re.compile(r"^(?:!!!|\?\?\?\+?)\s+\w+(?:\s+\"(.*)\")?\s*$")
_COUNTED = re.compile(r"(.*)_([0-9]+)")
_slug = slugify(case="lower")


@dataclass(frozen=True)
class Block:
    """A heading's worth of prose: visible text line by line, and the Markdown it came from."""

    anchor: str
    heading: str
    depth: int
    lines: tuple[str, ...]
    markdown: str
    first_line: int


def blocks(body: str, taken: frozenset[str] = frozenset()) -> list[Block]:
    """Sections of a Markdown body in order. Text before the first heading has heading and anchor ''.

    `taken` are anchors used elsewhere on the page; a heading of the same text gets `…_1`, as MkDocs does.
    """
    source = body.splitlines()
    tokens = _parser().parse(_without_admonitions(body))
    starts = [i for i, t in enumerate(tokens) if t.type == "heading_open" and t.level == 0]
    pinned = {anchor for i in starts if (anchor := _pin(tokens[i + 1].content)[1])}
    used = set(taken) | pinned
    found: list[Block] = []
    bounds = [0, *starts, len(tokens)] if not starts or starts[0] else [*starts, len(tokens)]
    for begin, end in itertools.pairwise(bounds):
        part = tokens[begin:end]
        if not part:
            continue
        first = _line(part[0])
        last = _line(tokens[end]) if end < len(tokens) else len(source)
        text = "\n".join(source[first:last]).strip()
        if part[0].type != "heading_open":
            found.append(Block("", "", 0, tuple(_lines(part)), text, first))
            continue
        heading, anchor = _pin(_visible(part[1]))
        if not anchor:
            anchor = _unique(str(_slug(heading, "-")), used)
        prose = "\n".join(source[first + 1 : last]).strip()
        found.append(Block(anchor, heading, int(part[0].tag[1]), tuple(_lines(part[3:])), prose, first))
    return found


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _without_admonitions(body: str) -> str:
    """Admonitions (`!!! note`) as plain paragraphs, line numbers kept: CommonMark does not know them."""
    lines, inside = [], False
    for line in body.splitlines():
        if match := _ADMONITION.match(line):
            inside = True
            # A heading inside a quotation is a line of its own and no section.
            lines.append(f"> ###### {match[1]}" if match[1] else "")
        elif inside and (line.startswith("    ") or not line.strip()):
            lines.append(line[4:])
        else:
            inside = False
            lines.append(line)
    return "\n".join(lines)


def _pin(heading: str) -> tuple[str, str]:
    """A heading without its attribute list, and the anchor pinned there, if any."""
    match = _ATTRIBUTES.search(heading)
    if not match:
        return heading.strip(), ""
    pins = [word[1:] for word in match[1].split() if word.startswith("#")]
    return heading[: match.start()].strip(), pins[0] if pins else ""


def _unique(anchor: str, used: set[str]) -> str:
    """The anchor, counted up as Python-Markdown's toc does when it is taken or empty."""
    while anchor in used or not anchor:
        counted = _COUNTED.fullmatch(anchor)
        anchor = f"{counted[1]}_{int(counted[2]) + 1}" if counted else f"{anchor}_1"
    used.add(anchor)
    return anchor


def _visible(token: Token) -> str:
    """Text of an inline token as the page shows it."""
    text = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            text.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            text.append(" ")
        elif child.type == "image":
            text.append(child.content)
    return re.sub(r"\s+", " ", "".join(text)).strip()


def _lines(tokens: list[Token]) -> list[str]:
    """Visible lines: sentences of paragraphs, whole list items, table rows, code blocks."""
    lines: list[str] = []
    in_item, row = 0, list[str]()
    for token in tokens:
        if token.type == "list_item_open":
            in_item += 1
        elif token.type == "list_item_close":
            in_item -= 1
        elif token.type == "tr_open":
            row = []
        elif token.type in ("td_open", "th_open"):
            row.append("")
        elif token.type == "tr_close":
            lines.append("：".join([*row[:1], "；".join(row[1:])]) if len(row) > 1 else "".join(row))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.strip())
        elif token.type == "inline" and row and token.level > 2 and not row[-1]:
            row[-1] = _visible(token)
        elif token.type == "inline":
            text = _ATTRIBUTES.sub("", _visible(token))
            lines += [text] if in_item else sentences(text)
        if token.type == "table_close":
            row = []
    return [line for line in lines if line]
