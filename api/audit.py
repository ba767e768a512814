"""The audit trail: who did what, in the order in which it happened, each event sealed with the one before it.

A seal is HMAC-SHA256 over the event and the seal before, keyed with the installation's secret. Whoever can
write to the database but not read the secret cannot change, remove, insert or reorder an event without
`verify` finding the place; removing the newest ones is found by the anchor, a file beside the secret that
names the last event. (Schneier and Kelsey 1999, "Secure audit logs to support computer forensics".)
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, text

from api.secret import load_secret
from api.store import Store, upsert
from api.tables import EVENTS, META

_BASE = "audit-base"
"""Key in META: number and seal of the newest event that retention has removed, sealed itself."""
_NOTHING = (0, "")
_PAGE = 1000


class Act(StrEnum):
    """What is recorded: every privileged act and every decision on a level."""

    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGNED_OUT = "signed-out"
    SIGNED_OUT_EVERYWHERE = "signed-out-everywhere"
    PASSWORD_SET = "password-set"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_CHANGED = "account-changed"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_DELETED = "account-deleted"
    LINK_MADE = "link-made"
    KEY_CREATED = "key-created"
    KEY_ROTATED = "key-rotated"
    KEY_REVOKED = "key-revoked"
    GENERATION_SWITCHED = "generation-switched"
    LEVEL_CHANGED = "level-changed"
    WITHDRAWN = "withdrawn"
    WITHDRAWAL_ENDED = "withdrawal-ended"
    STOPPED = "stopped"
    STARTED = "started"
    RESTRICTED_READ = "restricted-read"
    EXPORTED = "exported"
    TRAIL_READ = "trail-read"
    FORGOTTEN = "forgotten"
    RETENTION = "retention"


@dataclass(frozen=True)
class Event:
    """One line of the trail."""

    seq: int
    at: datetime
    actor: str
    act: str
    target: str
    detail: str
    seal: str


@dataclass(frozen=True)
class Flaw:
    """A place where the trail does not hold."""

    seq: int
    zh: str
    en: str


class Audit:
    """The trail in one store."""

    def __init__(self, store: Store, secret: Path) -> None:
        self._store = store
        self._key = load_secret(secret).derive("audit trail")
        self._anchor = secret.with_name(secret.name + ".anchor")

    @contextmanager
    def act(self, actor: str, act: Act, target: str, **detail: object) -> Iterator[Connection]:
        """A writing connection for a privileged act; the act and its event are committed together or not at
        all. Details must hold no personal data."""
        with self._store.writing() as connection:
            yield connection
            end = self._append(connection, actor, act, target, detail)
        self._write_anchor(*end)

    def record(self, actor: str, act: Act, target: str, **detail: object) -> None:
        """An event for what changes nothing in the store."""
        with self.act(actor, act, target, **detail):
            pass

    def events(self, after: int = 0) -> Iterator[Event]:
        """Events in order, oldest first."""
        while True:
            query = select(EVENTS).where(EVENTS.c.seq > after).order_by(EVENTS.c.seq).limit(_PAGE)
            with self._store.reading() as connection:
                rows = list(connection.execute(query).mappings())
            yield from map(_event, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1]["seq"]

    def verify(self) -> list[Flaw]:
        """Every place where the trail does not hold; none if it is whole."""
        flaws: list[Flaw] = []
        with self._store.reading() as connection:
            base = connection.execute(select(META.c.value).where(META.c.key == _BASE)).scalar()
        seq, seal = self._read_base(base)
        if base is not None and (seq, seal) == _NOTHING:
            flaws.append(Flaw(0, "留存起点被改动", "the record of what retention removed was changed"))
        seals = {}
        anchor = self._read_anchor()
        for event in self._readable(flaws):
            if event.seq != seq + 1:
                flaws.append(
                    Flaw(event.seq, f"第{seq + 1}条起有缺失", f"events are missing from {seq + 1} on")
                )
            elif not _same(event.seal, self._seal(event, seal)):
                flaws.append(Flaw(event.seq, "内容或顺序被改动", "content or order was changed"))
            seq, seal = event.seq, event.seal
            if event.seq == anchor[0]:
                seals[event.seq] = event.seal
        if anchor[0] > seq or seals.get(anchor[0], anchor[1]) != anchor[1]:
            flaws.append(
                Flaw(anchor[0], "末尾的事件被删除或替换", "events at the end were removed or replaced")
            )
        return flaws

    def _readable(self, flaws: list[Flaw]) -> Iterator[Event]:
        """Events in order, up to one that is no event any more: nonsense in a field is a flaw, not a failure."""
        last = 0
        try:
            for event in self.events():
                yield event
                last = event.seq
        except (ValueError, TypeError):
            flaws.append(Flaw(last, "此后有读不出的事件", "an event after this one cannot be read"))

    def prune(self, connection: Connection, before: datetime) -> int:
        """Remove events from before a moment, as retention asks, up to the first that stays: one that a wrong
        clock dated back takes no younger ones with it. The rest stays verifiable."""
        first = select(func.min(EVENTS.c.seq)).where(EVENTS.c.at >= before).scalar_subquery()
        older = EVENTS.c.seq < func.coalesce(first, EVENTS.c.seq + 1)
        newest = select(EVENTS).where(older).order_by(EVENTS.c.seq.desc()).limit(1)
        last = connection.execute(newest).mappings().first()
        if last is None:
            return 0
        value = f"{last['seq']}:{last['seal']}"
        value += ":" + self._mac(value)
        row = upsert(connection, META).values(key=_BASE, value=value)
        connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
        return connection.execute(delete(EVENTS).where(EVENTS.c.seq <= last["seq"])).rowcount

    def _append(
        self, connection: Connection, actor: str, act: Act, target: str, detail: dict[str, object]
    ) -> tuple[int, str]:
        if not self._store.is_sqlite:
            # SQLite's writers wait for each other anyway; here two must not take the same number.
            connection.execute(text("LOCK TABLE events IN EXCLUSIVE MODE"))
        newest = select(EVENTS.c.seq, EVENTS.c.seal).order_by(EVENTS.c.seq.desc()).limit(1)
        row = connection.execute(newest).first()
        base = connection.execute(select(META.c.value).where(META.c.key == _BASE)).scalar()
        seq, seal = (row.seq, row.seal) if row else self._read_base(base)
        # As PostgreSQL keeps it: to the microsecond, in UTC.
        written = json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)
        event = Event(seq + 1, datetime.now(UTC), actor[:120], act.value, target[:200], written, "")
        sealed = self._seal(event, seal)
        connection.execute(insert(EVENTS).values(**(vars(event) | {"seal": sealed})))
        return event.seq, sealed

    def _seal(self, event: Event, before: str) -> str:
        fields = [before, event.seq, event.at.astimezone(UTC).isoformat(), event.actor, event.act]
        return self._mac(json.dumps([*fields, event.target, event.detail], ensure_ascii=False))

    def _mac(self, value: str) -> str:
        return hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def _read_base(self, value: str | None) -> tuple[int, str]:
        """Where the trail begins; from nothing where no event was removed, or the record of it is false."""
        said, _, mac = (value or "").rpartition(":")
        if not said or not _same(mac, self._mac(said)):
            return _NOTHING
        seq, _, seal = said.partition(":")
        return int(seq), seal

    def _read_anchor(self) -> tuple[int, str]:
        try:
            said, _, mac = self._anchor.read_text(encoding="ascii", errors="replace").strip().rpartition(":")
        except FileNotFoundError:
            return _NOTHING
        if not _same(mac, self._mac(said)):
            return _NOTHING
        seq, _, seal = said.partition(":")
        return int(seq), seal

    def _write_anchor(self, seq: int, seal: str) -> None:
        """Name the last event; of two writers the later one may be named by the earlier, never a false one."""
        said = f"{seq}:{seal}"
        fresh = self._anchor.with_name(f"{self._anchor.name}.{os.getpid()}.{seq}")
        fresh.write_text(f"{said}:{self._mac(said)}\n", encoding="ascii")
        os.replace(fresh, self._anchor)


def _same(given: str, made: str) -> bool:
    """Whether a seal is the one that it should be; what was put in its place may be any text."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), made.encode())


def _event(row: RowMapping) -> Event:
    return Event(**row)
