"""The self-test of a finished generation, run in a child process before anything serves from it.

`echo FOLDER | python -m rag.selftest` prints what is wrong and exits 1, or exits 0.
"""

import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from rag.access import Circle, Reader
from rag.answer import Assistant
from rag.chunks import windows_of
from rag.embed import as_embedded, embed_query, embedder_id, load_embedding
from rag.exchange import Question
from rag.generation import Generation, open_generation
from rag.settings import Settings
from rag.text import terms

SAMPLES = 6
"""About so many titles are searched and windows embedded again in each circle."""
SAME_VECTOR = 0.99
"""Cosine from which two vectors are of the same text."""

_ID = re.compile(r'\bid="([^"]+)"')


def faults(generation: Generation, embedding: BaseEmbedding) -> Iterator[str]:
    """Every reason why this generation must not serve."""
    if generation.manifest["embedder"] != embedder_id(embedding):
        yield "the generation was embedded with another encoder"
        return
    assistant = Assistant(generation, embedding)
    for circle in generation.circles:
        yield from _index_faults(generation, circle)
        yield from _vector_faults(generation, circle, embedding)
        yield from _anchor_faults(generation, circle)
        yield from _answer_faults(assistant, circle)


def reader_of(generation: Generation, circle: Circle) -> Reader:
    """A reader who stands in exactly this circle."""
    roles = [generation.restricted[guide] for guide in circle.restricted]
    wanted = frozenset[str]().union(*roles)
    closed = [r for guide, r in generation.restricted.items() if guide not in circle.restricted]
    return Reader(level=circle.level, roles=wanted - frozenset[str]().union(*closed))


def _index_faults(generation: Generation, circle: Circle) -> Iterator[str]:
    """Every vector readable (read_index checks it) and every level right."""
    index = generation.index(circle)
    if any(abs((view**2).sum(axis=1) - 1.0).max(initial=0.0) > 0.01 for view in index.views):
        yield f"{circle.name}: a vector is not of unit length"
    for chunk in index.chunks:
        if not circle.opens(chunk.guide, chunk.level):
            yield f"{circle.name}: {chunk.id} is of level {chunk.level}"


def _vector_faults(generation: Generation, circle: Circle, embedding: BaseEmbedding) -> Iterator[str]:
    """Every vector belongs to its window; a sample is embedded again."""
    index = generation.index(circle)
    texts = [*index.unanswered, *(window.text for window in windows_of(list(index.chunks)))]
    if len(texts) != len(index.owners):
        yield f"{circle.name}: {len(index.owners)} vectors for {len(texts)} windows"
        return
    for i in range(0, len(texts), len(texts) // SAMPLES + 1):
        again = np.array(embedding.get_text_embedding(as_embedded(texts[i])), dtype=np.float32)
        if float(index.similarity(again)[:, i].mean()) < SAME_VECTOR:
            own = int(index.owners[i])
            name = index.chunks[own].id if own >= 0 else "an unanswered question"
            yield f"{circle.name}: the vector of {name} is not that of its text"


def _anchor_faults(generation: Generation, circle: Circle) -> Iterator[str]:
    """Every citation can be followed: page and anchor exist in the built site."""
    pages: dict[str, set[str]] = {}
    for chunk in generation.index(circle).chunks:
        if chunk.url not in pages:
            file = generation.page_file(circle, chunk.url)
            pages[chunk.url] = set(_ID.findall(file.read_text(encoding="utf-8"))) if file.is_file() else set()
            if not file.is_file():
                yield f"{circle.name}: no page {chunk.url}"
        if chunk.anchor and chunk.anchor not in pages[chunk.url]:
            yield f"{circle.name}: no anchor {chunk.url}#{chunk.anchor}"


def _answer_faults(assistant: Assistant, circle: Circle) -> Iterator[str]:
    """Titles find their guides, and a question passes all steps."""
    index = assistant.generation.index(circle)
    reader, today = reader_of(assistant.generation, circle), date.today()
    titles = list(dict.fromkeys((chunk.title, chunk.guide) for chunk in index.chunks))
    missed = []
    for title, guide in titles[:: len(titles) // SAMPLES + 1]:
        hits = assistant.search(title, reader, limit=5, today=today)
        if hits and all(hit.chunk.guide != guide for hit in hits):
            missed.append(title)
    if len(missed) > SAMPLES // 3:
        yield f"{circle.name}: titles do not find their guides: {', '.join(missed)}"
    if titles:
        assistant.ask(Question(titles[0][0]), reader, today)


def main() -> int:
    """Warm up, read the folder of a generation from standard input, print its faults; 1 if there are any."""
    settings = Settings()
    embedding = load_embedding(settings.embedder, settings.models)
    embed_query(embedding, "预热 warm up")
    terms("预热")
    folder = Path(sys.stdin.readline().strip())
    found = list(faults(open_generation(folder.parent, folder.name), embedding))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
