"""Ways to change a table of events behind the back of the audit trail, drawn by chance."""

import random
from collections.abc import Callable

Row = tuple[object, ...]
"""seq, at, actor, act, target, detail, seal, as the database keeps them."""
Rows = list[Row]
SEQ, AT, ACTOR, ACT, TARGET, DETAIL, SEAL = range(7)


def _with(row: Row, place: int, value: object) -> Row:
    return (*row[:place], value, *row[place + 1 :])


def edit(rows: Rows, chance: random.Random) -> Rows:
    """One character of one field of one event."""
    n, place = chance.randrange(len(rows)), chance.choice((ACTOR, ACT, TARGET, DETAIL, SEAL))
    text = str(rows[n][place])
    at = chance.randrange(len(text))
    # A detail stays readable: only its digits change, as a forger would do.
    digits = [k for k, sign in enumerate(text) if sign.isdigit()]
    at = chance.choice(digits) if digits and place in (DETAIL, SEAL) else at
    sign = chance.choice([c for c in "0123456789" if c != text[at]])
    return [*rows[:n], _with(rows[n], place, text[:at] + sign + text[at + 1 :]), *rows[n + 1 :]]


def redate(rows: Rows, chance: random.Random) -> Rows:
    """The moment of one event, by as little as a microsecond."""
    n = chance.randrange(len(rows))
    text = str(rows[n][AT])
    at = chance.choice([len(text) - 1, len(text) - 4, len("2026-11-0")])
    sign = chance.choice([c for c in "123456789" if c != text[at]])
    return [*rows[:n], _with(rows[n], AT, text[:at] + sign + text[at + 1 :]), *rows[n + 1 :]]


def spoil(rows: Rows, chance: random.Random) -> Rows:
    """Nonsense in a field of one event."""
    n, place = chance.randrange(len(rows)), chance.choice((AT, ACTOR, ACT, TARGET, DETAIL, SEAL))
    return [
        *rows[:n],
        _with(rows[n], place, chance.choice(["", "x", "\0", "2026", "号" * 300])),
        *rows[n + 1 :],
    ]


def remove(rows: Rows, chance: random.Random) -> Rows:
    """One event, its number missing."""
    n = chance.randrange(len(rows))
    return rows[:n] + rows[n + 1 :]


def remove_and_close(rows: Rows, chance: random.Random) -> Rows:
    """Several events, the later ones numbered on so that none is missing."""
    n, count = chance.randrange(len(rows) - 5), chance.randint(1, 5)
    return rows[:n] + [_with(row, SEQ, int(str(row[SEQ])) - count) for row in rows[n + count :]]


def truncate(rows: Rows, chance: random.Random) -> Rows:
    """Everything from some event on, or all."""
    return rows[: chance.randrange(len(rows))]


def behead(rows: Rows, chance: random.Random) -> Rows:
    """Everything before some event."""
    return rows[chance.randrange(1, len(rows)) :]


def swap(rows: Rows, chance: random.Random) -> Rows:
    """The places of two events, with their seals or without."""
    a, b = sorted(chance.sample(range(len(rows)), 2))
    keeps_seal = chance.random() < 0.5
    one, two = _with(rows[b], SEQ, rows[a][SEQ]), _with(rows[a], SEQ, rows[b][SEQ])
    if keeps_seal:
        one, two = _with(one, SEAL, rows[a][SEAL]), _with(two, SEAL, rows[b][SEAL])
    changed = list(rows)
    changed[a], changed[b] = one, two
    return changed


def insert(rows: Rows, chance: random.Random) -> Rows:
    """A copy of an event somewhere, the later ones numbered on."""
    n, copied = chance.randrange(len(rows) + 1), chance.choice(rows)
    later = [_with(row, SEQ, int(str(row[SEQ])) + 1) for row in rows[n:]]
    return [*rows[:n], _with(copied, SEQ, n + 1), *later]


def append(rows: Rows, chance: random.Random) -> Rows:
    """A copy of an event at the end, or one beyond it."""
    return [*rows, _with(chance.choice(rows), SEQ, len(rows) + chance.randint(1, 3))]


def replace(rows: Rows, chance: random.Random) -> Rows:
    """One event by another of the trail."""
    a, b = chance.sample(range(len(rows)), 2)
    return [*rows[:a], _with(rows[b], SEQ, rows[a][SEQ]), *rows[a + 1 :]]


def turn(rows: Rows, chance: random.Random) -> Rows:
    """A stretch of events the other way round."""
    n, count = chance.randrange(len(rows) - 4), chance.randint(2, 4)
    turned = [_with(row, SEQ, rows[n + k][SEQ]) for k, row in enumerate(reversed(rows[n : n + count]))]
    return [*rows[:n], *turned, *rows[n + count :]]


WAYS: tuple[Callable[[Rows, random.Random], Rows], ...] = (
    edit, redate, spoil, remove, remove_and_close, truncate, behead, swap, insert, append, replace, turn,
)  # fmt: skip
