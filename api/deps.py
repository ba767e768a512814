"""What routes need, under names that read as words in their signatures."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from starlette.concurrency import run_in_threadpool

from api.audit import Audit
from api.errors import NOT_GRANTED, ApiError, failure
from api.identity import NOBODY, Identity, cookie_name, identity_of
from api.keys import HEADER, Scope
from api.metrics import Metrics
from api.office_sign_in import OfficeSignIn
from api.store import Store
from api.switches import Switches, Watch
from api.throttle import Throttle
from api.turns import Turns
from rag.access import Reader
from rag.answer import Assistant
from rag.generation import Generation
from rag.live import Live
from rag.settings import Settings


@dataclass(frozen=True)
class Services:
    """Everything an app holds open while it runs."""

    settings: Settings
    live: Live
    store: Store
    audit: Audit
    metrics: Metrics
    watch: Watch
    turns: Turns
    throttle: Throttle
    office: OfficeSignIn | None = None


def services_of(request: Request) -> Services:
    """The open services of the app that serves this request."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


def who_asks(request: Request) -> Identity:
    """The one who asks; see identity_of. Who shows a key or session that does not hold is counted, too."""
    services = services_of(request)
    try:
        return identity_of(request, services.store, services.settings)
    except ApiError:
        services.throttle.address(request)
        raise


# These are coroutines because FastAPI runs plain functions in a thread each, which costs more than they do.


async def _documented(
    _: Annotated[str | None, Security(APIKeyHeader(name=HEADER, auto_error=False))],
) -> None:
    """Names the header in the OpenAPI description; `identity_of` reads it."""


async def _identity(request: Request, _: Annotated[None, Depends(_documented)]) -> Identity:
    services = services_of(request)
    # Only a key or a session is looked up in the store, where one may have to wait.
    known = HEADER in request.headers or cookie_name(services.settings) in request.cookies
    identity = await run_in_threadpool(who_asks, request) if known else NOBODY
    services.throttle.identity(request, identity)
    return identity


class _Granted:
    """The reader, if his key covers a kind of route."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def __call__(self, identity: Annotated[Identity, Depends(_identity)]) -> Reader:
        if self._scope not in identity.scopes:
            raise failure(403, NOT_GRANTED)
        return identity.reader


async def _services(request: Request) -> Services:
    return services_of(request)


async def _store(request: Request) -> Store:
    return services_of(request).store


async def _metrics(request: Request) -> Metrics:
    return services_of(request).metrics


async def _assistant(request: Request) -> Assistant:
    """Of the current generation; a request takes it once, so its answer never mixes two."""
    return services_of(request).live.assistant()


async def _watch(request: Request) -> Watch:
    return services_of(request).watch


async def _generation(request: Request) -> Generation:
    return (await _assistant(request)).generation


async def _switches(
    watch: Annotated[Watch, Depends(_watch)], generation: Annotated[Generation, Depends(_generation)]
) -> Switches:
    """What is switched off over the generation of this request."""
    return await run_in_threadpool(watch.over, generation) if watch.is_due else watch.over(generation)


async def _turns(request: Request) -> Turns:
    return services_of(request).turns


ServicesDep = Annotated[Services, Depends(_services)]
AssistantDep = Annotated[Assistant, Depends(_assistant)]
GenerationDep = Annotated[Generation, Depends(_generation)]
StoreDep = Annotated[Store, Depends(_store)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
WatchDep = Annotated[Watch, Depends(_watch)]
SwitchesDep = Annotated[Switches, Depends(_switches)]
TurnsDep = Annotated[Turns, Depends(_turns)]
IdentityDep = Annotated[Identity, Depends(_identity)]
AskReader = Annotated[Reader, Depends(_Granted(Scope.ASK))]
SearchReader = Annotated[Reader, Depends(_Granted(Scope.SEARCH))]
GuidesReader = Annotated[Reader, Depends(_Granted(Scope.GUIDES))]
RatingsReader = Annotated[Reader, Depends(_Granted(Scope.RATINGS))]
RequestsReader = Annotated[Reader, Depends(_Granted(Scope.REQUESTS))]
