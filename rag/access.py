"""Who may read what: the one policy that every exit asks.

Only level and roles decide access; the audience of a reader steers wording and ranking, never access.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Circles of readers, narrowest last. They are not secrecy grades (密级): such text is refused."""

    OPEN = "open"
    MEMBERS = "members"
    INTERNAL = "internal"
    RESTRICTED = "restricted"

    @property
    def rank(self) -> int:
        """Position from 0 (open) to 3 (restricted)."""
        return list(Level).index(self)


class Audience(StrEnum):
    """Whom a guide is written for; leaders and staff together are officials."""

    LEADERS = "leaders"
    STAFF = "staff"
    ORGANISATIONS = "organisations"
    PUBLIC = "public"


AUDIENCES = {
    Audience.PUBLIC: ("公众", "Public"),
    Audience.ORGANISATIONS: ("组织", "Organisations"),
    Audience.STAFF: ("工作人员", "Staff"),
    Audience.LEADERS: ("领导", "Leaders"),
}
"""What each audience is called in Chinese and English, in the order in which sites list them."""


@dataclass(frozen=True)
class Reader:
    """Who asks. Made only from the server's session or key, or by the operator on the command line."""

    audience: Audience = Audience.PUBLIC
    level: Level = Level.OPEN
    roles: frozenset[str] = frozenset()


ANONYMOUS = Reader()


def may_read(reader: Reader, level: Level, readers: frozenset[str] = frozenset()) -> bool:
    """Whether this reader may see text of this level; restricted text also needs one of its listed roles."""
    if level is Level.RESTRICTED:
        return reader.level is Level.RESTRICTED and bool(reader.roles & readers)
    return reader.level.rank >= level.rank


@dataclass(frozen=True)
class Readership:
    """Who may read a guide: everybody of a level, of `restricted` those with one of its roles."""

    level: Level
    roles: frozenset[str] = frozenset()

    def covers(self, other: "Readership") -> bool:
        """Whether everybody of the other is among them."""
        if self.level is Level.RESTRICTED:
            return other.level is Level.RESTRICTED and other.roles <= self.roles
        return self.level.rank <= other.level.rank


@dataclass(frozen=True)
class Circle:
    """Everything one kind of reader may read, kept in one folder of a generation: a site and an index.

    A circle is a level, plus, for `restricted`, the exact set of restricted guides that it opens.
    """

    level: Level
    restricted: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Folder name: the level, or `restricted-` and a digest of the restricted guide ids."""
        if not self.restricted:
            return self.level.value
        digest = hashlib.sha256("\n".join(sorted(self.restricted)).encode()).hexdigest()[:8]
        return f"{self.level.value}-{digest}"

    def opens(self, guide_id: str, level: Level) -> bool:
        """Whether a guide of this id and level belongs inside this circle."""
        if level is Level.RESTRICTED:
            return guide_id in self.restricted
        return self.level.rank >= level.rank


def circle_of(reader: Reader, restricted: Mapping[str, frozenset[str]]) -> Circle:
    """The circle of a reader, given the readers' roles of each restricted guide id.

    A restricted reader whose roles open nothing stands in the internal circle: nothing more is theirs.
    """
    if reader.level is not Level.RESTRICTED:
        return Circle(reader.level)
    opened = frozenset(i for i, roles in restricted.items() if may_read(reader, Level.RESTRICTED, roles))
    return Circle(Level.RESTRICTED, opened) if opened else Circle(Level.INTERNAL)


def circles(restricted: Mapping[str, frozenset[str]]) -> list[Circle]:
    """Every circle a generation needs: the three plain levels and each set that roles can open together."""
    roles = sorted({role for listed in restricted.values() for role in listed})
    opened: set[frozenset[str]] = set()
    for role in roles:
        own = frozenset(i for i, listed in restricted.items() if role in listed)
        opened |= {own} | {own | other for other in opened}
    plain = [Circle(Level.OPEN), Circle(Level.MEMBERS), Circle(Level.INTERNAL)]
    return plain + [Circle(Level.RESTRICTED, ids) for ids in sorted(opened, key=sorted)]
