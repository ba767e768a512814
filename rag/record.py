"""The structured record of a guide: what /api/v1/guides gives and what lies beside its page as guide.json."""

from collections.abc import Iterable
from typing import Any

from rag.access import Circle, Level
from rag.guides import Guide, Library

OPEN = Circle(Level.OPEN)


def readable_guides(library: Library, circle: Circle) -> list[Guide]:
    """The published guides of a circle, in both languages."""
    return [g for g in library.guides if g.meta.status == "published" and circle.opens(g.id, g.meta.level)]


def record(guide: Guide, readable: Iterable[Guide]) -> dict[str, Any]:
    """All fields of a guide; ids of other guides only where the same readers may open them."""
    open_ids = {other.id for other in readable}
    data = guide.meta.model_dump(mode="json", exclude_none=True)
    for key in ("related", "supersedes", "part_of"):
        data[key] = [other for other in data.get(key, []) if other in open_ids]
    return data | {"url": guide.url}
