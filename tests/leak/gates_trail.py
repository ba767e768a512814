"""Gates over the audit trail: what must be in it is, and what was done to it shows."""

from datetime import datetime

from api.audit import Act, Audit
from rag.packs import OFFLINE
from tests.leak.acts import wrong_of
from tests.leak.acts_served import DESK, FORGETTING, PROVIDER, READING
from tests.leak.acts_typed import ACCOUNTS, DAILY, EXPORTS, KEYS, SWITCHES, UPKEEP
from tests.leak.exits import Sent
from tests.leak.forger import serving_with
from tests.leak.judge import Judge
from tests.leak.own import new_store, rewrite


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


account_acts_gate = wrong_of("account_acts_gate", ACCOUNTS)
"""Each command on accounts leaves its event, by whoever typed it, and what it could not do leaves none."""
key_acts_gate = wrong_of("key_acts_gate", KEYS)
"""So does each on keys."""
switch_acts_gate = wrong_of("switch_acts_gate", SWITCHES)
"""So does each that switches off or on."""
upkeep_acts_gate = wrong_of("upkeep_acts_gate", UPKEEP)
"""So do going back a generation, with each level that it changes, reading the trail, erasing and retention."""
daily_gate = wrong_of("daily_gate", DAILY)
"""The daily run is an event of the server's."""
desk_acts_gate = wrong_of("desk_acts_gate", DESK)
"""Signing in and out, once or everywhere, and a new password are events of the account."""
provider_acts_gate = wrong_of("provider_acts_gate", PROVIDER)
"""So is signing in at the office's provider, and failing to."""
forgetting_gate = wrong_of("forgetting_gate", FORGETTING)
"""Erasing is an event of whoever asked for it."""
reading_gate = wrong_of("reading_gate", READING)
"""Reading a restricted guide, by itself or in a file of all, is one event; reading less is none."""
export_act_gate = wrong_of("export_act_gate", EXPORTS)
"""An export above the open level is an event; an open one is none."""


def unrecorded_gate(judge: Judge) -> list[str]:
    """Where the reading of a restricted guide cannot be recorded nothing is shown."""
    subject = next(s for s in judge.served.subjects if "director" in s.roles)
    paths = (f"/api/v1/guides/{subject.id}", subject.path, f"/{OFFLINE}")
    with new_store() as (store, folder):
        broken = Audit(store, folder / "secret.key")
        rewrite(folder, "drop table events")
        with serving_with(judge, audit=broken):
            responses = [judge.send("director", Sent("GET", path)) for path in paths]
    return [f"{r.request.url.path} shown unrecorded" for r in responses if r.status_code < 500]


# -- means ---------------------------------------------------------------------------------------------------


def _row(event: object) -> dict[str, object]:
    """An event as SQLite keeps it."""
    return {k: f"{v:%Y-%m-%d %H:%M:%S.%f}" if isinstance(v, datetime) else v for k, v in vars(event).items()}
