"""Many questions from a file of JSON lines, answered one by one in order."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.shapes import MAX_QUESTION, AskLang, TurnIn
from api.switches import Watch, answer_under
from rag.access import Audience, Level, Reader
from rag.answer import Assistant
from rag.exchange import Question, Turn


class BatchLine(BaseModel):
    """One line; keys that are not among these are the caller's own notes."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    question: str = Field(max_length=MAX_QUESTION)
    audience: Audience = Audience.PUBLIC
    level: Level = Level.OPEN
    roles: frozenset[str] = frozenset()
    history: tuple[TurnIn, ...] = ()
    lang: AskLang | None = None


def answer_lines(lines: Iterable[bytes], assistant: Assistant, watch: Watch) -> Iterator[dict[str, Any]]:
    """An Answer, or what is wrong with the line, for each line that is not blank."""
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            line = BatchLine.model_validate(json.loads(raw.decode("utf-8-sig")))
        except (ValueError, RecursionError) as error:
            yield {"error": {"code": "bad-line", "message": _said(error), "line": number}}
            continue
        history = tuple(Turn(turn.role, turn.text) for turn in line.history)
        reader, question = (
            Reader(line.audience, line.level, line.roles),
            Question(line.question, history, line.lang),
        )
        yield answer_under(watch.over(assistant.generation), assistant, question, reader).as_json()


def _said(error: Exception) -> str:
    """What is wrong with a line, in both languages."""
    if not isinstance(error, ValidationError):
        return "不是 UTF-8 编码的 JSON / not JSON in UTF-8"
    found = [(".".join(str(part) for part in e["loc"]), e["msg"]) for e in error.errors()]
    said = "; ".join(f"{place}: {msg}" if place else msg for place, msg in found)
    return f"字段不合要求 / fields are not as required: {said}"
