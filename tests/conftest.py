"""Fixtures that several test modules share."""

from pathlib import Path

import pytest

from rag import weights
from rag.settings import ROOT


@pytest.fixture(scope="session")
def e5_folder() -> Path:
    """The converted default encoder, made once (about eight seconds) and kept between test runs."""
    target = ROOT / "var" / "models" / "e5-small"
    if not weights.is_current(target):
        weights.convert(target)
    return target
