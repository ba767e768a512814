"""Judging answers on public data (ranking_data): when to answer, what to cite and what to show.

A question goes through the product's own steps: its parts, their ranking, the weighing of evidence and the quotes of the
extractive writer. Screening and the choices of a clarifying question are not part of it: every question
is weighed, and the product's threshold tells which would be answered.
"""

import json
import re
from collections.abc import Collection as Members
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.access import ANONYMOUS
from rag.answer import MAX_PARTS
from rag.answers_report import AnswersReport, End, Judged, counted, figures_of
from rag.courtesy import to_the_point
from rag.decide import CALIBRATION, Calibration, Evidence, load_calibration, weigh
from rag.embed import embed_query, embedder_id
from rag.index import Index
from rag.measured import configuration
from rag.query_side import CARD as QUERY_SIDE
from rag.question import Part, content_terms, parts_of
from rag.rank_lines import RANKER, line_ranker
from rag.ranking_data import Collection, Row, asked, id_of, read_collection
from rag.ranking_eval import Indexed, Steps, index_rows
from rag.rerank import RANKER as PASSAGES
from rag.retrieve import rank
from rag.scope import Scope
from rag.settings import Settings
from rag.text import fold, has_han
from rag.trees import Trees
from rag.verify import verified
from rag.write import quotes_for

CHARS, WORDS = 200, 80
"""Length at which the shown text is cut: characters where it is Chinese, else words."""
_UNANSWERABLE = ("unanswerable", "irrelevant")
"""Names of the files of questions that must not be answered."""


@dataclass(frozen=True)
class Asking:
    """All that a question is answered with, and what it is: digests of code and models, and their cards."""

    scope: Scope
    made: Indexed
    calibration: Calibration
    trees: Trees
    configuration: dict[str, Any]
    decision: dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What the product has for a question: how surely, the row of the passage it cites, and what it shows."""

    probability: float
    passage: int
    text: str


@dataclass(frozen=True)
class Wanted:
    """What a question should have had: relevant rows, gold answers, and the text of those rows."""

    rows: Members[int]
    answers: Sequence[str]
    texts: Sequence[str]


def evaluate_answers(
    folder: Path,
    settings: Settings,
    split: str | None = None,
    limit: int | None = None,
    on_step: Steps | None = None,
) -> AnswersReport:
    """Index a folder, answer its questions and those of its unanswerable files (at most `limit` of each kind)."""
    data = read_collection(folder, split, limit)
    must_not = _unanswerable(folder, split, limit)
    asking = _asking(data, index_rows(data.documents, settings, on_step))
    gold, targets = gold_answers(folder, split), np.array(data.targets)
    # All of them, not `limit`: what stands for an answerable question does not depend on how many are asked.
    answerable = {_bare(asked(query)) for query in read_collection(folder, split).queries}
    judged: list[Judged] = []
    for n, query in enumerate([*data.queries, *must_not]):
        found = _answer(asked(query), asking)
        wanted = None
        if n < len(data.queries):
            rows = np.flatnonzero(np.isin(targets, list(data.relevant[id_of(query)]))).tolist()
            texts = [str(data.documents[i]["text"]) for i in rows]
            wanted = Wanted(rows, gold.get(id_of(query), ()), texts)
        one = _judged(id_of(query), found, wanted, asking.calibration.answer_at)
        judged.append(replace(one, disputed=wanted is None and _bare(asked(query)) in answerable))
        if on_step:
            on_step("questions", n + 1, len(data.queries) + len(must_not))
    return _report(folder.name, split, data, asking, judged)


def _report(
    name: str, split: str | None, data: Collection, asking: Asking, judged: Sequence[Judged]
) -> AnswersReport:
    figures = figures_of(judged)
    return AnswersReport(
        name=name,
        split=split or "all",
        documents=len(data.documents),
        answerable=len(data.queries),
        unanswerable=len(judged) - len(data.queries),
        disputed=sum(one.disputed for one in judged),
        answer_at=asking.calibration.answer_at,
        figures=figures.means,
        intervals=figures.intervals,
        curve=figures.curve,
        ends=dict(counted(judged)),
        decision=asking.decision,
        configuration=asking.configuration,
        corpus=data.digest,
    )


def _card(file: Path) -> dict[str, object]:
    """When and from what a stored model was fitted."""
    card = json.loads(file.read_text(encoding="utf-8"))
    return {"date": card["date"], "data": card["data"]}


def as_guides(index: Index, documents: Sequence[Row]) -> Index:
    """The index with each document as a guide, whose sections are its passages."""
    chunks = tuple(
        replace(chunk, guide=str(row.get("doc") or chunk.guide))
        for chunk, row in zip(index.chunks, documents, strict=True)
    )
    return replace(index, chunks=chunks)


def _asking(data: Collection, made: Indexed) -> Asking:
    index = as_guides(made.index, data.documents)
    langs = [chunk.lang for chunk in index.chunks]
    scope = Scope(index, ANONYMOUS, max(langs, key=langs.count), np.ones(len(langs), dtype=bool))
    embedder = embedder_id(made.embedding)
    # Told now, not at the end: a refit may replace the files while questions are asked.
    decision = {file.name: _card(file) for file in (CALIBRATION, RANKER, PASSAGES, QUERY_SIDE)}
    return Asking(
        scope,
        made,
        load_calibration(embedder, questions=False),
        line_ranker(),
        configuration(embedder),
        decision,
    )


def _answer(text: str, asking: Asking) -> Found:
    """The product's steps. Every part that is sure is shown, as the product does; else the surest one."""
    scope = asking.scope
    query = to_the_point(scope.speller.correct(fold(text) if has_han(text) else text))
    parts = parts_of(query, scope.words)[:MAX_PARTS]
    parts = parts or [Part(query, query, None, content_terms(query, scope.words.known))]
    found = [best for part in parts for best in _evidence(part, asking)[:1]]
    surest = max(found, key=lambda best: best.probability)
    sure = [best for best in found if best.is_sure] or [surest]
    return Found(surest.probability, surest.chunk, _shown(sure, scope))


def _evidence(part: Part, asking: Asking) -> list[Evidence]:
    scope = asking.scope
    ranking = rank(scope.index, part.query, embed_query(asking.made.embedding, part.query), scope.within)
    return weigh(part, scope, ranking, asking.calibration, asking.trees)


def _shown(sure: Sequence[Evidence], scope: Scope) -> str:
    """The quoted lines, each span once."""
    quotes = [quote for best in sure for quote in verified(quotes_for(best, scope), scope.reader)]
    return "\n".join(dict.fromkeys(quote.text for quote in quotes))


def _judged(name: str, found: Found, wanted: Wanted | None, answer_at: float) -> Judged:
    answered = found.probability >= answer_at
    if wanted is None:
        end = End.INVENTED if answered else End.REFUSED_WELL
        return Judged(name, found.probability, answered, False, False, None, end)
    right = found.passage in wanted.rows
    gold = holds(cut(found.text), wanted.answers) if wanted.answers else None
    end = _end(found, wanted, answered=answered, right=right)
    return Judged(name, found.probability, answered, True, right, gold, end)


def _end(found: Found, wanted: Wanted, *, answered: bool, right: bool) -> End:
    """Where an answerable question ends."""
    if not answered:
        return End.REFUSED_RIGHT if right else End.REFUSED_WRONG
    if not right:
        return End.WRONG
    if not wanted.answers:
        return End.RIGHT
    if holds(cut(found.text), wanted.answers):
        return End.GOOD
    if holds(found.text, wanted.answers):
        return End.CUT
    return End.OTHER_LINE if any(holds(text, wanted.answers) for text in wanted.texts) else End.SPREAD


def cut(text: str) -> str:
    """The first CHARS characters of Chinese, or WORDS words of another text; blanks between lines are kept."""
    if has_han(text):
        return text[:CHARS]
    words = list(re.finditer(r"\S+", text))[:WORDS]
    return text[: words[-1].end()] if words else ""


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether a text holds one of the answers, in letters and digits of one script alone."""
    shown = _bare(text)
    return any(bare in shown for answer in answers if (bare := _bare(answer)))


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


def gold_answers(folder: Path, split: str | None) -> Mapping[str, Sequence[str]]:
    """Gold answers by question, from the file of the split, of its language, or of all."""
    names = (f"answers_{split}.jsonl", f"answers_{str(split).partition('2')[0]}.jsonl", "answers.jsonl")
    rows = next((_rows(folder / name) for name in names if (folder / name).is_file()), [])
    return {id_of(row): tuple(row["answers"]) for row in rows if row.get("answerable", True)}


def gold_kinds(folder: Path, split: str | None) -> Mapping[str, str]:
    """What kind of reply is right for each question, where the answers say so."""
    file = folder / f"answers_{split}.jsonl"
    return {
        id_of(row): str(row["kind"]) for row in (_rows(file) if file.is_file() else []) if row.get("kind")
    }


def _unanswerable(folder: Path, split: str | None, limit: int | None) -> list[Row]:
    """Questions that must not be answered, of the split where it has its own."""
    rows: list[Row] = []
    for kind in _UNANSWERABLE:
        names = (f"queries_{kind}_{split}.jsonl", f"queries_{kind}.jsonl")
        rows += next((_rows(folder / name) for name in names if (folder / name).is_file()), [])
    return rows[:limit]


def _rows(file: Path) -> list[Row]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]
