"""The twins of every circle are the same, and as if nothing above the open level existed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from rag.access import Level, circles
from rag.guides import Guide, Library, read_library
from rag.page import page_of
from rag.settings import ROOT
from rag.text import sentences
from rag.twins import open_twins
from tests.library import shelf_of

SITE = "https://guide.example"
SHORTEST = 8
"""Shorter sentences («不收费。») stand in guides of every level."""


@pytest.fixture(scope="module", params=["tests/guides/library", "docs"])
def library(request: pytest.FixtureRequest) -> Library:
    """The guides with canaries, and the real ones."""
    found, _ = read_library(ROOT / request.param)
    assert {guide.meta.level for guide in found.guides} == set(Level)
    return found


def _all_twins(library: Library) -> Iterator[tuple[str, dict[str, str]]]:
    for circle in circles(library.restricted()):
        for lang in ("zh", "en"):
            yield lang, open_twins(shelf_of(library, circle, lang), SITE)


def _is_open(guide: Guide) -> bool:
    return guide.meta.level is Level.OPEN


def test_twins_are_what_they_would_be_without_the_higher_guides(library: Library) -> None:
    """Not a byte of any circle's twins depends on the existence of a guide above the open level."""
    alone = replace(library, guides=tuple(filter(_is_open, library.guides)))
    expected = {lang: twins for lang, twins in _all_twins(alone)}
    found = list(_all_twins(library))
    assert len(found) >= 8
    for lang, twins in found:
        assert twins == expected[lang]


def _text(guide: Guide, library: Library) -> str:
    """Title and lines of a guide's page."""
    lines = [line for section in page_of(guide, library).sections for line in section.lines]
    return "\n".join([guide.meta.title, *lines])


def _words(guide: Guide, library: Library) -> set[str]:
    """Id, title and longer sentences of a guide's page."""
    lines = _text(guide, library).splitlines()
    said = {sentence for line in lines for sentence in sentences(line) if len(sentence) > SHORTEST}
    return {guide.id, guide.meta.title} | said


def _said(path: str, text: str) -> str:
    """What a twin says; of JSON its values, for guides about the API print keys like ours."""
    return "\n".join(_values(json.loads(text))) if path.endswith(".json") else text


def _values(data: Any) -> Iterator[str]:
    if isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _values(item)
    else:
        yield str(data)


def test_no_id_title_or_sentence_of_a_higher_guide_is_in_a_twin(library: Library) -> None:
    """What only higher guides say stands in no twin of any circle."""
    # A higher guide may say what an open page says too, such as a time limit; that is no secret.
    opened = "\n".join(_text(guide, library) for guide in library.guides if _is_open(guide))
    closed = {word for guide in library.guides if not _is_open(guide) for word in _words(guide, library)}
    secret = {word for word in closed if word not in opened}
    assert len(secret) > 50
    # The other test says that those of all circles are the same.
    for twins in dict(_all_twins(library)).values():
        whole = "\n".join([*twins, *(_said(path, text) for path, text in twins.items())])
        assert [word for word in secret if word in whole] == []
