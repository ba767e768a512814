"""What every searcher that is measured side by side can do, and the text that all of them are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Document:
    """A passage to be found. `page` is what it belongs to on a site; other searchers do not look at it."""

    id: str
    title: str
    section: str
    text: str
    aliases: tuple[str, ...] = ()
    page: str = ""
    lang: str = ""

    @property
    def whole(self) -> str:
        """Everything searchable as one text: title and section, other names, text."""
        head = f"{self.title} {self.section}".strip()
        return "\n".join(part for part in (head, "；".join(self.aliases), self.text) if part)


class Peer(Protocol):
    """A searcher: documents in once, then ids of the best documents, best first."""

    name: str

    def index(self, documents: Sequence[Document]) -> None:
        """Take in all documents."""

    def rank(self, query: str, k: int) -> list[str]:
        """Ids of at most `k` documents, best first, none twice."""


def first_seen(ids: Sequence[str], k: int) -> list[str]:
    """The first `k` distinct ids."""
    return list(dict.fromkeys(ids))[:k]
