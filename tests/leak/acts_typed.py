"""Acts of whoever has a shell on the server: each command that does something, typed as an operator types it."""

import getpass
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.audit import Act
from api.cli import commands
from api.requests import Matter, file_request
from api.switches import ASSISTANT, Target, What
from rag.access import ANONYMOUS, Level
from rag.settings import ROOT
from tests.api.identities import make_key
from tests.leak.acts import SERVER, Do, Entry, Said, Scene, in_a_new_store
from tests.leak.kept import NOW, answered
from tests.leak.own import STAFF, new_account, off, two_generations

_READER = ("--as", "staff", "--level", "internal")
ME = f"cli:{getpass.getuser()}"


@contextmanager
def environment(scene: Scene, **changed: object) -> Iterator[dict[str, str]]:
    """What an operator's shell holds; its store is the scene's own."""
    assert scene.folder is not None
    settings = scene.judge.served.settings
    held = {"docs": settings.docs, "out": settings.out, "database": f"sqlite:///{scene.folder / 'store.sqlite'}", "secret": scene.folder / "secret.key"}  # fmt: skip
    own = {f"ZHINAN_{name.upper()}": str(value) for name, value in (held | changed).items()}
    with patch.dict(os.environ, own):
        yield own


def typed(scene: Scene, *words: str, **changed: object) -> None:
    """Type a command; what it could not do shows in the trail."""
    with environment(scene, **changed):
        CliRunner().invoke(commands(), list(words))


# -- accounts ----------------------------------------------------------------------------------------------


def _on_account(*words: str) -> Do:
    """A command on an account that is there."""

    def on_account(scene: Scene) -> Sequence[Said]:
        name = new_account(scene.store)
        typed(scene, "user", words[0], name, *words[1:])
        return [(ME, name)]

    return on_account


def _new_account(scene: Scene) -> Sequence[Said]:
    typed(scene, "user", "add", "li.na", *_READER)
    return [(ME, "li.na")]


def _account_that_exists(scene: Scene) -> Sequence[Said]:
    typed(scene, "user", "add", new_account(scene.store), *_READER)
    return []


def _nobody(scene: Scene) -> Sequence[Said]:
    typed(scene, "user", "delete", "nobody")
    return []


def _two_first_starts(scene: Scene) -> Sequence[Said]:
    """Two servers start together over an empty store, in processes of their own; each makes its link and ends, for
    its port is taken. The first account is made once."""
    with socket.create_server(("127.0.0.1", 0)) as taken, environment(scene) as own:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "api.cli", "serve", "--port", port, "--workers", "2"]
        start = partial(subprocess.Popen, command, cwd=ROOT, env=os.environ | own)
        started = [start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
        for process in started:
            process.wait(60)
    return [(ME, "admin")] * 3


# -- keys and switches -------------------------------------------------------------------------------------


def _new_key(scene: Scene) -> Sequence[Said]:
    typed(scene, "key", "create", "a", *_READER)
    return [(ME, "a")]


def _on_key(word: str) -> Do:
    def on_key(scene: Scene) -> Sequence[Said]:
        prefix = make_key(scene.store, "a", STAFF)[:8]
        typed(scene, "key", word, prefix)
        return [(ME, prefix)]

    return on_key


def _open_guide(scene: Scene) -> str:
    return next(s.id for s in scene.judge.served.subjects if s.level is Level.OPEN)


def _switched(what: What, words: Sequence[str], was_off: bool = False) -> Do:
    """A switch, off before or not; `GUIDE` stands for a guide's id."""

    def switched(scene: Scene) -> Sequence[Said]:
        guide = _open_guide(scene)
        target = ASSISTANT if what is What.ASSISTANT else Target(what, guide)
        if was_off:
            off(scene.store, target)
        typed(scene, *(guide if word == "GUIDE" else word for word in words))
        return [(ME, str(target))]

    return switched


def _listed_switches(scene: Scene) -> Sequence[Said]:
    typed(scene, "stop", "--list")
    return []


# -- what leaves, is read, or goes -------------------------------------------------------------------------


def _exported(level: Level) -> Do:
    def exported(scene: Scene) -> Sequence[Said]:
        assert scene.folder is not None
        typed(scene, "export", "--level", level, "--out", str(scene.folder / "out.json"))
        return [(ME, "cpsv-ap")] if level is not Level.OPEN else []

    return exported


def _trail_listed(scene: Scene) -> Sequence[Said]:
    typed(scene, "audit", "list", "--act", "stopped")
    return [(ME, "stopped")]


def _forgotten_by_office(scene: Scene) -> Sequence[Said]:
    answer = answered(scene.store, 3)
    filed = file_request(scene.store, Matter("号牌丢了"), ANONYMOUS, NOW)
    typed(scene, "forget", "--answer", answer, "--request", filed.number, "--answer", "f" * 32)
    return [(ME, f"answer:{answer}"), (ME, f"request:{filed.number}")]


def _old_texts(scene: Scene) -> Sequence[Said]:
    answered(scene.store, 200)
    typed(scene, "retention")
    return [(ME, f"{datetime.now(UTC):%Y-%m-%d}")]


def _only_counted(scene: Scene) -> Sequence[Said]:
    answered(scene.store, 200)
    typed(scene, "retention", "--dry-run")
    return []


def _daily_run(scene: Scene) -> Sequence[Said]:
    """A server that starts and stops finds an old text."""
    answered(scene.store, 200)
    assert scene.folder is not None
    own = {"database": f"sqlite:///{scene.folder / 'store.sqlite'}", "secret": scene.folder / "secret.key"}
    with TestClient(create_app(scene.judge.served.settings.model_copy(update=own))):
        pass
    return [(SERVER, f"{datetime.now(UTC):%Y-%m-%d}")]


def _another_generation(scene: Scene) -> Sequence[Said]:
    """Of two generations one lacks a guide and gives another to more readers; going back is a decision on both."""
    with TemporaryDirectory() as folder:
        out = Path(folder)
        lost, lowered = two_generations(scene.judge.served.settings, out)
        serving = (out / "CURRENT").read_text().strip()
        typed(scene, "rollback", out=out)
        back = (out / "CURRENT").read_text().strip()
    assert back != serving
    return [(ME, back), *((ME, guide) for guide in sorted((lost, lowered)))]


def _entry(exit_name: str, acts: Act | tuple[Act, ...], do: Do) -> Entry:
    return Entry(exit_name, acts if isinstance(acts, tuple) else (acts,), do, in_a_new_store)


_STOP = ("stop", "--reason", "wrong")
ACCOUNTS = [
    _entry("user add", Act.ACCOUNT_ADDED, _new_account),
    _entry("user add", (), _account_that_exists),
    _entry("user change", Act.ACCOUNT_CHANGED, _on_account("change", *_READER)),
    _entry("user link", Act.LINK_MADE, _on_account("link")),
    _entry("user disable", Act.ACCOUNT_DISABLED, _on_account("disable")),
    _entry("user enable", Act.ACCOUNT_DISABLED, _on_account("enable")),
    _entry("user sign-out", Act.SIGNED_OUT_EVERYWHERE, _on_account("sign-out")),
    _entry("user delete", Act.ACCOUNT_DELETED, _on_account("delete")),
    _entry("user delete", (), _nobody),
]
KEYS = [
    _entry("key create", Act.KEY_CREATED, _new_key),
    _entry("key rotate", Act.KEY_ROTATED, _on_key("rotate")),
    _entry("key revoke", Act.KEY_REVOKED, _on_key("revoke")),
]
SWITCHES = [
    _entry("stop", Act.STOPPED, _switched(What.ASSISTANT, _STOP)),
    _entry("stop", Act.STOPPED, _switched(What.ANSWERS, (*_STOP, "GUIDE"))),
    _entry("stop", (), _listed_switches),
    _entry("start", Act.STARTED, _switched(What.ASSISTANT, ("start",), was_off=True)),
    _entry("start", Act.STARTED, _switched(What.ANSWERS, ("start", "GUIDE"), was_off=True)),
    _entry("withdraw", Act.WITHDRAWN, _switched(What.GUIDE, ("withdraw", "GUIDE"))),
    _entry(
        "withdraw", Act.WITHDRAWAL_ENDED, _switched(What.GUIDE, ("withdraw", "GUIDE", "--undo"), was_off=True)
    ),
]
UPKEEP = [
    _entry("rollback", (Act.GENERATION_SWITCHED, Act.LEVEL_CHANGED, Act.LEVEL_CHANGED), _another_generation),
    _entry("audit list", Act.TRAIL_READ, _trail_listed),
    _entry("forget", (Act.FORGOTTEN, Act.FORGOTTEN), _forgotten_by_office),
    _entry("retention", Act.RETENTION, _old_texts),
    _entry("retention", (), _only_counted),
]
EXPORTS = [
    _entry("export", Act.EXPORTED, _exported(Level.INTERNAL)),
    _entry("export", (), _exported(Level.OPEN)),
]
STARTS = [_entry("serve", (Act.ACCOUNT_ADDED, Act.LINK_MADE, Act.LINK_MADE), _two_first_starts)]
DAILY = [_entry("serve", Act.RETENTION, _daily_run)]
