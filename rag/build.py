"""Building a generation: check, embed, index and site for every circle, self-test, switch.

Everything is written into a fresh folder. Until the last step, which is one atomic rename of a pointer, the
old generation serves; a build that is killed leaves a hidden folder that the next build removes.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.access import Circle, circles
from rag.checks import checked_library, errors
from rag.chunks import Chunk, Window, chunks_of, general_questions, unanswered_windows, windows_of
from rag.elsewhere import read_elsewhere
from rag.embed import VectorCache, embed_passages, embedder_id, load_embedding, text_key, widths
from rag.generation import KEPT, MANIFEST, BuildError, current, names, open_generation, switch
from rag.guides import LANG_FOLDERS, Library, UnitOffice
from rag.index import write_index
from rag.problems import GuideError, Problem
from rag.record import readable_guides, record
from rag.settings import Settings
from rag.site import build_site, tree_digest, write_tree, write_twins

Step = Callable[[str, int, int], None]
"""Called with a stage (check, embed, index, site, test, switch), what is done and the total."""

SELF_TEST_SECONDS = 300


@dataclass(frozen=True)
class BuildReport:
    """What a build made."""

    name: str
    seconds: float
    chunks: int
    embedded: int
    reused: int
    problems: list[Problem]


def build(settings: Settings, on_step: Step | None = None) -> BuildReport:
    """A new generation of `settings.docs`, switched to; raises GuideError or BuildError and leaves the old
    generation serving."""
    began, step = time.monotonic(), on_step or _quiet
    with _tester(settings) as tester:
        library, problems = checked_library(settings.docs)
        if errors(problems):
            raise GuideError(errors(problems))
        step("check", 1, 1)
        settings.out.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(settings.out)
        fresh = settings.out / f".building-{os.getpid()}"
        try:
            chunks, embedded, windows = _write(fresh, library, settings, step)
            _self_test(fresh, tester, step)
            name = _name(fresh)
            os.replace(fresh, settings.out / name)
            switch(settings.out, name)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    step("switch", 1, 1)
    _prune(settings.out)
    return BuildReport(name, time.monotonic() - began, chunks, embedded, windows - embedded, problems)


def _write(fresh: Path, library: Library, settings: Settings, step: Step) -> tuple[int, int, int]:
    """Write a whole generation; how many chunks it has, windows embedded now, and distinct windows."""
    chunks = chunks_of(library)
    if not chunks:
        raise BuildError("check", f"no published guide in {settings.docs}")
    general = general_questions(library)
    vectors, parts, embedder, embedded = _embed(chunks, general, settings, step)
    kept = [circle for circle in circles(library.restricted()) if _has_guides(circle, library)]
    # Sites are built by other processes: the indexes are written meanwhile.
    with ThreadPoolExecutor(max_workers=1) as aside:
        indexes = aside.submit(_write_indexes, fresh, kept, chunks, general, vectors, parts, step)
        _write_sites(fresh, kept, library, settings.out, step)
        indexes.result()
    _write_manifest(fresh, kept, library, embedder, settings)
    return len(chunks), embedded, len(vectors)


def _quiet(stage: str, done: int, total: int) -> None:
    """No progress wanted."""


def _remove_leftovers(out: Path) -> None:
    """Folders of builds that were killed: their process is gone."""
    for folder in out.glob(".building-*"):
        pid = folder.name.rpartition("-")[2]
        if not pid.isdigit() or int(pid) == os.getpid() or not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _has_guides(circle: Circle, library: Library) -> bool:
    """Every plain circle is kept, so that each level of reader has a site; restricted ones hold guides."""
    return not circle.restricted or any(guide.id in circle.restricted for guide in library.guides)


def _embed(
    chunks: Sequence[Chunk], general: Sequence[str], settings: Settings, step: Step
) -> tuple[dict[str, NDArray[np.float32]], tuple[int, ...], str, int]:
    """Vector of every distinct window text, its parts, the embedder's id, and how many were computed."""
    embedding = load_embedding(settings.embedder, settings.models)
    windows = [*unanswered_windows(chunks, general), *windows_of(list(chunks))]
    texts = list(dict.fromkeys(window.text for window in windows))
    settings.cache.parent.mkdir(parents=True, exist_ok=True)
    with VectorCache(settings.cache) as cache:
        vectors = embed_passages(
            embedding, texts, cache, on_progress=lambda done, total: step("embed", done, total)
        )
        embedded = cache.misses
        cache.prune({text_key(text) for text in texts})
    step("embed", len(texts), len(texts))
    return dict(zip(texts, vectors, strict=True)), widths(embedding), embedder_id(embedding), embedded


def _write_indexes(
    fresh: Path,
    kept: Sequence[Circle],
    chunks: Sequence[Chunk],
    general: Sequence[str],
    vectors: dict[str, NDArray[np.float32]],
    parts: Sequence[int],
    step: Step,
) -> None:
    """One physically separate index a circle, with statistics of its own."""
    for n, circle in enumerate(kept):
        own = [chunk for chunk in chunks if circle.opens(chunk.guide, chunk.level)]
        windows: list[Window] = [*unanswered_windows(own, general), *windows_of(own)]
        rows = np.array([vectors[window.text] for window in windows], dtype=np.float32)
        write_index(fresh / "circles" / circle.name / "index", own, windows, rows, parts)
        step("index", n + 1, len(kept))


def _write_sites(fresh: Path, kept: Sequence[Circle], library: Library, out: Path, step: Step) -> None:
    """A site a circle and language; one whose tree did not change is copied from the current generation."""
    old = out / (current(out) or "-") / "circles"
    jobs = [(circle, lang) for circle in kept for lang in LANG_FOLDERS]
    done = 0

    def one(job: tuple[Circle, str]) -> None:
        nonlocal done
        circle, lang = job
        folder = fresh / "circles" / circle.name
        tree = folder / f"tree-{lang}"
        shelf = write_tree(library, circle, lang, tree)
        digest = tree_digest(tree)
        built, same = folder / f"site-{lang}", old / circle.name
        if _digest_of(same, lang) == digest:
            shutil.copytree(same / "site" / _BELOW[lang], built, ignore=_other_language(lang))
        else:
            build_site(tree, lang, built)
        write_twins(shelf, built)
        (folder / f"site-{lang}.digest").write_text(digest, encoding="utf-8")
        shutil.rmtree(tree)
        done += 1
        step("site", done, len(jobs))

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as workers:
        list(workers.map(one, jobs))
    for circle in kept:
        _join_languages(fresh / "circles" / circle.name)
        _write_records(fresh / "circles" / circle.name / "guides.json", circle, library)


_BELOW = {"zh": "", "en": "en"}
"""Where a language stands below the site's root."""


def _other_language(lang: str) -> Callable[[str, list[str]], list[str]]:
    """Leaves the English site out when the Chinese one, whose folder it lies in, is copied."""

    def ignored(folder: str, found: list[str]) -> list[str]:
        return ["en"] if lang == "zh" and Path(folder).name == "site" and "en" in found else []

    return ignored


def _join_languages(folder: Path) -> None:
    """One site: Chinese at the root, English below en/."""
    os.replace(folder / "site-zh", folder / "site")
    os.replace(folder / "site-en", folder / "site" / "en")


def _digest_of(circle: Path, lang: str) -> str:
    try:
        return (circle / f"site-{lang}.digest").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _write_records(file: Path, circle: Circle, library: Library) -> None:
    """The structured records of a circle's guides."""
    own = readable_guides(library, circle)
    text = json.dumps([record(guide, own) for guide in own], ensure_ascii=False)
    file.write_text(text, encoding="utf-8")


def _write_manifest(
    fresh: Path, kept: Sequence[Circle], library: Library, embedder: str, settings: Settings
) -> None:
    data = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "guides": len(library.guides),
        "embedder": embedder,
        "elsewhere": read_elsewhere(library.root)[0],
        "restricted": {guide: sorted(roles) for guide, roles in library.restricted().items()},
        "circles": [{"level": c.level.value, "restricted": sorted(c.restricted)} for c in kept],
        "units": {unit_id: _unit(unit) for unit_id, unit in library.units.items()},
        "platform": _unit(library.platform) if library.platform else {},
    }
    (fresh / MANIFEST).write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")


def _unit(unit: UnitOffice) -> dict[str, object]:
    return unit.model_dump(mode="json", exclude_none=True)


@contextmanager
def _tester(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """The process of the self-test, started early so that its imports do not cost time at the end.

    A process of its own, because a broken vector store can take its reader down. It waits for a folder.
    """
    env = os.environ | {"ZHINAN_EMBEDDER": settings.embedder, "ZHINAN_MODELS": str(settings.models)}
    command = [sys.executable, "-m", "rag.selftest"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _self_test(fresh: Path, tester: "subprocess.Popen[str]", step: Step) -> None:
    """Prove the finished generation, or raise BuildError with what is wrong with it."""
    try:
        said, failed = tester.communicate(f"{fresh}\n", timeout=SELF_TEST_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise BuildError("self-test", f"no result after {SELF_TEST_SECONDS} s") from error
    if tester.returncode:
        raise BuildError("self-test", said.strip() or failed.strip() or str(tester.returncode))
    step("test", 1, 1)


def _name(fresh: Path) -> str:
    """A name that begins with its time and ends with a digest of its manifest and chunks."""
    digest = hashlib.sha256((fresh / MANIFEST).read_bytes())
    for file in sorted(fresh.glob("circles/*/index/chunks.jsonl")):
        digest.update(file.read_bytes())
    return f"g-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{digest.hexdigest()[:8]}"


def _prune(out: Path) -> None:
    """Keep the current generation and the newest others."""
    serving = current(out)
    others = [name for name in names(out) if name != serving]
    for name in others[: max(0, len(others) - (KEPT - 1))]:
        shutil.rmtree(out / name, ignore_errors=True)
    open_generation(out)
