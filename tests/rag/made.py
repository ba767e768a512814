"""Chunks, indexes and scopes made by hand, for tests that need no files."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.access import ANONYMOUS, Level, Reader, circles
from rag.chunks import Chunk, Window, unanswered_windows, windows_of
from rag.decide import Evidence, Features, Pick
from rag.facets import Facet
from rag.generation import MANIFEST, Generation, open_generation
from rag.index import Index, write_index
from rag.index import index_of as index_in_memory
from rag.question import Part
from rag.retrieve import Ranking, pool, rank
from rag.scope import Scope
from tests.fakes import HashEmbedding

TODAY = date(2026, 11, 22)
_MODEL = HashEmbedding()
_OFFICE = {"name": {"zh": "自行车管理处", "en": "Bicycle Office"}, "phone": "000-0000-0101", "platform": True}
_PLAIN = Chunk(
    id="", guide="pub-plain", lang="zh", level=Level.OPEN, readers=frozenset(), audience=("public",),
    type="service", title="自行车号牌", aliases=(), section="", anchor="", url="/public/pub-plain/", facet=None,
    lines=("号牌当场发放。",), facts=(), asked=(), unanswered=(), version=1, valid_from=date(2026, 1, 1), valid_to=None,
    reviewed_on=date(2026, 1, 1), review_by=date(2027, 1, 1), owner_unit="bike-office",
)  # fmt: skip


def chunk(guide: str = "pub-plain", anchor: str = "", **changes: Any) -> Chunk:
    """A chunk of an open guide in use, with the fields that matter changed."""
    made = replace(_PLAIN, guide=guide, anchor=anchor, url=f"/public/{guide}/", **changes)
    return replace(made, id=f"{guide}:{made.lang}:{anchor}")


THREE_GUIDES = [
    chunk("pub-tag", title="自行车号牌", aliases=("单车牌照",)),
    chunk("pub-tag", "fees", title="自行车号牌", section="收费", facet=Facet.FEE, lines=("号牌不收费。",)),
    chunk("pub-tag", "time", title="自行车号牌", section="补发", lines=("遗失的15日内补发。", "旧牌作废。"),
          facts=((Facet.TIME_LIMIT, "遗失的15日内补发。"),)),
    chunk("pub-tag", "faq-1", title="自行车号牌", section="旧牌去哪里交？", facet=Facet.FAQ, lines=("旧牌交到窗口。",)),
    chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话。",)),
    chunk("org-well", title="水井登记", audience=("organisations",), lines=("水井每年登记一次。",)),
]  # fmt: skip
"""A guide of four sections, a guide of one, and one for organisations."""


def vector(text: str) -> NDArray[np.float32]:
    """The unit vector of a text."""
    return np.array(_MODEL.get_query_embedding(text), dtype=np.float32)


def all_windows(chunks: Sequence[Chunk]) -> list[Window]:
    """Every window: unanswered questions first."""
    return [*unanswered_windows(chunks), *windows_of(list(chunks))]


def vectors_of(chunks: Sequence[Chunk]) -> NDArray[np.float32]:
    """The unit vector of every window."""
    rows = [vector(window.text) for window in all_windows(chunks)]
    return np.stack(rows) if rows else np.zeros((0, 1), dtype=np.float32)


def index_of(chunks: Sequence[Chunk]) -> Index:
    """An index in memory."""
    return index_in_memory(chunks, all_windows(chunks), vectors_of(chunks))


def write(folder: Path, chunks: Sequence[Chunk]) -> Index:
    """An index written to a folder; the one that should be read back."""
    index = index_of(chunks)
    write_index(folder, chunks, all_windows(chunks), vectors_of(chunks))
    return index


def scope_of(chunks: Sequence[Chunk], reader: Reader = ANONYMOUS, lang: str = "zh") -> Scope:
    """What a reader can be answered from."""
    index = index_of(chunks)
    return Scope(index, reader, lang, pool(index, reader, lang, TODAY))


def ranking_of(scope: Scope, text: str) -> Ranking:
    """The ranking of a question."""
    return rank(scope.index, text, vector(text), scope.within)


def evidence_of(
    part: Part, scope: Scope, picks: Sequence[tuple[int, int, float]], residual: tuple[str, ...] = ()
) -> Evidence:
    """Evidence that says: these lines (chunk, line, log-odds; best first) answer the part."""
    sure = Features(**{field.name: 1.0 for field in fields(Features)})
    lines = tuple(Pick(*pick) for pick in picks)
    return Evidence(
        part,
        scope.index.chunks[lines[0].chunk].guide,
        lines,
        residual,
        sure,
        1.0,
        is_sure=True,
        is_certain=True,
    )


def generation_of(out: Path, name: str, chunks: Sequence[Chunk]) -> Generation:
    """A complete generation of hand-made chunks, each page a heading for every anchor and the lines."""
    restricted = {c.guide: c.readers for c in chunks if c.level is Level.RESTRICTED}
    kept = circles(restricted)
    for circle in kept:
        own = [c for c in chunks if circle.opens(c.guide, c.level)]
        folder = out / name / "circles" / circle.name
        write(folder / "index", own)
        for url in {c.url for c in own}:
            page = folder / "site" / url.strip("/") / "index.html"
            page.parent.mkdir(parents=True)
            page.write_text("".join(_section(c) for c in own if c.url == url), encoding="utf-8")
        langs = {"zh": "zh-Hans", "en": "en"}
        records = {
            (c.guide, c.lang): {"id": c.guide, "lang": langs[c.lang], "level": c.level.value} for c in own
        }
        (folder / "guides.json").write_text(json.dumps(list(records.values())), encoding="utf-8")
    manifest = {
        "embedder": _MODEL.model_name,
        "restricted": {guide: sorted(roles) for guide, roles in restricted.items()},
        "circles": [{"level": c.level.value, "restricted": sorted(c.restricted)} for c in kept],
        "units": {"bike-office": _OFFICE},
        "platform": _OFFICE,
    }
    (out / name / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return open_generation(out, name)


def _section(made: Chunk) -> str:
    return f'<h2 id="{made.anchor}">{made.section}</h2>' + "".join(f"<p>{line}</p>" for line in made.lines)
