"""Facets and the headings of generated sections."""

import pytest

from rag.facets import HEADINGS, Facet, facet_of_fact


def test_every_facet_has_one_heading_and_anchor() -> None:
    """Each facet has a heading in both languages, and no two share an anchor or a wording."""
    assert set(HEADINGS) == set(Facet)
    for part in ("anchor", "zh", "en"):
        assert len({getattr(heading, part) for heading in HEADINGS.values()}) == len(Facet)


def test_a_heading_is_said_in_the_language_of_the_folder() -> None:
    """`zh` is Chinese; `en` is English."""
    assert [HEADINGS[Facet.FEE].said(lang) for lang in ("zh", "en")] == ["收费", "Fees"]


@pytest.mark.parametrize(
    ("key", "facet"),
    [
        ("time_limit.special", Facet.TIME_LIMIT),
        ("fee", Facet.FEE),
        ("legal_basis.law.article", Facet.LEGAL_BASIS),
        ("time_limits", None),
        ("time_limit_special", None),
        ("hotline", None),
    ],
)
def test_a_fact_belongs_to_the_facet_its_key_begins_with(key: str, facet: Facet | None) -> None:
    """Only a whole first part of a key names a facet."""
    assert facet_of_fact(key) is facet
