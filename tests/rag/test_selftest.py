"""The self-test of a generation: each kind of damage is found and named."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.access import Circle, Level, circle_of
from rag.chunks import Chunk, windows_of
from rag.generation import MANIFEST, Generation, open_generation
from rag.index import write_index
from rag.selftest import faults, main, reader_of
from tests.fakes import HashEmbedding
from tests.rag.made import chunk, generation_of, vectors_of

CHUNKS = [
    chunk("pub-tag"),
    chunk("pub-tag", "fees", section="收费", lines=("号牌不收费。", "补发也不收费。")),
    chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话。",)),
    chunk("stf-audit", title="号牌盘点", level=Level.INTERNAL),
    chunk("off-theft", title="失窃线索", level=Level.RESTRICTED, readers=frozenset({"team", "chief"})),
    chunk("off-plan", title="年度计划", level=Level.RESTRICTED, readers=frozenset({"chief"})),
]
OPEN = "circles/open/index"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """A generation without fault."""
    return generation_of(tmp_path_factory.mktemp("good"), "g-good", CHUNKS)


@pytest.fixture
def copy(good: Generation, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    return Path(shutil.copytree(good.path, tmp_path / good.name))


def _found(folder: Path) -> list[str]:
    return list(faults(open_generation(folder.parent, folder.name), HashEmbedding()))


def _asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder comes on standard input, the encoder from the settings."""
    monkeypatch.setenv("ZHINAN_EMBEDDER", "tests.fakes:HashEmbedding")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{folder}\n"))


def test_a_good_generation_has_no_fault(good: Generation) -> None:
    """Nothing is found where nothing is wrong."""
    assert list(faults(good, HashEmbedding())) == []


def test_every_circle_is_tested_by_a_reader_of_its_own(good: Generation) -> None:
    """For each circle there is a reader who stands in exactly that circle."""
    assert len(good.circles) == 5
    for circle in good.circles:
        assert circle_of(reader_of(good, circle), good.restricted) == circle


def _rewrite(folder: Path, chunks: list[Chunk], vectors: NDArray[np.float32] | None = None) -> None:
    shutil.rmtree(folder / OPEN)
    write_index(folder / OPEN, chunks, windows_of(chunks), vectors_of(chunks) if vectors is None else vectors)


def test_a_chunk_above_its_circle_is_found(copy: Path) -> None:
    """Internal and restricted text in the open index is named."""
    _rewrite(copy, CHUNKS)
    found = _found(copy)
    assert {"open: stf-audit:zh: is of level internal", "open: off-plan:zh: is of level restricted"} <= set(
        found
    )


def test_a_missing_anchor_is_found(copy: Path) -> None:
    """A citation that leads to no heading is named."""
    page = copy / "circles/open/site/public/pub-tag/index.html"
    page.write_text(page.read_text(encoding="utf-8").replace('id="fees"', 'id="fee"'), encoding="utf-8")
    assert _found(copy) == ["open: no anchor /public/pub-tag/#fees"]


def test_a_missing_page_is_found(copy: Path) -> None:
    """A guide without a page is named."""
    shutil.rmtree(copy / "circles/internal/site/public/stf-audit")
    assert "internal: no page /public/stf-audit/" in _found(copy)


def test_a_vector_of_wrong_length_is_found(copy: Path) -> None:
    """Vectors must be of unit length."""
    own = CHUNKS[:3]
    _rewrite(copy, own, vectors_of(own) * 1.5)
    assert "open: a vector is not of unit length" in _found(copy)


def test_a_vector_of_another_text_is_found(copy: Path) -> None:
    """Two vectors that changed places are found, though each is a good vector."""
    own = CHUNKS[:3]
    vectors = vectors_of(own)
    _rewrite(copy, own, vectors[::-1].copy())
    moved = [f"open: the vector of {c.id} is not that of its text" for c in (own[0], own[2])]
    assert [fault for fault in _found(copy) if "vector" in fault] == moved


def test_another_encoder_is_found(copy: Path) -> None:
    """Vectors made by another encoder than the setting's are not searched."""
    file = copy / MANIFEST
    manifest = json.loads(file.read_text(encoding="utf-8")) | {"embedder": "other"}
    file.write_text(json.dumps(manifest), encoding="utf-8")
    assert _found(copy) == ["the generation was embedded with another encoder"]


def test_the_command_prints_and_fails(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what is wrong and exits 1."""
    shutil.rmtree(copy / "circles/open/site/public/pub-lamp")
    _asked_for(copy, monkeypatch)
    assert main() == 1
    assert capsys.readouterr().out == "open: no page /public/pub-lamp/\n"


def test_the_command_passes_a_good_generation(good: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing wrong is exit 0."""
    _asked_for(good.path, monkeypatch)
    assert main() == 0


def test_a_lowered_level_does_not_pass(copy: Path) -> None:
    """A chunk whose level was lowered by hand is refused when its index is read."""
    file = copy / "circles/internal/index/chunks.jsonl"
    lowered = [
        replace(c, level=Level.OPEN).to_json()
        for c in CHUNKS
        if Circle(Level.INTERNAL).opens(c.guide, c.level)
    ]
    file.write_text("".join(line + "\n" for line in lowered), encoding="utf-8")
    with pytest.raises(Exception, match="level"):
        _found(copy)
