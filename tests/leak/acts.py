"""Every privileged act and each exit through which it is done, with what the trail must say then: that, and once.

The tables are in acts_typed.py (commands) and acts_served.py (forms, routes and sign-in). What is in no table must
be named in `UNRECORDED`: a command or a route that changes something and is in neither is refused.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from api.audit import Act, Audit, Event
from api.store import Store
from api.tables import EVENTS
from tests.leak.judge import Judge
from tests.leak.own import new_store

Said = tuple[str, str]
"""Actor and target."""
SERVER = "server"

UNRECORDED = {
    # They read guides for whoever holds the files, or only count.
    "check", "ask", "search", "eval cases", "eval retrieval", "eval answers",
    # They list what is there without a secret of it.
    "key list", "user list", "audit verify",
    # As rollback, which is in the table; a build takes a quarter of a minute (tests/api/test_cli.py).
    "build",
    # What anybody may do, and what changes nothing but what is counted.
    "POST /api/v1/ask", "POST /api/v1/answers/{answer_id}/rating", "POST /api/v1/requests",
}  # fmt: skip
"""Commands, and routes that are not GET, which are no privileged act."""


@dataclass(frozen=True)
class Scene:
    """Where an act is done: the office, and the store whose trail is looked at."""

    judge: Judge
    store: Store
    audit: Audit
    folder: Path | None = None
    """Of a store of the scene's own."""

    def newest(self) -> int:
        """Number of the last event."""
        with self.store.reading() as connection:
            return connection.execute(select(func.coalesce(func.max(EVENTS.c.seq), 0))).scalar_one()


Do = Callable[[Scene], Sequence[Said]]
"""Does acts, and says by whom and to what, act by act."""


@dataclass(frozen=True)
class Entry:
    """One way in which acts are done through an exit; without acts, what must leave no event."""

    exit: str
    acts: tuple[Act, ...]
    do: Do
    place: Callable[[Judge], AbstractContextManager[Scene]]

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.exit} ({self.do.__name__.strip('_')})"

    def wrong(self, judge: Judge) -> list[str]:
        """What the trail says instead of what it should."""
        with self.place(judge) as scene:
            before = scene.newest()
            said = self.do(scene)
            wanted = [(actor, str(act), target) for act, (actor, target) in zip(self.acts, said, strict=True)]
            of_server = any(actor == SERVER for actor, _ in said)
            # The office's own daily run may come at any time.
            events = [e for e in scene.audit.events(before) if of_server or e.actor != SERVER]
            flaws = scene.audit.verify()
        found = [told(event) for event in events]
        return [f"{self.name}: {found} instead of {wanted}"] * (found != wanted) + [
            f"{self.name}: {flaw.en}" for flaw in flaws
        ]


def told(event: Event) -> tuple[str, str, str]:
    """By whom, what, to what."""
    return event.actor, event.act, event.target


@contextmanager
def at_the_office(judge: Judge) -> Iterator[Scene]:
    """Over HTTP, where the office's own trail is looked at."""
    services = judge.served.services
    yield Scene(judge, services.store, services.audit)


@contextmanager
def in_a_new_store(judge: Judge) -> Iterator[Scene]:
    """A store of its own, since what is done there is not undone."""
    with new_store() as (store, folder):
        yield Scene(judge, store, Audit(store, folder / "secret.key"), folder)


def wrong_of(name: str, entries: Sequence[Entry]) -> Callable[[Judge], list[str]]:
    """A gate over these entries."""

    def gate(judge: Judge) -> list[str]:
        return [fault for entry in entries for fault in entry.wrong(judge)]

    gate.__name__ = name
    return gate
