"""DELETE of what somebody asked or filed: by the answer's id or the request's code, which only he was told."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.exc import SQLAlchemyError

from api.deps import IdentityDep, RatingsReader, RequestsReader, ServicesDep
from api.errors import NOT_FOUND, NOT_STORED, failure, log_failure
from api.retention import forget_answer, forget_own_request
from api.routes import API
from api.shapes import ANSWER_ID

router = APIRouter(prefix=API, tags=["feedback"])


@router.delete("/answers/{answer_id}", status_code=204, summary="Forget an answer")
def answer(
    answer_id: Annotated[str, Path(pattern=ANSWER_ID)],
    services: ServicesDep,
    who: IdentityDep,
    _: RatingsReader,
) -> None:
    """Erase an answer's record: the question, the rating, everything."""
    try:
        found = forget_answer(services.store, services.audit, answer_id, who.actor)
    except SQLAlchemyError as error:
        log_failure(error)
        raise failure(503, NOT_STORED) from error
    if not found:
        raise failure(404, NOT_FOUND)


@router.delete("/requests/{number}", status_code=204, summary="Forget a request")
def request(
    number: Annotated[str, Path(max_length=24)],
    code: Annotated[str, Query(max_length=24)],
    services: ServicesDep,
    who: IdentityDep,
    _: RequestsReader,
) -> None:
    """Erase a request; an unknown number and a wrong code give the same 404."""
    try:
        found = forget_own_request(services.store, services.audit, number, code, who.actor)
    except SQLAlchemyError as error:
        log_failure(error)
        raise failure(503, NOT_STORED) from error
    if not found:
        raise failure(404, NOT_FOUND)
