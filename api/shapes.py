"""JSON that routes take and give. What comes in is strict; what goes out is described for OpenAPI."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from api.requests import State

MAX_QUESTION = 500
ANSWER_ID = r"^[A-Za-z0-9_-]{1,64}$"
AskLang = Literal["zh-Hans", "zh-Hant", "en"]


QuestionText = Annotated[
    str,
    # At least one character that can be seen: no separator, control or format (soft hyphen, zero width).
    StringConstraints(strip_whitespace=True, max_length=MAX_QUESTION, pattern=r"[^\p{Z}\p{C}]"),
]


class Incoming(BaseModel):
    """Base of every body: a key that nobody declared is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TurnIn(Incoming):
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str = Field(max_length=2000)


class AskIn(Incoming):
    """A question; who asks comes from the key alone."""

    question: QuestionText
    history: tuple[TurnIn, ...] = Field(default=(), max_length=20)
    lang: AskLang | None = None


class RatingReason(StrEnum):
    """Why an answer was no use."""

    WRONG = "wrong"
    UNCLEAR = "unclear"
    MISSING = "missing"
    OTHER = "other"


class RatingIn(Incoming):
    """What somebody thought of an answer."""

    useful: StrictBool
    reason: RatingReason | None = None


class RequestIn(Incoming):
    """A matter for a person to look at; personal data in it is masked before it is kept."""

    question: QuestionText
    answer_id: str | None = Field(default=None, pattern=ANSWER_ID)
    contact: str | None = Field(default=None, max_length=200)


class CitationOut(BaseModel):
    """Where a statement of the answer stands, word for word."""

    n: int
    guide: str
    lang: str
    title: str
    section: str
    url: str
    quote: str
    version: int
    reviewed_on: str
    owner_unit: str


class AnswerOut(BaseModel):
    """One answer: the same object from this route, from the last event of its stream and from the CLI."""

    id: str
    outcome: Literal["answered", "partial", "clarify", "abstained", "refused", "handover"]
    reason: str
    text: str
    lang: AskLang
    citations: list[CitationOut]
    choices: list[dict[str, str]]
    suggestions: list[dict[str, str]]
    contact: dict[str, str] | None
    writer: Literal["extractive", "local", "remote"]
    generation: str
    label: str
    elapsed_ms: float


class HitOut(BaseModel):
    """A ranked section of a guide and why it ranks there."""

    id: str
    guide: str
    lang: str
    title: str
    section: str
    url: str
    text: str
    score: float
    why: dict[str, float]


class HitsOut(BaseModel):
    """Hits, best first."""

    hits: list[HitOut]


class GuideOut(BaseModel):
    """A guide in a list."""

    id: str
    lang: str
    title: str
    summary: str
    type: str
    audience: list[str]
    level: str
    topic: str
    url: str
    version: int
    reviewed_on: str


class GuidesOut(BaseModel):
    """The guides that the reader may read."""

    guides: list[GuideOut]


class TopicOut(BaseModel):
    """A topic and how many guides the reader finds under it."""

    topic: str
    guides: int


class TopicsOut(BaseModel):
    """Topics by name."""

    topics: list[TopicOut]


class UnitOut(BaseModel):
    """An office that owns guides."""

    id: str
    name: dict[str, str]
    phone: str | None = None
    complaint: str | None = None
    hours: dict[str, str] | str | None = None
    address: dict[str, str] | str | None = None


class UnitsOut(BaseModel):
    """All offices."""

    units: list[UnitOut]


class RatingOut(BaseModel):
    """The rating that now stands."""

    answer_id: str
    useful: bool
    reason: RatingReason | None


class FiledOut(BaseModel):
    """A filed request; the code is shown only here."""

    number: str
    code: str
    state: State
    due: date
    contact: dict[str, str] | None


class StatusOut(BaseModel):
    """Where a request stands."""

    number: str
    state: State
    filed: datetime
    due: date
