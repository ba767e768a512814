"""Gates over signing in, and over what is kept of passwords, links and keys."""

import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from argon2.exceptions import Argon2Error
from sqlalchemy import select

from api import accounts, keys
from api.audit import Act
from api.sessions import open_session
from api.tables import ACCOUNTS, KEYS, LINKS, SESSIONS
from tests.api.identities import PASSWORD, make_account, make_key
from tests.leak.exits import Sent
from tests.leak.judge import Judge
from tests.leak.matrix import lines
from tests.leak.own import HOURS, STAFF, disable_alone, new_account, new_name, store_of
from tests.leak.served import SAME_ORIGIN

# -- signing in --------------------------------------------------------------------------------------------


def sign_in_gate(judge: Judge) -> list[str]:
    """A wrong password, an unknown name, a disabled account and one without a password read the same."""
    store = store_of(judge)
    good, bare = make_account(store, new_name(), STAFF), new_account(store)

    def tell(name: str, password: str = PASSWORD) -> tuple[int, str, str]:
        fields = {"name": name, "password": password}
        response = judge.send_form("/sign-in", fields, SAME_ORIGIN)
        return response.status_code, response.text, response.headers.get("set-cookie", "")

    right = tell(good)[0]
    told = {"wrong password": tell(good, "another horse 8"), "unknown": tell(new_name()), "bare": tell(bare)}
    disable_alone(store, good)
    told["disabled"] = tell(good)
    expected = told["wrong password"]
    unlike = [name for name, said in told.items() if said != expected or said[0] != 401 or said[2]]
    return unlike + ([] if right == 303 else [f"right password: {right}"])


def hashing_gate(judge: Judge) -> list[str]:
    """A name that does not exist costs the same hash as a wrong password; what is counted is work, not time."""
    store = store_of(judge)
    known = make_account(store, new_name(), STAFF)

    def work(name: str) -> float:
        begun = time.process_time()
        accounts.check_password(store, name, "another horse 8")
        return time.process_time() - begun

    accounts.check_password(store, new_name(), "once, for the hash that stands for nobody's")
    unknown, wrong = (min(work(name) for _ in range(2)) for name in (new_name(), known))
    return [] if unknown > wrong / 4 else [f"{unknown:.4f} s against {wrong:.4f} s"]


def typed_gate(judge: Judge) -> list[str]:
    """What somebody typed at a sign-in that failed stands in no event and no log line."""
    begun, words = len(judge.served.log), [uuid.uuid4().hex for _ in range(2)]
    before = sum(1 for _ in judge.served.services.audit.events())
    judge.send_form("/sign-in", dict(zip(("name", "password"), words, strict=True)), SAME_ORIGIN)
    events = list(judge.served.services.audit.events())[before:]
    # The application may have recorded something of its own meanwhile, such as its daily retention.
    if [event.act for event in events].count(Act.SIGN_IN_FAILED) != 1:
        return ["a failed sign-in is no event"]
    kept = str(events) + "\n".join(judge.served.log[begun:])
    return [word for word in words if word in kept]


def secret_gate(judge: Judge) -> list[str]:
    """No password, cookie, link or key stands in the store."""
    store, now = store_of(judge), datetime.now(UTC)
    account = make_account(store, new_name(), STAFF)
    with store.writing() as connection:
        told = {"password": PASSWORD, "cookie": open_session(connection, account, now, HOURS)}
        told["link"] = accounts.make_link(connection, account, now)
    told["key"] = make_key(store, account, STAFF)
    own = ((ACCOUNTS, "name"), (SESSIONS, "account"), (LINKS, "account"), (KEYS, "name"))
    with store.reading() as connection:
        rows = [connection.execute(select(table).where(table.c[of] == account)).one() for table, of in own]
    return [name for name, value in told.items() if value in str(rows)]


def link_gate(judge: Judge) -> list[str]:
    """A link holds once, for a day, until the next one is made, and not for a disabled account."""
    store, now = store_of(judge), datetime.now(UTC)
    account, held = new_account(store), []

    def made() -> str:
        with store.writing() as connection:
            return accounts.make_link(connection, account, now)

    def holds(token: str, after: timedelta = timedelta()) -> bool:
        return accounts.account_of_link(store, token, now + after) is not None

    first, second = made(), made()
    held += ["good link does not hold"] * (not holds(second)) + ["after the next one"] * holds(first)
    held += ["after a day"] * holds(second, timedelta(hours=24, seconds=1))
    with store.writing() as connection, suppress(Argon2Error):
        accounts.set_password(connection, account, PASSWORD)
    held += ["twice"] * holds(second)
    third = made()
    disable_alone(store, account)
    return held + ["disabled"] * holds(third)


# -- keys --------------------------------------------------------------------------------------------------


def scope_gate(judge: Judge) -> list[str]:
    """A key that covers searching alone opens no other route and no page, and says so alike for all."""
    wanted = {line.path: line.sent for line in lines("x", "x") if line.besides.get("search-only") == 403}
    wanted |= {
        "a page": Sent("GET", judge.served.subjects[0].path),
        "a file": Sent("GET", "/search-data.json"),
    }
    return [
        f"{path}: {status}"
        for path, sent in wanted.items()
        if (status := judge.send("search-only", sent).status_code) != 403
    ]


def rotation_gate(judge: Judge) -> list[str]:
    """A key that was exchanged holds as long as the overlap and no longer, nor longer than it would have."""
    store, now, held = store_of(judge), datetime.now(UTC), []
    for days, overlap in ((30, 7), (5, 60)):
        old = make_key(store, new_name(), STAFF, days, now)
        found = keys.key_of(store, old, now)
        assert found is not None
        with store.writing() as connection:
            new = keys.rotate_key(connection, found, timedelta(days=overlap), 90, now)
        ends = now + timedelta(days=min(days, overlap))
        held += [f"{days} days: too short"] * (keys.key_of(store, old, ends - timedelta(hours=1)) is None)
        held += [f"{days} days: too long"] * (
            keys.key_of(store, old, ends + timedelta(seconds=1)) is not None
        )
        grants = [keys.key_of(store, text, now) for text in (old, new)]
        held += ["the new key opens something else"] * (len({key.reader for key in grants if key}) != 1)
    return held
