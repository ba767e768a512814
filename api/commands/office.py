"""The store and the audit trail, as the operator's commands use them."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.commands.options import settings_of, stop

if TYPE_CHECKING:
    from api.audit import Audit
    from api.store import Store
    from api.switches import Watch
    from rag.settings import Settings


@dataclass(frozen=True)
class Office:
    """What a command acts on, and in whose name."""

    settings: "Settings"
    store: "Store"
    audit: "Audit"
    actor: str


@contextmanager
def open_office() -> Iterator[Office]:
    """The installation that the environment names; the actor is the account of the operating system."""
    from api.audit import Audit
    from api.store import Store

    settings = settings_of()
    store = Store(settings.database)
    try:
        yield Office(settings, store, Audit(store, settings.secret), actor())
    finally:
        store.close()


@contextmanager
def open_watch() -> "Iterator[Watch]":
    """What the office has switched off; where the store cannot be read the command ends, and nothing is told."""
    from sqlalchemy.exc import SQLAlchemyError

    from api.store import Store
    from api.switches import Watch

    try:
        store = Store(settings_of().database)
        watch = Watch(store)
    except (SQLAlchemyError, OSError) as error:
        kind = type(error).__name__
        stop(
            f"存储读不了，不知道停用了什么（{kind}）",
            f"the store cannot be read for what is switched off ({kind})",
        )
    try:
        yield watch
    finally:
        store.close()


def actor() -> str:
    """What the audit trail calls whoever types a command."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "cli:unknown"
