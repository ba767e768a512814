"""The extractive writer: the fact asked for first, then what goes with it, all in the guide's own words.

Every sentence is a whole line of a cited chunk, so nothing can be invented; `verify` proves it again.
"""

from dataclasses import dataclass

from rag.chunks import Chunk
from rag.decide import Evidence
from rag.facets import Facet
from rag.question import Part
from rag.retrieve import Ranking
from rag.scope import ANSWER_SHAPE, Scope, asks_other, facet_fit, tells
from rag.text import numbers, terms

WHOLE_CHARS = 170
"""A section up to this long is quoted whole."""
LINES = 4
"""At most this many lines are picked from a longer section."""
LISTED = 12
"""A list that answers as a whole (materials, steps) is shown up to this many lines."""

CLEARLY = 0.1
"""Standard deviations of similarity by which a section must be nearer."""

REPEATED = 0.9
"""A line repeats what was said if this share of its terms was."""

_LISTS = (Facet.MATERIALS, Facet.STEPS, Facet.TIME_LIMIT, Facet.FEE, Facet.CHANNELS, Facet.APPLIES)


@dataclass(frozen=True)
class Quote:
    """Adjacent lines of one chunk, taken word for word: `text` is a span of `chunk.text`."""

    chunk: Chunk
    first: int
    last: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The quoted lines."""
        return self.chunk.lines[self.first : self.last]

    @property
    def text(self) -> str:
        """The span."""
        return "\n".join(self.lines)


def quotes_for(evidence: Evidence, scope: Scope, ranking: Ranking) -> list[Quote]:
    """What answers a part: lines of its best section, then facts and the facet's own section of the guide."""
    main = _pick(evidence.chunk, evidence, scope, ranking)
    near = _nearest(evidence, scope, ranking)
    shown = main + near + _own_section(evidence, scope, ranking)
    told = {number for quote in shown for number in numbers(quote.text)}
    facts = [
        fact for fact in _facts(evidence, scope) if not numbers(fact.text) or set(numbers(fact.text)) - told
    ]
    return _distinct(shown + facts)


def _nearest(evidence: Evidence, scope: Scope, ranking: Ranking) -> list[Quote]:
    """The guide's section most like the question, where it is clearly more like it than the best one.

    Words and fields chose the best section; a question in words of its own is better met by meaning.
    """
    fitting = [i for i in scope.members[evidence.guide] if not asks_other(i, evidence.part, scope)]
    nearest = max(fitting or [evidence.chunk], key=lambda i: float(ranking.vector[i]))
    if ranking.vector[nearest] - ranking.vector[evidence.chunk] < CLEARLY:
        return []
    return _pick(nearest, evidence, scope, ranking, most=2)


def _pick(i: int, evidence: Evidence, scope: Scope, ranking: Ranking, most: int = LINES) -> list[Quote]:
    """Lines of a chunk that bear on the part, as few spans as possible, best line first in importance."""
    chunk, part = scope.index.chunks[i], evidence.part
    wanted = tuple(t for t in evidence.residual if t in scope.chunk_terms[i])
    whole = len(chunk.text) <= WHOLE_CHARS * (1 if not chunk.text.isascii() else 3)
    listed = chunk.facet is part.facet and chunk.facet in _LISTS and len(chunk.lines) <= LISTED
    if not wanted and (whole or listed):
        return [Quote(chunk, _first_shaped(chunk, part), len(chunk.lines))]
    scores = _line_scores(i, evidence, scope, ranking)
    best = max(scores)
    ranked = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    if not wanted and chunk.facet in _LISTS:
        chosen = sorted(range(min(LISTED, len(scores))))
    else:
        chosen = sorted(n for n in ranked[:most] if scores[n] >= 0.55 * best)
        chosen = [n for n in chosen if n >= min(_first_shaped(chunk, part), chosen[-1])]
    return _spans(chunk, chosen)


def _first_shaped(chunk: Chunk, part: Part) -> int:
    """The first line that looks like an answer to the facet, so that the fact asked for comes first."""
    shape = ANSWER_SHAPE.get(part.facet) if part.facet else None
    return next((n for n, line in enumerate(chunk.lines) if shape and shape.search(line)), 0)


def _line_scores(i: int, evidence: Evidence, scope: Scope, ranking: Ranking) -> list[float]:
    """How much each line says about the part: shares of its words, window similarity, shape of an answer."""
    chunk, part = scope.index.chunks[i], evidence.part
    similarity = [0.0] * len(chunk.lines)
    rows = scope.index.windows_of(i)
    for (first, last), z in zip(scope.index.spans[rows], ranking.windows[rows], strict=True):
        for n in range(int(first), int(last)):
            similarity[n] = max(similarity[n], float(z))
    shape = ANSWER_SHAPE.get(part.facet) if part.facet else None
    scores = []
    for n, line in enumerate(chunk.lines):
        found = frozenset(terms(line))
        score = 0.5 * scope.share(evidence.residual, found) + scope.share(part.content, found)
        score += 0.05 * similarity[n]
        if shape:
            score += 0.3 * bool(shape.search(line))
        scores.append(score)
    return scores


def _facts(evidence: Evidence, scope: Scope) -> list[Quote]:
    """Up to two stated facts of the facet asked, the ones nearest to the part's words first."""
    part, found = evidence.part, list[tuple[float, Quote]]()
    for i in scope.members[evidence.guide]:
        chunk = scope.index.chunks[i]
        for facet, text in chunk.facts:
            if facet is part.facet and (span := _lines_of(chunk, text)):
                share = scope.share(evidence.residual, frozenset(terms(text))) if evidence.residual else 0.0
                found.append((share, span))
    found.sort(key=lambda pair: -pair[0])
    if evidence.residual and found and found[0][0] > 0:
        found = [pair for pair in found if pair[0] >= 0.5 * found[0][0]]
    return [quote for _, quote in found[:2]]


def _lines_of(chunk: Chunk, text: str) -> Quote | None:
    """The lines of a chunk that hold a text."""
    for n, line in enumerate(chunk.lines):
        if text in line:
            return Quote(chunk, n, n + 1)
    return None


def _own_section(evidence: Evidence, scope: Scope, ranking: Ranking) -> list[Quote]:
    """The section made for the facet, when the best section was another one."""
    part = evidence.part
    if part.facet is None or facet_fit(evidence.chunk, part, scope) == 1.0:
        return []
    for i in scope.members[evidence.guide]:
        if tells(i, part.facet, scope) and scope.index.chunks[i].facet not in (None, Facet.FAQ):
            return _pick(i, evidence, scope, ranking)[:2]
    return []


def _spans(chunk: Chunk, numbers: list[int]) -> list[Quote]:
    """Line numbers as spans of neighbours."""
    spans: list[Quote] = []
    for n in numbers:
        if spans and spans[-1].last == n:
            spans[-1] = Quote(chunk, spans[-1].first, n + 1)
        else:
            spans.append(Quote(chunk, n, n + 1))
    return spans


def _distinct(quotes: list[Quote]) -> list[Quote]:
    """Quotes without lines that say again what earlier quotes said, whichever section repeats them."""
    said: set[str] = set()
    kept: list[Quote] = []
    for quote in quotes:
        fresh = [n for n in range(quote.first, quote.last) if not _repeats(quote.chunk.lines[n], said)]
        for n in fresh:
            said.update(terms(quote.chunk.lines[n]))
        kept += _spans(quote.chunk, fresh)
    return kept


def _repeats(line: str, said: set[str]) -> bool:
    """Whether nearly every term of a line was said before."""
    found = set(terms(line))
    return len(found & said) >= REPEATED * len(found)
