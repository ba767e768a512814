"""Public retrieval data in BEIR layout, read as it is measured on.

A folder holds corpus.jsonl ({_id|id, title, text, section?, lang?, doc?}), queries.jsonl ({_id|id, text, split?,
history?}) and qrels.tsv (query-id, corpus-id, score). Where the judgements name whole documents and not passages
(`doc` of a passage), a document stands where its best passage does.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.measured import digest
from rag.ranking_report import DEPTH
from rag.talk import in_context

Row = dict[str, Any]


@dataclass(frozen=True)
class Collection:
    """Documents, the queries that are judged, and the grades of the relevant documents of each."""

    documents: list[Row]
    queries: list[Row]
    relevant: dict[str, dict[str, int]]

    @property
    def by_document(self) -> bool:
        """Whether whole documents are judged, and not passages."""
        return not {id_of(row) for row in self.documents} & _judged(self.relevant)

    @property
    def targets(self) -> list[str]:
        """What each row of `documents` is judged as: itself, or the document that it is a passage of."""
        if self.by_document:
            return [str(row.get("doc", "")) for row in self.documents]
        return [id_of(row) for row in self.documents]

    @property
    def digest(self) -> str:
        """Of documents, queries and judgements together: the same data has the same one."""
        parts = (self.documents, self.queries, self.relevant)
        return digest(*(json.dumps(part, ensure_ascii=False, sort_keys=True).encode() for part in parts))


def read_collection(folder: Path, split: str | None = None, limit: int | None = None) -> Collection:
    """The haystack, the judged queries (at most `limit`) and their judgements of a folder."""
    queries, relevant = _queries(folder, split)
    queries = [query for query in queries if relevant.get(id_of(query))][:limit]
    return Collection(_haystack(_read(folder / "corpus.jsonl"), relevant), queries, relevant)


def _read(file: Path) -> list[Row]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def id_of(row: Row) -> str:
    """The id of a document or query row."""
    return str(row.get("_id") or row["id"])


def _queries(folder: Path, split: str | None) -> tuple[list[Row], dict[str, dict[str, int]]]:
    """Queries and relevance of a split; `split` is as in `ranking_eval.evaluate_retrieval`."""
    asked_in = str(split).partition("2")[0]
    file = _first(folder, (f"queries_{split}.jsonl", f"queries_{asked_in}.jsonl", "queries.jsonl"))
    named = (f"qrels_{split}.tsv", f"qrels_doc_{split}.tsv", f"qrels/{split}.tsv")
    judged = _first(folder, (*named, "qrels.tsv", "qrels_doc.tsv", "qrels/test.tsv"))
    relevant: dict[str, dict[str, int]] = {}
    for line in judged.read_text(encoding="utf-8").splitlines():
        query, *_, document, score = line.split("\t") if line.strip() else ("", "", "")
        if score.lstrip("-").isdigit() and int(score) > 0:
            relevant.setdefault(query, {})[document] = int(score)
    queries = _read(file)
    if split and file.name == "queries.jsonl" and any("split" in query for query in queries):
        queries = [query for query in queries if query.get("split") == split]
    return queries, relevant


def _first(folder: Path, names: Sequence[str]) -> Path:
    """The first of the files that is there; FileNotFoundError names the last."""
    return next((folder / name for name in names if (folder / name).is_file()), folder / names[-1])


def best_targets(found: Iterable[str]) -> list[str]:
    """The first targets of a ranking, each where it was first found."""
    return list(dict.fromkeys(found))[:DEPTH]


def _judged(relevant: dict[str, dict[str, int]]) -> set[str]:
    return {document for documents in relevant.values() for document in documents}


def _haystack(documents: list[Row], relevant: dict[str, dict[str, int]]) -> list[Row]:
    wanted = _judged(relevant)
    langs = {row.get("lang") for row in documents if id_of(row) in wanted or row.get("doc") in wanted}
    return [document for document in documents if document.get("lang") in langs]


def asked(query: Row) -> str:
    """What a query row asks, its `history` of earlier turns ({role, text}) with it."""
    history = [(str(turn["role"]), str(turn["text"])) for turn in query.get("history") or ()]
    return in_context(str(query["text"]), history)
