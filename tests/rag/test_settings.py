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


OFFICE = {
    "OIDC_ISSUER": "https://id.example",
    "OIDC_CLIENT_ID": "zhinan",
    "OIDC_CLIENT_SECRET": "SECRETQX",
    "OIDC_RULES": "rules.yml",
    "PUBLIC_URL": "https://guides.example",
}


def set_all(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    """Set these variables."""
    for name, value in values.items():
        monkeypatch.setenv(f"ZHINAN_{name}", value)


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither printed settings nor the message about a wrong one hold the client's secret."""
    set_all(monkeypatch, OFFICE)
    assert "SECRETQX" not in repr(Settings())
    monkeypatch.delenv("ZHINAN_PUBLIC_URL")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "SECRETQX" not in str(caught.value)


@pytest.mark.parametrize("missing", [name for name in OFFICE if name != "OIDC_ISSUER"])
def test_sign_in_at_an_issuer_is_set_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """An issuer without one of the values beside it stops the process."""
    set_all(monkeypatch, {name: value for name, value in OFFICE.items() if name != missing})
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize(
    ("issuer", "holds"),
    [
        ("https://id.example/realms/county", True),
        ("http://127.0.0.1:8080/o", True),
        ("http://localhost", True),
        ("http://[::1]:8080", True),
        ("http://id.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("https://id.example?x=1", False),
        ("https://id.example/#x", False),
        ("ftp://id.example", False),
        ("id.example", False),
        ("", False),
    ],
)
def test_an_issuer_is_reached_over_https_or_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, issuer: str, holds: bool
) -> None:
    """Codes and tokens never cross a network in the clear."""
    set_all(monkeypatch, OFFICE | {"OIDC_ISSUER": issuer})
    if holds:
        assert Settings().oidc_issuer == issuer
    else:
        with pytest.raises(ValidationError):
            Settings()
