"""What a reader is told does not depend on guides above him, nor on who asked before."""

import pytest

from tests.leak.interference import Pair, crossings, differing, differing_exits, questions
from tests.leak.judge import Judge
from tests.leak.served import Served
from tests.leak.sizes import Sizes


@pytest.fixture(scope="module")
def for_open(whole: Served, open_only: Served) -> Pair:
    """The office with and without everything above the open level, for an anonymous reader."""
    return Pair(Judge(whole), Judge(open_only), "anonymous")


@pytest.fixture(scope="module")
def for_members(whole: Served, members_only: Served) -> Pair:
    """The office with and without internal and restricted guides, for a reader of level members."""
    return Pair(Judge(whole), Judge(members_only), "members")


def test_open_answers_do_not_depend_on_higher_guides(for_open: Pair, wanted: Sizes) -> None:
    """Answers, order, scores, suggestions and streams for anonymous readers are the same byte for byte."""
    assert len(questions(for_open.whole.served.subjects, wanted.questions)) == wanted.questions >= 1000
    assert differing(for_open, wanted.questions) == []


def test_members_answers_do_not_depend_on_higher_guides(for_members: Pair, wanted: Sizes) -> None:
    """The same for readers of level members, with and without internal and restricted guides."""
    assert differing(for_members, wanted.questions // 4) == []


def test_lists_records_and_sites_do_not_depend_on_higher_guides(for_open: Pair, for_members: Pair) -> None:
    """Guides, topics, units, records and every file of the site, built apart, are the same byte for byte."""
    for pair in (for_open, for_members):
        found, tried = differing_exits(pair)
        assert found == [] and tried > 40


def test_two_offices_that_differ_in_what_one_may_read_are_told_apart(
    whole: Served, members_only: Served
) -> None:
    """The comparison sees a difference where there is one: for staff, who may read the internal guides."""
    pair = Pair(Judge(whole), Judge(members_only), "internal")
    assert len(differing(pair, 60)) > 10
    assert differing_exits(pair)[0]


def test_no_answer_depends_on_who_asked_before(whole: Served, wanted: Sizes) -> None:
    """One assistant asked by higher and lower readers in turn tells each what an unasked one tells."""
    assert crossings(whole, wanted.pairs) == []
