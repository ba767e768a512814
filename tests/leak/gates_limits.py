"""Gates over limits: how often somebody may ask, and who is counted as one."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv6Address
from typing import Any
from unittest.mock import patch

from pydantic import ValidationError

from api.callers import caller_of, network_of
from api.counters import Counters
from api.keys import HEADER, Quota
from api.limits import Limits
from api.office_sign_in import RETURN, START
from api.sessions import form_token
from api.throttle import Throttle
from rag.settings import Settings
from tests.api.identities import make_key
from tests.leak.forger import serving_with
from tests.leak.judge import Judge
from tests.leak.own import STAFF, new_account, new_name, new_session, store_of
from tests.leak.served import SAME_ORIGIN

_TOPICS = "/api/v1/topics"
_MANY = 1000
_QUOTAS = ("address_per_minute", "local_per_minute", "sign_ins_per_account", "sign_ins_per_address")
_STRANGER, _OTHER = "198.51.100.7", "198.51.100.8"

# -- how often ---------------------------------------------------------------------------------------------


def address_quota_gate(judge: Judge) -> list[str]:
    """An address, also one that guesses keys or begins to sign in, gets three answers, then is told when to return."""
    tried: dict[str, tuple[str, dict[str, str]]] = {
        "anonymous": (_TOPICS, {}),
        "named by a proxy": (_TOPICS, {"X-Forwarded-For": _STRANGER}),
        "wrong keys": (_TOPICS, {HEADER: "zn_" + "A" * 43}),
        "wrong keys for pages": ("/", {HEADER: "zn_" + "A" * 43}),
        "sign-ins begun": (START, {}),
        "sign-ins ended": (RETURN, {}),
    }
    wrong = []
    for name, (path, headers) in tried.items():
        with _allowing(judge, local_per_minute=3, address_per_minute=3):
            wrong += _unlike(name, [judge.served.client.get(path, headers=headers) for _ in range(4)])
    return wrong


def key_quota_gate(judge: Judge) -> list[str]:
    """A key has its own quota, of a minute and of a day; a person has one wherever he asks from."""
    store, wrong = store_of(judge), []
    for name, quota in (("minute", Quota(3, _MANY)), ("day", Quota(_MANY, 3))):
        headers = {HEADER: make_key(store, new_name(), STAFF, quota=quota)}
        with _allowing(judge):
            wrong += _unlike(name, [judge.served.client.get(_TOPICS, headers=headers) for _ in range(4)])
    cookie = {"Cookie": f"zhinan={new_session(store, new_account(store))}"}
    with _allowing(judge, address_per_minute=3):
        wrong += _unlike("person", [judge.served.client.get(_TOPICS, headers=cookie) for _ in range(4)])
    return wrong


def guessing_gate(judge: Judge) -> list[str]:
    """Where one attempt is allowed nobody tries a second password of an account, however he types its name, nor
    another account from the same address, nor at the desk. A password costs a tenth of a second."""
    wrong, name = [], new_name()
    with _allowing(judge, sign_ins_per_account=1):
        wrong += _unlike("account", [_sign_in(judge, n) for n in (name, f" {name.upper()} ")])
    with _allowing(judge, sign_ins_per_address=1):
        wrong += _unlike("address", [_sign_in(judge, new_name()) for _ in range(2)])
    store = store_of(judge)
    token = new_session(store, new_account(store))
    headers = {"Cookie": f"zhinan={token}"} | SAME_ORIGIN
    with _allowing(judge, sign_ins_per_account=1):
        fields = {"form": form_token(token), "old": "another horse 8", "password": "x"}
        wrong += _unlike("desk", [judge.send_form("/desk/password", fields, headers) for _ in range(2)])
    return wrong


def window_gate(_: Judge) -> list[str]:
    """At the turn of a window the earlier one still counts; the next is free again."""
    counters, wrong = Counters(None), []
    begins = time.time() // 60 * 60

    def let_through(at: float) -> int:
        with patch("time.time", lambda: begins + at):
            return sum(counters.acquire_sliding_window_entry("a", 20, 60) for _ in range(30))

    for at, most in ((1.0, 20), (61.0, 1), (250.0, 20)):
        n = let_through(at)
        wrong += [f"{n} at {at} s"] * (not most - 1 <= n <= most)
    counters.close()
    return wrong


# -- who ---------------------------------------------------------------------------------------------------


def caller_gate(_: Judge) -> list[str]:
    """An IPv6 home counts as one however it is written, and what a stranger says of himself changes nothing."""
    # Other addresses each time: what is counted as one is remembered.
    home = random.getrandbits(64) << 64
    found = {network_of(str(IPv6Address(home + random.getrandbits(64)))) for _ in range(9)}
    wrong = ["neighbours counted apart"] * (len(found) != 1)
    inner = f"10.{random.randrange(256)}.{random.randrange(256)}.9"
    wrong += ["an IPv4 address in IPv6"] * (network_of(f"::ffff:{inner}") != inner)
    for name in (b"x-forwarded-for", b"forwarded"):
        stranger = caller_of({"client": (_STRANGER, 1), "headers": [(name, b"10.0.0.9")]})
        wrong += [f"{name!r}: {stranger}"] * (stranger.network != _STRANGER or stranger.local)
        proxied = caller_of({"client": ("127.0.0.1", 1), "headers": [(name, b"127.0.0.1")]})
        wrong += [f"{name!r} speaks for the operator"] * proxied.local
    for proxies in ("0.0.0.0/0", "10.0.0.1,::/0"):
        try:
            Settings(trusted_proxies=proxies)
            wrong.append(f"anybody is a proxy: {proxies}")
        except ValidationError:
            continue
    return wrong


# -- means -------------------------------------------------------------------------------------------------


@contextmanager
def _allowing(judge: Judge, **quotas: int) -> Iterator[None]:
    """Meanwhile the office allows so much and counts anew."""
    for seconds in (60, 900):
        # Requests on both sides of a window's turn would be counted by parts.
        left = seconds - time.time() % seconds
        time.sleep(left if left < 2 else 0)
    limits = Limits(None)
    settings = judge.served.settings.model_copy(update=dict.fromkeys(_QUOTAS, _MANY) | quotas)
    with serving_with(judge, throttle=Throttle(limits, settings)):
        yield
    limits.close()


def _unlike(name: str, responses: Sequence[Any]) -> list[str]:
    """What is wrong with responses of which the last alone should be a 429 that says when to return."""
    last = responses[-1]
    told = [response.status_code for response in responses]
    wrong = [f"{name}: {told}"] * (last.status_code != 429 or 429 in told[:-1])
    waits = last.headers.get("retry-after", "")
    return wrong + [f"{name}: Retry-After {waits!r}"] * (
        not wrong and not (waits.isdigit() and int(waits) > 0)
    )


def _sign_in(judge: Judge, name: str) -> Any:
    return judge.send_form("/sign-in", {"name": name, "password": "another horse 8"}, SAME_ORIGIN)
