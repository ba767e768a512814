"""Generations: names, the pointer, going back, and servers that switch without a stumble."""

import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.access import ANONYMOUS, Audience, Circle, Level, Reader
from rag.exchange import Answer, Question
from rag.generation import (
    MANIFEST,
    POINTER,
    BuildError,
    Generation,
    Live,
    current,
    names,
    open_generation,
    rollback,
    switch,
)
from rag.settings import Settings
from tests.rag.made import chunk, generation_of

FIRST, SECOND = "g-20260101-000000-000000-aaaaaaaa", "g-20260102-000000-000000-bbbbbbbb"
TEAM = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"team"}))
CHUNKS = [
    chunk("pub-tag", lines=("自行车号牌当场发放。",)),
    chunk("stf-audit", title="号牌盘点", level=Level.INTERNAL),
    chunk("off-theft", title="失窃线索", level=Level.RESTRICTED, readers=frozenset({"team"})),
]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two generations whose contacts differ."""
    out = tmp_path_factory.mktemp("two")
    generation_of(out, FIRST, CHUNKS)
    shutil.copytree(out / FIRST, out / SECOND)
    file = out / SECOND / MANIFEST
    file.write_text(
        file.read_text(encoding="utf-8").replace("000-0000-0101", "000-0000-0202"), encoding="utf-8"
    )
    return out


@pytest.fixture
def out(two: Path) -> Path:
    """The folder of two generations with the first one serving."""
    switch(two, FIRST)
    return two


def _settings(out: Path) -> Settings:
    return Settings(out=out, embedder="tests.fakes:HashEmbedding")


def test_before_the_first_build_there_is_none(tmp_path: Path) -> None:
    """An empty or absent folder has no generation, and says what to do."""
    assert current(tmp_path / "absent") is None and names(tmp_path) == []
    with pytest.raises(BuildError, match="zhinan build") as raised:
        open_generation(tmp_path)
    assert raised.value.stage == "open"
    with pytest.raises(BuildError):
        rollback(tmp_path)


def test_names_are_complete_generations_in_order(out: Path) -> None:
    """A folder without a manifest is no generation, nor is one still being built."""
    (out / "g-20260103-000000-000000-cccccccc").mkdir(exist_ok=True)
    shutil.copytree(out / FIRST, out / ".building-1", dirs_exist_ok=True)
    assert names(out) == [FIRST, SECOND]
    with pytest.raises(BuildError, match="incomplete or gone"):
        open_generation(out, "g-20260103-000000-000000-cccccccc")


def test_rollback_goes_to_the_other_one_and_back(out: Path) -> None:
    """Going back twice ends where it began."""
    switch(out, SECOND)
    assert rollback(out) == FIRST == current(out)
    assert rollback(out) == SECOND == current(out)


def test_a_circle_reads_its_own_folder(out: Path) -> None:
    """Sites, records and indexes of a reader come from the folder of the reader's circle alone."""
    generation = open_generation(out)
    assert generation.name == FIRST and generation.restricted == {"off-theft": frozenset({"team"})}
    assert [record["id"] for record in generation.guides(ANONYMOUS)] == ["pub-tag"]
    assert [record["id"] for record in generation.guides(TEAM)] == ["pub-tag", "stf-audit", "off-theft"]
    assert len(generation.index(Circle(Level.OPEN)).chunks) == 1
    assert generation.site_folder(Circle(Level.OPEN)) == out / FIRST / "circles" / "open" / "site"
    assert generation.page_file(Circle(Level.OPEN), "/public/pub-tag/").is_file()
    assert not generation.page_file(Circle(Level.OPEN), "/public/stf-audit/").exists()


def test_the_contact_is_the_owners_else_the_platforms(out: Path) -> None:
    """Contacts are plain text in the reader's language; an unknown unit falls back to the platform."""
    generation = open_generation(out)
    assert generation.contact("bike-office", "en") == {"name": "Bicycle Office", "phone": "000-0000-0101"}
    assert generation.contact("nobody", "zh") == generation.contact(None, "zh") == {
        "name": "自行车管理处", "phone": "000-0000-0101"
    }  # fmt: skip


def test_the_pointer_always_holds_a_complete_name(out: Path) -> None:
    """However often it is switched, a reader never meets an empty or half-written pointer."""
    stop, seen, wrong = threading.Event(), 0, list[str]()

    def hammer() -> None:
        nonlocal seen
        while not stop.is_set():
            text = (out / POINTER).read_text(encoding="utf-8")
            seen += 1
            if text not in (f"{FIRST}\n", f"{SECOND}\n"):
                wrong.append(text)

    watchers = [threading.Thread(target=hammer) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    for n in range(200):
        switch(out, (FIRST, SECOND)[n % 2])
    stop.set()
    for watcher in watchers:
        watcher.join()
    assert seen > 200 and wrong == []
    assert [file.name for file in out.glob(f".{POINTER}*")] == []


def test_a_server_switches_while_it_answers(out: Path) -> None:
    """Four threads ask without error across switches, and no answer mixes two generations."""
    live = Live(_settings(out))
    phones = {FIRST: "000-0000-0101", SECOND: "000-0000-0202"}
    stop, answers, errors = threading.Event(), list[tuple[str, Answer]](), list[Exception]()

    def ask() -> None:
        while not stop.is_set():
            try:
                assistant = live.assistant()
                answers.append((assistant.generation.name, assistant.ask(Question("自行车号牌"), ANONYMOUS)))
            except Exception as error:
                errors.append(error)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for name in (SECOND, FIRST, SECOND):
        switch(out, name)
        _until(lambda name=name: answers and answers[-1][0] == name)
    stop.set()
    for asker in askers:
        asker.join()
    assert errors == []
    assert {name for name, _ in answers} == {FIRST, SECOND}
    for name, answer in answers:
        assert answer.generation == name
        assert answer.contact and answer.contact["phone"] == phones[name]


def _until(condition: Callable[[], object]) -> None:
    """Wait for something that happens in another thread."""
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)


def test_asking_never_waits_for_the_new_generation(out: Path) -> None:
    """Right after a switch the old assistant answers on, and the new one takes over by itself."""
    live = Live(_settings(out))
    switch(out, SECOND)
    assert live.assistant().generation.name == FIRST
    _until(lambda: live.assistant().generation.name == SECOND)


def test_another_encoder_is_refused(out: Path, tmp_path: Path) -> None:
    """Vectors of one encoder are never searched with another."""
    shutil.copytree(out / FIRST, tmp_path / FIRST)
    file = tmp_path / FIRST / MANIFEST
    manifest = json.loads(file.read_text(encoding="utf-8")) | {"embedder": "someone-elses"}
    file.write_text(json.dumps(manifest), encoding="utf-8")
    switch(tmp_path, FIRST)
    with pytest.raises(BuildError, match="someone-elses"):
        Live(_settings(tmp_path))


def test_an_opened_generation_outlives_its_successor(out: Path) -> None:
    """What is open stays readable after the switch: nothing is written in place."""
    old: Generation = open_generation(out)
    switch(out, SECOND)
    assert len(old.index(Circle(Level.INTERNAL)).chunks) == 2
    assert old.name == FIRST
