"""Ratings of answers and requests to a person."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from sqlalchemy.exc import SQLAlchemyError

from api import answers
from api.deps import GenerationDep, RatingsReader, RequestsReader, ServicesDep, StoreDep
from api.errors import NOT_FOUND, NOT_STORED, SECRET_TEXT, SENT_OTHERWISE, failure, log_failure
from api.requests import Matter, Once, SentOtherwiseError, file_request, look_up
from api.routes import API
from api.secret import load_secret
from api.shapes import ANSWER_ID, FiledOut, RatingIn, RatingOut, RequestIn, StatusOut
from rag.rules.marks import secret_mark
from rag.text import script_of

router = APIRouter(prefix=API, tags=["feedback"])
AnswerId = Annotated[str, Path(pattern=ANSWER_ID)]
Number = Annotated[str, Path(max_length=24)]
SentOnce = Annotated[str | None, Header(min_length=22, max_length=128, pattern=r"^[A-Za-z0-9\-_+/=.:]+$")]
"""Whoever knows the key and the matter is told number and code, so a key is at least as long as 128 random bits."""


@router.post("/answers/{answer_id}/rating", status_code=201, summary="Rate an answer")
def rate(answer_id: AnswerId, rating: RatingIn, store: StoreDep, _: RatingsReader) -> RatingOut:
    """Say whether an answer was useful; a second rating takes the place of the first."""
    try:
        found = answers.rate(store, answer_id, rating.useful, rating.reason, datetime.now(UTC))
    except SQLAlchemyError as error:
        log_failure(error)
        raise failure(503, NOT_STORED) from error
    if not found:
        raise failure(404, NOT_FOUND)
    return RatingOut(answer_id=answer_id, useful=rating.useful, reason=rating.reason)


@router.post("/requests", status_code=201, summary="Ask a person")
def file(
    asked: RequestIn,
    services: ServicesDep,
    generation: GenerationDep,
    reader: RequestsReader,
    idempotency_key: SentOnce = None,
) -> FiledOut:
    """Hand a matter to a person; keep the number and the code, they show where it stands. Send the same
    `Idempotency-Key`, drawn by chance, with every try of one request: it is then filed once, and told the same."""
    if secret_mark(asked.question) or secret_mark(asked.contact or ""):
        raise failure(422, SECRET_TEXT)
    matter = Matter(asked.question, asked.contact, asked.answer_id)
    secret = load_secret(services.settings.secret)
    once = Once.of(secret, idempotency_key, matter) if idempotency_key else None
    try:
        filed = file_request(services.store, matter, reader, datetime.now().astimezone(), once)
    except SentOtherwiseError as error:
        raise failure(422, SENT_OTHERWISE) from error
    except SQLAlchemyError as error:
        log_failure(error)
        raise failure(503, NOT_STORED) from error
    contact = generation.contact(None, "en" if script_of(asked.question) == "en" else "zh")
    return FiledOut(number=filed.number, code=filed.code, state=filed.state, due=filed.due, contact=contact)


@router.get("/requests/{number}", summary="Follow a request")
def follow(
    number: Number, code: Annotated[str, Query(max_length=24)], store: StoreDep, _: RequestsReader
) -> StatusOut:
    """Tell where a request stands; an unknown number and a wrong code give the same 404."""
    status = look_up(store, number, code)
    if status is None:
        raise failure(404, NOT_FOUND)
    return StatusOut(number=status.number, state=status.state, filed=status.filed, due=status.due)
