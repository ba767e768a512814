"""The answer as it is said: quotes with their citations, fixed words in the asker's language and script, contact
and label. Nothing here decides anything.
"""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag import words
from rag.chunks import Chunk
from rag.exchange import Answer, Citation, Outcome
from rag.facets import HEADINGS
from rag.question import Part, Talk
from rag.scope import Scope
from rag.screen import Reason
from rag.text import numbers, to_traditional
from rag.verify import numbers_are_quoted
from rag.write import Quote

if TYPE_CHECKING:
    from rag.generation import Generation

MAX_CHOICES = 4
_SAID = words.EMERGENCY | words.HANDOVER | words.REFUSED | words.ABSTAINED | words.CLARIFY


@dataclass(frozen=True)
class Asked:
    """A question on its way: masked text, the same in plain Simplified spelling, script, readable scope and
    the clock it started on."""

    text: str
    query: str
    context: Talk
    script: str
    scope: Scope
    started: float

    @property
    def is_chinese(self) -> bool:
        """Whether the answer is in Chinese, of whichever script."""
        return self.script != "en"

    def spelled(self, text: str) -> str:
        """Text of ours or of a guide in the asker's script."""
        return to_traditional(text) if self.script == "zh-Hant" else text

    def pick(self, pair: words.Pair) -> str:
        """What is said in two languages, in the asker's."""
        return self.spelled(pair[0] if self.is_chinese else pair[1])


@dataclass(frozen=True)
class Section:
    """The quotes that answer one part, below its heading; the only part has none. Where it is not certain that they
    are what was asked, that is said."""

    heading: str
    quotes: Sequence[Quote]
    is_certain: bool = True


class Reply:
    """What one generation says to one question."""

    def __init__(self, generation: "Generation", asked: Asked) -> None:
        self._generation = generation
        self._asked = asked

    def say(
        self,
        outcome: Outcome,
        reason: Reason,
        pieces: Sequence[str] = (),
        citations: Sequence[Citation] = (),
        *,
        quotes: Sequence[Quote] = (),
        choices: Sequence[dict[str, str]] = (),
        suggestions: Sequence[dict[str, str]] = (),
    ) -> Answer:
        """The answer; without `pieces`, the words that belong to the reason."""
        asked = self._asked
        contact = self._generation.contact(quotes[0].chunk.owner_unit if quotes else None, asked.scope.lang)
        said = tuple(pieces) or (asked.pick(_SAID[reason]),)
        return Answer(
            id=secrets.token_hex(16),
            outcome=outcome,
            reason=reason,
            sentences=said + (() if citations else self._call(outcome, reason, contact)),
            lang=asked.script,
            citations=tuple(citations),
            choices=tuple(choices),
            suggestions=tuple(suggestions),
            contact=contact,
            writer="extractive",
            generation=self._generation.name,
            label=asked.pick(words.LABEL),
            elapsed_ms=round((time.perf_counter() - asked.started) * 1000, 2),
            chunks=tuple(dict.fromkeys(quote.chunk.id for quote in quotes)),
        )

    def cited(self, sections: Sequence[Section]) -> tuple[list[str], list[Citation]]:
        """Text pieces with citation marks, and the citations; one citation a quoted span."""
        pieces: list[str] = []
        citations: list[Citation] = []
        several = len(sections) > 1 or sum(len(q.lines) for own in sections for q in own.quotes) > 1
        for section in sections:
            if section.heading:
                pieces.append(f"\n\n**{section.heading}**")
            if not section.is_certain:
                pieces.append(("\n\n" if pieces else "") + self._asked.pick(words.PERHAPS) + "\n")
            for quote in section.quotes:
                owner = self._generation.unit_name(quote.chunk)
                citations.append(_citation(len(citations) + 1, quote, owner))
                lines = [f"\n- {line}" if several else line for line in quote.lines]
                lines[-1] += f" [{len(citations)}]"
                pieces += lines
        return [self._asked.spelled(piece) for piece in pieces], citations

    def missing(self, parts: Sequence[Part], aside: bool) -> str:
        """What is left to a person: the parts without evidence, and what no guide can hold (`aside`)."""
        asked = self._asked
        names = [self._name_of(part) for part in parts] + [asked.pick(words.OTHER_PART)] * aside
        named = "、".join(dict.fromkeys(names))
        return "\n\n" + asked.pick(words.MISSING) + named + ("。" if asked.is_chinese else ".")

    def choices(self, chunks: Sequence[Chunk]) -> tuple[dict[str, str], ...]:
        """Up to four services by name; a name that states a number gives way to an alias or is left out."""
        asked, choices = self._asked, []
        for chunk in chunks:
            names = [name for name in (chunk.title, *chunk.aliases) if not numbers(name)]
            if names:
                label = asked.spelled(names[0])
                joined = f"{label}：{asked.text}" if asked.is_chinese else f"{label}: {asked.text}"
                choices.append({"label": label, "question": joined, "guide": chunk.guide})
        return tuple(choices[:MAX_CHOICES])

    def suggestion(self, chunk: Chunk) -> dict[str, str]:
        """A guide to look at as well."""
        return {"guide": chunk.guide, "title": self._asked.spelled(chunk.title), "url": chunk.url}

    def _name_of(self, part: Part) -> str:
        """What a part asks, in words that state no number."""
        asked = self._asked
        if part.facet:
            return asked.spelled(HEADINGS[part.facet].said(asked.scope.lang))
        return asked.pick(words.OTHER_PART) if numbers(part.text) else asked.spelled(part.text)

    def _call(self, outcome: Outcome, reason: Reason, contact: dict[str, str] | None) -> tuple[str, ...]:
        """The number to call where a person must help. An emergency begins with its own; an answer with
        citations states no number but theirs, and has its contact beside it."""
        helps = outcome in (Outcome.ABSTAINED, Outcome.HANDOVER) and reason not in words.EMERGENCY
        number = contact and (contact.get("hotline") or contact.get("phone"))
        return (f"\n\n{self._asked.pick(words.CALL)}{number}",) if helps and number else ()


def is_quoted(pieces: Sequence[str], quotes: Sequence[Quote]) -> bool:
    """Whether every number of a text stands in what it quotes; citation marks are nobody's statement."""
    return numbers_are_quoted(re.sub(r"\[\d+\]", " ", "".join(pieces)), quotes)


def _citation(n: int, quote: Quote, owner: str) -> Citation:
    chunk = quote.chunk
    return Citation(
        n=n,
        guide=chunk.guide,
        lang=chunk.lang,
        title=chunk.title,
        section=chunk.section,
        url=f"{chunk.url}#{chunk.anchor}" if chunk.anchor else chunk.url,
        quote=quote.text,
        version=chunk.version,
        reviewed_on=chunk.reviewed_on.isoformat(),
        owner_unit=owner,
    )
