"""The office of the leak tests, whole and without its higher guides, built once a test run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.access import Level
from rag.settings import Settings
from tests.leak import encoder
from tests.leak.judge import Judge
from tests.leak.office import Subject, subjects
from tests.leak.served import Served, served
from tests.leak.sizes import Sizes, sizes


@pytest.fixture(scope="session")
def wanted() -> Sizes:
    """How much is asked in this run."""
    return sizes()


@pytest.fixture(scope="session")
def base(e5_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What the three offices share: the encoders, and vectors, which depend on the text alone."""
    cache = tmp_path_factory.mktemp("vectors") / "vectors.sqlite"
    return Settings(embedder=encoder.NAME, models=e5_folder.parent, cache=cache)


@pytest.fixture(scope="session")
def all_subjects(wanted: Sizes) -> list[Subject]:
    """Guides of every level and role."""
    return subjects(wanted.guides)


@pytest.fixture(scope="session")
def whole(
    all_subjects: list[Subject], base: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The office with guides of every level."""
    with served(tmp_path_factory.mktemp("whole"), all_subjects, base) as opened:
        yield opened


@pytest.fixture(scope="session")
def judge(whole: Served) -> Judge:
    """The judge of the whole office."""
    return Judge(whole)


@pytest.fixture(scope="session")
def members_only(
    whole: Served,
    all_subjects: list[Subject],
    base: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The office without internal and restricted guides."""
    held = [subject for subject in all_subjects if subject.level in (Level.OPEN, Level.MEMBERS)]
    with served(tmp_path_factory.mktemp("members"), held, base, is_tested=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def open_only(
    members_only: Served,
    all_subjects: list[Subject],
    base: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The office with open guides alone."""
    held = [subject for subject in all_subjects if subject.level is Level.OPEN]
    with served(tmp_path_factory.mktemp("open"), held, base, is_tested=False) as opened:
        yield opened
