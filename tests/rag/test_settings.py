"""Settings come from the environment alone."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.settings import ROOT, Settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without any setting of ours."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ZHINAN_{name.upper()}", raising=False)


def test_defaults_do_not_depend_on_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Started from anywhere, the same guides are read and nothing listens beyond this machine."""
    here = Settings()
    monkeypatch.chdir(tmp_path)
    assert Settings() == here
    assert (here.docs, here.host, here.writer) == (ROOT / "docs", "127.0.0.1", "extractive")


def test_variables_set_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """ZHINAN_<NAME> sets a value, and an argument goes before it."""
    monkeypatch.setenv("ZHINAN_DOCS", "guides")
    monkeypatch.setenv("ZHINAN_PORT", "8123")
    assert (Settings().docs, Settings().port) == (Path("guides"), 8123)
    assert Settings(port=8124).port == 8124


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "0"), ("PORT", "65536"), ("PORT", "x"), ("WRITER", "x")]
)
def test_a_wrong_value_is_an_error(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A value out of range stops the process: there is no silent default."""
    monkeypatch.setenv(f"ZHINAN_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_settings_are_frozen_and_closed() -> None:
    """A setting cannot be changed later, and a name that nobody declared is an error."""
    with pytest.raises(ValidationError):
        Settings().port = 1
    with pytest.raises(ValidationError):
        Settings.model_validate({"portt": 1})


def test_every_setting_says_what_it_is() -> None:
    """Each setting carries the description that the reference shows."""
    assert all(field.description for field in Settings.model_fields.values())
