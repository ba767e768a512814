"""A service guide in each of its languages: values of both as one list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import TypeVar

from rag.cpsv.names import Names, tagged
from rag.facets import Facet
from rag.fields import facet_lines
from rag.guides import Guide
from rag.linked_data import Node
from rag.schema import FrontMatter

T = TypeVar("T")
Row = list[tuple[str, T]]
"""The same entry of a list in each language: tag and entry."""


@dataclass(frozen=True)
class Service:
    """A service guide in each language that the catalogue may show, Chinese first."""

    names: Names
    editions: tuple[Guide, ...]

    @property
    def key(self) -> str:
        """Its guide id."""
        return self.editions[0].id

    @property
    def meta(self) -> FrontMatter:
        """Fields of the first edition, for values that have no language."""
        return self.editions[0].meta

    @cached_property
    def lines(self) -> dict[str, dict[Facet, list[str]]]:
        """Lines of the page's sections by language tag."""
        return {guide.meta.lang: facet_lines(guide, self.names.library) for guide in self.editions}

    def id(self, part: str = "service") -> str:
        """Id of the service or of a part of it."""
        return self.names.service(self.key, part)

    def part(self, kind: str, part: str) -> Node:
        """The head of a node that belongs to this service alone."""
        return {"@id": self.id(part), "@type": kind, "dct:identifier": f"{self.key}#{part}"}

    def text(self, say: Callable[[FrontMatter], str | None]) -> list[Node]:
        """One value in each language that has it."""
        return tagged({guide.meta.lang: said for guide in self.editions if (said := say(guide.meta))})

    def rows(self, items: Callable[[FrontMatter], Sequence[T]]) -> list[Row[T]]:
        """A list of both languages, entry by entry; the check holds their lengths equal."""
        tags = [guide.meta.lang for guide in self.editions]
        columns = (items(guide.meta) for guide in self.editions)
        return [
            [(tag, item) for tag, item in zip(tags, entry, strict=True) if item is not None]
            for entry in zip_longest(*columns)
        ]

    def line(self, facet: Facet, n: int) -> list[Node]:
        """Line `n` of a section in each language."""
        found = {tag: lines.get(facet, []) for tag, lines in self.lines.items()}
        return tagged({tag: lines[n] for tag, lines in found.items() if n < len(lines)})


def row_text(row: Row[T], say: Callable[[T], str | None]) -> list[Node]:
    """A text of an entry in each language that has it."""
    return tagged({tag: said for tag, item in row if (said := say(item))})
