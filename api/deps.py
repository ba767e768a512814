"""What routes need, under names that read as words in their signatures."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from api.auth import HEADER, reader_of_key
from api.errors import BAD_KEY, failure
from api.metrics import Metrics
from api.store import Store
from rag.access import ANONYMOUS, Reader
from rag.answer import Assistant
from rag.generation import Generation, Live


@dataclass(frozen=True)
class Services:
    """Everything an app holds open while it runs."""

    live: Live
    store: Store
    metrics: Metrics


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


def _documented(_: Annotated[str | None, Security(APIKeyHeader(name=HEADER, auto_error=False))]) -> None:
    """Names the header in the OpenAPI description; `reader_of` reads it."""


def _reader(request: Request, _: Annotated[None, Depends(_documented)]) -> Reader:
    return reader_of(request)


def _store(request: Request) -> Store:
    return services_of(request).store


def _metrics(request: Request) -> Metrics:
    return services_of(request).metrics


def _assistant(request: Request) -> Assistant:
    """Of the current generation; a request takes it once, so its answer never mixes two."""
    return services_of(request).live.assistant()


def _generation(request: Request) -> Generation:
    return _assistant(request).generation


AssistantDep = Annotated[Assistant, Depends(_assistant)]
GenerationDep = Annotated[Generation, Depends(_generation)]
StoreDep = Annotated[Store, Depends(_store)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
ReaderDep = Annotated[Reader, Depends(_reader)]
