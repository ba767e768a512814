"""A question within its conversation: what of the earlier turns counts, and whether it goes on with them."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property

import numpy as np

from rag.legs import Scores
from rag.lines import Rows
from rag.question import MAX_CHARS, Talk, Vocabulary, content_terms, facets_of, without_cues
from rag.retrieve import rank
from rag.scope import Scope

GOES_ON_AT = 0.6
"""Share of what a turn says that the guide talked of must hold, for the turn to be about it still."""

History = Sequence[tuple[str, str]]
"""Earlier turns as (role, text), oldest first."""


def said_before(history: History, ours: Collection[str] = ()) -> list[str]:
    """The turns to search with, newest first: the asker's, and what the assistant asked back; its answers would
    drown the question. `ours` are beginnings of what it asks back itself, which is about no subject."""
    return [
        text
        for role, text in reversed(history)
        if role == "user" or (text.rstrip().endswith(("?", "？")) and not text.startswith(tuple(ours)))
    ]


def in_context(text: str, history: History) -> str:
    """A question with what was said before it, newest first; at most MAX_CHARS."""
    return " ".join([text, *said_before(history)])[:MAX_CHARS]


def talk_of(
    history: History, scope: Scope, embed: Callable[[str], Scores], ours: Collection[str] = ()
) -> Talk:
    """What a conversation carries over to the next question."""
    asked = [text for role, text in history if role == "user"]
    if not asked:
        return Talk()
    words = scope.words
    if pending := _pending(asked, words):
        return Talk(pending=pending)
    # Without what was asked of it then: that would lead to the lines which answered it.
    said = " ".join(map(without_cues, said_before(history, ours)))[:MAX_CHARS]
    return Talk(_subject_of(asked, words), "", said, _GoesOn(said, scope, embed))


class _GoesOn:
    """Whether terms go on about what was talked of: the guide that fits the talk best holds most of them, and
    the name of no guide holds more. The talk is looked up when first asked."""

    def __init__(self, said: str, scope: Scope, embed: Callable[[str], Scores]) -> None:
        self._said, self._scope, self._embed = said, scope, embed

    def __call__(self, content: Sequence[str]) -> bool:
        if not content:
            return True
        lines, worth = self._scope.lines, self._scope.index.lexical.worth(content)
        held = lines.known.held(worth, self._guides).max(initial=0.0)
        named = lines.names.held(worth, np.arange(len(lines.guides))).max(initial=0.0)
        return float(held) >= max(GOES_ON_AT, float(named))

    @cached_property
    def _guides(self) -> Rows:
        """Number of the guide that fits the talk best, if there is any."""
        scope = self._scope
        best = rank(scope.index, self._said, self._embed(self._said), scope.within).top(1)
        return np.array([scope.lines.chunk_guide[i] for i in best], dtype=np.int64)


def _subject_of(asked: Sequence[str], words: Vocabulary) -> str:
    """The latest earlier question that names a guide; else the latest that is about anything."""
    about = [(text, content) for text in reversed(asked) if (content := content_terms(text, words.known))]
    naming = (text for text, content in about if any(map(words.names, content)))
    return next(naming, about[0][0] if about else asked[-1])


def _pending(asked: Sequence[str], words: Vocabulary) -> str:
    """The last question, if it asks for something and nobody has said yet of what."""
    if any(content_terms(text, words.known) for text in asked):
        return ""
    return asked[-1] if facets_of(asked[-1]) else ""
