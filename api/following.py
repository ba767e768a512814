"""A worker follows the pointer to the current generation, also while nobody asks it anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool

from api.errors import log_failure
from rag.live import Live

SECONDS = 1.0
"""How long a worker that nobody asks goes by what it has seen."""


@asynccontextmanager
async def following(live: Live) -> AsyncIterator[None]:
    """Looks at the pointer, for as long as the server runs."""
    ended = asyncio.Event()
    task = asyncio.create_task(_follow(live, ended))
    try:
        yield
    finally:
        ended.set()
        await task


async def _follow(live: Live, ended: asyncio.Event) -> None:
    """A look that fails is logged and tried again: whatever it met, the next switch must be seen."""
    while not ended.is_set():
        try:
            await run_in_threadpool(live.follow)
        except Exception as error:
            log_failure(error)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), SECONDS)
