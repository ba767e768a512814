"""The reranking stage: the likeliest chunks of the legs, put in order by fitted trees.

Trees see shares, z-scores, ranks and flags of a chunk and how far it stands below the best, never words or
names, so that they mean the same in a corpus of any size, subject and language. `python -m rag.fit_passages`
fits them on public data; passage_ranker.json holds them with a card.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.index import Index
from rag.legs import Legs, Pool, Scores
from rag.text import HAN, fold, has_han
from rag.trees import Trees, from_json

Rows = NDArray[np.int64]

RANKER = Path(__file__).parent / "passage_ranker.json"

CANDIDATES = 100
"""Chunks that the trees see: half by the rough order, a quarter by the words, a quarter by the encoders."""

_HAN_RUN = re.compile(f"[{HAN}]+")
_WORD = re.compile(r"[a-z0-9]+")

_OWN = (
    "lexical", "first_view", "second_view", "vector", "cover", "cover_long", "name", "window_lexical",
    "phrase_3", "phrase_4", "phrase_6", "word_pairs",
)  # fmt: skip
"""Columns that also say how far a chunk stands below the best."""
COLUMNS = (
    *_OWN,
    *(f"{name}_below" for name in _OWN),
    "first_cosine", "second_cosine", "cover_second", "name_left", "title_lexical", "title_vector",
    "lexical_place", "vector_place", "length", "windows", "same_language", "han", "terms", "best_lexical",
    "best_vector", "best_cover",
)  # fmt: skip


@cache
def passage_ranker() -> Trees:
    """The fitted trees, read once; they must have been fitted on these columns."""
    card = json.loads(RANKER.read_text(encoding="utf-8"))
    if tuple(card["columns"]) != COLUMNS:
        raise ValueError(f"{RANKER.name} was fitted on other columns: run python -m rag.fit_passages")
    return from_json(card["trees"])


def candidates(found: Legs, within: Pool) -> Rows:
    """Numbers of the chunks worth a closer look, in order of number."""
    share = CANDIDATES // 4
    chosen = [
        _best(np.where(within, scores, -np.inf), count)
        for scores, count in ((found.rough, 2 * share), (found.lexical, share), (found.vector, share))
    ]
    union = np.unique(np.concatenate(chosen))
    return union[within[union]]


def _best(scores: Scores, count: int) -> Rows:
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(-scores, count)[:count]


def features(index: Index, query: str, query_terms: Sequence[str], found: Legs, chosen: Rows) -> Scores:
    """What the trees see of each chosen chunk, shape (chosen, COLUMNS)."""
    worth = index.lexical.worth(query_terms)
    long = index.lexical.worth([term for term in query_terms if len(term) > 1])
    rows, owner = _windows(index, chosen)
    held = index.bags.held(worth, rows)
    cover, second = _best_two(held, owner, len(chosen))
    own = {
        "lexical": found.lexical[chosen],
        "first_view": found.views[0, chosen],
        "second_view": found.views[-1, chosen],
        "vector": found.vector[chosen],
        "cover": cover,
        "cover_long": _best_two(index.bags.held(long, rows), owner, len(chosen))[0],
        "name": index.names.held(worth, chosen),
        "window_lexical": _best_two(held * index.saturation[rows], owner, len(chosen))[0],
        **_phrases(index, fold(query), chosen),
    }
    columns = own | {f"{name}_below": values.max(initial=0.0) - values for name, values in own.items()}
    titles = index.title_numbers[chosen]
    columns |= {
        "first_cosine": found.cosines[0, chosen],
        "second_cosine": found.cosines[-1, chosen],
        "cover_second": second,
        "name_left": cover - own["name"],
        "title_lexical": _of_group(own["lexical"], titles),
        "title_vector": _of_group(own["vector"], titles),
        "lexical_place": _places(own["lexical"]),
        "vector_place": _places(own["vector"]),
        "length": index.lengths[chosen],
        "windows": (index.edges[chosen + 1] - index.edges[chosen]).astype(np.float32),
        "same_language": (index.han[chosen] == has_han(query)).astype(np.float32),
    }
    whole = {
        "han": float(has_han(query)),
        "terms": min(len(set(query_terms)), 60) / 60,
        "best_lexical": float(own["lexical"].max(initial=0.0)),
        "best_vector": float(own["vector"].max(initial=0.0)),
        "best_cover": float(cover.max(initial=0.0)),
    }
    columns |= {name: np.full(len(chosen), value) for name, value in whole.items()}
    return np.stack([columns[name] for name in COLUMNS], axis=1).astype(np.float32)


def _windows(index: Index, chosen: Rows) -> tuple[Rows, Rows]:
    """Windows of the chosen chunks, and whose each is (a place in `chosen`)."""
    begins, sizes = index.edges[chosen], index.edges[chosen + 1] - index.edges[chosen]
    owner = np.repeat(np.arange(len(chosen)), sizes)
    return np.repeat(begins - np.cumsum(sizes) + sizes, sizes) + np.arange(len(owner)), owner


def _best_two(values: Scores, owner: Rows, count: int) -> tuple[Scores, Scores]:
    """The highest and the second highest value of each owner; 0 where there is none."""
    order = np.lexsort((-values, owner))
    owners, ranked = owner[order], values[order]
    place = np.arange(len(order)) - np.searchsorted(owners, owners)
    best, second = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    best[owners[place == 0]] = ranked[place == 0]
    second[owners[place == 1]] = ranked[place == 1]
    return best, second


def _phrases(index: Index, query: str, chosen: Rows) -> dict[str, Scores]:
    """Share of the query's runs of 3, 4 and 6 Chinese characters and of its English word pairs that stand in
    each chunk's title, heading and text."""
    texts = [index.folded(int(i)) for i in chosen]
    found = {
        f"phrase_{n}": [run[i : i + n] for run in _HAN_RUN.findall(query) for i in range(len(run) - n + 1)]
        for n in (3, 4, 6)
    }
    words = _WORD.findall(query)
    found["word_pairs"] = [f" {first} {second} " for first, second in pairwise(words)]
    return {
        name: np.array(
            [sum(map(text.__contains__, phrases)) / max(1, len(phrases)) for text in texts], np.float32
        )
        for name, phrases in found.items()
    }


def _of_group(values: Scores, groups: Rows) -> Scores:
    """The highest value of each row's group."""
    numbers, rows = np.unique(groups, return_inverse=True)
    best = np.full(len(numbers), -np.inf, dtype=np.float32)
    np.maximum.at(best, rows, values)
    return best[rows]


def _places(values: Scores) -> Scores:
    """Reciprocal of each row's place, 1 for the best."""
    places = np.empty(len(values), dtype=np.float32)
    places[np.argsort(-values, kind="stable")] = 1.0 / np.arange(1, len(values) + 1)
    return places
