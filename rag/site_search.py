"""The data of a site's own search: every section and journey of one tree, and how Traditional folds to its text."""

import json
from typing import Any

from rag.guides import Guide
from rag.journeys import Journey
from rag.site_pages import Shelf, url_of
from rag.text import everyday_words, fold, normalise


def search_data(shelf: Shelf) -> dict[str, Any]:
    """Sections for assets/search.js, the Traditional characters that fold to one of theirs, and the everyday
    words for those that stand in them."""
    entries = [entry for guide in shelf.guides for entry in _guide_entries(guide, shelf)]
    return data_of([*entries, *(_journey_entry(journey, shelf) for journey in shelf.journeys)])


def data_of(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Entries with what the search must know of their words, and of no others."""
    text = fold(json.dumps(entries, ensure_ascii=False))
    said = {word: head for word, head in everyday_words().items() if head in text}
    return {"entries": entries, "fold": _fold_table(text + "".join(said)), "words": said}


def _guide_entries(guide: Guide, shelf: Shelf) -> list[dict[str, Any]]:
    entries = []
    for section in shelf.pages[guide.id].sections:
        entry: dict[str, Any] = {
            "title": guide.meta.title,
            "section": section.heading,
            "url": url_of(guide) + (f"#{section.anchor}" if section.anchor else ""),
            "text": "\n".join(section.lines),
        }
        if not section.anchor:
            entry["aliases"] = guide.meta.aliases
        entries.append(entry)
    return entries


def _journey_entry(journey: Journey, shelf: Shelf) -> dict[str, Any]:
    said = journey.entry
    text = [said.summary.said(shelf.lang), *(stop.do.said(shelf.lang) for stop in said.steps)]
    return {
        "title": said.title.said(shelf.lang),
        "section": "",
        "url": journey.url,
        "text": "\n".join(text),
        "aliases": [],
    }


def _fold_table(text: str) -> str:
    """Pairs of characters, Traditional and Simplified, for each Simplified one that occurs in `text`."""
    han = [
        chr(code) for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF)) for code in range(first, last + 1)
    ]
    pairs = zip(han, fold("\n".join(han)).split("\n"), strict=True)
    return "".join(a + b for a, b in pairs if a != b and len(b) == 1 and b in text and normalise(a) == a)
