"""A corpus of any size, made from the lines of our own guides, so that growth can be measured without data.

Sentences are recombined clause by clause within their facet, titles word by word; vectors are those of real
windows with a little noise. Such text says nothing, but it is as long, as Chinese and as alike as guides are:
every question word meets many chunks, which is the hard case for search.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from rag.access import Circle, Level
from rag.chunks import Chunk, Window, windows_of
from rag.facets import Facet
from rag.generation import Generation
from rag.index import Index
from rag.text import has_han, words

SEED = 20_260
NOISE = 0.3
"""Length of the noise added to a unit vector before it is scaled back: a cosine of 0.96 to the original."""

_ALWAYS, _LATER = date(2000, 1, 1), date(2999, 1, 1)


@dataclass(frozen=True)
class Made:
    """Chunks, their windows, and a unit vector for each window with `widths` dimensions an encoder."""

    chunks: list[Chunk]
    windows: list[Window]
    vectors: NDArray[np.float32]
    widths: tuple[int, ...]


@dataclass(frozen=True)
class MadeGeneration(Generation):
    """A generation of one open circle whose index is given, not built."""

    made: Index

    def index(self, circle: Circle) -> Index:
        """The given index, whoever asks."""
        return self.made


def generation_of(index: Index, embedder: str) -> MadeGeneration:
    """A generation that answers from an index alone."""
    manifest = {"embedder": embedder, "restricted": {}, "units": {}, "platform": {}, "circles": []}
    return MadeGeneration(Path("made"), MappingProxyType(manifest), index)


def corpus(source: Index, size: int, seed: int = SEED) -> Made:
    """`size` chunks in guides of the same shapes as the Chinese ones of `source`."""
    rng = np.random.default_rng(seed)
    templates = _guides([chunk for chunk in source.chunks if chunk.lang == "zh"])
    pool = _lines_by_facet(templates)
    names = [word for guide in templates for word in words(guide[0].title) if len(word) > 1 and has_han(word)]
    chunks: list[Chunk] = []
    number = 0
    while len(chunks) < size:
        template = templates[int(rng.integers(len(templates)))]
        title = "".join(_pick(rng, names, int(rng.integers(2, 5))))
        aliases = tuple("".join(_pick(rng, names, 2)) for _ in template[0].aliases)
        chunks += [_made(rng, chunk, f"made-{number}", title, aliases, pool) for chunk in template]
        number += 1
    chunks = chunks[:size]
    windows = windows_of(chunks)
    return Made(
        chunks,
        windows,
        _noisy(rng, source, len(windows)),
        tuple(view.shape[1] for view in source.views),
    )


def _guides(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    found: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        found.setdefault(chunk.guide, []).append(chunk)
    return list(found.values())


def _lines_by_facet(guides: Sequence[Sequence[Chunk]]) -> dict[Facet | None, list[str]]:
    pool: dict[Facet | None, list[str]] = {}
    for guide in guides:
        for chunk in guide:
            pool.setdefault(chunk.facet, []).extend(chunk.lines)
    return pool


def _pick(rng: np.random.Generator, items: Sequence[str], count: int) -> list[str]:
    return [items[int(i)] for i in rng.integers(len(items), size=count)]


def _made(
    rng: np.random.Generator,
    template: Chunk,
    guide: str,
    title: str,
    aliases: tuple[str, ...],
    pool: dict[Facet | None, list[str]],
) -> Chunk:
    """A chunk of the template's shape with other lines of its facet."""
    lines = tuple(_spliced(rng, pool[template.facet]) for _ in template.lines)
    return replace(
        template,
        id=f"{guide}:zh:{template.anchor}",
        guide=guide,
        level=Level.OPEN,
        readers=frozenset(),
        title=title,
        aliases=aliases if template.is_summary else (),
        section=_spliced(rng, [template.section]) if template.section else "",
        url=f"/{guide}/",
        lines=lines,
        facts=(),
        valid_from=_ALWAYS,
        valid_to=None,
        review_by=_LATER,
    )


def _spliced(rng: np.random.Generator, lines: Sequence[str]) -> str:
    """The first clauses of one line and the last ones of another."""
    one, other = _pick(rng, lines, 2)
    head, tail = one.split("，"), other.split("，")
    return "，".join(head[: len(head) // 2] + tail[len(tail) // 2 :])


def _noisy(rng: np.random.Generator, source: Index, count: int) -> NDArray[np.float32]:
    """Vectors of real windows, drawn again and again, each moved a little in every encoder's view."""
    rows = rng.integers(len(source.owners), size=count)
    moved = []
    for view in source.views:
        drawn = view[rows]
        drawn += rng.standard_normal(drawn.shape, dtype=np.float32) * np.float32(
            NOISE / drawn.shape[1] ** 0.5
        )
        moved.append(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
    joined: NDArray[np.float32] = np.hstack(moved) / np.float32(len(moved) ** 0.5)
    return joined
