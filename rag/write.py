"""The extractive writer: the fact asked for first, then what goes with it, all in the guide's own words.

Every sentence is a whole line of a cited chunk, so nothing can be invented; `verify` proves it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.chunks import Chunk
from rag.decide import Evidence, Pick
from rag.facets import Facet
from rag.question import Part
from rag.scope import ANSWER_SHAPE, Scope
from rag.text import has_han, terms

SHOWN_CHARS = 200
"""Lines beside the best one are added up to this many Chinese characters, or as many words as fill their room."""
LINES = 8
"""At most this many lines are picked one by one."""
_NEARLY = 5.0
"""Log-odds below the best line within which a line is shown with it."""
_CHARS_A_WORD = 2.5
"""Chinese characters whose room an English word takes: 80 words stand for 200 characters."""
_READS_ON = 0.5
"""Log-odds that a line gains where it stands next to one that is shown: sentences go on from each other."""
LISTED = 16
"""A list that answers as a whole (materials, steps) is shown up to this many lines."""

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


def quotes_for(evidence: Evidence, scope: Scope) -> list[Quote]:
    """What answers a part: the best line with what belongs to it, then other lines nearly as sure."""
    chunks = scope.index.chunks
    main = chunks[evidence.chunk]
    shown = [_whole(main, evidence)] if _is_whole(main, evidence) else []
    picked: dict[int, list[int]] = {}
    for pick in _picked(evidence, chunks, shown):
        picked.setdefault(pick.chunk, []).append(pick.line)
    for i, lines in picked.items():
        shown += _best_first(_spans(chunks[i], sorted(lines)), lines[0])
    return _distinct(shown)


def _picked(evidence: Evidence, chunks: Sequence[Chunk], shown: Sequence[Quote]) -> list[Pick]:
    """Lines nearly as sure as the best, the surest first, as many as there is room for beside what is shown."""
    told = {(evidence.chunk, n) for quote in shown for n in range(quote.first, quote.last)}
    room = SHOWN_CHARS - sum(_size(quote.text) for quote in shown)
    said = {term for quote in shown for term in terms(quote.text)}
    sizes = {p: _size(chunks[p.chunk].lines[p.line]) for p in evidence.lines}
    likely = [p for p in evidence.lines if p.score >= evidence.score - _NEARLY] or evidence.lines[:1]
    left = [p for p in likely if (p.chunk, p.line) not in told and not (shown and sizes[p] > room)]
    picked, near = list[Pick](), set[tuple[int, int]]()
    while left and len(picked) < LINES:
        best = max(left, key=lambda p: p.score + _READS_ON * ((p.chunk, p.line) in near))
        left.remove(best)
        line = chunks[best.chunk].lines[best.line]
        if (shown or picked) and _repeats(line, said):
            continue
        picked.append(best)
        near |= {(best.chunk, best.line - 1), (best.chunk, best.line + 1)}
        said.update(terms(line))
        room -= sizes[best]
        left = [p for p in left if sizes[p] <= room]
    return picked


def _is_whole(chunk: Chunk, evidence: Evidence) -> bool:
    """Whether the best line's section answers as a whole: a short answer, or the list that was asked for."""
    asked_for = chunk.facet is evidence.part.facet and chunk.facet in _LISTS and len(chunk.lines) <= LISTED
    return chunk.facet is Facet.FAQ or (asked_for and not _particular(chunk, evidence))


def _particular(chunk: Chunk, evidence: Evidence) -> bool:
    """Whether the question names something that only some lines of a list hold."""
    lines = [frozenset(terms(line)) for line in chunk.lines]
    return any(0 < sum(term in line for line in lines) < len(lines) for term in evidence.residual)


def _whole(chunk: Chunk, evidence: Evidence) -> Quote:
    """The section from the fact asked for on, or from the best line where that stands before it."""
    first = min(_first_shaped(chunk, evidence.part), evidence.lines[0].line)
    return Quote(chunk, first, len(chunk.lines))


def _size(text: str) -> float:
    """Length in Chinese characters."""
    return len(text) if has_han(text) else len(text.split()) * _CHARS_A_WORD


def _first_shaped(chunk: Chunk, part: Part) -> int:
    """The first line that looks like an answer to the facet, so that the fact asked for comes first."""
    shape = ANSWER_SHAPE.get(part.facet) if part.facet else None
    return next((n for n, line in enumerate(chunk.lines) if shape and shape.search(line)), 0)


def _spans(chunk: Chunk, numbers: list[int]) -> list[Quote]:
    """Line numbers as spans of neighbours."""
    spans: list[Quote] = []
    for n in numbers:
        if spans and spans[-1].last == n:
            spans[-1] = Quote(chunk, spans[-1].first, n + 1)
        else:
            spans.append(Quote(chunk, n, n + 1))
    return spans


def _best_first(spans: list[Quote], best: int) -> list[Quote]:
    """The span of the best line before those that only stand above it on the page."""
    return sorted(spans, key=lambda span: not span.first <= best < span.last)


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
    """Whether nearly every term of a line was said before, and every number."""
    found = set(terms(line))
    is_new_number = any(term[0].isdigit() for term in found - said)
    return not is_new_number and len(found & said) >= REPEATED * len(found)
