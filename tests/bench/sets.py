"""What retrieval is measured on: public sets where they are present, and always our own guides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rag.access import circles
from rag.guides import read_library
from rag.measured import digest
from rag.ranking_data import asked, id_of, read_collection
from rag.settings import ROOT
from rag.site import write_tree
from tests.peers.peer import Document

PUBLIC = (
    ("ncppolicies", None), ("ncppolicies", "hant"), ("stard_small", None), ("stard_small", "hant"),
    ("sharc", None), ("xquad", "zh"), ("xquad", "zh_hant"), ("xquad", "en"), ("xquad", "zh2en"),
    ("xquad", "en2zh"), ("doc2dial_va", None),
)  # fmt: skip
"""Folder and split of each public set."""
ANSWERS = (
    ("ncppolicies", None), ("ncppolicies", "hant"), ("sharc", None), ("xquad", "zh"), ("xquad", "zh_hant"),
    ("xquad", "en"),
)  # fmt: skip
"""Those with answers, in the language asked, or with questions that must not be answered."""
OWN = (("guides", "zh"), ("guides", "en"))
QUERIES = ROOT / "tests" / "browser" / "queries.jsonl"


@dataclass(frozen=True)
class Measured:
    """Documents, queries and judgements; `targets` says what a document is judged as, `site` is the search
    data of the site that the documents are sections of."""

    name: str
    documents: list[Document]
    queries: dict[str, str]
    relevant: dict[str, dict[str, int]]
    targets: dict[str, str]
    digest: str
    lang: str
    site: Mapping[str, Any] | None = None


def title_of(folder: str, split: str | None) -> str:
    """How a set is named in files and on pages."""
    return f"{folder}-{split}" if split else folder


def present(data: Path | None) -> list[tuple[str, str | None]]:
    """The public sets whose folder is there."""
    return [(folder, split) for folder, split in PUBLIC if data and (data / folder).is_dir()]


def with_answers(data: Path | None) -> list[tuple[str, str | None]]:
    """Those of them that answers are judged on."""
    return [pair for pair in present(data) if pair in ANSWERS]


def with_turns(data: Path | None) -> list[str]:
    """The folders with conversations."""
    return sorted(file.parent.name for file in data.glob("*/queries_multiturn.jsonl")) if data else []


def load(data: Path | None, folder: str, split: str | None, limit: int | None) -> Measured:
    """One set; `guides` is our own."""
    if folder == "guides":
        return own_guides(split or "zh", limit)
    assert data, "a public set needs its folder"
    rows = read_collection(data / folder, split, limit)
    documents = [
        Document(id_of(row), row.get("title") or "", row.get("section") or "", row["text"])
        for row in rows.documents
    ]
    return Measured(
        title_of(folder, split),
        documents,
        {id_of(query): asked(query) for query in rows.queries},
        rows.relevant,
        dict(zip((document.id for document in documents), rows.targets, strict=True)),
        rows.digest,
        "zh" if str(rows.documents[0].get("lang", "")).startswith("zh") else "en",
    )


def own_guides(lang: str, limit: int | None) -> Measured:
    """Our guides' sections as the widest site's search has them; everyday queries, each with the guide meant."""
    library, _ = read_library(ROOT / "docs")
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        write_tree(library, circles(library.restricted())[-1], lang, tree)
        text = (tree / "search-data.json").read_text(encoding="utf-8")
    site = json.loads(text)
    documents = [_section(n, entry, lang) for n, entry in enumerate(site["entries"])]
    lines = QUERIES.read_text(encoding="utf-8").splitlines()
    cases = [case for line in lines if (case := json.loads(line))["lang"] == lang][:limit]
    queries = {f"q{n}": case["query"] for n, case in enumerate(cases)}
    relevant = {f"q{n}": {case["guide"]: 1} for n, case in enumerate(cases)}
    targets = {document.id: document.page for document in documents}
    seen = digest(text.encode(), json.dumps(cases, ensure_ascii=False, sort_keys=True).encode())
    return Measured(f"guides-{lang}", documents, queries, relevant, targets, seen, lang, site)


def _section(number: int, entry: Mapping[str, Any], lang: str) -> Document:
    page = entry["url"].partition("#")[0].strip("/").rpartition("/")[2]
    aliases = tuple(entry.get("aliases", ()))
    return Document(f"{page}#{number}", entry["title"], entry["section"], entry["text"], aliases, page, lang)
