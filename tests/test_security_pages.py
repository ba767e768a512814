"""The pages on security name tests that exist, and say the same in both languages."""

import re

import pytest

from rag.settings import ROOT

_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PAGES = ("threats.md", "asvs.md")


def _text(lang: str, page: str) -> str:
    return (ROOT / "docs" / lang / "trainers" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_named_test_exists(page: str) -> None:
    """A proof that was renamed or removed is found."""
    named = set(_NAMED.findall(_text("en", page)))
    assert len(named) > 20
    missing = [
        f"{file}::{name}"
        for file, name in sorted(named)
        if not (ROOT / file).exists() or f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_name_the_same_proofs(page: str) -> None:
    """The Chinese page proves what the English page proves, in the same order."""
    assert _NAMED.findall(_text("zh", page)) == _NAMED.findall(_text("en", page))
