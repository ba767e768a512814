"""Every privileged act is recorded, once, by whoever did it, through whichever exit it was done."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from fastapi import FastAPI

from api.audit import Act, Audit
from api.cli import commands
from tests.leak.acts import UNRECORDED, Entry
from tests.leak.acts_served import DESK, FORGETTING, PROVIDER, READING
from tests.leak.acts_typed import ACCOUNTS, DAILY, EXPORTS, KEYS, STARTS, SWITCHES, UPKEEP
from tests.leak.judge import Judge
from tests.leak.matrix import routes_of
from tests.leak.served import Served

COMMANDS = [*ACCOUNTS, *KEYS, *SWITCHES, *UPKEEP, *EXPORTS]
ENTRIES = [*COMMANDS, *STARTS, *DAILY, *DESK, *PROVIDER, *READING, *FORGETTING]


def test_every_act_has_an_entry() -> None:
    """An act that nothing in the tables brings about would be recorded untried."""
    assert {act for entry in ENTRIES for act in entry.acts} == set(Act)


def test_every_exit_that_changes_something_is_in_the_tables(whole: Served) -> None:
    """Each command, and each route that is not GET, leaves an event in the tables or is named as leaving none."""
    app = whole.client.app
    assert isinstance(app, FastAPI)
    changing = {" ".join(route) for route in routes_of(app) if route[0] != "GET"}
    told = {entry.exit for entry in ENTRIES if not entry.exit.startswith("GET ")}
    assert told | UNRECORDED == changing | set(_commands(typer.main.get_command(commands())))
    assert not told & UNRECORDED


def _commands(command: Any, name: str = "") -> Iterator[str]:
    """Every command by its words."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name
        return
    for word in inner:
        yield from _commands(inner[word], f"{name} {word}".strip())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_act_leaves_exactly_its_events(judge: Judge, entry: Entry) -> None:
    """Done through its exit it leaves its events and no other, and the trail stays whole."""
    assert entry.wrong(judge) == []


@pytest.mark.parametrize("times", [0, 2])
def test_an_act_that_is_not_recorded_once_fails(
    judge: Judge, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is written, or everything twice, every entry with an act says so."""
    append = Audit._append

    def other(*args: object) -> object:
        return [append(*args) for _ in range(times)][-1] if times else (0, "")  # type: ignore[arg-type]

    monkeypatch.setattr(Audit, "_append", other)
    if not times:
        monkeypatch.setattr(Audit, "_write_anchor", lambda *_: None)
    entries = [entry for entry in (*COMMANDS, *DESK, *READING) if entry.acts]
    assert [entry.name for entry in entries if not entry.wrong(judge)] == []
