"""The last gate: what is shown is quoted, may be read, and states no number of its own."""

from collections.abc import Iterable

from rag.access import Reader, may_read
from rag.text import numbers
from rag.write import Quote


def verified(quotes: Iterable[Quote], reader: Reader) -> list[Quote]:
    """Quotes whose text is a verbatim span of a chunk that this reader may read; the others fall away."""
    return [
        quote
        for quote in quotes
        if quote.first < quote.last <= len(quote.chunk.lines)
        and quote.text in quote.chunk.text
        and may_read(reader, quote.chunk.level, quote.chunk.readers)
    ]


def numbers_are_quoted(text: str, quotes: Iterable[Quote]) -> bool:
    """Whether every number of a text stands in one of the quotes."""
    quoted = {number for quote in quotes for number in numbers(quote.text)}
    return set(numbers(text)) <= quoted
