"""What is asked and what is said back: a question with its earlier turns, an answer with its citations."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from rag.screen import Reason


class Outcome(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    CLARIFY = "clarify"
    ABSTAINED = "abstained"
    REFUSED = "refused"
    HANDOVER = "handover"


@dataclass(frozen=True)
class Turn:
    """An earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Question:
    """What somebody asks, with earlier turns and, if wished, the language of the answer."""

    text: str
    history: tuple[Turn, ...] = ()
    lang: str | None = None


@dataclass(frozen=True)
class Citation:
    """A source made from a stored chunk, never from generated text."""

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


@dataclass(frozen=True)
class Answer:
    """The answer contract. `sentences` joined are `text`, piece by piece as they are streamed."""

    id: str
    outcome: Outcome
    reason: Reason
    sentences: tuple[str, ...]
    lang: str
    citations: tuple[Citation, ...]
    choices: tuple[dict[str, str], ...]
    suggestions: tuple[dict[str, str], ...]
    contact: dict[str, str] | None
    writer: str
    generation: str
    label: str
    elapsed_ms: float
    chunks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole answer as light Markdown that reads as plain text."""
        return "".join(self.sentences).strip()

    def as_json(self) -> dict[str, Any]:
        """The object of the contract."""
        return {
            "id": self.id,
            "outcome": self.outcome.value,
            "reason": self.reason.value,
            "text": self.text,
            "lang": self.lang,
            "citations": [vars(citation) for citation in self.citations],
            "choices": list(self.choices),
            "suggestions": list(self.suggestions),
            "contact": self.contact,
            "writer": self.writer,
            "generation": self.generation,
            "label": self.label,
            "elapsed_ms": self.elapsed_ms,
        }
