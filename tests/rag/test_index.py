"""The index of a circle: what is written is read back, and what was tampered with is refused."""

import json
import shutil
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromadb.api.client import Client
from chromadb.errors import ChromaError

from rag.access import Level
from rag.chunks import Window
from rag.facets import Facet
from rag.index import BadIndexError, Index, read_index, write_index
from tests.rag.made import chunk, write

CHUNKS = [
    chunk("pub-tag", aliases=("单车牌照",), unanswered=("号牌能转让吗",), lines=("号牌当场发放。", "号牌不收费。")),
    chunk("pub-tag", "time-limit", section="办理时限", facet=Facet.TIME_LIMIT, lines=tuple("号牌15日内补发。" * n for n in range(1, 30)),
          facts=((Facet.TIME_LIMIT, "号牌15日内补发。"),)),
    chunk("stf-audit", title="号牌盘点", level=Level.INTERNAL, audience=("staff",)),
    chunk("off-theft", title="失窃线索", level=Level.RESTRICTED, readers=frozenset({"team", "chief"})),
    chunk("pub-tag", lang="en", title="Bicycle tag", lines=("The tag is free.",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Index]:
    """A written index and what was written."""
    folder = tmp_path_factory.mktemp("index") / "index"
    return folder, write(folder, CHUNKS)


@pytest.fixture
def copy(made: tuple[Path, Index], tmp_path: Path) -> Path:
    """A copy of the written index to spoil."""
    return Path(shutil.copytree(made[0], tmp_path / "copy"))


def test_what_is_written_is_read_back(made: tuple[Path, Index]) -> None:
    """Chunks, windows, vectors and postings come back equal, in the same order."""
    folder, wrote = made
    read = read_index(folder)
    assert read.chunks == wrote.chunks == tuple(CHUNKS)
    for mine, its in zip(read.views, wrote.views, strict=True):
        np.testing.assert_allclose(mine, its, atol=1e-6)
    lines = [
        (getattr(read.lines, name), getattr(wrote.lines, name))
        for name in ("alone", "headed", "headings", "sections")
    ]
    for mine, its in ((read.bags, wrote.bags), (read.names, wrote.names), *lines):
        np.testing.assert_array_equal(mine.starts, its.starts)
        np.testing.assert_array_equal(mine.terms, its.terms)
    np.testing.assert_array_equal(read.owners, wrote.owners)
    np.testing.assert_array_equal(read.spans, wrote.spans)
    assert read.unanswered == wrote.unanswered == ("号牌能转让吗",)
    assert read.lexical.vocabulary == wrote.lexical.vocabulary
    np.testing.assert_array_equal(read.lexical.scores(["号牌"]), wrote.lexical.scores(["号牌"]))


def test_an_index_without_stored_lines_is_read_all_the_same(made: tuple[Path, Index], copy: Path) -> None:
    """A generation that an earlier version built can still be served: its lines are cut into terms again."""
    (copy / "lines.npz").unlink()
    read = read_index(copy)
    np.testing.assert_array_equal(read.lines.headed.terms, made[1].lines.headed.terms)
    np.testing.assert_array_equal(read.lines.numbered, made[1].lines.numbered)


def test_cosines_are_the_same_from_two_threads(made: tuple[Path, Index]) -> None:
    """Where windows are many, each encoder's vectors are compared in a thread of their own: to the same result."""
    rng = np.random.default_rng(3)
    views = tuple(rng.standard_normal((20_000, width), dtype=np.float32) for width in (8, 12))
    large = replace(made[1], views=views, owners=np.zeros(20_000, dtype=np.int32))
    query = rng.standard_normal(20, dtype=np.float32)
    found = large.similarity(query)
    expected = [views[0] @ query[:8], views[1] @ query[8:]]
    np.testing.assert_allclose(found, np.array(expected) * 2**0.5, rtol=1e-4, atol=1e-4)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_reading_changes_no_byte(made: tuple[Path, Index]) -> None:
    """A written index has many readers, and none of them writes into it."""
    before = _bytes(made[0])
    read_index(made[0])
    assert _bytes(made[0]) == before


def test_the_vector_store_holds_no_leftover_of_memory(made: tuple[Path, Index], tmp_path: Path) -> None:
    """Room that Chroma reserved and did not fill is zero, never what lay in this process's memory."""
    many = 1_500  # above a thousand Chroma also saves its graph
    own = [chunk("pub-many", lines=("一",) * many)]
    vectors = np.eye(8, dtype=np.float32)[np.arange(many) % 8]
    write_index(tmp_path / "index", own, [Window(0, n, n + 1, str(n)) for n in range(many)], vectors)
    seen = 0
    for folder in (made[0], tmp_path / "index"):
        for header in folder.glob("chroma/*/header.bin"):
            room, elements, size = struct.unpack_from("<QQQ", header.read_bytes(), 12)
            for name, each in (("data_level0.bin", size), ("length.bin", 4)):
                data = header.with_name(name).read_bytes()
                assert elements * each <= len(data) <= room * each and not any(data[elements * each :])
                seen += 1
    assert seen == 4
    np.testing.assert_allclose(read_index(tmp_path / "index").views[0], vectors)


def test_windows_of_a_chunk_lie_side_by_side(made: tuple[Path, Index]) -> None:
    """Every line of every chunk is inside a window that belongs to it."""
    index = read_index(made[0])
    for i, own in enumerate(index.chunks):
        spans = index.spans[index.windows_of(i)]
        covered = {line for first, last in spans for line in range(first, last)}
        assert covered == set(range(len(own.lines)))
        assert (index.owners[index.windows_of(i)] == i).all()


def test_an_unanswered_question_is_no_chunks_own(made: tuple[Path, Index]) -> None:
    """Its window comes first, nobody owns it, and no chunk scores by it."""
    index = read_index(made[0])
    assert index.owners[0] == -1 and (index.owners[1:] >= 0).all() and index.starts[0] == 1
    assert 0 not in index.question_windows
    best = index.best(index.similarity(index.views[0][0]))
    assert best.shape == (1, len(CHUNKS)) and best.max() < 0.999


def test_the_words_of_an_unanswered_question_are_told(made: tuple[Path, Index]) -> None:
    """The share is 1 when one question holds all that is wanted, 0 when none holds any of it."""
    index = read_index(made[0])
    assert index.unanswered_share(["号牌", "转让"]) == pytest.approx(1.0)
    assert 0 < index.unanswered_share(["转让", "补发"]) < 1
    assert index.unanswered_share(["补发"]) == index.unanswered_share([]) == 0.0


def test_a_chunk_scores_by_its_best_window(made: tuple[Path, Index]) -> None:
    """A query equal to one window makes that window's chunk the best with cosine 1."""
    index = read_index(made[0])
    window = index.windows_of(1).stop - 1
    best = index.best(index.similarity(index.views[0][window]))
    assert best.shape == (1, len(CHUNKS))
    assert int(best[0].argmax()) == 1
    assert best[0, 1] == pytest.approx(1.0, abs=1e-5)


def _edited(change: Callable[[list[dict[str, Any]]], None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        file = folder / "chunks.jsonl"
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        change(rows)
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    return spoil


SPOILED: dict[str, Callable[[Path], None]] = {
    "a changed line": _edited(lambda rows: rows[0].update(lines=["号牌要收五百块。"])),
    "a changed title": _edited(lambda rows: rows[0].update(title="别的")),
    "a lowered level": _edited(lambda rows: rows[3].update(level="open")),
    "swapped chunks": _edited(lambda rows: rows.insert(0, rows.pop())),
    "a chunk too few": _edited(lambda rows: rows.pop()),
    "a chunk too many": _edited(lambda rows: rows.append(rows[0])),
    "an unanswered question too many": lambda folder: (folder / "unanswered.json").write_text('["一", "二"]'),
    "no unanswered question": lambda folder: (folder / "unanswered.json").write_text("[]"),
    "no vectors": lambda folder: shutil.rmtree(folder / "chroma"),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_tampered_index_is_refused(copy: Path, spoil: Callable[[Path], None]) -> None:
    """Chunks that disagree with the stored vectors are never served."""
    spoil(copy)
    with pytest.raises(BadIndexError):
        read_index(copy)


def test_an_unknown_level_is_an_error(copy: Path) -> None:
    """A level that nobody declared is not read as any other."""
    _edited(lambda rows: rows[0].update(level="public"))(copy)
    with pytest.raises(ValueError, match="public"):
        read_index(copy)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_is_never_stored(tmp_path: Path, value: float) -> None:
    """NaN and infinity stop the writing or the reading of an index."""
    wrong = np.full((1, 8), value, dtype=np.float32)
    with pytest.raises((BadIndexError, ChromaError), match=r"NaN or Infinity|not finite"):
        write_index(tmp_path / "index", CHUNKS[:1], [Window(0, 0, 2, "text")], wrong)
        read_index(tmp_path / "index")


def test_chroma_never_gets_an_embedding_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The collection is created and opened with embedding_function=None, so no model is ever fetched."""
    seen: list[object] = []
    for name in ("create_collection", "get_collection"):
        real = getattr(Client, name)

        def spy(self: Client, *args: Any, real: Any = real, **kwargs: Any) -> Any:
            seen.append(kwargs.get("embedding_function", "missing"))
            return real(self, *args, **kwargs)

        monkeypatch.setattr(Client, name, spy)
    write(tmp_path / "index", CHUNKS[:1])
    read_index(tmp_path / "index")
    assert seen == [None, None]


def test_a_folder_can_be_written_again_by_the_same_process(tmp_path: Path) -> None:
    """An index at the path of an earlier one holds nothing of it, as when one process builds twice."""
    folder = tmp_path / "index"
    write(folder, CHUNKS)
    shutil.move(folder, tmp_path / "old")
    write(folder, CHUNKS[:1])
    assert read_index(folder).chunks == tuple(CHUNKS[:1])
    assert read_index(tmp_path / "old").chunks == tuple(CHUNKS)


def test_batches_above_five_thousand_windows(tmp_path: Path) -> None:
    """More windows than Chroma takes at once are written in parts and read back in order."""
    many = 5_200
    own = [chunk("pub-many", lines=("一",) * many)]
    windows: Sequence[Window] = [Window(0, n, n + 1, str(n)) for n in range(many)]
    angles = np.linspace(0, np.pi, many)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    steps: list[tuple[int, int]] = []
    write_index(
        tmp_path / "index", own, windows, vectors, (), lambda done, total: steps.append((done, total))
    )
    read = read_index(tmp_path / "index")
    np.testing.assert_allclose(read.views[0], vectors, atol=1e-5)
    assert read.spans[:, 0].tolist() == list(range(many))
    assert steps == [(5_000, many), (many, many)]


def test_an_index_of_nothing_can_be_read(tmp_path: Path) -> None:
    """A circle without guides has an index that answers nothing."""
    write_index(tmp_path / "index", [], [], np.zeros((0, 4), dtype=np.float32))
    assert read_index(tmp_path / "index").chunks == ()


def test_each_encoder_has_a_view_of_its_own(tmp_path: Path) -> None:
    """Vectors of two encoders side by side are read back as two views, each of unit length and each asked alone."""
    first, second = np.eye(3, dtype=np.float32), np.eye(4, dtype=np.float32)[:3][::-1]
    own = [chunk("pub-three", lines=("一", "二", "三"))]
    windows = [Window(0, n, n + 1, str(n)) for n in range(3)]
    joined = np.hstack([first, second]) / np.float32(2**0.5)
    write_index(tmp_path / "index", own, windows, joined, (3, 4))
    read = read_index(tmp_path / "index")
    np.testing.assert_allclose(read.views[0], first, atol=1e-6)
    np.testing.assert_allclose(read.views[1], second, atol=1e-6)
    np.testing.assert_allclose(read.similarity(joined[0]), [[1, 0, 0], [1, 0, 0]], atol=1e-6)
    other = np.hstack([first[0], second[1]]) / np.float32(2**0.5)
    np.testing.assert_allclose(read.similarity(other), [[1, 0, 0], [0, 1, 0]], atol=1e-6)
