"""What routes need, under names that read as words in their signatures."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from starlette.concurrency import run_in_threadpool

from api.auth import HEADER, reader_of_key
from api.errors import BAD_KEY, failure
from api.metrics import Metrics
from api.store import Store
from rag.access import ANONYMOUS, Reader
from rag.answer import Assistant
from rag.generation import Generation, Live

TURNS = 2
"""Questions that a process works on at once; others wait in order. Retrieval is arithmetic: more threads would
only take the interpreter from each other. With one more than can run, the store's disk keeps nobody waiting."""


@dataclass(frozen=True)
class Services:
    """Everything an app holds open while it runs."""

    live: Live
    store: Store
    metrics: Metrics
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(TURNS))


def services_of(request: Request) -> Services:
    """The open services of the app that serves this request."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


def reader_of(request: Request) -> Reader:
    """The one who asks; a key that does not hold ends in 401, also an empty one or two at once."""
    given = request.headers.getlist(HEADER)
    if not given:
        return ANONYMOUS
    store = services_of(request).store
    reader = reader_of_key(store, given[0], datetime.now(UTC)) if len(given) == 1 else None
    if reader is None:
        raise failure(401, BAD_KEY, {"WWW-Authenticate": "ApiKey"})
    return reader


# These are coroutines because FastAPI runs plain functions in a thread each, which costs more than they do.


async def _documented(
    _: Annotated[str | None, Security(APIKeyHeader(name=HEADER, auto_error=False))],
) -> None:
    """Names the header in the OpenAPI description; `reader_of` reads it."""


async def _reader(request: Request, _: Annotated[None, Depends(_documented)]) -> Reader:
    # Only a key is looked up in the store, where one may have to wait.
    return await run_in_threadpool(reader_of, request) if HEADER in request.headers else ANONYMOUS


async def _store(request: Request) -> Store:
    return services_of(request).store


async def _metrics(request: Request) -> Metrics:
    return services_of(request).metrics


async def _assistant(request: Request) -> Assistant:
    """Of the current generation; a request takes it once, so its answer never mixes two."""
    return services_of(request).live.assistant()


async def _generation(request: Request) -> Generation:
    return (await _assistant(request)).generation


async def _turns(request: Request) -> asyncio.Semaphore:
    return services_of(request).turns


AssistantDep = Annotated[Assistant, Depends(_assistant)]
GenerationDep = Annotated[Generation, Depends(_generation)]
StoreDep = Annotated[Store, Depends(_store)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
TurnsDep = Annotated[asyncio.Semaphore, Depends(_turns)]
ReaderDep = Annotated[Reader, Depends(_reader)]
