"""A built page without what is made of withdrawn pages: entries of lists, related links, sources, contents.

It knows the classes of docs/_theme. In an author's own prose a link becomes its words, as in a site that is
built without the page it leads to.
"""

import json
import re
from collections.abc import Collection, Iterator
from posixpath import relpath
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

_LISTS = frozenset({"zn-listing", "zn-related", "zn-cards", "zn-tabs", "zn-trail", "zn-toc"})
"""Classes around the lists that the site makes, not the author."""
_SOURCE = ("出处：", "Source: ")
_HEADINGS = ("h2", "h3")
_DATA = re.compile(r'(<script type="application/ld\+json">)(.*?)(</script>)', re.DOTALL)


class Lost(Protocol):
    """What is gone; see Gone."""

    @property
    def names(self) -> Collection[str]:
        """The last part of each address."""

    def holds(self, path: str) -> bool:
        """Whether a path of the site is gone."""

    def leads(self, address: str) -> bool:
        """Whether an address with or without a host is gone."""


def page_without(html: str, address: str, gone: Lost) -> str | None:
    """The page at an address without what is gone, or None if nothing of it is there."""
    if not any(name in html for name in gone.names):
        return None
    told = _DATA.sub(lambda match: match[1] + _data_without(match[2], gone) + match[3], html)
    page = _Page(LexborHTMLParser(told), address, gone)
    changed = page.clean()
    return page.tree.html if changed or told != html else None


def leads_through(html: str, address: str, gone: Lost) -> bool:
    """Whether a journey's page has a stop that is gone."""
    page = _Page(LexborHTMLParser(html), address, gone)
    return any(page.is_gone(link) for link in page.tree.css(".zn-stops a[href]"))


class _Page:
    """One page while it is cleaned. What has been taken out of the tree is freed, so nodes are looked for anew
    after each step and never kept."""

    def __init__(self, tree: LexborHTMLParser, address: str, gone: Lost) -> None:
        self.tree = tree
        self._address = address
        self._gone = gone

    def clean(self) -> bool:
        """Take out all that is gone; whether there was anything."""
        changed = False
        while article := self._first(".zn-pack[id]", lambda node: node.attributes["id"] in self._gone.names):
            article.decompose()
            changed = True
        while link := self._first("a[href], link[href]", self.is_gone):
            self._drop(link)
            changed = True
        return changed

    def _first(self, selector: str, wanted: Any) -> LexborNode | None:
        return next((node for node in self.tree.css(selector) if wanted(node)), None)

    def is_gone(self, link: LexborNode) -> bool:
        """Whether a link leads to what is gone; on the page of all guides it leads there by its name."""
        href = link.attributes.get("href") or ""
        if not any(name in href for name in self._gone.names):
            return False
        if href.startswith("#"):
            of_guide = self.tree.css_first(".zn-toc") is not None
            return of_guide and href[1:].partition("--")[0] in self._gone.names
        if ":" in href.partition("/")[0] or href.startswith("//"):
            return self._gone.leads(href)
        return self._gone.holds(urlsplit(urljoin(self._address, href)).path)

    def _drop(self, link: LexborNode) -> None:
        """Take a link out with whatever only stands there for it."""
        above = {name for node in _above(link) for name in _classes(node)}
        if link.tag == "link":
            link.decompose()
        elif "zn-tool" in _classes(link):
            self._lead_home(link)
        elif above & _LISTS and (item := _nearest(link, "li")):
            self._drop_item(item)
        elif "zn-part-of" in above:
            _drop_from_sentence(link)
        elif _is_source(link) and link.parent:
            link.parent.decompose()
        else:
            link.unwrap()

    def _lead_home(self, link: LexborNode) -> None:
        """The page is gone in the other language: lead to that language's first page."""
        root = "/en/" if link.attributes.get("hreflang") == "en" else "/"
        link.attrs["href"] = relpath(root, self._address) + "/"

    def _drop_item(self, item: LexborNode) -> None:
        """An entry of a list; the list goes with its last entry, and its heading and section with it."""
        listed = item.parent
        item.decompose()
        if listed is None or any(node.tag == "li" for node in listed.iter()):
            return
        section = _nearest(listed, "section")
        if section and len(section.css("li")) == 0:
            section.decompose()
            return
        heading = _element_before(listed)
        listed.decompose()
        if heading and heading.tag in _HEADINGS:
            anchor = heading.attributes.get("id")
            heading.decompose()
            self._drop_jumps(f"#{anchor}")

    def _drop_jumps(self, href: str) -> None:
        """What leads to a heading of this page: the entry of its contents, which on an audience's page need two,
        and the theme's own skip link, which leads to the first."""
        first = self.tree.css_first(".zn-listing h2[id], .zn-listing h3[id]")
        skip = self._first("a.md-skip", lambda link: link.attributes.get("href") == href)
        if skip and first:
            skip.attrs["href"] = f"#{first.attributes['id']}"
        elif skip:
            skip.decompose()
        for link in self.tree.css(".zn-jump a"):
            if link.attributes.get("href") == href and (item := _nearest(link, "li")):
                item.decompose()
                break
        jump = self.tree.css_first(".zn-jump")
        if jump and len(jump.css("li")) < 2 and not self._address.endswith("/topics/"):
            jump.decompose()


def _above(node: LexborNode) -> Iterator[LexborNode]:
    while parent := node.parent:
        yield parent
        node = parent


def _nearest(node: LexborNode, tag: str) -> LexborNode | None:
    return next((found for found in _above(node) if found.tag == tag), None)


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


def _element_before(node: LexborNode) -> LexborNode | None:
    before = node.prev
    while before is not None and not before.is_element_node:
        before = before.prev
    return before


def _is_source(link: LexborNode) -> bool:
    """Whether a link is where the answer to a quiz question stands: a line of its own below that answer."""
    line = link.parent
    if line is None or line.tag != "p" or line.parent is None or line.parent.tag != "details":
        return False
    return line.text().startswith(_SOURCE)


def _drop_from_sentence(link: LexborNode) -> None:
    """One of several links of a sentence, with the sign between them; the sentence with its last."""
    sentence = link.parent
    if sentence is None or len(sentence.css("a")) == 1:
        (sentence or link).decompose()
        return
    is_first = _element_before(link) is None
    sign = link.next if is_first else link.prev
    if sign is not None and sign.is_text_node:
        sign.decompose()
    link.decompose()


def _data_without(text: str, gone: Lost) -> str:
    """JSON-LD without nodes that describe what is gone; unchanged text if there are none."""
    data = json.loads(text)
    less = _node_without(data, gone)
    return text if less == data else json.dumps(less, ensure_ascii=False).replace("<", "\\u003c")


def _node_without(node: Any, gone: Lost) -> Any:
    if isinstance(node, list):
        return [_node_without(item, gone) for item in node if not _describes(item, gone)]
    if isinstance(node, dict):
        less = {key: _node_without(value, gone) for key, value in node.items() if not _describes(value, gone)}
        return {key: value for key, value in less.items() if value != [] or node[key] == []}
    return node


def _describes(item: Any, gone: Lost) -> bool:
    return isinstance(item, dict) and any(gone.leads(str(item.get(key, ""))) for key in ("@id", "url"))
