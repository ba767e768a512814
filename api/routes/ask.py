"""POST /ask and GET /search: the assistant over HTTP."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.answers import record_answer
from api.deps import AskReader, AssistantDep, MetricsDep, SearchReader, StoreDep, TurnsDep, WatchDep
from api.errors import log_failure
from api.metrics import Metrics
from api.requests import storable
from api.routes import API
from api.shapes import AnswerOut, AskIn, HitsOut, QuestionText
from api.store import Store
from api.switches import Watch, answer_under
from rag.access import Reader
from rag.answer import Assistant
from rag.exchange import Answer, Question, Turn
from rag.retrieve import Hit

router = APIRouter(prefix=API, tags=["assistant"])


@router.post(
    "/ask", response_model=AnswerOut, responses={200: {"content": {"text/event-stream": {}}}}, summary="Ask"
)
async def ask(
    asked: AskIn,
    request: Request,
    assistant: AssistantDep,
    store: StoreDep,
    metrics: MetricsDep,
    reader: AskReader,
    turns: TurnsDep,
    watch: WatchDep,
) -> Response:
    """Answer a question from the guides that the key may read, or from the open ones without a key."""
    async with turns.one():
        answer = await run_in_threadpool(_answered, asked, assistant, store, metrics, reader, watch)
    if "text/event-stream" in request.headers.get("accept", ""):
        return StreamingResponse(_events(answer), media_type="text/event-stream")
    return JSONResponse(answer.as_json())


@router.get("/search", response_model=HitsOut, summary="Search")
async def search(
    assistant: AssistantDep,
    reader: SearchReader,
    turns: TurnsDep,
    watch: WatchDep,
    q: Annotated[QuestionText, Query(description="What to look for")],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:
    """Rank sections of the guides that the reader may read."""
    async with turns.one():
        hits = await run_in_threadpool(_found, assistant, q, reader, limit, watch)
    return JSONResponse({"hits": [hit.as_json() for hit in hits]})


def _found(assistant: Assistant, query: str, reader: Reader, limit: int, watch: Watch) -> list[Hit]:
    """The hits, by the switches as they stand when these leave."""
    return watch.made(
        lambda switches: assistant.search(query, reader, limit, without=switches.withdrawn),
        assistant.generation,
    )


def _answered(
    asked: AskIn, assistant: Assistant, store: Store, metrics: Metrics, reader: Reader, watch: Watch
) -> Answer:
    """The answer to a question, counted and recorded."""
    history = tuple(Turn(turn.role, turn.text) for turn in asked.history)
    question = Question(asked.question, history, asked.lang)
    answer = watch.made(
        lambda switches: answer_under(switches, assistant, question, reader), assistant.generation
    )
    metrics.answered(answer.outcome.value, answer.lang, answer.writer)
    try:
        record_answer(store, _row(answer, asked.question, reader))
    except SQLAlchemyError as error:
        # The person gets the answer all the same; the operator sees the count and the log.
        log_failure(error)
        metrics.store_failed()
    return answer


async def _events(answer: Answer) -> AsyncIterator[str]:
    """Verified pieces of the text as they stand, then the whole answer."""
    for piece in answer.sentences:
        yield _event("sentence", {"text": piece})
    yield _event("answer", answer.as_json())


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _row(answer: Answer, question: str, reader: Reader) -> dict[str, Any]:
    """What is kept of an answer: which text it rests on, and the question without personal data."""
    return {
        "id": answer.id,
        "at": datetime.now(UTC),
        "outcome": answer.outcome.value,
        "reason": answer.reason.value,
        "lang": answer.lang,
        "audience": reader.audience.value,
        "level": reader.level.value,
        "generation": answer.generation,
        "writer": answer.writer,
        "chunks": list(answer.chunks),
        "elapsed_ms": answer.elapsed_ms,
        "question": storable(question),
    }
