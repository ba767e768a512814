"""Whether the process lives, whether it can serve, and what it has served; outside /api/v1."""

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.deps import GenerationDep, MetricsDep, StoreDep
from api.errors import NOT_READY, failure, log_failure

router = APIRouter(tags=["operations"])


@router.get("/livez", summary="Does the process live?")
def live() -> dict[str, str]:
    """Answer as long as the process does."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it serve?")
def ready(generation: GenerationDep, store: StoreDep) -> dict[str, str]:
    """Answer 200 when a generation is open and the store takes writes, else 503."""
    try:
        store.check_writable()
        return {"status": "ok", "generation": generation.name}
    except Exception as error:
        log_failure(error)
        raise failure(503, NOT_READY) from error


@router.get("/metrics", include_in_schema=False)
def metrics(counted: MetricsDep) -> Response:
    """What this process has served, for Prometheus."""
    return Response(counted.text(), media_type=CONTENT_TYPE_LATEST)
