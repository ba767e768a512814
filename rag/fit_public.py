"""Questions of public collections for fitting the line ranker and the decision beside our own cases.

An office's guides have one layout; notices, rules and articles have others, and what is fitted on one layout alone
refuses too much elsewhere. A line teaches where it holds a gold answer; a decision where a right passage is known,
each question asked again as if its document did not exist.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.access import ANONYMOUS
from rag.answers_eval import as_guides, gold_answers, holds
from rag.courtesy import to_the_point
from rag.decide import Calibration, Evidence, weigh
from rag.embed import embed_query
from rag.fit_lines import LinesOfPart
from rag.question import Part, parts_of
from rag.rank_lines import features
from rag.ranking_data import asked, id_of, read_collection
from rag.ranking_eval import Indexed, index_rows
from rag.retrieve import Ranking, rank
from rag.scope import Scope
from rag.settings import Settings
from rag.text import fold, has_han
from rag.trees import Trees

SPLITS: dict[str, tuple[str | None, ...]] = {"xquad": ("zh", "en")}
"""Variants of a set that has several; others are read as they are."""
QUESTIONS = 300
"""Questions of each variant, drawn by chance."""


@dataclass(frozen=True)
class PublicQuestion:
    """One question in one part: where the right passages are, their documents, and its gold answers."""

    id: str
    part: Part
    rows: frozenset[int]
    documents: frozenset[str]
    gold: Sequence[str]


@dataclass(frozen=True)
class PublicSet:
    """A variant of a collection, its documents as guides, with some of its questions."""

    name: str
    digest: str
    made: Indexed
    scope: Scope
    questions: tuple[PublicQuestion, ...]

    def ranking(self, part: Part) -> Ranking:
        """Both legs over all passages."""
        index = self.scope.index
        return rank(index, part.query, embed_query(self.made.embedding, part.query), self.scope.within)

    def parts(self) -> Iterator[LinesOfPart]:
        """Candidate lines of each question, and which of them hold a gold answer in a right passage."""
        for question in self.questions:
            if not question.gold:
                continue
            lines = self.scope.lines
            rows, x = features(question.part, self.scope, self.ranking(question.part))
            states = np.array(
                [
                    int(lines.chunk[row]) in question.rows and holds(lines.text[row], question.gold)
                    for row in rows
                ],
                dtype=bool,
            )
            if states.any():
                yield LinesOfPart(tuple(sorted(question.documents)), x, states)

    def evidence(
        self, question: PublicQuestion, trees: Trees, calibration: Calibration, *, without: bool = False
    ) -> list[Evidence]:
        """The evidence for a question, surest first; `without` its documents, as if they did not exist."""
        keep = np.array([chunk.guide not in question.documents for chunk in self.scope.index.chunks])
        scope = self.scope.masked(keep) if without else self.scope
        if not scope.within.any():
            return []
        vector = embed_query(self.made.embedding, question.part.query)
        ranking = rank(scope.index, question.part.query, vector, scope.within)
        return weigh(question.part, scope, ranking, calibration, trees)


def public_sets(folder: Path, settings: Settings) -> Iterator[PublicSet]:
    """Every variant of a folder in BEIR layout."""
    for split in SPLITS.get(folder.name, (None,)):
        data = read_collection(folder, split)
        made = index_rows(data.documents, settings)
        index = as_guides(made.index, data.documents)
        langs = [chunk.lang for chunk in index.chunks]
        scope = Scope(index, ANONYMOUS, max(langs, key=langs.count), np.ones(len(langs), dtype=bool))
        gold, found = gold_answers(folder, split), list[PublicQuestion]()
        targets = np.array(data.targets)
        for query in random.Random(folder.name).sample(data.queries, min(QUESTIONS, len(data.queries))):
            rows = np.flatnonzero(np.isin(targets, list(data.relevant[id_of(query)])))
            text = asked(query)
            text = to_the_point(scope.speller.correct(fold(text) if has_han(text) else text))
            parts = [part for part in parts_of(text, scope.words) if part.content]
            if len(parts) == 1 and len(rows):
                documents = frozenset(index.chunks[row].guide for row in rows)
                name = f"{folder.name}-{split or 'all'}-{id_of(query)}"
                own = frozenset(rows.tolist())
                found.append(PublicQuestion(name, parts[0], own, documents, gold.get(id_of(query), ())))
        yield PublicSet(f"{folder.name} {split or 'all'}", data.digest, made, scope, tuple(found))
