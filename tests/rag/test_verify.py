"""The last gate: quotes that are not word for word, or not for this reader, fall away."""

from dataclasses import replace

import pytest

from rag.access import ANONYMOUS, Audience, Level, Reader
from rag.verify import numbers_are_quoted, verified
from rag.write import Quote
from tests.rag.made import chunk

OPEN = chunk(lines=("号牌15日内补发。", "每副收10元。", "Pay 1,000 yuan."))
HIDDEN = chunk("off-theft", level=Level.RESTRICTED, readers=frozenset({"team"}))
TEAM = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"team"}))


def test_right_quotes_pass_in_order() -> None:
    """Lines of readable chunks are kept as they are."""
    quotes = [Quote(OPEN, 1, 2), Quote(OPEN, 0, 3)]
    assert verified(quotes, ANONYMOUS) == quotes


@pytest.mark.parametrize(("first", "last"), [(0, 0), (2, 1), (0, 4), (7, 9)])
def test_a_span_that_is_not_there_falls_away(first: int, last: int) -> None:
    """Empty, reversed and overlong spans are no quotes."""
    assert verified([Quote(OPEN, first, last)], ANONYMOUS) == []


@pytest.mark.parametrize(
    ("reader", "count"),
    [
        (ANONYMOUS, 0),
        (Reader(level=Level.INTERNAL), 0),
        (replace(TEAM, roles=frozenset()), 0),
        (replace(TEAM, roles=frozenset({"other"})), 0),
        (Reader(Audience.LEADERS, Level.INTERNAL, frozenset({"team"})), 0),
        (TEAM, 1),
    ],
)
def test_each_quote_is_authorised_again(reader: Reader, count: int) -> None:
    """A chunk that the reader may not open is never shown, however it came here."""
    assert len(verified([Quote(HIDDEN, 0, 1)], reader)) == count


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("15日内补发，收10元", True),
        ("１５日", True),
        ("1000 yuan", True),
        ("没有数字", True),
        ("16日内补发", False),
        ("收1元", False),
        ("5日", False),
        ("10.5元", False),
        ("拨打12345", False),
    ],
)
def test_numbers_must_stand_in_a_quote(text: str, right: bool) -> None:
    """A number of the text is a whole number of a quote, not a piece of one."""
    assert numbers_are_quoted(text, [Quote(OPEN, 0, 3)]) is right


def test_a_number_of_a_line_that_is_not_quoted_does_not_count() -> None:
    """Only the quoted span vouches for a number."""
    assert not numbers_are_quoted("10元", [Quote(OPEN, 0, 1)])
    assert not numbers_are_quoted("10元", [])
