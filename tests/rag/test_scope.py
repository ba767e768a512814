"""What a reader can be answered from: members, known words, shares, and what a section is made for."""

from dataclasses import replace

import numpy as np
import pytest

from rag.facets import Facet
from rag.question import Part
from rag.scope import Scope, asks_other, facet_fit, tells
from tests.rag.made import THREE_GUIDES, chunk, scope_of


@pytest.fixture(scope="module")
def scope() -> Scope:
    """A scope over three guides."""
    return scope_of(THREE_GUIDES)


def test_a_scope_knows_its_guides(scope: Scope) -> None:
    """Members, names and known terms are those of the guides in the pool."""
    assert list(scope.members) == ["pub-tag", "pub-lamp", "org-well"]
    assert {"单车", "号牌"} <= scope.names["pub-tag"]
    assert "窗口" not in scope.names["pub-tag"]
    assert scope.words.names("路灯") and not scope.words.names("窗口") and scope.words.known("窗口")


def test_what_is_outside_the_pool_is_unknown() -> None:
    """No word of a chunk that may not be used tells anything, not even that it exists."""
    scope = scope_of(THREE_GUIDES)
    cut = replace(scope, within=scope.within & [c.guide != "org-well" for c in THREE_GUIDES])
    assert "org-well" not in cut.members
    assert not cut.words.known("水井") and not cut.words.names("水井")


def test_a_masked_scope_is_one_without_those_guides(scope: Scope) -> None:
    """What it tells is what a scope made anew without them tells."""
    keep = [c.guide != "pub-lamp" for c in THREE_GUIDES]
    masked, anew = scope.masked(np.array(keep)), replace(scope, within=scope.within & keep)
    assert masked.members == anew.members and masked.names == anew.names
    assert not masked.words.known("路灯") and not masked.words.names("路灯")


def test_shares_are_weighed_by_rarity(scope: Scope) -> None:
    """A share is 0 for nothing wanted, 1 for all there, and a rare term counts more than a common one."""
    assert scope.share([], frozenset({"号牌"})) == 0.0
    assert scope.share(["号牌", "窗口"], frozenset({"号牌", "窗口"})) == pytest.approx(1.0)
    assert scope.share(["号牌", "窗口"], frozenset({"窗口"})) > 0.5


@pytest.mark.parametrize(
    ("number", "facet", "fit"),
    [(1, Facet.FEE, 1.0), (2, Facet.TIME_LIMIT, 0.8), (3, Facet.CHANNELS, 0.6), (0, Facet.FEE, 0.0), (1, None, 0.0)],
)  # fmt: skip
def test_a_section_fits_its_facet(scope: Scope, number: int, facet: Facet | None, fit: float) -> None:
    """The section of a facet fits best, then a stated fact, then a question about it."""
    assert facet_fit(number, Part("", "", facet, ()), scope) == fit


def test_an_entry_about_another_facet_is_told_apart(scope: Scope) -> None:
    """A common question that asks where does not answer what it costs; a section without a question may."""
    assert asks_other(3, Part("", "", Facet.FEE, ()), scope)
    assert not asks_other(3, Part("", "", Facet.CHANNELS, ()), scope)
    assert not asks_other(3, Part("", "", None, ()), scope) and not asks_other(
        0, Part("", "", Facet.FEE, ()), scope
    )


def test_a_guide_tells_what_it_has_a_section_or_a_fact_for(scope: Scope) -> None:
    """Fields, stated facts and the opening hours among the places count, and nothing else does."""
    assert tells(1, Facet.FEE, scope) and tells(2, Facet.TIME_LIMIT, scope)
    assert not tells(0, Facet.FEE, scope) and not tells(2, Facet.FEE, scope)
    placed = scope_of(
        [
            chunk(facet=Facet.CHANNELS, lines=("三号窗口，9:00–17:00",)),
            chunk(anchor="x", lines=("9:00开始。",)),
        ]
    )
    assert tells(0, Facet.HOURS, placed) and not tells(1, Facet.HOURS, placed)
