"""Building: fresh folders, an atomic switch, nothing lost when a build fails or is killed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from rag.access import ANONYMOUS, Audience, Circle, Level, Reader
from rag.answer import Assistant
from rag.build import BuildReport, build
from rag.chunks import chunks_of, windows_of
from rag.embed import text_key
from rag.exchange import Question
from rag.generation import BuildError, current, names, open_generation
from rag.guides import read_library
from rag.problems import GuideError
from rag.settings import ROOT, Settings
from tests.api.library import ROLE, write_library
from tests.fakes import HashEmbedding

EDITED, FACT = "leaders/restricted/off-bike-theft.md", "由专人登记"
PAGE = "public/pub-bike-tag/index.html"


class UnstableEmbedding(HashEmbedding):
    """An encoder that calls itself something else in every process, so that no self-test can pass."""

    def __init__(self) -> None:
        super().__init__()
        self.model_name = f"unstable-{os.getpid()}"


@dataclass(frozen=True)
class Story:
    """What four builds in one folder left behind, with what stood there after each."""

    settings: Settings
    first: BuildReport
    steps: list[tuple[str, int, int]]
    killed_left: tuple[str | None, list[str], list[str]]
    edited: BuildReport
    after_edit: list[str]
    edited_windows: set[str]
    unchanged_page: tuple[int, int]
    deleted: BuildReport
    after_delete: list[str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Build; kill a build; edit the restricted guide and build; delete it and build."""
    folder = tmp_path_factory.mktemp("story")
    settings = Settings(
        docs=write_library(folder / "docs"),
        out=folder / "out",
        cache=folder / "vectors.sqlite",
        embedder="tests.fakes:HashEmbedding",
    )
    steps: list[tuple[str, int, int]] = []
    first = build(settings, lambda *step: steps.append(step))
    _kill_a_build(settings)
    killed_left = (current(settings.out), names(settings.out), _leftovers(settings.out))
    before = _windows(settings)
    guide = settings.docs / "zh" / EDITED
    guide.write_text(guide.read_text(encoding="utf-8").replace(FACT, "由两人登记"), encoding="utf-8")
    edited = build(settings)
    after_edit, windows = names(settings.out), _windows(settings)
    pages = [settings.out / name / "circles" / "open" / "site" / PAGE for name in (first.name, edited.name)]
    unchanged = (pages[0].stat().st_mtime_ns, pages[1].stat().st_mtime_ns)
    guide.unlink()
    deleted = build(settings)
    return Story(
        settings, first, steps, killed_left, edited, after_edit, windows - before, unchanged, deleted,
        names(settings.out),
    )  # fmt: skip


def _windows(settings: Settings) -> set[str]:
    return {window.text for window in windows_of(chunks_of(read_library(settings.docs)[0]))}


def _leftovers(out: Path) -> list[str]:
    return [folder.name for folder in out.glob(".building-*")]


def _kill_a_build(settings: Settings) -> None:
    """A build in a process of its own, killed while it writes its indexes."""
    code = (
        "from tests.rag.test_build import child; import sys; from pathlib import Path;"
        "child(*map(Path, sys.argv[1:]))"
    )
    arguments = [str(path) for path in (settings.docs, settings.out, settings.cache)]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    for line in process.stdout:
        if line.startswith("index"):
            os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()


def child(docs: Path, out: Path, cache: Path) -> None:
    """The build that is killed; says each step."""
    settings = Settings(docs=docs, out=out, cache=cache, embedder="tests.fakes:HashEmbedding")
    build(settings, lambda stage, done, total: print(stage, done, total, flush=True))


def test_a_build_reports_what_it_made(story: Story) -> None:
    """Every window was embedded the first time, and the named generation serves what the report counts."""
    assert story.first.embedded > 0 and story.first.reused == 0
    assert not [problem for problem in story.first.problems if not problem.warning]
    assert story.first.chunks > 0 and story.first.seconds > 0


def test_a_build_says_how_far_it_is(story: Story) -> None:
    """The stages come in order, site and index side by side, and each ends at its total."""
    stages = list(dict.fromkeys(stage for stage, *_ in story.steps))
    assert sorted(stages[2:4]) == ["index", "site"]
    assert stages[:2] + stages[4:] == ["check", "embed", "test", "switch"]
    for wanted in stages:
        last = [(done, total) for stage, done, total in story.steps if stage == wanted][-1]
        assert last[0] == last[1]


def test_names_begin_with_their_time(story: Story) -> None:
    """Names sort by age."""
    made = [report.name for report in (story.first, story.edited, story.deleted)]
    assert made == sorted(made) and all(name.startswith("g-20") for name in made)


def test_a_killed_build_changes_nothing(story: Story) -> None:
    """After SIGKILL the old generation serves; what was begun is a hidden folder, no generation."""
    serving, complete, left = story.killed_left
    assert serving == story.first.name and complete == [story.first.name]
    assert len(left) == 1


def test_the_next_build_removes_what_a_killed_one_left(story: Story) -> None:
    """No leftover stays, of the killed build or of the finished ones."""
    assert _leftovers(story.settings.out) == []
    assert sorted(p.name for p in story.settings.out.iterdir()) == ["CURRENT", *story.after_delete]


def test_an_edit_embeds_only_what_changed(story: Story) -> None:
    """One edited sentence costs the windows that hold it and no other."""
    assert story.edited.embedded == len(story.edited_windows) > 0
    assert story.edited.embedded < story.first.embedded / 2
    assert story.edited.reused == story.first.embedded - story.edited.embedded


def test_an_unchanged_site_is_reused(story: Story) -> None:
    """The open site, whose guides did not change, is copied and not built again."""
    assert story.unchanged_page[0] == story.unchanged_page[1]


def test_two_generations_are_kept(story: Story) -> None:
    """The current one and the one before it."""
    assert story.after_edit == [story.first.name, story.edited.name]
    assert story.after_delete == [story.edited.name, story.deleted.name]
    assert current(story.settings.out) == story.deleted.name


def test_a_deleted_guide_is_gone(story: Story) -> None:
    """Its circle, its text and its vectors leave the new generation and the cache."""
    generation = open_generation(story.settings.out)
    assert generation.restricted == {} and len(generation.circles) == 3
    cached = {row[0] for row in sqlite3.connect(story.settings.cache).execute("SELECT key FROM vectors")}
    assert cached == {text_key(text) for text in _windows(story.settings)}
    assert story.deleted.embedded == 0


def test_each_circle_holds_what_it_opens(story: Story) -> None:
    """The kept generation before: four circles, each index with exactly the guides of its level."""
    generation = open_generation(story.settings.out, story.edited.name)
    guides = [
        {chunk.guide for chunk in generation.index(circle).chunks}
        for circle in (Circle(Level.OPEN), Circle(Level.MEMBERS), Circle(Level.INTERNAL))
    ]
    assert guides == [
        {"pub-bike-tag"},
        {"pub-bike-tag", "org-bike-fleet"},
        {"pub-bike-tag", "org-bike-fleet", "stf-bike-audit"},
    ]
    chief = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({ROLE}))
    assert [r["id"] for r in generation.guides(chief) if r["id"].startswith("off")] == ["off-bike-theft"]


def test_the_edit_is_answered(story: Story) -> None:
    """The edited sentence is what the edited generation quotes, and nobody else sees it."""
    assistant = Assistant(open_generation(story.settings.out, story.edited.name), HashEmbedding())
    chief = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({ROLE}))
    found = [hit.chunk.text for hit in assistant.search("失窃线索怎么报", chief, today=date.today())]
    assert any("由两人登记" in text for text in found)
    assert not any("由专人登记" in text for text in found if "失窃" in text)
    assert not assistant.ask(Question("失窃线索怎么报"), ANONYMOUS).citations


@pytest.fixture
def broken(story: Story, tmp_path: Path) -> Settings:
    """The story's guides and generations with a copy of its docs to spoil."""
    docs = Path(shutil.copytree(story.settings.docs, tmp_path / "docs"))
    return story.settings.model_copy(update={"docs": docs, "cache": tmp_path / "vectors.sqlite"})


def _serves_on(story: Story) -> bool:
    """Whether the last good generation serves and nothing else is left."""
    out = story.settings.out
    return (current(out), names(out), _leftovers(out)) == (story.deleted.name, story.after_delete, [])


def test_a_guide_with_an_error_stops_the_build(story: Story, broken: Settings) -> None:
    """A failing check raises the problems, with file and line, and the old generation serves."""
    file = broken.docs / "zh" / "public" / "pub-bike-tag.md"
    file.write_text(file.read_text(encoding="utf-8").replace("\nlevel:", "\nlevle:"), encoding="utf-8")
    with pytest.raises(GuideError) as raised:
        build(broken)
    assert {str(problem.path) for problem in raised.value.problems} == {"zh/public/pub-bike-tag.md"}
    assert _serves_on(story)


def test_a_folder_without_guides_stops_the_build(story: Story, broken: Settings) -> None:
    """An empty folder never replaces a generation that answers."""
    for lang in ("zh", "en"):
        shutil.rmtree(broken.docs / lang)
    with pytest.raises((BuildError, GuideError)):
        build(broken)
    assert _serves_on(story)


def test_a_generation_that_fails_its_self_test_never_serves(story: Story) -> None:
    """What the child process finds stops the switch and is said."""
    settings = story.settings.model_copy(update={"embedder": "tests.rag.test_build:UnstableEmbedding"})
    with pytest.raises(BuildError, match="another encoder") as raised:
        build(settings)
    assert raised.value.stage == "self-test"
    assert _serves_on(story)


BLOCKED = """
import socket, sys
from pathlib import Path

def refuse(self, address, *rest):
    raise PermissionError(f"no network: {address!r}")

class NoNet(socket.socket):
    connect = connect_ex = refuse

def no_names(*args, **kwargs):
    raise PermissionError(f"no names: {args!r}")

socket.socket = NoNet
socket.getaddrinfo = socket.gethostbyname = no_names
from rag.access import ANONYMOUS
from rag.exchange import Question
from rag.build import build
from rag.live import Live
from rag.settings import Settings

folder, models, docs = map(Path, sys.argv[1:])
settings = Settings(docs=docs, out=folder / "out", cache=folder / "vectors.sqlite", models=models)
print(build(settings).embedded > 100)
print(Live(settings).assistant().ask(Question("借书收费吗"), ANONYMOUS).outcome.value)
"""


def test_building_and_asking_need_no_network(library_settings: Settings, tmp_path: Path) -> None:
    """With every socket and name look-up refused, a changed library is embedded, built and answers."""
    docs = Path(shutil.copytree(library_settings.docs, tmp_path / "docs"))
    shutil.copytree(library_settings.out, tmp_path / "out")  # sites that did not change need no second build
    for guide in docs.rglob("off-budget.md"):
        guide.write_text(guide.read_text(encoding="utf-8").replace("26000", "27000"), encoding="utf-8")
    arguments = [str(path) for path in (tmp_path, library_settings.models, docs)]
    # A namespace without interfaces where the machine lets us make one; else the blocked sockets must do.
    unshare = ["unshare", "--net"] if _may_unshare() else []
    done = subprocess.run(
        [*unshare, sys.executable, "-c", BLOCKED, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "answered"]


def _may_unshare() -> bool:
    return (
        bool(shutil.which("unshare"))
        and not subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode
    )
