"""Fitting the question side of the first encoder: `python -m rag.fit_query FOLDER…`, on public data in BEIR layout
and on the asked questions of the built guides. Needs torch: `pip install -e .[train]`.

Passages keep their vectors, so every passage of a set can be a negative of every question: the loss is a
softmax over the whole haystack, of the first encoder alone and beside the second in equal parts. A penalty
keeps questions near their published vectors, so that sets never fitted on lose nothing.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from rag.embed import QUERY_CHARACTERS, as_embedded, text_key
from rag.encoders import UseEmbedding
from rag.fit_passages import SPLITS
from rag.generation import open_generation
from rag.index import Index
from rag.legs import VIEW_WEIGHTS
from rag.query_encoder import DROPOUT, FIRST, RANK, Encoder, Parameters, by_length
from rag.query_side import ADAPTER, CARD, HELD_OUT, adapter_sha256, save_held_out
from rag.ranking_data import asked, id_of, read_collection
from rag.ranking_eval import index_rows
from rag.settings import Settings

FOLDS, EPOCHS, RATE, DECAY, WARM, BATCH = 3, 5, 1e-3, 0.01, 30, 48
PER_EPOCH = 900
"""Questions of one set that an epoch sees at most."""
PENALTY = 5.0
"""Worth of 1 - cosine to the published vector."""
FIRST_SCALE, SECOND_SCALE = 50.0, 10.0
"""What the encoders' cosines are multiplied by in the loss; the first one's lie closer together."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Task:
    """Questions of one set: their text keys, hidden states below the adapters, published vectors of both encoders,
    relevant chunks and folds; and the windows to be found, by encoder, with the number of each chunk's."""

    name: str
    keys: list[str]
    below: list[Any]
    first: Vectors
    second: Vectors
    relevant: list[list[int]]
    folds: NDArray[np.int64]
    views: tuple[Vectors, ...]
    sizes: NDArray[np.int64]


def _task(
    encoder: Encoder,
    name: str,
    index: Index,
    asked_of: Sequence[tuple[str, Sequence[int], str]],
    within: NDArray[np.bool_],
) -> Task:
    """A task of (question, relevant chunks, group) over some chunks; questions of one group share a fold.

    Windows of questions alone are left out, since asked questions are fitted on.
    """
    kept = np.setdiff1d(np.flatnonzero(within[index.owners]), index.question_windows)
    chunks, sizes = np.unique(index.owners[kept], return_counts=True)
    places = {int(chunk): n for n, chunk in enumerate(chunks)}
    texts = [as_embedded(text)[:QUERY_CHARACTERS] for text, _, _ in asked_of]
    below, second = encoder.below(texts), UseEmbedding()
    return Task(
        name=name,
        keys=[text_key(text) for text in texts],
        below=below,
        first=encoder.all_vectors(below, {}),
        second=np.array([second.get_query_embedding(text) for text in texts], np.float32),
        relevant=[[places[n] for n in relevant] for _, relevant, _ in asked_of],
        folds=np.array([hashlib.sha256(group.encode()).digest()[0] % FOLDS for _, _, group in asked_of]),
        views=tuple(np.ascontiguousarray(view[kept]) for view in index.views),
        sizes=sizes.astype(np.int64),
    )


def folder_tasks(encoder: Encoder, folder: Path, settings: Settings) -> Iterator[Task]:
    """The judged questions of a folder. Where most passages are asked for, those about one share a fold, with
    their translations."""
    for split in SPLITS.get(folder.name, (None,)):
        data = read_collection(folder, split)
        if data.by_document:
            continue
        index = index_rows(data.documents, settings).index
        rows = {id_of(row): n for n, row in enumerate(data.documents)}
        relevant = [[rows[x] for x in data.relevant[id_of(q)] if x in rows] for q in data.queries]
        dense = len({n for found in relevant for n in found}) > len(rows) / 2
        questions = [
            (asked(query), found, str(found[0]) if dense else id_of(query))
            for query, found in zip(data.queries, relevant, strict=True)
        ]
        yield _task(encoder, f"{folder.name} {split or 'all'}", index, questions, np.ones(len(rows), bool))


def guide_tasks(encoder: Encoder, settings: Settings) -> Iterator[Task]:
    """The asked questions of guides in the largest circle, by language, against the text of its sections."""
    generation = open_generation(settings.out)
    index = max(map(generation.index, generation.circles), key=lambda index: len(index.chunks))
    for lang in ("zh", "en"):
        within = np.array([chunk.lang == lang for chunk in index.chunks])
        questions = [
            (text, [int(n)], index.chunks[n].guide)
            for n in np.flatnonzero(within)
            for text in index.chunks[n].asked
        ]
        yield _task(encoder, f"guides {lang}", index, questions, within)


def fit(encoder: Encoder, tasks: Sequence[Task], left_out: int | None) -> Parameters:
    """Adapters fitted on all questions but those of a fold."""
    torch = encoder.torch
    torch.manual_seed(1)
    chance = np.random.default_rng(1)
    parameters = encoder.adapters()
    flat = [matrix for pair in parameters.values() for matrix in pair]
    optimizer = torch.optim.AdamW(flat, lr=RATE, weight_decay=DECAY)
    steps = [batch for _ in range(EPOCHS) for batch in _epoch(tasks, left_out, chance)]
    for number, (task, chosen) in enumerate(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (number + 1) / WARM) * max(0.05, 1 - number / len(steps))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = encoder.vectors([task.below[i] for i in chosen], parameters, DROPOUT).float()
        loss = _loss(torch, task, chosen, vectors)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(flat, 1.0)
        optimizer.step()
    return parameters


def _epoch(
    tasks: Sequence[Task], left_out: int | None, chance: np.random.Generator
) -> list[tuple[Task, NDArray[np.int64]]]:
    """Batches of one task each, in an order drawn."""
    batches = []
    for task in tasks:
        drawn = chance.permutation(np.flatnonzero(task.folds != left_out))[:PER_EPOCH]
        batches += [(task, drawn[part]) for part in by_length([task.below[i] for i in drawn], BATCH)]
    return [batches[n] for n in chance.permutation(len(batches))]


def _loss(torch: Any, task: Task, chosen: NDArray[np.int64], vectors: Any) -> Any:
    """Cross-entropy of the relevant chunks among all, and the penalty."""
    wanted = torch.zeros(len(chosen), len(task.sizes))
    for row, i in enumerate(chosen):
        wanted[row, task.relevant[i]] = 1.0 / len(task.relevant[i])
    first = FIRST_SCALE * _best(torch, task, 0, vectors)
    second = SECOND_SCALE * _best(torch, task, 1, torch.from_numpy(task.second[chosen]))
    losses = [-(torch.log_softmax(scores, 1) * wanted).sum(1).mean() for scores in (first, first + second)]
    moved = 1 - (vectors * torch.from_numpy(task.first[chosen])).sum(1).mean()
    return sum(losses) / 2 + PENALTY * moved


def _best(torch: Any, task: Task, view: int, vectors: Any) -> Any:
    """Cosine of each chunk's best window, (questions, chunks)."""
    cosines = torch.from_numpy(task.views[view]) @ vectors.T
    return torch.segment_reduce(cosines, "max", lengths=torch.from_numpy(task.sizes), axis=0).T


def ndcg(encoder: Encoder, task: Task, first: Vectors) -> NDArray[np.float64]:
    """nDCG@10 in percent of each question, by the first encoder alone and by both, (2, questions)."""
    torch, gains = encoder.torch, 1.0 / np.log2(np.arange(2, 12))
    found = np.zeros((2, len(first)))
    for start in range(0, len(first), BATCH):
        part = slice(start, start + BATCH)
        cosines = [
            _best(torch, task, n, torch.from_numpy(v[part])) for n, v in enumerate((first, task.second))
        ]
        one, two = ((c - c.mean(1, keepdim=True)) / c.std(1, keepdim=True) for c in cosines)
        for row, scores in enumerate((one, VIEW_WEIGHTS[0] * one + VIEW_WEIGHTS[1] * two)):
            best = torch.topk(scores, 10).indices.tolist()
            for i, (ranked, wanted) in enumerate(zip(best, task.relevant[part], strict=True), start):
                found[row, i] = gains @ np.isin(ranked, wanted) / gains[: len(wanted)].sum()
    return 100 * found


def crossfitted(encoder: Encoder, tasks: Sequence[Task]) -> list[Vectors]:
    """The vectors of each task's questions, by adapters that saw the other folds."""
    fitted = [task.first.copy() for task in tasks]
    for fold in range(FOLDS):
        parameters = fit(encoder, tasks, fold)
        for task, vectors in zip(tasks, fitted, strict=True):
            own = np.flatnonzero(task.folds == fold)
            vectors[own] = encoder.all_vectors([task.below[i] for i in own], parameters)
    return fitted


def figures(encoder: Encoder, task: Task, fitted: Vectors) -> dict[str, Any]:
    """Mean nDCG@10 with the published and with other vectors."""
    before, after = (ndcg(encoder, task, vectors).mean(axis=1) for vectors in (task.first, fitted))
    return {"questions": len(fitted)} | {
        leg: {"published": round(float(before[n]), 1), "fitted": round(float(after[n]), 1)}
        for n, leg in enumerate(("first", "both"))
    }


def main() -> None:
    """Fit on the folders named and on the guides, and write query_side.npz with its card."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    say = Console(stderr=True).print
    encoder, settings = Encoder(), Settings()
    tasks = [task for folder in options.folders for task in folder_tasks(encoder, folder, settings)]
    tasks += guide_tasks(encoder, settings)
    say({task.name: len(task.below) for task in tasks})
    fitted = crossfitted(encoder, tasks)
    found = {task.name: figures(encoder, task, rows) for task, rows in zip(tasks, fitted, strict=True)}
    say(found)
    encoder.as_adapter(fit(encoder, tasks, None)).save(ADAPTER)
    rows = {
        key: row
        for task, own in zip(tasks, fitted, strict=True)
        for key, row in zip(task.keys, own, strict=True)
    }
    save_held_out(settings.cache.with_name(HELD_OUT), rows)
    card = {
        "date": date.today().isoformat(),
        "data": {folder.name: _digest(folder / "corpus.jsonl") for folder in options.folders}
        | {"guides": open_generation(settings.out).name},
        "licence": "Apache-2.0; fitted on STARD (MIT), ShARC (CC BY-SA 3.0), XQuAD (CC BY-SA 4.0) and our"
        " own asked questions (Apache-2.0), of which it holds no text",
        "command": "python -m rag.fit_query " + " ".join(folder.name for folder in options.folders),
        "layers": FIRST,
        "rank": RANK,
        "ndcg_10": found,
        "sha256": adapter_sha256(),
    }
    CARD.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


if __name__ == "__main__":
    main()
