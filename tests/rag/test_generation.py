"""Generations: names, the pointer, going back, and what the one that takes over no longer gives to all."""

import shutil
import threading
from pathlib import Path

import pytest

from rag.access import ANONYMOUS, Audience, Circle, Level, Reader
from rag.generation import (
    MANIFEST,
    POINTER,
    BuildError,
    Generation,
    current,
    names,
    open_generation,
    rollback,
    switch,
)
from tests.rag.made import chunk, generation_of

FIRST, SECOND = "g-20260101-000000-000000-aaaaaaaa", "g-20260102-000000-000000-bbbbbbbb"
NOBODY: frozenset[str] = frozenset()
Case = tuple[Level, frozenset[str]]
TEAM = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"team"}))
BUILT = [
    chunk("pub-tag", lines=("自行车号牌当场发放。",)),
    chunk("stf-audit", title="号牌盘点", level=Level.INTERNAL),
    chunk("off-theft", title="失窃线索", level=Level.RESTRICTED, readers=frozenset({"team"})),
]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two generations whose contacts differ."""
    out = tmp_path_factory.mktemp("two")
    generation_of(out, FIRST, BUILT)
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


def test_an_opened_generation_outlives_its_successor(out: Path) -> None:
    """What is open stays readable after the switch: nothing is written in place."""
    old: Generation = open_generation(out)
    switch(out, SECOND)
    assert len(old.index(Circle(Level.INTERNAL)).chunks) == 2
    assert old.name == FIRST


_TEAM, _OTHERS = frozenset({"team"}), frozenset({"others"})


@pytest.mark.parametrize(
    ("before", "after", "is_lost"),
    [
        ((Level.OPEN, NOBODY), (Level.OPEN, NOBODY), False),
        ((Level.OPEN, NOBODY), (Level.MEMBERS, NOBODY), True),
        ((Level.MEMBERS, NOBODY), (Level.INTERNAL, NOBODY), True),
        ((Level.INTERNAL, NOBODY), (Level.RESTRICTED, _TEAM), True),
        ((Level.RESTRICTED, _TEAM), (Level.RESTRICTED, _OTHERS), True),
        ((Level.RESTRICTED, _TEAM), (Level.RESTRICTED, _TEAM | _OTHERS), False),
        ((Level.RESTRICTED, _TEAM | _OTHERS), (Level.RESTRICTED, _TEAM), True),
        ((Level.RESTRICTED, _TEAM), (Level.INTERNAL, NOBODY), False),
        ((Level.INTERNAL, NOBODY), (Level.OPEN, NOBODY), False),
        ((Level.OPEN, NOBODY), None, True),
    ],
)
def test_what_somebody_loses_is_known_from_the_moment_of_the_switch(
    tmp_path: Path, before: Case, after: Case | None, is_lost: bool
) -> None:
    """A guide that is gone or has fewer readers in the generation that serves by now is lost, no other; one that nobody
    has opened tells it, and the generation that serves has lost nothing."""
    for name, case in ((FIRST, before), (SECOND, after)):
        cases = [("pub-stays", (Level.OPEN, NOBODY)), *([("stf-moved", case)] if case else [])]
        generation_of(tmp_path, name, [chunk(g, level=lv, readers=roles) for g, (lv, roles) in cases])
    switch(tmp_path, FIRST)
    old = open_generation(tmp_path)
    assert old.lost() == frozenset()
    switch(tmp_path, SECOND)
    assert old.lost() == ({"stf-moved"} if is_lost else set())
    assert open_generation(tmp_path).lost() == frozenset()
    switch(tmp_path, FIRST)
    assert old.lost() == frozenset()


def test_a_guide_that_is_gone_in_one_language_is_lost(tmp_path: Path) -> None:
    """Its page in that language must not stay until the successor is open."""
    both = [chunk("pub-tag"), chunk("pub-tag", lang="en"), chunk("pub-stays"), chunk("pub-stays", lang="en")]
    generation_of(tmp_path, FIRST, both)
    generation_of(tmp_path, SECOND, [made for made in both if (made.guide, made.lang) != ("pub-tag", "en")])
    switch(tmp_path, SECOND)
    assert open_generation(tmp_path, FIRST).lost() == {"pub-tag"}


def test_a_successor_whose_records_cannot_be_read_gives_nothing_back(tmp_path: Path) -> None:
    """What was last known to be lost stays lost while the pointer names something that cannot be read."""
    generation_of(tmp_path, FIRST, [chunk("pub-tag"), chunk("pub-stays")])
    generation_of(tmp_path, SECOND, [chunk("pub-stays")])
    switch(tmp_path, FIRST)
    old = open_generation(tmp_path)
    for name, lost in (("g-never-was", set()), (SECOND, {"pub-tag"}), ("g-never-was", {"pub-tag"})):
        switch(tmp_path, name)
        assert old.lost() == lost
