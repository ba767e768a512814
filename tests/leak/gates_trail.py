"""Gates over the audit trail: what must be in it is, and what was done to it shows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from typer.testing import CliRunner

from api import keys
from api.audit import Act, Audit
from api.cli import commands
from api.sessions import form_token
from rag.access import Level
from tests.api.identities import PASSWORD, make_account
from tests.leak.exits import Sent
from tests.leak.judge import Judge
from tests.leak.own import STAFF, new_name, new_session, new_store, rewrite, store_of
from tests.leak.served import SAME_ORIGIN


def trail_gate(_: Judge) -> list[str]:
    """An edit, events cut off at the end, and an event of a copy that went another way are all found."""
    with new_store() as (store, folder):
        trail = Audit(store, folder / "secret.key")
        with new_store() as (other, aside):
            for n in range(3):
                trail.record("cli:test", Act.STARTED, f"{n}")
            (aside / "secret.key").write_bytes((folder / "secret.key").read_bytes())
            copy = Audit(other, aside / "secret.key")
            for n in range(3):
                copy.record("cli:test", Act.STOPPED, f"{n}")
            foreign = list(copy.events())[1]
        missed = [] if trail.verify() == [] else ["a whole trail is found broken"]
        last = list(trail.events())[-1]
        guards = ("drop trigger events_no_update", "drop trigger events_no_delete")
        insert = "insert into events values (:seq, :at, :actor, :act, :target, :detail, :seal)"
        rewrite(folder, *guards, "delete from events where seq = 3")
        missed += ["cut off"] * (not trail.verify())
        rewrite(folder, insert, **_row(last))
        missed += ["a trail made whole again"] * bool(trail.verify())
        rewrite(folder, "delete from events where seq = 2")
        rewrite(folder, insert, **_row(foreign))
        missed += ["an event of a copy"] * (not trail.verify())
        rewrite(folder, "update events set target = 'x' where seq = 3")
        missed += ["an edit"] * ({flaw.seq for flaw in trail.verify()} < {3})
    return missed


def command_gate(judge: Judge) -> list[str]:
    """Each privileged command leaves its event, in order and by who typed it."""
    with new_store() as (store, folder), _environment(judge, folder):
        guide = judge.served.subjects[0].id
        acts = [
            (Act.ACCOUNT_ADDED, ("user", "add", "li.na", "--as", "staff", "--level", "internal")),
            (Act.ACCOUNT_CHANGED, ("user", "change", "li.na", "--as", "staff", "--level", "members")),
            (Act.LINK_MADE, ("user", "link", "li.na")),
            (Act.ACCOUNT_DISABLED, ("user", "disable", "li.na")),
            (Act.SIGNED_OUT_EVERYWHERE, ("user", "sign-out", "li.na")),
            (Act.ACCOUNT_DELETED, ("user", "delete", "li.na")),
            (Act.KEY_CREATED, ("key", "create", "a", "--as", "staff", "--level", "internal")),
            (Act.KEY_ROTATED, ("key", "rotate", "KEY")),
            (Act.KEY_REVOKED, ("key", "revoke", "KEY")),
            (Act.STOPPED, ("stop", "--reason", "wrong")),
            (Act.STARTED, ("start",)),
            (Act.WITHDRAWN, ("withdraw", guide)),
            (Act.WITHDRAWAL_ENDED, ("withdraw", guide, "--undo")),
            (Act.TRAIL_READ, ("audit", "list")),
        ]
        for _, typed in acts:
            prefix = keys.list_keys(store)[0].prefix if "KEY" in typed else ""
            _typed(*(prefix if word == "KEY" else word for word in typed))
        events = list(Audit(store, folder / "secret.key").events())
    recorded = [event.act for event in events if event.actor.startswith("cli:")]
    return [str(act) for act, _ in acts if act not in recorded] + ["not in order"] * (
        recorded != [act for act, _ in acts]
    )


def desk_acts_gate(judge: Judge) -> list[str]:
    """Signing in and out, once or everywhere, and a new password are events of the account."""
    store, wanted = store_of(judge), [Act.SIGNED_IN]
    name = make_account(store, new_name(), STAFF)
    judge.send_form("/sign-in", {"name": name, "password": PASSWORD}, SAME_ORIGIN)
    for path, act in (
        ("/sign-out", Act.SIGNED_OUT),
        ("/desk/sign-out-everywhere", Act.SIGNED_OUT_EVERYWHERE),
    ):
        token = new_session(store, name)
        judge.send_form(path, {"form": form_token(token)}, {"Cookie": f"zhinan={token}", **SAME_ORIGIN})
        wanted.append(act)
    own = [event.act for event in judge.served.services.audit.events() if event.actor == f"session:{name}"]
    return [str(act) for act in wanted if act not in own]


def reading_gate(judge: Judge) -> list[str]:
    """Who reads a restricted guide, by its record or its page, is recorded; where that fails nothing is shown."""
    subject = next(s for s in judge.served.subjects if "director" in s.roles)
    sent = (Sent("GET", f"/api/v1/guides/{subject.id}"), Sent("GET", subject.path))
    services, told = judge.served.services, []
    for request in sent:
        before = sum(1 for _ in services.audit.events())
        status = judge.send("director", request).status_code
        events = list(services.audit.events())[before:]
        acts = [(event.act, event.target) for event in events if event.actor != "server"]
        told += [f"{request.url}: {status} {acts}"] * (
            acts != [(Act.RESTRICTED_READ, subject.id)] or status != 200
        )
    with new_store() as (store, folder):
        broken = Audit(store, folder / "secret.key")
        rewrite(folder, "drop table events")
        state = judge.served.client.app.state  # type: ignore[attr-defined]
        state.services = replace(services, audit=broken)
        try:
            responses = [judge.send("director", request) for request in sent]
        finally:
            state.services = services
    return told + [f"{r.request.url.path} shown unrecorded" for r in responses if r.status_code < 500]


def export_act_gate(judge: Judge) -> list[str]:
    """An export above the open level is an event; an open one is none."""
    with new_store() as (store, folder), _environment(judge, folder):
        for level in (Level.OPEN, Level.INTERNAL):
            _typed("export", "--level", level, "--out", str(folder / "out.json"))
        acts = [(event.act, event.detail) for event in Audit(store, folder / "secret.key").events()]
    return [] if acts == [(Act.EXPORTED, '{"level": "internal"}')] else [str(acts)]


# -- means ---------------------------------------------------------------------------------------------------


def _row(event: object) -> dict[str, object]:
    """An event as SQLite keeps it."""
    return {k: f"{v:%Y-%m-%d %H:%M:%S.%f}" if isinstance(v, datetime) else v for k, v in vars(event).items()}


@contextmanager
def _environment(judge: Judge, folder: Path) -> Iterator[None]:
    """What an operator's shell holds."""
    settings = judge.served.settings
    held = {"docs": settings.docs, "out": settings.out, "database": f"sqlite:///{folder / 'store.sqlite'}", "secret": folder / "secret.key"}  # fmt: skip
    with patch.dict(os.environ, {f"ZHINAN_{name.upper()}": str(value) for name, value in held.items()}):
        yield


def _typed(*words: str) -> None:
    """Type a command; what it could not do shows in the trail."""
    CliRunner().invoke(commands(), list(words))
