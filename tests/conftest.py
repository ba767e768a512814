"""Fixtures that several test modules share."""

import gc
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from rag import weights
from rag.access import Reader
from rag.answer import Assistant
from rag.build import build
from rag.embed import load_embedding
from rag.exchange import Answer, Question
from rag.generation import Generation, open_generation
from rag.reply import Asked
from rag.retrieve import Hit
from rag.settings import ROOT, Settings

TODAY = date(2026, 11, 22)
"""A day on which the guides in tests/guides hold."""
NONE: frozenset[str] = frozenset()
LOOPBACK = ("127.0.0.1", "::1", "localhost")

# A busy machine is slow, which is no failure; the same examples in every run make a failure the change's own.
hypothesis.settings.register_profile("zhinan", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("zhinan")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Whatever runs in a test talks to this machine alone."""
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}

    def guarded(name: str) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
                raise PermissionError(f"a test tried to reach {address!r}")
            return real[name](self, address)

        return connect

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(socket.socket, name, guarded(name))
        yield


@pytest.fixture(scope="module", autouse=True)
def memory_given_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a module of tests served is gone when it ends: an application holds encoders and indexes in circles of
    references, which Python would leave lying for the length of the run."""
    yield
    if request.path.parent.name != "rag":
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands that a test runs write to a store of the tests, never to that of whoever runs them."""
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHINAN_DATABASE", f"sqlite:///{folder / 'store.sqlite'}")
        patch.setenv("ZHINAN_SECRET", str(folder / "secret.key"))
        yield


@pytest.fixture(scope="session")
def e5_folder() -> Path:
    """The converted default encoder, made once (about eight seconds) and kept between test runs."""
    target = ROOT / "var" / "models" / "e5-small"
    if not weights.is_current(target):
        weights.convert(target)
    return target


class DatedAssistant(Assistant):
    """The assistant on a fixed day, so that the guides of the tests never grow old."""

    def ask(
        self, question: Question, reader: Reader, today: date | None = None, without: frozenset[str] = NONE
    ) -> Answer:
        """The answer of that day."""
        return super().ask(question, reader, today or TODAY, without)

    def read(
        self, question: Question, reader: Reader, today: date | None = None, without: frozenset[str] = NONE
    ) -> Asked:
        """What may be answered from on that day."""
        return super().read(question, reader, today or TODAY, without)

    def search(
        self,
        query: str,
        reader: Reader,
        limit: int = 10,
        today: date | None = None,
        without: frozenset[str] = NONE,
    ) -> list[Hit]:
        """The hits of that day."""
        return super().search(query, reader, limit, today or TODAY, without)


@pytest.fixture(scope="session")
def library_settings(e5_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the university library, whose generation was built with the default encoder."""
    folder = tmp_path_factory.mktemp("library")
    settings = Settings(
        docs=ROOT / "tests" / "guides" / "library",
        out=folder / "out",
        models=e5_folder.parent,
        cache=folder / "vectors.sqlite",
        database=f"sqlite:///{folder / 'store.sqlite'}",
        secret=folder / "secret.key",
    )
    build(settings)
    return settings


@pytest.fixture(scope="session")
def library_generation(library_settings: Settings) -> Generation:
    """The one generation of the university library; nobody may change it."""
    return open_generation(library_settings.out)


@pytest.fixture(scope="session")
def assistant(library_settings: Settings, library_generation: Generation) -> Assistant:
    """The assistant of the university library on a fixed day."""
    embedding = load_embedding(library_settings.embedder, library_settings.models)
    return DatedAssistant(library_generation, embedding)
