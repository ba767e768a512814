"""Questions take turns, in order; a queue that grows without end would answer nobody in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.errors import BUSY, failure

TURNS = 2
"""Questions that a process works on at once; others wait in order. Retrieval is arithmetic: more threads would
only take the interpreter from each other. With one more than can run, the store's disk keeps nobody waiting."""
_RETRY_SECONDS = 5


class Turns:
    """The turns of one process and who waits for them."""

    def __init__(self, queue: int) -> None:
        self._free = asyncio.Semaphore(TURNS)
        self._queue = queue
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A turn, as soon as one is free; 503 at once when too many wait already."""
        if self._free.locked() and self._waiting >= self._queue:
            raise failure(503, BUSY, {"Retry-After": str(_RETRY_SECONDS)})
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
