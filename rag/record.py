"""The structured record of a guide: what /api/v1/guides gives and what lies beside its page as guide.json."""

from collections.abc import Callable, Iterable
from typing import Any

from rag.access import Circle, Level
from rag.guides import Guide, Library

OPEN = Circle(Level.OPEN)
_OTHERS = ("related", "supersedes", "part_of")


def readable_guides(library: Library, circle: Circle) -> list[Guide]:
    """The published guides of a circle, in both languages."""
    return [g for g in library.guides if g.meta.status == "published" and circle.opens(g.id, g.meta.level)]


def record(guide: Guide, readable: Iterable[Guide]) -> dict[str, Any]:
    """All fields of a guide; ids of other guides only where the same readers may open them."""
    open_ids = {other.id for other in readable}
    data = guide.meta.model_dump(mode="json", exclude_none=True) | {"url": guide.url}
    return naming(data, lambda other: other in open_ids)


def naming(data: dict[str, Any], keep: Callable[[str], bool]) -> dict[str, Any]:
    """A record that names only those other guides that `keep` takes."""
    less = data | {key: [other for other in data.get(key, []) if keep(other)] for key in _OTHERS}
    if quiz := data.get("training", {}).get("quiz"):
        told = [item if keep(_guide_of(item)) else _without_source(item) for item in quiz]
        less["training"] = data["training"] | {"quiz": told}
    return less


def _guide_of(item: dict[str, Any]) -> str:
    """Id in the source of a quiz question, `guide-id#anchor`."""
    return str(item.get("source", "")).partition("#")[0]


def _without_source(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != "source"}
