"""Fitting the reranking stage: `python -m rag.fit_passages FOLDER…`, on public data in BEIR layout, and on the
case files and asked questions over the built guides.

Sets of one kind teach their own habits only (lay questions about statutes want the encoders, formal notices
want the words), so each folder also gives made questions: a run of a passage's words with some left out and
an everyday ending, to be found again (an inverse cloze task, Lee et al. 2019). Measured on a set that was never
fitted on, they made the difference between losing and gaining.
"""

import argparse
import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from rag.access import circle_of
from rag.answer import Assistant
from rag.embed import QUERY_CHARACTERS, Vectors, as_embedded, embed_query, load_embedding, text_key
from rag.evaluate import read_cases
from rag.fit_asked import Thinned, asked_cases, is_learnt
from rag.fit_lines import is_answerable, is_for_retrieval, states_fact
from rag.generation import open_generation
from rag.legs import Pool, legs
from rag.query_side import HELD_OUT, read_held_out
from rag.ranking_data import asked, id_of, read_collection
from rag.ranking_eval import Indexed, index_rows
from rag.rerank import COLUMNS, RANKER, candidates, features
from rag.settings import ROOT, Settings
from rag.text import HAN, has_han, precise_words, terms
from rag.trees import Trees, from_lightgbm

FOLDS = 5
SPLITS = {"xquad": ("zh", "en", "zh2en", "en2zh")}
"""Variants of a set that has several; others are read as they are."""
MADE = 600
"""Made questions a folder."""
_ENDINGS = {
    True: ("是什么", "怎么办", "有哪些规定", "需要多久", "怎么申请", "由谁负责", "有什么要求", "可以吗", ""),
    False: (
        "what is it",
        "how do I do this",
        "who can apply",
        "how long does it take",
        "is this allowed",
        "",
    ),
}
_TREES: dict[str, Any] = {
    "objective": "lambdarank",
    "num_leaves": 15,
    "learning_rate": 0.06,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambdarank_truncation_level": 15,
    "seed": 1,
    "verbose": -1,
    "deterministic": True,
    "num_threads": 2,
}
_ROUNDS = 180


@dataclass(frozen=True)
class Ranked:
    """One question: the features of its candidates, their grades (0: not relevant), and how many passages of
    the highest grade there are in all. Questions of one group share a fold."""

    group: str
    origin: str
    x: NDArray[np.float32]
    grades: NDArray[np.int64]
    wanted: int

    @property
    def fold(self) -> int:
        """Which fold it is left out of."""
        return hashlib.sha256(self.group.encode()).digest()[0] % FOLDS


def questions_of(folder: Path, settings: Settings) -> list[Ranked]:
    """All judged questions of a folder and as many made ones, ranked by the legs.

    What the encoder's question side was fitted on gets vectors by adapters that did not know it.
    """
    held_out = read_held_out(settings.cache.with_name(HELD_OUT))
    found: list[Ranked] = []
    made: Indexed | None = None
    for split in SPLITS.get(folder.name, (None,)):
        data = read_collection(folder, split)
        made = index_rows(data.documents, settings)
        ids = data.targets
        rows = {id_of(row): n for n, row in enumerate(data.documents)}
        if not data.by_document:
            for query in track(data.queries, description=f"{folder.name} {split or ''}"):
                wanted = [rows[document] for document in data.relevant[id_of(query)] if document in rows]
                # Translations of one question differ in what stands before the first hyphen.
                group = id_of(query).partition("-")[2]
                origin, text = f"{folder.name} {split or 'all'}", asked(query)
                found.append(_ranked(group, origin, made, text, wanted, held_out))
        if split is None:
            for n, (text, row) in enumerate(made_questions(made, random.Random(ids[0]))):
                found.append(_ranked(f"made-{n}", f"{folder.name} made", made, text, [row], {}))
    return found


def made_questions(made: Indexed, chance: random.Random) -> Iterator[tuple[str, int]]:
    """Questions in words of a passage, and the passage."""
    chunks = made.index.chunks
    for _ in range(MADE):
        row = chance.randrange(len(chunks))
        text = _made(chance.choice(chunks[row].lines), chunks[row].title, chance)
        if text:
            yield text, row


def _made(line: str, title: str, chance: random.Random) -> str:
    """A run of a line's words with some left out, at times after the title, with an ending; or nothing."""
    han = has_han(line)
    runs = re.findall(f"[{HAN}]+", line) if han else re.findall(r"[A-Za-z']+", line)
    tokens = [word for run in runs for word in precise_words(run)] if han else runs
    if len(tokens) < 8:
        return ""
    first, left_out = chance.randrange(max(1, len(tokens) - 10)), chance.choice((0.2, 0.4, 0.6))
    kept = [word for word in tokens[first : first + chance.randint(8, 16)] if chance.random() > left_out]
    head = [re.sub(r"\s*第.*", "", title)[:8]] if han and chance.random() < 0.4 else []
    return ("" if han else " ").join([*head, *kept, chance.choice(_ENDINGS[han])]).strip()


def guide_questions(files: Sequence[Path], settings: Settings) -> Iterator[Ranked]:
    """Questions of case files over the built guides: a section that states an expected fact has grade 2, any
    other of a right guide 1."""
    embedding = load_embedding(settings.embedder, settings.models)
    assistant = Assistant(open_generation(settings.out), embedding)
    for case in track(read_cases(files), description="guides"):
        if not (is_for_retrieval(case) and is_answerable(case) and case.guides) or case.question.history:
            continue
        query = assistant.read(case.question, case.reader, None)
        chunks, within = query.scope.index.chunks, query.scope.within
        grades = np.array([int(within[n] and chunk.guide in case.guides) for n, chunk in enumerate(chunks)])
        for n in np.flatnonzero(grades):
            grades[n] += int(bool(case.facts) and states_fact(case, chunks[n].lines))
        made = Indexed(query.scope.index, embedding, {}, 0, 0.0)
        vector = embed_query(embedding, query.query)
        yield _graded(case.guides[0], "guides", made, query.query, vector, grades, within)


def left_out_questions(settings: Settings) -> Iterator[Ranked]:
    """Asked questions over guides that do not know them: their section has grade 2, any other of the guide 1."""
    embedding = load_embedding(settings.embedder, settings.models)
    whole = open_generation(settings.out)
    held_out = read_held_out(settings.cache.with_name(HELD_OUT))
    assistant = Assistant(Thinned(whole.path, whole.manifest, is_learnt), embedding)
    answered = [case for case in asked_cases(whole) if case.guides]
    for case in track(answered, description="asked"):
        query = assistant.read(case.question, case.reader, None)
        known = whole.index(circle_of(case.reader, whole.restricted)).chunks
        within = query.scope.within
        grades = np.array(
            [
                int(within[n] and chunk.guide in case.guides) * (1 + (case.question.text in chunk.asked))
                for n, chunk in enumerate(known)
            ]
        )
        made = Indexed(query.scope.index, embedding, {}, 0, 0.0)
        vector = _vector(made, query.query, held_out)
        yield _graded(case.guides[0], "asked", made, query.query, vector, grades, within)


def _ranked(
    group: str, origin: str, made: Indexed, text: str, wanted: Sequence[int], held_out: Mapping[str, Vectors]
) -> Ranked:
    grades = np.zeros(len(made.index.chunks), dtype=np.int64)
    grades[list(wanted)] = 1
    vector = _vector(made, text, held_out)
    return _graded(group, origin, made, text, vector, grades, np.ones(len(grades), dtype=bool))


def _vector(made: Indexed, text: str, held_out: Mapping[str, Vectors]) -> Vectors:
    """A question's vector by adapters that never saw it, where there are such."""
    vector = embed_query(made.embedding, text)
    first = held_out.get(text_key(as_embedded(text)[:QUERY_CHARACTERS]))
    if first is not None and made.index.views[0].shape[1] == len(first):
        vector[: len(first)] = first / np.sqrt(len(made.index.views))
    return vector


def _graded(
    group: str,
    origin: str,
    made: Indexed,
    text: str,
    vector: Vectors,
    grades: NDArray[np.int64],
    within: Pool,
) -> Ranked:
    query_terms = terms(text)
    found = legs(made.index, query_terms, vector, within)
    chosen = candidates(found, within)
    x = features(made.index, text, query_terms, found, chosen)
    return Ranked(group, origin, x, grades[chosen], int((grades == grades.max()).sum()))


def fit(questions: Sequence[Ranked]) -> Trees:
    """Trees that put relevant candidates first (LambdaMART: Burges 2010)."""
    import lightgbm

    usable = [q for q in questions if q.grades.any()]
    data = lightgbm.Dataset(
        np.vstack([q.x for q in usable]),
        np.concatenate([q.grades for q in usable]),
        group=[len(q.x) for q in usable],
        feature_name=list(COLUMNS),
    )
    return from_lightgbm(lightgbm.train(_TREES, data, _ROUNDS))


def ndcg(trees: Trees, questions: Sequence[Ranked]) -> float:
    """Mean nDCG@10 in percent; of the passages of the highest grade; those that are no candidates are missed."""
    gains = 1.0 / np.log2(np.arange(2, 12))
    scores = []
    for q in questions:
        best = (q.grades == max(1, q.grades.max()))[np.argsort(-trees.scores(q.x), kind="stable")[:10]]
        scores.append(float(gains[: len(best)] @ best) / gains[: max(1, min(10, q.wanted))].sum())
    return round(100 * float(np.mean(scores)), 1)


def crossfitted(questions: Sequence[Ranked]) -> dict[str, dict[str, float]]:
    """nDCG@10 of each set by trees that saw other folds, and by trees that saw no question of the set."""
    origins = list(dict.fromkeys(q.origin for q in questions))
    by_fold = [fit([q for q in questions if q.fold != n]) for n in range(FOLDS)]
    figures: dict[str, dict[str, float]] = {}
    for origin in origins:
        own = [q for q in questions if q.origin == origin]
        folds = [[q for q in own if q.fold == n] for n in range(FOLDS)]
        means = [ndcg(trees, part) * len(part) for trees, part in zip(by_fold, folds, strict=True) if part]
        figures[origin] = {"questions": len(own), "other_folds": round(sum(means) / len(own), 1)}
    for family in dict.fromkeys(origin.partition(" ")[0] for origin in origins):
        trees = fit([q for q in questions if not f"{q.origin} ".startswith(f"{family} ")])
        for origin in origins:
            if f"{origin} ".startswith(f"{family} "):
                figures[origin]["other_sets"] = ndcg(trees, [q for q in questions if q.origin == origin])
    return figures


def main() -> None:
    """Fit on the folders named and write passage_ranker.json with its card."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    folders = parser.parse_args().folders
    files = sorted((ROOT / "tests" / "cases").rglob("*.jsonl"))
    questions = [question for folder in folders for question in questions_of(folder, Settings())]
    questions += [*guide_questions(files, Settings()), *left_out_questions(Settings())]
    card = {
        "date": date.today().isoformat(),
        "data": {folder.name: _digest(folder / "corpus.jsonl") for folder in folders}
        | {f"{file.parent.name}/{file.name}": _digest(file) for file in files},
        "licence": "Apache-2.0; fitted on STARD (MIT), ShARC and XQuAD (CC BY-SA), Doc2Dial's pages (CC0)",
        "command": "python -m rag.fit_passages " + " ".join(folder.name for folder in folders),
        "ndcg_10": crossfitted(questions),
        "columns": COLUMNS,
        "trees": fit(questions).as_json(),
    }
    RANKER.write_text(json.dumps(card, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(card["ndcg_10"], indent=1))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


if __name__ == "__main__":
    main()
