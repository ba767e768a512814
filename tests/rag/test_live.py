"""Servers that switch generations without a stumble, and what they do where they cannot."""

import json
import logging
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import live as live_module
from rag.access import ANONYMOUS, Level
from rag.exchange import Answer, Question
from rag.generation import MANIFEST, BuildError, switch
from rag.live import Live
from rag.settings import Settings
from tests.rag.made import chunk, generation_of

FIRST, SECOND = "g-20260101-000000-000000-aaaaaaaa", "g-20260102-000000-000000-bbbbbbbb"
BUILT = [
    chunk("pub-tag", lines=("自行车号牌当场发放。",)),
    chunk("stf-audit", title="号牌盘点", level=Level.INTERNAL),
]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder of two generations whose contacts differ, with the first one serving."""
    generation_of(tmp_path, FIRST, BUILT)
    shutil.copytree(tmp_path / FIRST, tmp_path / SECOND)
    file = tmp_path / SECOND / MANIFEST
    file.write_text(
        file.read_text(encoding="utf-8").replace("000-0000-0101", "000-0000-0202"), encoding="utf-8"
    )
    switch(tmp_path, FIRST)
    return tmp_path


def _settings(out: Path) -> Settings:
    return Settings(out=out, embedder="tests.fakes:HashEmbedding")


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


def test_another_encoder_is_refused(out: Path) -> None:
    """Vectors of one encoder are never searched with another."""
    file = out / FIRST / MANIFEST
    manifest = json.loads(file.read_text(encoding="utf-8")) | {"embedder": "someone-elses"}
    file.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BuildError, match="someone-elses"):
        Live(_settings(out))


def test_a_look_is_enough_to_switch(out: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A server that nobody asks changes over by looking at the pointer, and says so."""
    live = Live(_settings(out))
    caplog.set_level(logging.INFO, logger="zhinan.generation")
    switch(out, SECOND)
    live.follow()
    _until(lambda: caplog.messages)
    assert caplog.messages == [f"generation {SECOND} serves in place of {FIRST}"]
    assert live.assistant().generation.name == SECOND


def test_a_generation_that_cannot_be_opened_is_tried_again(
    out: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one serves on meanwhile, the log says why, and when the way is free the new one takes over."""
    monkeypatch.setattr(live_module, "RETRY_SECONDS", 0.2)
    live = Live(_settings(out))
    index = out / SECOND / "circles" / "open" / "index"
    index.rename(out / "aside")
    switch(out, SECOND)
    live.follow()
    _until(lambda: caplog.messages)
    assert f"generation {SECOND} cannot be opened; {FIRST} serves on" in caplog.messages[0]
    assert live.assistant().generation.name == FIRST
    (out / "aside").rename(index)
    _until(lambda: live.assistant().generation.name == SECOND)


def test_one_that_was_just_refused_is_left_alone(out: Path, caplog: pytest.LogCaptureFixture) -> None:
    """However many ask, a broken generation is opened once in a while and not for everybody."""
    live = Live(_settings(out))
    shutil.rmtree(out / SECOND / "circles" / "open" / "index")
    switch(out, SECOND)
    live.follow()
    _until(lambda: caplog.messages)
    for _ in range(100):
        assert live.assistant().generation.name == FIRST
    assert len(caplog.messages) == 1
