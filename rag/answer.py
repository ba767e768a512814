"""A question's way to its answer, step by step: screen, resolve, retrieve, decide, write, verify.

`Assistant.ask` is the list of steps; each is a method that can be called alone. Recording is the caller's.
"""

import time
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from rag import words
from rag.access import ANONYMOUS, Reader, circle_of
from rag.chunks import Chunk
from rag.courtesy import to_the_point
from rag.decide import Evidence, load_calibration, weigh
from rag.elsewhere import Elsewhere
from rag.embed import embed_query
from rag.exchange import Answer, Outcome, Question
from rag.facets import HEADINGS, Facet
from rag.question import MAX_CHARS, NO_TALK, Part, clauses_of, parts_of
from rag.rank_lines import line_ranker
from rag.reply import MAX_CHOICES, Asked, Reply, Section, is_quoted
from rag.retrieve import NOTHING, Hit, Ranking, pool, rank, search
from rag.scope import Scope
from rag.screen import Reason, mask, screen
from rag.talk import talk_of
from rag.text import fold, has_han, normalise, script_of, terms
from rag.trees import Trees
from rag.verify import verified
from rag.write import Quote, quotes_for

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

    from rag.generation import Generation

MAX_PARTS = 5
SEVERAL_WITHIN = 0.2
"""Services whose best lines are this close in log-odds fit a question about equally well."""
MAX_TRIED = 6
"""Guides that are tried as choices: each costs a retrieval."""


@dataclass(frozen=True)
class Found:
    """A part, its ranking and its evidence, best first."""

    part: Part
    ranking: Ranking
    evidence: list[Evidence]


class Assistant:
    """Answers questions from one generation; safe to share among threads.

    Holds no state of any asker: what it keeps are scopes, and vectors of questions whose personal data are masked.
    """

    def __init__(
        self, generation: "Generation", embedding: "BaseEmbedding", trees: Trees | None = None
    ) -> None:
        self.generation = generation
        self._trees = trees or line_ranker()
        embedder = generation.manifest["embedder"]
        self._elsewhere = Elsewhere(generation.manifest.get("elsewhere", ()))
        self._calibrations = {known: load_calibration(embedder, questions=known) for known in (False, True)}
        # The parts of a question often share their words, and many people ask the same.
        self._embed = partial(embed_query, embedding)
        self._vector = lru_cache(maxsize=1024)(self._embed)
        self._pool = lru_cache(maxsize=64)(self._make_pool)
        self._scope_of = lru_cache(maxsize=64)(self._make_scope)

    def ask(
        self,
        question: Question,
        reader: Reader,
        today: date | None = None,
        without: frozenset[str] = frozenset(),
    ) -> Answer:
        """One answer, whatever the question; the steps in order, with early returns. `without`: ids of guides
        that are not to be used, as if there were none."""
        asked = self.read(question, reader, today, without)
        reply = Reply(self.generation, asked)
        # Mistyped words and words of courtesy hide nothing.
        reason = screen(asked.text).reason or screen(asked.query).reason
        if not normalise(asked.text).strip():
            return reply.say(Outcome.CLARIFY, Reason.EMPTY, choices=self._services(asked, None))
        rest = _without_asides(asked.query) if reason in words.ASIDES else asked.query
        if reason is not None and reason is not Reason.PERSONAL_CASE and not (rest and rest != asked.query):
            return self._screened(asked, reason)
        context = asked.context if rest == asked.query else NO_TALK
        parts = parts_of(rest, asked.scope.words, context)[:MAX_PARTS]
        bare = parts and parts[0].facet is not None and not any(_says_what(part) for part in parts)
        if reason is Reason.PERSONAL_CASE and not bare:
            return self._personal_case(asked, parts)
        if not parts or not any(_says_what(part) for part in parts):
            if reason in words.ASIDES:
                return self._screened(asked, reason)
            facet = parts[0].facet if parts else None
            choices = self._services(asked, facet)
            return reply.say(Outcome.CLARIFY, Reason.SUBJECT_MISSING, choices=choices)
        found = [self.retrieve(part, asked.scope) for part in parts]
        sure = [item for item in found if item.evidence and item.evidence[0].is_sure]
        if not sure:
            return self._abstain(asked, found)
        if reason in words.ASIDES:
            return self._written(asked, found, sure, aside=True)
        if len(parts) == 1 and (near := rivals(found[0], asked.scope)):
            return self._several(asked, near)
        return self._written(asked, found, sure)

    def stopped(self, question: Question, reader: Reader) -> Answer:
        """What is said while the office has stopped the assistant: nothing is looked up."""
        started = time.perf_counter()
        script = question.lang or script_of(mask(question.text).strip()[:MAX_CHARS])
        index = self.generation.index(circle_of(reader, self.generation.restricted))
        nothing = np.zeros(len(index.chunks), dtype=bool)
        scope = Scope(index, reader, "en" if script == "en" else "zh", nothing)
        asked = Asked("", "", NO_TALK, script, scope, started)
        return Reply(self.generation, asked).say(Outcome.HANDOVER, Reason.STOPPED)

    def warm(self) -> None:
        """Make ready what an anonymous question needs, so that no person waits for it."""
        for lang in ("zh", "en"):
            scope = self._scope(ANONYMOUS, lang, date.today())
            if scope.within.any():
                title = scope.index.chunks[0].title
                self.retrieve(Part(title, title, None, tuple(terms(title))), scope)

    def search(
        self,
        query: str,
        reader: Reader,
        limit: int = 10,
        today: date | None = None,
        without: frozenset[str] = frozenset(),
    ) -> list[Hit]:
        """Ranked chunks for a query, from the reader's index only, as if the guides of `without` were not."""
        text = mask(query).strip()[:MAX_CHARS]
        if not normalise(text).strip():
            return []
        scope = self._scope(reader, "zh" if has_han(text) else "en", today or date.today(), without)
        return search(scope.index, text, self._embed, scope.within, limit)

    # -- steps ---------------------------------------------------------------------------------------

    def read(
        self,
        question: Question,
        reader: Reader,
        today: date | None,
        without: frozenset[str] = frozenset(),
    ) -> Asked:
        """Mask personal data, tell the script, and open what this reader may be answered from."""
        started = time.perf_counter()
        text = mask(question.text).strip()[:MAX_CHARS]
        script = question.lang or script_of(text)
        history = [(turn.role, fold(mask(turn.text)[:MAX_CHARS])) for turn in question.history]
        scope = self._scope(reader, "en" if script == "en" else "zh", today or date.today(), without)
        context = talk_of(history, scope, self._vector, _asked_back())
        query = to_the_point(scope.speller.correct(fold(text) if has_han(text) else text))
        return Asked(text, query, context, script, scope, started)

    def retrieve(self, part: Part, scope: Scope) -> Found:
        """Rank the scope's chunks for a part and weigh the evidence of the best guides."""
        if not scope.within.any():
            return Found(part, NOTHING, [])
        ranking = self.ranking(part, scope)
        calibration = self._calibrations[bool(scope.index.unanswered)]
        evidence = weigh(part, scope, ranking, calibration, self._trees)
        return Found(part, ranking, self._on_the_matter(part, evidence, scope))

    def _on_the_matter(self, part: Part, evidence: list[Evidence], scope: Scope) -> list[Evidence]:
        """The evidence; that of a guide which never speaks of another office's matter that the part names is not to
        be relied on."""
        names = self._elsewhere.named(part.query)
        return [
            item if self._elsewhere.are_in(scope.texts(item.guide), names) else replace(item, is_sure=False)
            for item in evidence
        ]

    def ranking(self, part: Part, scope: Scope) -> Ranking:
        """Both legs over the scope's chunks."""
        return rank(scope.index, part.searched, self._vector(part.searched), scope.within)

    def _scope(self, reader: Reader, lang: str, today: date, without: frozenset[str] = frozenset()) -> Scope:
        # Kept by what may be used, not by the day: a scope costs seconds where guides are many.
        return self._scope_of(reader, lang, self._pool(reader, lang, today, without))

    def _make_pool(self, reader: Reader, lang: str, today: date, without: frozenset[str]) -> bytes:
        index = self.generation.index(circle_of(reader, self.generation.restricted))
        return pool(index, reader, lang, today, without).tobytes()

    def _make_scope(self, reader: Reader, lang: str, within: bytes) -> Scope:
        index = self.generation.index(circle_of(reader, self.generation.restricted))
        return Scope(index, reader, lang, np.frombuffer(within, dtype=bool))

    # -- outcomes ------------------------------------------------------------------------------------

    def _screened(self, asked: Asked, reason: Reason) -> Answer:
        for outcome, said in (
            (Outcome.HANDOVER, words.EMERGENCY | words.HANDOVER),
            (Outcome.REFUSED, words.REFUSED),
            (Outcome.ABSTAINED, words.ABSTAINED),
        ):
            if reason in said:
                return Reply(self.generation, asked).say(outcome, reason)
        raise KeyError(reason)

    def _personal_case(self, asked: Asked, parts: list[Part]) -> Answer:
        """The rule may be given, quoted; the case itself is for a person."""
        quotes: list[Quote] = []
        for part in [part for part in parts[:1] if part.content]:
            item = self.retrieve(Part(part.query, part.text, Facet.APPLIES, part.content), asked.scope)
            if item.evidence and item.evidence[0].is_sure and item.evidence[0].is_certain:
                quotes = verified(quotes_for(item.evidence[0], asked.scope), asked.scope.reader)
        reply = Reply(self.generation, asked)
        body, citations = reply.cited([Section("", quotes)])
        lead = [asked.pick(words.HANDOVER[Reason.PERSONAL_CASE])]
        if body:
            lead.append("\n\n" + asked.pick(words.RULE_BELOW) + "\n")
        return reply.say(Outcome.HANDOVER, Reason.PERSONAL_CASE, [*lead, *body], citations, quotes=quotes)

    def _abstain(self, asked: Asked, found: list[Found]) -> Answer:
        near = self._near(asked, found, set())
        return Reply(self.generation, asked).say(Outcome.ABSTAINED, Reason.NO_GUIDE, suggestions=near)

    def _several(self, asked: Asked, near: list[Evidence]) -> Answer:
        chunks = [asked.scope.index.chunks[item.chunk] for item in near]
        reply = Reply(self.generation, asked)
        return reply.say(Outcome.CLARIFY, Reason.SEVERAL_FIT, choices=reply.choices(chunks))

    def _written(self, asked: Asked, found: list[Found], sure: list[Found], aside: bool = False) -> Answer:
        """Every sure part with its heading, quotes verified; what is missing is named. `aside`: the question
        also asked for something that no guide can hold."""
        reply = Reply(self.generation, asked)
        sections = self._sections(asked, sure, headed=len(found) > 1)
        shown = [quote for section in sections for quote in section.quotes]
        body, citations = reply.cited(sections)
        if not shown or not is_quoted(body, shown):
            return reply.say(Outcome.ABSTAINED, Reason.UNVERIFIED)
        missing = [item.part for item in found if item not in sure]
        whole = not missing and not aside
        if not whole:
            body.append(reply.missing(missing, aside))
        near = self._near(asked, found, {quote.chunk.guide for quote in shown})
        outcome = Outcome.ANSWERED if whole else Outcome.PARTIAL
        reason = Reason.EVIDENCE if whole else Reason.PARTS_MISSING
        return reply.say(outcome, reason, body, citations, quotes=shown, suggestions=near)

    def _sections(self, asked: Asked, sure: list[Found], headed: bool) -> list[Section]:
        """The verified quotes of each part, without what an earlier part said if more is left."""
        sections: list[Section] = []
        for item in sure:
            quotes = verified(quotes_for(item.evidence[0], asked.scope), asked.scope.reader)
            said = [quote for section in sections for quote in section.quotes]
            quotes = [quote for quote in quotes if quote not in said] or quotes
            if quotes:
                named = headed and item.part.facet
                heading = HEADINGS[named].said(asked.scope.lang) if named else ""
                sections.append(Section(heading, quotes, item.evidence[0].is_certain))
        return sections

    def _services(self, asked: Asked, facet: Facet | None) -> tuple[dict[str, str], ...]:
        """Guides to choose from when no subject was named: those for this audience that tell the facet."""
        scope, reply = asked.scope, Reply(self.generation, asked)
        ranked: list[tuple[tuple[bool, bool, bool], Chunk]] = []
        for own in scope.members.values():
            first = scope.index.chunks[own[0]]
            tells = facet is None or any(scope.index.chunks[i].facet is facet for i in own)
            meant = scope.reader.audience in first.audience
            ranked.append(((not meant, not tells, first.type != "service"), first))
        ranked.sort(key=lambda pair: pair[0])
        chunks = [chunk for _, chunk in ranked]
        if facet is None:
            return reply.choices(chunks)
        real = list(islice((c for c in chunks[:MAX_TRIED] if self._answers(c, asked)), MAX_CHOICES))
        return reply.choices(real if len(real) > 1 else chunks)

    def _answers(self, chunk: Chunk, asked: Asked) -> bool:
        """Whether the question that a choice stands for would be answered by the guide that it names."""
        for choice in Reply(self.generation, asked).choices([chunk]):
            query = fold(choice["question"])
            parts = parts_of(query, asked.scope.words)[:MAX_PARTS]
            best = [item.evidence[0] for part in parts if (item := self.retrieve(part, asked.scope)).evidence]
            return any(evidence.guide == chunk.guide and evidence.is_sure for evidence in best[:1])
        return False

    def _near(self, asked: Asked, found: list[Found], used: set[str]) -> tuple[dict[str, str], ...]:
        """Up to three other guides that the question touches."""
        near: dict[str, dict[str, str]] = {}
        reply = Reply(self.generation, asked)
        for item in found:
            for evidence in item.evidence:
                chunk = asked.scope.index.chunks[evidence.chunk]
                touches = evidence.features.naming > 0.2 or evidence.probability > 0.3
                if touches and chunk.guide not in used:
                    near.setdefault(chunk.guide, reply.suggestion(chunk))
        return tuple(near.values())[:3]


def rivals(found: Found, scope: Scope) -> list[Evidence]:
    """Services that a question names alike and fits about equally well; none if there is but one. Who asks for a
    service knows which one he means. Of guides that explain the surest answers, and the others are suggested."""
    best = found.evidence[0]
    near = [
        other
        for other in found.evidence
        if other.is_sure
        and best.score - other.score <= SEVERAL_WITHIN
        and other.features.naming > 0
        and abs(other.features.naming - best.features.naming) < 1e-6
        and scope.index.chunks[other.chunk].type == "service"
    ]
    return near if found.part.facet is not None and best in near and len(near) > 1 else []


def _says_what(part: Part) -> bool:
    """Whether a part names anything: a lone Chinese character is too little."""
    return any(len(term) > 1 or not has_han(term) for term in part.content)


@cache
def _asked_back() -> frozenset[str]:
    """What the assistant asks back itself, which is about no subject."""
    return frozenset(fold(text) for pair in words.CLARIFY.values() for text in pair)


def _without_asides(text: str) -> str:
    """The clauses of a question that do not ask for live data, forecasts or chat."""
    kept = [clause for clause in clauses_of(text) if screen(clause).reason not in words.ASIDES]
    return "，".join(kept)
