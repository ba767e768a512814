"""The office's emergency switches: the assistant stopped, a guide not answered from, a guide withdrawn.

They stand in the store, beside no generation: a rebuild or a rollback changes nothing about them. Every worker
looks at them twice a second, so what is switched holds everywhere within one.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, RowMapping, delete, select
from sqlalchemy.exc import SQLAlchemyError

from api.errors import log_failure
from api.store import Store, upsert
from api.tables import SWITCHES

if TYPE_CHECKING:
    from rag.access import Reader
    from rag.answer import Assistant
    from rag.exchange import Answer, Question
    from rag.generation import Generation

T = TypeVar("T")
SECONDS = 0.5
"""How long a worker goes by what it has read."""


class What(StrEnum):
    """What a switch is about; a guide's id follows the last two."""

    ASSISTANT = "assistant"
    ANSWERS = "answers"
    GUIDE = "guide"


@dataclass(frozen=True)
class Target:
    """What is switched off."""

    what: What
    guide: str = ""

    def __str__(self) -> str:
        return f"{self.what}:{self.guide}" if self.guide else str(self.what)


ASSISTANT = Target(What.ASSISTANT)


@dataclass(frozen=True)
class Switch:
    """One thing that is switched off, why, by whom and since when."""

    target: Target
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Switches:
    """Everything that is switched off at one moment, oldest first."""

    off: tuple[Switch, ...] = ()
    lost: frozenset[str] = frozenset()
    """Guides that the generation which takes over gives to fewer readers, see `Generation.lost`."""

    @cached_property
    def assistant_stopped(self) -> bool:
        """Whether nobody is answered."""
        return any(switch.target == ASSISTANT for switch in self.off)

    @cached_property
    def withdrawn(self) -> frozenset[str]:
        """Guides that are nowhere to be seen."""
        return self._guides(What.GUIDE) | self.lost

    @cached_property
    def unused(self) -> frozenset[str]:
        """Guides that no answer may rest on or name: the withdrawn ones, and those stopped for the assistant."""
        return self.withdrawn | self._guides(What.ANSWERS)

    def find(self, target: Target) -> Switch | None:
        """The switch of a target, or None where it is on."""
        return next((switch for switch in self.off if switch.target == target), None)

    def _guides(self, what: What) -> frozenset[str]:
        return frozenset(switch.target.guide for switch in self.off if switch.target.what is what)


def switch_off(connection: Connection, switch: Switch) -> None:
    """Switch a target off; for one that is off already the new reason holds."""
    row = {"reason": switch.reason, "actor": switch.actor, "at": switch.at}
    added = upsert(connection, SWITCHES).values(target=str(switch.target), **row)
    connection.execute(added.on_conflict_do_update(index_elements=["target"], set_=row))


def switch_on(connection: Connection, target: Target) -> bool:
    """Switch a target on again; False if it was on."""
    return bool(connection.execute(delete(SWITCHES).where(SWITCHES.c.target == str(target))).rowcount)


def read_switches(store: Store) -> Switches:
    """What is switched off now."""
    with store.reading() as connection:
        rows = connection.execute(select(SWITCHES).order_by(SWITCHES.c.at, SWITCHES.c.target)).mappings()
        return Switches(tuple(_switch(row) for row in rows))


def _switch(row: RowMapping) -> Switch:
    what, _, guide = row["target"].partition(":")
    return Switch(Target(What(what), guide), row["reason"], row["actor"], row["at"])


def answer_under(
    switches: Switches, assistant: "Assistant", question: "Question", reader: "Reader"
) -> "Answer":
    """The answer that the switches allow."""
    if switches.assistant_stopped:
        return assistant.stopped(question, reader)
    return assistant.ask(question, reader, without=switches.unused)


class Watch:
    """The switches as one process sees them: read from the store at most every half second.

    Where the store cannot be read, what was last read goes on holding: a broken store opens nothing. At the
    beginning nothing has been read, so there a broken store is an error.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = clock()
        self._last = read_switches(store)

    @property
    def is_due(self) -> bool:
        """Whether the next look reads the store, where one may have to wait."""
        return self._clock() - self._read_at >= SECONDS

    def now(self) -> Switches:
        """What is switched off."""
        # Whoever waits for another one's look at a slow store goes on with what is known.
        if self.is_due and self._lock.acquire(timeout=SECONDS):
            try:
                if self.is_due:
                    self._read()
            finally:
                self._lock.release()
        return self._last

    def over(self, generation: "Generation") -> Switches:
        """What is switched off where this generation is served: also what its successor takes from somebody, from
        the moment of the switch, however long the successor takes to open."""
        switches, lost = self.now(), generation.lost()
        return replace(switches, lost=lost) if lost else switches

    def made(self, make: Callable[[Switches], T], generation: "Generation") -> T:
        """What `make` makes of a generation, by the switches as they stand when it is ready: a question that waited
        or took long is not answered by what held when it came."""
        switches = self.over(generation)
        while True:
            result, before = make(switches), switches
            switches = self.over(generation)
            if switches == before:
                return result

    def _read(self) -> None:
        begun = self._clock()
        try:
            fresh = read_switches(self._store)
        except SQLAlchemyError as error:
            log_failure(error)
            self._read_at = self._clock()
            return
        self._last = fresh
        # From before the look: what changed during it is seen by the next one in time.
        self._read_at = begun
