"""A guide that was lowered, withdrawn or deleted is gone in every worker with the switch of generation."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from api.app import create_app
from api.deps import Services
from api.keys import HEADER
from api.store import Store
from api.switches import ASSISTANT, Switch, Target, Watch, What, read_switches, switch_off, switch_on
from rag.build import build
from rag.generation import current, switch
from rag.settings import ROOT, Settings
from tests.api.conftest import serving, settings_in
from tests.api.identities import make_key
from tests.api.moving import AFTER, BEFORE, READERS, WORDS, Seen, States, look, may_see, write_moving
from tests.api.served import LOG, Served, served
from tests.api.workers import each_worker, worker_of
from tests.leak.sizes import sizes

PROMISED = 60.0
Headers = dict[str, dict[str, str]]
Looks = dict[int, dict[str, Seen]]
"""What each reader saw, by worker."""


@dataclass(frozen=True)
class Story:
    """What two workers showed around the switches of a generation."""

    settings: Settings
    keys: Headers
    first: str
    second: str
    before: Looks
    during: list[tuple[str, Seen]]
    returned: Looks
    followed_after: float
    settled: Looks
    unasked_after: float
    broken: Looks
    log: str


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Two workers serve; guides move and `zhinan build` runs while readers look; then the pointer goes back while
    nobody asks; then it names a generation that cannot be opened."""
    folder = tmp_path_factory.mktemp("moving")
    settings = settings_in(folder, folder).model_copy(update={"embedder": "tests.fakes:HashEmbedding"})
    write_moving(settings.docs, BEFORE)
    first = build(settings).name
    keys = _keys(settings)
    with served(settings, folder, workers=2) as server:
        before = _looks(server, keys)
        write_moving(settings.docs, AFTER)
        during = _looks_during(server, keys, _build_command(settings))
        returned, began = _looks(server, keys), time.monotonic()
        second = str(current(settings.out))
        followed_after = _until(lambda: _ready(server) == {second}) - began
        settled = _looks(server, keys)
        said = _lines(folder, "serves in place of")
        switch(settings.out, first)
        began = time.monotonic()
        unasked_after = _until(lambda: _lines(folder, "serves in place of") == said + 2) - began
        _break(settings.out, second)
        broken = _looks(server, keys)
        _until(lambda: _lines(folder, "cannot be opened") == 2)
    shutil.rmtree(settings.out / _BROKEN)
    switch(settings.out, first)
    log = (folder / LOG).read_text()
    return Story(settings, keys, first, second, before, during, returned, followed_after, settled, unasked_after, broken, log)  # fmt: skip


_BROKEN = "g-20990101-000000-000000-broken00"


def _break(out: Path, name: str) -> None:
    """Switch to a copy of a generation whose open index is gone."""
    shutil.copytree(out / name, out / _BROKEN)
    shutil.rmtree(out / _BROKEN / "circles" / "open" / "index")
    switch(out, _BROKEN)


def _keys(settings: Settings) -> Headers:
    """Headers of each reader."""
    store = Store(settings.database)
    made = {
        name: {HEADER: make_key(store, name, reader)} if name != "anonymous" else {}
        for name, reader in READERS.items()
    }
    store.close()
    return made


def _looks(server: Served, keys: Headers) -> Looks:
    """What each reader sees of everything in each worker now."""
    with each_worker(server) as workers:
        found = {
            worker: {name: look(client, keys[name]) for name in READERS} for worker, client in workers.items()
        }
        assert all(worker_of(client, server) == worker for worker, client in workers.items())
    return found


def _looks_during(
    server: Served, keys: Headers, command: "subprocess.Popen[bytes]"
) -> list[tuple[str, Seen]]:
    """What readers see in both workers, one guide after the other, until a command has ended."""
    found: list[tuple[str, Seen]] = []
    turns = ((name, guide) for _ in count() for name in READERS for guide in WORDS)
    with each_worker(server) as workers:
        while command.poll() is None:
            name, guide = next(turns)
            found += [(name, look(client, keys[name], [guide])) for client in workers.values()]
    assert command.returncode == 0
    return found


def _build_command(settings: Settings) -> "subprocess.Popen[bytes]":
    values = settings.model_dump(exclude_unset=True)
    environment = os.environ | {f"ZHINAN_{name.upper()}": str(value) for name, value in values.items()}
    return subprocess.Popen([sys.executable, "-m", "api.cli", "build"], cwd=ROOT, env=environment)


def _ready(server: Served) -> set[str]:
    """Generations that the workers name."""
    with each_worker(server) as workers:
        return {client.get("/readyz").json()["generation"] for client in workers.values()}


def _lines(folder: Path, words: str) -> int:
    return sum(words in line for line in (folder / LOG).read_text().splitlines())


def _until(condition: Callable[[], bool]) -> float:
    """The moment at which a condition holds."""
    ends = time.monotonic() + PROMISED
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.1)
    return time.monotonic()


def _check(looks: Looks, states: States) -> None:
    """Every reader sees all that is open to him in the lists and records, and nothing else anywhere."""
    assert len(looks) == 2
    for by_reader in looks.values():
        for reader, seen in by_reader.items():
            allowed = may_see(reader, states)
            assert seen.beyond(allowed) == {}, reader
            for way in ("list", "search data", "topics"):
                assert seen.guides[way] == allowed
            for guide in allowed:
                for way in ("record", "search", "ask"):
                    assert guide in seen.guides[f"{way} {guide}"]


def _mixed(seen: Seen, reader: str, story: Story) -> list[tuple[str, frozenset[str]]]:
    """Answers that show what the generation they name does not hold for this reader."""
    held = {story.first: may_see(reader, BEFORE), story.second: may_see(reader, AFTER)}
    return [(name, shown) for name, shown in seen.answers if not shown <= held[name]]


def test_readers_see_what_is_theirs_before_and_after(story: Story) -> None:
    """The looks are no blank ones: in both workers everybody finds his own guides in each generation, and no more."""
    _check(story.before, BEFORE)
    _check(story.settled, AFTER)
    assert any(may_see(reader, BEFORE) - may_see(reader, AFTER) for reader in READERS)


def test_once_the_build_returns_no_worker_shows_what_was_taken(story: Story) -> None:
    """From open to internal, from internal to a role, withdrawn, deleted: gone for whom it is closed at every exit of both
    workers at the first look, and both have the new generation within a minute."""
    for by_reader in story.returned.values():
        for reader, seen in by_reader.items():
            assert seen.beyond(may_see(reader, AFTER)) == {}, reader
    assert story.followed_after <= PROMISED


def test_no_answer_mixes_generations(story: Story) -> None:
    """Whatever is asked before, during and after the switch, an answer shows what its own generation holds."""
    looks = [*story.before.values(), *story.returned.values(), *story.settled.values()]
    seen = [*story.during, *((reader, seen) for by_reader in looks for reader, seen in by_reader.items())]
    assert len(seen) > 40
    assert [mixed for reader, one in seen for mixed in _mixed(one, reader, story)] == []
    assert {name for _, one in seen for name, _ in one.answers} == {story.first, story.second}


def test_a_worker_that_nobody_asks_follows_and_says_so(story: Story) -> None:
    """Without a request both workers change over, and each writes a line about it."""
    assert story.unasked_after <= PROMISED
    assert story.log.count(f"generation {story.second} serves in place of {story.first}") == 2
    assert story.log.count(f"generation {story.first} serves in place of {story.second}") == 2


def test_a_generation_that_cannot_be_opened_takes_away_all_the_same(story: Story) -> None:
    """The old generation serves on, with its own words, without anything that the new one takes from somebody."""
    for by_reader in story.broken.values():
        for reader, seen in by_reader.items():
            assert seen.beyond({"stf-well"}) == {}, reader
            assert seen.guides["list"] == seen.guides["ask stf-well"] == {"stf-well"}
            assert {name for name, _ in seen.answers} == {story.first}
    assert story.log.count(f"generation {_BROKEN} cannot be opened; {story.first} serves on") == 2


# -- any order, two apps -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_apps(story: Story) -> Iterator[list[TestClient]]:
    """Two apps over one store and one folder of generations, whose clocks let them look at the switches always."""
    with ExitStack() as stack:
        clients = []
        for _ in range(2):
            app = create_app(story.settings)
            clients.append(stack.enter_context(serving(app)))
            _look_always(app)
        yield clients


def _look_always(app: FastAPI) -> None:
    services: Services = app.state.services
    ticks = count()
    app.state.services = replace(services, watch=Watch(services.store, lambda: float(next(ticks))))


def test_no_sequence_of_steps_leaves_a_stale_guide(story: Story, two_apps: list[TestClient]) -> None:
    """Whatever is published, lowered, withdrawn, stopped and undone in whatever order: in two apps no reader of any level sees,
    when the step is done, what it closed to him."""
    steps = 1000 if sizes().probes >= 10_000 else 100
    store = Store(story.settings.database)
    looks: list[str] = []
    places = {story.first: BEFORE, story.second: AFTER}
    targets = [ASSISTANT, *(Target(what, guide) for what in (What.GUIDE, What.ANSWERS) for guide in WORDS)]

    class Office(RuleBasedStateMachine):
        """The office switches; the model is where guides stand and a set of targets."""

        def __init__(self) -> None:
            super().__init__()
            self.off: set[Target] = set()
            self.touched = "stf-lake"
            with store.writing() as connection:
                for switched in read_switches(store).off:
                    switch_on(connection, switched.target)
            self.serving = story.first
            switch(story.settings.out, story.first)

        @rule(name=st.sampled_from([story.first, story.second]), touched=st.sampled_from(list(WORDS)))
        def publish(self, name: str, touched: str) -> None:
            """Another state of the guides serves: some are raised, some lowered, some are gone."""
            switch(story.settings.out, name)
            self.serving, self.touched = name, touched

        @rule(turned=st.sampled_from(targets))
        def turn(self, turned: Target) -> None:
            """Off if it is on, on if it is off."""
            with store.writing() as connection:
                if turned in self.off:
                    switch_on(connection, turned)
                else:
                    switch_off(connection, Switch(turned, "错误 / wrong", "cli:test", datetime.now(UTC)))
            self.off ^= {turned}
            self.touched = turned.guide or self.touched

        @rule()
        def settle(self) -> None:
            """When both apps have followed, what is open to a reader is there again."""
            for client in two_apps:
                _until(lambda client=client: client.get("/readyz").json()["generation"] == self.serving)  # type: ignore[misc]
                for reader in READERS:
                    assert look(client, story.keys[reader], []).guides["list"] == self.allowed(reader)

        def allowed(self, reader: str) -> frozenset[str]:
            """What stands open to a reader and is not withdrawn."""
            withdrawn = {target.guide for target in self.off if target.what is What.GUIDE}
            return may_see(reader, places[self.serving]) - withdrawn

        @invariant()
        def nothing_is_stale(self) -> None:
            """In either app, for each reader, at each exit."""
            looks.append(self.touched)
            unused = {target.guide for target in self.off if target.what is What.ANSWERS}
            for client in two_apps:
                for reader in READERS:
                    seen = look(client, story.keys[reader], [self.touched])
                    assert seen.beyond(self.allowed(reader)) == {}
                    said = seen.guides[f"ask {self.touched}"]
                    assert not said & unused
                    assert not (said and ASSISTANT in self.off)

    # Some runs end before their last step.
    while len(looks) < steps:
        left = max(1, (steps - len(looks)) // 20)
        run = effort(max_examples=left, stateful_step_count=20, deadline=None)
        run_state_machine_as_test(Office, settings=run)
    store.close()
