"""The store and the audit trail, as the operator's commands use them."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.commands.options import settings_of

if TYPE_CHECKING:
    from api.audit import Audit
    from api.store import Store
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


def actor() -> str:
    """What the audit trail calls whoever types a command."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "cli:unknown"
