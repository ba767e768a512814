"""What a rule looks at: some guides of a library on a day, with the texts that several rules read."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml

from rag.access import Level
from rag.body import Block, blocks
from rag.facets import Facet
from rag.fields import facet_lines
from rag.guides import Guide, Library
from rag.page import Page, page_of
from rag.problems import Problem
from rag.text import INVISIBLE, to_simplified

_T = TypeVar("_T")

_LONG = 10**9
"""A number without quotes of ten digits or more is no quantity: it may be somebody's."""
SHARED = (Facet.LEGAL_BASIS, Facet.CONTACT, Facet.COMPLAINT)
"""Lines that many pages share: names of laws and of offices, counted otherwise in each language."""


@dataclass(frozen=True)
class Piece:
    """A text of a guide as its author wrote it: a value of the front matter or one line of the body."""

    text: str
    line: int
    keys: tuple[object, ...] = ()


@dataclass(frozen=True)
class View:
    """Guides to check within their library. Texts are made once, whichever rules ask for them."""

    library: Library
    today: date
    guides: tuple[Guide, ...]
    _made: dict[tuple[str, Path], Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def whole(cls, library: Library, today: date) -> "View":
        """Every guide of a library."""
        return cls(library, today, library.guides)

    @property
    def is_whole(self) -> bool:
        """Whether all guides are looked at, and with them the files that are no guides."""
        return len(self.guides) == len(self.library.guides)

    def pieces(self, guide: Guide) -> tuple[Piece, ...]:
        """Every text of a guide with its line, front matter first."""
        return self._once("pieces", guide, lambda: tuple(_pieces(guide)))

    def page(self, guide: Guide) -> Page:
        """The page of a guide."""
        return self._once("page", guide, lambda: page_of(guide, self.library))

    def fields(self, guide: Guide) -> dict[Facet, list[str]]:
        """The fields of a guide in sentences."""
        return self._once("fields", guide, lambda: facet_lines(guide, self.library))

    def blocks(self, guide: Guide) -> list[Block]:
        """The body of a guide, section by section."""
        return self._once("blocks", guide, lambda: blocks(guide.body))

    def visible_body(self, guide: Guide) -> str:
        """The body of a guide as its readers see it."""
        lines = (line for block in self.blocks(guide) for line in (block.heading, *block.lines) if line)
        return self._once("body", guide, lambda: "\n".join(lines))

    def page_text(self, guide: Guide, *without: Facet) -> str:
        """Visible text of a page: title, summary, fields, questions and body."""
        lines = [
            line for facet, group in self.fields(guide).items() if facet not in without for line in group
        ]
        faq = [text for item in guide.meta.faq for text in (item.q, item.a)]
        return "\n".join([guide.meta.title, guide.meta.summary, *lines, *faq, self.visible_body(guide)])

    def folded(self, guide: Guide) -> str:
        """Everything that a guide says, shown or not, widths and scripts folded; letters keep their case."""
        return self._once(
            "folded",
            guide,
            lambda: folded(f"{_joined(self.pieces(guide))}\n{self.page_text(guide, *SHARED)}"),
        )

    def folded_title(self, guide: Guide) -> str:
        """The title of a guide, widths and scripts folded."""
        return self._once("title", guide, lambda: folded(guide.meta.title))

    @cached_property
    def by_path(self) -> dict[str, Guide]:
        """Guides of the whole library by their path below its root."""
        return {guide.path.as_posix(): guide for guide in self.library.guides}

    @cached_property
    def by_id(self) -> dict[str, list[Guide]]:
        """The languages of each guide of the whole library."""
        found: dict[str, list[Guide]] = {}
        for guide in self.library.guides:
            found.setdefault(guide.id, []).append(guide)
        return found

    def data(self, name: str) -> Mapping[str, Any]:
        """A small YAML file that stands beside the guides, or nothing."""
        return self._once("data", Path(name), lambda: _yaml(self.library.root / name))

    def _once(self, what: str, about: Guide | Path, make: Callable[[], _T]) -> _T:
        key = (what, about if isinstance(about, Path) else about.path)
        if key not in self._made:
            self._made[key] = make()
        made: _T = self._made[key]
        return made


Rule = Callable[[View], Iterator[Problem]]


def at(
    guide: Guide, code: str, where: tuple[object, ...] | int, *said: str, warning: bool = False
) -> Problem:
    """A problem of a guide at a key of its front matter or at a line: zh, en, fix in zh, fix in en."""
    zh, en, fix_zh, fix_en = said
    line = where if isinstance(where, int) else guide.line_of(*where)
    return Problem(code, guide.path, line, zh, en, fix_zh, fix_en, warning)


def folded(text: str) -> str:
    """Invisible characters dropped, widths and scripts folded."""
    return to_simplified(unicodedata.normalize("NFKC", INVISIBLE.sub("", text)))


def covers(guide: Guide, other: Guide) -> bool:
    """Whether everybody who may read `guide` may also read `other`."""
    if other.meta.level is Level.RESTRICTED:
        return guide.meta.level is Level.RESTRICTED and guide.readers <= other.readers
    return guide.meta.level.rank >= other.meta.level.rank


def _joined(pieces: tuple[Piece, ...]) -> str:
    return "\n".join(piece.text for piece in pieces)


def _pieces(guide: Guide) -> Iterator[Piece]:
    yield from _leaves(guide, guide.meta.model_dump(exclude_defaults=True), ())
    for n, line in enumerate(guide.body.split("\n")):
        if line.strip():
            yield Piece(line, guide.body_line + n)


def _leaves(guide: Guide, value: Any, keys: tuple[object, ...]) -> Iterator[Piece]:
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _leaves(guide, child, (*keys, key))
    elif isinstance(value, list):
        for n, child in enumerate(value):
            yield from _leaves(guide, child, (*keys, n))
    elif isinstance(value, str) or (isinstance(value, int) and value > _LONG):
        yield Piece(str(value), guide.line_of(*keys), keys)


def _yaml(file: Path) -> Mapping[str, Any]:
    """A YAML mapping; a file that is missing or broken is empty here and named by the reader of guides."""
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return data if isinstance(data, Mapping) else {}
