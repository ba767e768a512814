"""What the plan lists for each guide, against the guide's page as people read it, in both languages."""

import json
from functools import cache

import pytest

from rag.guides import read_library
from rag.page import page_of
from rag.settings import ROOT

_FACTS = [
    json.loads(line)
    for line in (ROOT / "tests" / "guides" / "facts.jsonl").read_text(encoding="utf-8").splitlines()
]
"""One fact a line: its guide and, for each language, the phrases that must all stand on the page."""
_GUIDES = sorted({fact["guide"] for fact in _FACTS})


@cache
def _pages() -> dict[tuple[str, str], str]:
    """Headings and visible lines of each page, by language and guide."""
    library, _ = read_library(ROOT / "docs")
    return {
        (guide.lang, guide.id): "\n".join(
            text for section in page_of(guide, library).sections for text in (section.heading, *section.lines)
        )
        for guide in library.guides
    }


@pytest.mark.parametrize("guide", _GUIDES)
def test_every_fact_that_the_plan_lists_stands_on_the_page(guide: str) -> None:
    """Every fact that the plan lists stands on the guide's page, word for word, in both languages."""
    missing = [
        (lang, phrase)
        for fact in _FACTS
        for lang in ("zh", "en")
        for phrase in fact[lang]
        if fact["guide"] == guide and phrase not in _pages()[lang, guide]
    ]
    assert not missing


def test_every_guide_has_facts() -> None:
    """Each of the 45 guides of the plan is there in both languages and has facts to hold it to."""
    assert len(_GUIDES) == 45
    assert _pages().keys() == {(lang, guide) for lang in ("zh", "en") for guide in _GUIDES}


def test_every_fact_has_phrases_in_both_languages() -> None:
    """No fact passes because it asks for nothing."""
    assert all(fact[lang] and all(fact[lang]) for fact in _FACTS for lang in ("zh", "en"))
