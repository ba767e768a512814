"""How often somebody may ask: quotas over a sliding window, counted by key, by address, by account."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from limits import RateLimitItemPerSecond
from limits.strategies import SlidingWindowCounterRateLimiter
from sqlalchemy.engine import make_url

from api.counters import Counters
from api.errors import log_failure
from rag.settings import ROOT, Settings

MINUTE, QUARTER, DAY = 60, 15 * 60, 24 * 60 * 60
_RETRY_FILE_SECONDS = 60.0


@dataclass(frozen=True)
class Policy:
    """So many in so many seconds; the name stands in the headers."""

    name: str
    quota: int
    seconds: int


@dataclass(frozen=True)
class Verdict:
    """What one policy says to one request; `reset_s` is when the next one is free."""

    policy: Policy
    allowed: bool
    remaining: int
    reset_s: int


class Limits:
    """The counters of this machine; where their file fails, those of this process alone."""

    def __init__(self, file: Path | None) -> None:
        self._own = Counters(None)
        self._shared = self._opened(file)
        self._file_again = 0.0

    def check(self, kind: str, who: str, policy: Policy) -> Verdict:
        """Count one request of `who`, unless the policy is used up."""
        if time.monotonic() >= self._file_again:
            try:
                return _checked(self._shared, kind, who, policy)
            except sqlite3.Error as error:
                # Nobody waits for a file that hangs, and nobody goes uncounted.
                log_failure(error)
                self._file_again = time.monotonic() + _RETRY_FILE_SECONDS
        return _checked(self._own, kind, who, policy)

    def close(self) -> None:
        """Give the files back."""
        for counters in {self._own, self._shared}:
            counters.close()

    def _opened(self, file: Path | None) -> Counters:
        try:
            return Counters(file) if file else self._own
        except (OSError, sqlite3.Error) as error:
            log_failure(error)
            return self._own


def _checked(counters: Counters, kind: str, who: str, policy: Policy) -> Verdict:
    limiter = SlidingWindowCounterRateLimiter(counters)
    item = RateLimitItemPerSecond(policy.quota, policy.seconds, kind)
    allowed = limiter.hit(item, who)
    stats = limiter.get_window_stats(item, who)
    reset = max(int(stats.reset_time - time.time()) + 1, 1)
    return Verdict(policy, allowed, stats.remaining if allowed else 0, min(reset, policy.seconds))


def counters_file(settings: Settings) -> Path:
    """Where the counters lie: as set, else beside an SQLite store, else in this installation's own folder."""
    if settings.counters:
        return settings.counters
    address = make_url(settings.database)
    beside = address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:")
    folder = Path(str(address.database)).parent if beside else ROOT / "var"
    return folder / "limits.sqlite"


def headers_of(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """`RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers writes them."""
    policies = (f'"{v.policy.name}";q={v.policy.quota};w={v.policy.seconds}' for v in verdicts)
    states = (f'"{v.policy.name}";r={v.remaining};t={v.reset_s}' for v in verdicts)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}
