"""Counters of rate limits in one SQLite file that all processes of a machine share.

They may be lost in a power cut and must cost a request nothing, so they are never flushed to disk.
"""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport

_BUSY_MS = 50
_SWEEP_SECONDS = 60.0
_TABLE = """
create table if not exists counters (
  key text primary key, window integer not null, n integer not null, before integer not null, ends real not null
) without rowid
"""
# Two windows are counted, the earlier one by the part of it that the last `expiry` seconds still touch.
# One statement is one transaction: two processes never let through one more than the limit.
_ACQUIRE = """
insert into counters values (:key, :window, :amount, 0, :ends)
on conflict (key) do update set
  before = case window when :window then before when :window - 1 then n else 0 end,
  n = case window when :window then n else 0 end + :amount,
  window = :window,
  ends = :ends
where :amount + case window when :window then n else 0 end
  + cast(:left * case window when :window then before when :window - 1 then n else 0 end as integer) <= :most
returning n
"""
_INCREASE = """
insert into counters values (:key, 0, :amount, 0, :ends)
on conflict (key) do update set
  n = case when ends > :now then n else 0 end + :amount, ends = case when ends > :now then ends else :ends end
returning n
"""


class Counters(Storage, SlidingWindowCounterSupport):
    """What `limits` needs of a storage; safe to use from several threads."""

    STORAGE_SCHEME: list[str] | None = None

    def __init__(self, file: Path | None) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._swept = 0.0
        self._open = _opened(file)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a broken file raises."""
        return sqlite3.Error

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, unless that would be more than `limit` in the last `expiry` seconds."""
        if amount > limit:
            return False
        now = time.time()
        values = {
            "key": key,
            "window": int(now // expiry),
            "amount": amount,
            "left": 1 - now % expiry / expiry,
            "most": limit,
            "ends": (now // expiry + 2) * expiry,
        }
        return self._first(_ACQUIRE, values) is not None

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Count and time left of the window before, and of the present one."""
        now = time.time()
        found = self._first("select window, n, before from counters where key = ?", (key,))
        window, n, before = found or (0, 0, 0)
        left = expiry - now % expiry
        if window == now // expiry:
            return before, left if before else 0.0, n, left + expiry
        earlier = n if window == now // expiry - 1 else 0
        return earlier, left if earlier else 0.0, 0, left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget both windows."""
        self.clear(key)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in a window that begins now if none runs."""
        now = time.time()
        found = self._first(_INCREASE, {"key": key, "amount": amount, "now": now, "ends": now + expiry})
        return int(found[0]) if found else amount

    def get(self, key: str) -> int:
        """The count of a window that runs."""
        found = self._first("select n from counters where key = ? and ends > ?", (key, time.time()))
        return int(found[0]) if found else 0

    def get_expiry(self, key: str) -> float:
        """When it ends."""
        found = self._first("select ends from counters where key = ?", (key,))
        return float(found[0]) if found else time.time()

    def check(self) -> bool:
        """Whether the file can be read."""
        return self._first("select 1", ()) is not None

    def reset(self) -> int:
        """Forget everything."""
        with self._lock:
            return self._open.execute("delete from counters").rowcount

    def clear(self, key: str) -> None:
        """Forget one."""
        with self._lock:
            self._open.execute("delete from counters where key = ?", (key,))

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._open.close()

    def _first(self, statement: str, values: Any) -> tuple[Any, ...] | None:
        with self._lock:
            self._sweep()
            rows: list[tuple[Any, ...]] = self._open.execute(statement, values).fetchall()
        return rows[0] if rows else None

    def _sweep(self) -> None:
        """Addresses are personal data: a row goes within a minute of its end."""
        now = time.time()
        if now - self._swept > _SWEEP_SECONDS:
            self._swept = now
            self._open.execute("delete from counters where ends < ?", (now,))


def _opened(file: Path | None) -> sqlite3.Connection:
    """The file, made anew if a power cut spoiled it; without a file counters of this process alone."""
    if file is None:
        return _prepared(":memory:")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    try:
        return _prepared(str(file))
    except sqlite3.OperationalError:
        raise  # locked or not writable, which a new file would not mend
    except sqlite3.DatabaseError:
        for end in ("", "-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)
        return _prepared(str(file))


def _prepared(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=OFF"):
            connection.execute(f"pragma {pragma}")
        connection.execute(_TABLE)
        connection.execute(f"pragma busy_timeout={_BUSY_MS}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
