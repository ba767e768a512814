"""Levels, readers and circles: one policy, told in two ways that must agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.access import ANONYMOUS, Audience, Circle, Level, Reader, Readership, circle_of, circles, may_read

ROLES = st.frozensets(st.sampled_from(["a", "b", "c", "d"]))
READERS = st.builds(Reader, st.sampled_from(Audience), st.sampled_from(Level), ROLES)
RESTRICTED = st.dictionaries(st.sampled_from(["off-1", "off-2", "off-3"]), ROLES)


@pytest.mark.parametrize(
    ("reader", "level", "readers", "allowed"),
    [
        (ANONYMOUS, Level.OPEN, "", True),
        (ANONYMOUS, Level.MEMBERS, "", False),
        (Reader(level=Level.MEMBERS), Level.MEMBERS, "", True),
        (Reader(level=Level.MEMBERS), Level.INTERNAL, "", False),
        (Reader(level=Level.INTERNAL), Level.MEMBERS, "", True),
        (Reader(level=Level.INTERNAL, roles=frozenset("a")), Level.RESTRICTED, "a", False),
        (Reader(level=Level.RESTRICTED, roles=frozenset("a")), Level.RESTRICTED, "ab", True),
        (Reader(level=Level.RESTRICTED, roles=frozenset("c")), Level.RESTRICTED, "ab", False),
        (Reader(level=Level.RESTRICTED, roles=frozenset("a")), Level.RESTRICTED, "", False),
        (Reader(level=Level.RESTRICTED), Level.RESTRICTED, "ab", False),
        (Reader(level=Level.RESTRICTED), Level.INTERNAL, "", True),
    ],
)
def test_level_and_roles_decide(reader: Reader, level: Level, readers: str, allowed: bool) -> None:
    """A level opens itself and all below; restricted text also wants one of its listed roles."""
    assert may_read(reader, level, frozenset(readers)) is allowed


@pytest.mark.parametrize("word", ["", "Open", "OPEN", "secret", "绝密", "restricted "])
def test_an_unknown_level_is_an_error(word: str) -> None:
    """No word but the four is a level."""
    with pytest.raises(ValueError, match="is not a valid Level"):
        Level(word)


@given(READERS, RESTRICTED)
def test_a_circle_opens_exactly_what_the_policy_allows(
    reader: Reader, restricted: dict[str, frozenset[str]]
) -> None:
    """The folder a reader gets holds every guide that `may_read` allows, and none that it refuses."""
    circle = circle_of(reader, restricted)
    for level in (Level.OPEN, Level.MEMBERS, Level.INTERNAL):
        assert circle.opens("pub-any", level) is may_read(reader, level)
    for guide, roles in restricted.items():
        assert circle.opens(guide, Level.RESTRICTED) is may_read(reader, Level.RESTRICTED, roles)
    assert not circle.opens("off-unknown", Level.RESTRICTED)


@given(st.sampled_from(Level), ROLES, st.sampled_from(Level), ROLES)
def test_a_readership_covers_another_if_nobody_loses(
    level: Level, roles: frozenset[str], new_level: Level, new_roles: frozenset[str]
) -> None:
    """It says so exactly where every reader that the policy let in before is let in after."""
    everybody = [Reader(level=each, roles=frozenset(role)) for each in Level for role in ("", *"abcd")]
    someone_loses = any(
        may_read(reader, level, roles) and not may_read(reader, new_level, new_roles) for reader in everybody
    )
    assert Readership(new_level, new_roles).covers(Readership(level, roles)) is not someone_loses


@given(READERS, RESTRICTED)
def test_every_reader_has_a_built_circle(reader: Reader, restricted: dict[str, frozenset[str]]) -> None:
    """The circle of any reader is among those that a generation builds."""
    assert circle_of(reader, restricted) in circles(restricted)


@given(RESTRICTED)
def test_circles_have_distinct_names(restricted: dict[str, frozenset[str]]) -> None:
    """No two circles share a folder, and the three plain levels are always there under their own names."""
    names = [circle.name for circle in circles(restricted)]
    assert len(set(names)) == len(names)
    assert names[:3] == ["open", "members", "internal"]
    assert all(name.startswith("restricted-") for name in names[3:])


@given(READERS, st.sampled_from(Audience), RESTRICTED)
def test_audience_never_opens_anything(
    reader: Reader, audience: Audience, restricted: dict[str, frozenset[str]]
) -> None:
    """Two readers who differ in their audience alone share one circle."""
    other = Reader(audience, reader.level, reader.roles)
    assert circle_of(reader, restricted) == circle_of(other, restricted)


def test_roles_that_open_nothing_leave_the_internal_circle() -> None:
    """A restricted reader without a matching role reads what internal readers read."""
    reader = Reader(level=Level.RESTRICTED, roles=frozenset({"visitor"}))
    assert circle_of(reader, {"off-1": frozenset({"a"})}) == Circle(Level.INTERNAL)


def test_a_circle_is_named_by_what_it_opens() -> None:
    """The name depends on the set of restricted guides, not on its order or on who asks."""
    one = Circle(Level.RESTRICTED, frozenset(["off-1", "off-2"]))
    assert one.name == Circle(Level.RESTRICTED, frozenset(["off-2", "off-1"])).name
    assert one.name != Circle(Level.RESTRICTED, frozenset(["off-1"])).name
