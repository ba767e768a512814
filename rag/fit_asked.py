"""The asked questions as cases for fitting: some are left out of the index and asked of the rest.

They are many and say in the words of people what a guide answers and what none does, so they teach the decision
more than case files alone can. An office without any is learnt from as well.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rag.access import ANONYMOUS, Audience, Circle, Reader
from rag.chunks import Chunk, unanswered_windows, windows_of
from rag.evaluate import Case
from rag.exchange import Question
from rag.generation import Generation
from rag.index import Index, index_of

HELD_OUT = 0.25
"""Share of the questions that is left out and asked."""


@dataclass(frozen=True)
class Thinned(Generation):
    """A generation that knows only the asked questions which `keep` says."""

    keep: Callable[[str], bool]

    @cached_property
    def _thin(self) -> dict[str, Index]:
        return {}

    def index(self, circle: Circle) -> Index:
        """The index of a circle without the other questions."""
        if circle.name not in self._thin:
            self._thin[circle.name] = thinned(super().index(circle), self.keep)
        return self._thin[circle.name]


def nothing(_: str) -> bool:
    """Keeps no question: an office that has written none down yet."""
    return False


def is_learnt(question: str) -> bool:
    """Whether a question stays in the index; by its digest, the same in every run."""
    return hashlib.sha256(question.encode()).digest()[0] >= 256 * HELD_OUT


def thinned(index: Index, keep: Callable[[str], bool]) -> Index:
    """An index with only those asked questions, and those without an answer, that `keep` says."""
    scale = np.float32(len(index.views) ** 0.5)
    texts = [*index.unanswered, *(window.text for window in windows_of(list(index.chunks)))]
    vectors = dict(zip(texts, np.hstack(index.views) / scale, strict=True))
    chunks = [
        replace(chunk, asked=_kept(chunk.asked, keep), unanswered=_kept(chunk.unanswered, keep))
        for chunk in index.chunks
    ]
    windows = [*unanswered_windows(chunks, _kept(_general(index), keep)), *windows_of(chunks)]
    rows = np.stack([vectors[window.text] for window in windows])
    return index_of(chunks, windows, rows, [view.shape[1] for view in index.views])


def asked_cases(generation: Generation) -> Iterator[Case]:
    """The left out questions of a whole generation as cases: the guide that answers, or that none does."""
    index = max((generation.index(circle) for circle in generation.circles), key=lambda i: len(i.chunks))
    for chunk in index.chunks:
        reader = Reader(Audience(chunk.audience[0]), chunk.level, chunk.readers)
        yield from (_case(q, chunk.lang, reader, chunk) for q in chunk.asked if not is_learnt(q))
        yield from (_case(q, chunk.lang, reader, None) for q in chunk.unanswered if not is_learnt(q))
    for question in _general(index):
        if not is_learnt(question):
            yield _case(question, "en" if question.isascii() else "zh", ANONYMOUS, None)


def _case(question: str, lang: str, reader: Reader, chunk: Chunk | None) -> Case:
    outcome = ("answered",) if chunk else ("abstained",)
    guides = (chunk.guide,) if chunk else ()
    return Case(question, Question(question), reader, outcome, guides, (), (), "", "asked", lang)


def _general(index: Index) -> tuple[str, ...]:
    """Those without an answer near no guide: the first ones."""
    near = sum(len(chunk.unanswered) for chunk in index.chunks)
    return index.unanswered[: len(index.unanswered) - near]


def _kept(questions: tuple[str, ...], keep: Callable[[str], bool]) -> tuple[str, ...]:
    return tuple(question for question in questions if keep(question))
