"""The web application: the API under /api/v1, health routes, and the site of the reader's circle."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from api import errors
from api.audit import Audit
from api.deps import Services
from api.edge import Edge
from api.following import following
from api.limits import Limits, counters_file
from api.metrics import Metrics
from api.office_sign_in import office_sign_in
from api.retention import daily
from api.routes import API, ask, desk, feedback, forget, guides, health
from api.routes import office_sign_in as office_routes
from api.routes.site import Site
from api.store import Store
from api.switches import Watch
from api.throttle import Throttle
from api.turns import Turns
from rag.live import Live
from rag.settings import Settings

_FAILURES: dict[int | str, dict[str, Any]] = {
    code: {"model": errors.ErrorOut} for code in (400, 401, 403, 404, 408, 413, 415, 422, 429, 431, 503)
}


def create_app(settings: Settings) -> FastAPI:
    """The whole application for these settings; files and the store are opened when it starts."""
    metrics = Metrics()
    office = office_sign_in(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = Store(settings.database)
        audit = Audit(store, settings.secret)
        throttle = Throttle(Limits(counters_file(settings)), settings)
        live = Live(settings)
        app.state.services = Services(
            settings,
            live,
            store,
            audit,
            metrics,
            Watch(store),
            Turns(settings.queue),
            throttle,
            office,
        )
        async with daily(store, audit, settings), following(live):
            yield
        throttle.limits.close()
        store.close()

    app = FastAPI(
        title="Zhinan 指南",
        version="1",
        summary="Guides of government offices, and answers that rest on them",
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        # The interactive pages load scripts from elsewhere; the description itself is enough.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    errors.install(app)
    for module in (ask, guides, feedback, forget):
        app.include_router(module.router, responses=_FAILURES)
    app.include_router(health.router)
    app.include_router(desk.router)
    if office is not None:
        app.include_router(office_routes.router)
    # A fallback and not a route: a route for every path would hide "method not allowed" of the others.
    app.router.default = Site(app.router.default)
    app.add_middleware(Edge, metrics=metrics, settings=settings)
    _describe_key_as_optional(app)
    return app


def _describe_key_as_optional(app: FastAPI) -> None:
    """Say in the OpenAPI description that a route may also be used without a key, as the anonymous public."""
    for path in app.openapi()["paths"].values():
        for operation in path.values():
            if "security" in operation:
                operation["security"].append({})


def from_environment() -> FastAPI:
    """The application of the ZHINAN_ environment: what each worker process of a server builds."""
    return create_app(Settings())
