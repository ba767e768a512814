"""Judging conversations on public data (ranking_data): what the product finds for a turn and how it ends.

Each turn with a history is asked three ways: its words alone, with the history, and as the question that the
same set asks without any history, where there is one: the row's own `question`, else the earliest turn of the
asker that is also a question of the set with the same documents. All go through the assistant's own steps.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from rag.access import ANONYMOUS, Circle
from rag.answer import MAX_PARTS, Assistant
from rag.answers_eval import as_guides, gold_kinds
from rag.embed import embedder_id
from rag.exchange import Outcome, Question, Turn
from rag.generation import Generation
from rag.index import Index
from rag.measured import Measured, configuration
from rag.question import Part, content_terms, parts_of
from rag.ranking_data import Collection, Row, best_targets, id_of, read_collection
from rag.ranking_eval import ALWAYS, PASSAGES, Steps, index_rows
from rag.ranking_report import RESAMPLES, SEED, figures_of
from rag.settings import Settings

SPLIT = "multiturn"
SHORT = 3
"""Words of a question that may well name nothing."""

Wording = Callable[[Row], Question]


@dataclass(frozen=True, kw_only=True)
class TurnsReport(Measured):
    """Figures of each way of asking in percent with their intervals; `ratio` compares recall with history to that
    of the standalone question; `ends` counts outcomes by kind of turn, where the set tells what was right to say."""

    queries: int
    figures: dict[str, dict[str, float]]
    intervals: dict[str, dict[str, tuple[float, float]]]
    ratio: dict[str, tuple[float, float, float]]
    cited: dict[str, dict[str, int]]
    ends: dict[str, dict[str, int]]


class _InMemory(Generation):
    """A generation whose only index is in memory."""

    def index(self, circle: Circle) -> Index:
        """The index of every circle."""
        index: Index = self.manifest["index"]
        return index


def evaluate_turns(
    folder: Path, settings: Settings, limit: int | None = None, on_step: Steps | None = None
) -> TurnsReport:
    """Index a folder with `queries_multiturn.jsonl` and ask its turns, at most `limit` of them."""
    data, first = read_collection(folder, SPLIT, limit), read_collection(folder)
    made = index_rows(data.documents, settings, on_step)
    embedder = embedder_id(made.embedding)
    index = as_guides(made.index, data.documents)
    about = {"embedder": embedder, "restricted": {}, "units": {}, "platform": {}, "index": index}
    assistant = Assistant(_InMemory(Path("in-memory"), about), made.embedding)
    turns = [row for row in data.queries if row.get("history") and _standalone(row, data, first)]
    ways: dict[str, Wording] = {
        "alone": lambda row: Question(str(row["text"])),
        "talk": _with_history,
        "standalone": lambda row: Question(_standalone(row, data, first)),
    }
    runs: dict[str, dict[str, list[str]]] = {way: {} for way in ways}
    cited: dict[str, Counter[str]] = {way: Counter() for way in ways}
    for n, row in enumerate(turns):
        for way, wording in ways.items():
            found, right = _found(wording(row), assistant, data, id_of(row))
            runs[way][id_of(row)] = found
            cited[way].update(right)
        if on_step:
            on_step("turns", n + 1, len(turns))
    figures = {way: figures_of(run, data.relevant) for way, run in runs.items()}
    return TurnsReport(
        name=folder.name,
        split=SPLIT,
        documents=len(data.documents),
        queries=len(turns),
        figures={way: found.means for way, found in figures.items()},
        intervals={way: found.intervals for way, found in figures.items()},
        ratio={f"R@{k}": _ratio(runs, data, k) for k in (1, 5, 10)},
        cited={way: dict(counted) for way, counted in cited.items()},
        ends=_ends([*data.queries, *first.queries], gold_kinds(folder, SPLIT), assistant, on_step),
        configuration=configuration(embedder),
        corpus=data.digest,
    )


def _with_history(row: Row) -> Question:
    turns = tuple(Turn(turn["role"], str(turn["text"])) for turn in row.get("history") or ())
    return Question(str(row["text"]), turns)


def _standalone(row: Row, data: Collection, first: Collection) -> str:
    """The question without its conversation, or nothing where the set has none."""
    if row.get("question"):
        return str(row["question"])
    relevant = data.relevant[id_of(row)]
    same = {
        str(q["text"]).strip() for q in first.queries if first.relevant[id_of(q)].keys() & relevant.keys()
    }
    said = (str(turn["text"]) for turn in row["history"] if turn["role"] == "user")
    return next((text for text in said if text.strip() in same), "")


def _found(
    question: Question, assistant: Assistant, data: Collection, name: str
) -> tuple[list[str], dict[str, int]]:
    """The first targets, those of several parts in turn; and whether the product is sure, and cites rightly."""
    asked = assistant.read(question, ANONYMOUS, ALWAYS)
    scope, targets = asked.scope, data.targets
    parts = parts_of(asked.query, scope.words, asked.context)[:MAX_PARTS]
    whole = Part(asked.query, asked.query, None, content_terms(asked.query, scope.words.known))
    found = [assistant.retrieve(part, scope) for part in parts or [whole]]
    best = max(
        (item.evidence[0] for item in found if item.evidence), key=lambda evidence: evidence.probability
    )
    right = targets[best.chunk] in data.relevant[name]
    sure = best.is_sure
    orders = [best_targets(targets[i] for i in item.ranking.top(PASSAGES)) for item in found]
    mixed = best_targets(target for row in zip_longest(*orders) for target in row if target is not None)
    return mixed, {"cited_right": right, "sure": sure, "sure_right": sure and right}


def _ratio(
    runs: Mapping[str, Mapping[str, Sequence[str]]], data: Collection, k: int
) -> tuple[float, float, float]:
    """Recall with history over that of the standalone questions, with its 95 % interval over turns, in percent."""
    table = np.array([
        [len(set(runs[way][name][:k]) & data.relevant[name].keys()) / len(data.relevant[name])
         for way in ("talk", "standalone")]
        for name in runs["talk"]
    ])  # fmt: skip
    drawn = np.random.default_rng(SEED).multinomial(
        len(table), np.full(len(table), 1 / len(table)), size=RESAMPLES
    )
    sums = drawn @ table
    low, high = np.percentile(sums[:, 0] / np.maximum(sums[:, 1], 1e-9), (2.5, 97.5))
    whole = table.sum(axis=0)
    mean, low, high = (round(100 * float(value), 1) for value in (whole[0] / max(whole[1], 1e-9), low, high))
    return mean, low, high


def _ends(
    rows: Sequence[Row], kinds: Mapping[str, str], assistant: Assistant, on_step: Steps | None
) -> dict[str, dict[str, int]]:
    """Outcomes by kind of turn and whether there is a history; and those of short questions without one. Where
    an outcome is a question back, `choices` counts those with at least two choices."""
    counted: dict[str, Counter[str]] = {}
    for n, row in enumerate(rows):
        question = _with_history(row)
        kind = kinds.get(id_of(row))
        groups = [f"{kind}, {'later' if question.history else 'first'} turn"] if kind else []
        if not question.history and len(question.text.split()) <= SHORT:
            groups.append("short")
        if not groups:
            continue
        answer = assistant.ask(question, ANONYMOUS, ALWAYS)
        for group in groups:
            own = counted.setdefault(group, Counter())
            own.update([answer.outcome.value, "all"])
            own["choices"] += answer.outcome is Outcome.CLARIFY and len(answer.choices) >= 2
        if on_step:
            on_step("ends", n + 1, len(rows))
    return {group: dict(own) for group, own in sorted(counted.items())}
