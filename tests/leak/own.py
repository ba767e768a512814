"""What gates make for themselves: accounts, sessions, a store to break. Nothing here is shared with another gate."""

import asyncio
import json
import shutil
import tempfile
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, text, update

from api.accounts import add_account
from api.sessions import open_session
from api.store import Store
from api.switches import Switch, Target, switch_off
from api.tables import ACCOUNTS
from rag.access import Level
from rag.settings import Settings
from tests.leak.judge import Judge
from tests.leak.served import READERS

STAFF = READERS["internal"]
HOURS = 12

Made = TypeVar("Made")


def run_apart(coroutine: Coroutine[Any, Any, Made]) -> Made:
    """What a coroutine gives, run in a thread of its own: in this one a browser may keep a loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def store_of(judge: Judge) -> Store:
    """The store of the office, where other gates have rows of their own."""
    return judge.served.services.store


def new_name() -> str:
    """A name that no account has."""
    return f"a{uuid.uuid4().hex[:12]}"


def new_account(store: Store) -> str:
    """The name of a new account without a password: a password costs a tenth of a second."""
    name = new_name()
    with store.writing() as connection:
        add_account(connection, name, STAFF, None, datetime.now(UTC))
    return name


def new_session(store: Store, account: str) -> str:
    """The cookie of a session that begins now."""
    with store.writing() as connection:
        return open_session(connection, account, datetime.now(UTC), HOURS)


def disable_alone(store: Store, account: str) -> None:
    """The mark alone: its sessions and links stay, as if whoever should have ended them had failed."""
    with store.writing() as connection:
        disabled = update(ACCOUNTS).where(ACCOUNTS.c.name == account).values(disabled=datetime.now(UTC))
        connection.execute(disabled)


def off(store: Store, target: Target) -> None:
    """Switch something off."""
    with store.writing() as connection:
        switch_off(connection, Switch(target, "wrong", "cli:test", datetime.now(UTC)))


@contextmanager
def new_store() -> Iterator[tuple[Store, Path]]:
    """A store that may be broken, and the folder of its file."""
    with tempfile.TemporaryDirectory() as name:
        store = Store(f"sqlite:///{name}/store.sqlite")
        try:
            yield store, Path(name)
        finally:
            store.close()


def rewrite(folder: Path, *statements: str, **values: object) -> None:
    """Write to the database in a folder as one who owns its file."""
    engine = create_engine(f"sqlite:///{folder / 'store.sqlite'}")
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), values)
    engine.dispose()


def two_generations(settings: Settings, out: Path) -> tuple[str, str]:
    """The records of the office's generation twice; ids of a guide that the one which serves lacks, and of one
    that it gives to members."""
    name = (settings.out / "CURRENT").read_text().strip()
    for copy in (name, f"{name}-b"):
        for file in (settings.out / name).rglob("*.json"):
            if file.name in ("manifest.json", "guides.json"):
                to = out / copy / file.relative_to(settings.out / name)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, to)
    ids: dict[str, None] = {}
    for file in (out / f"{name}-b").rglob("guides.json"):
        records = json.loads(file.read_text(encoding="utf-8"))
        ids |= dict.fromkeys(r["id"] for r in records if r["level"] == Level.INTERNAL)
    lost, lowered = sorted(ids)[:2]
    for file in (out / f"{name}-b").rglob("guides.json"):
        records = [r for r in json.loads(file.read_text(encoding="utf-8")) if r["id"] != lost]
        changed = [r | ({"level": "members"} if r["id"] == lowered else {}) for r in records]
        file.write_text(json.dumps(changed), encoding="utf-8")
    (out / "CURRENT").write_text(f"{name}-b\n")
    return lost, lowered
