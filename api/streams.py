"""How many streamed answers one address may hold open at once in a process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Scope

from api.callers import caller_of
from api.errors import TOO_MANY, failure

LOCAL_TIMES = 32
_RETRY_SECONDS = 5
_STREAM = b"text/event-stream"


class Streams:
    """The streams of one process, counted by address."""

    def __init__(self, per_address: int) -> None:
        self._most = per_address
        self._open: Counter[str] = Counter()

    @contextmanager
    def held(self, scope: Scope) -> Iterator[None]:
        """Count this request while it lasts, if it asks for a stream; 429 if its address holds too many."""
        if not any(name == b"accept" and _STREAM in value.lower() for name, value in scope["headers"]):
            yield
            return
        caller = caller_of(scope)
        if self._open[caller.network] >= self._most * (LOCAL_TIMES if caller.local else 1):
            raise failure(429, TOO_MANY, {"Retry-After": str(_RETRY_SECONDS)})
        self._open[caller.network] += 1
        try:
            yield
        finally:
            self._open[caller.network] -= 1
            if not self._open[caller.network]:
                del self._open[caller.network]
