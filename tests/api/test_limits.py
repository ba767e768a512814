"""Rate limits: how they count, what they say, and that no way around them is open."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from api.app import create_app
from api.callers import caller_of
from api.counters import Counters
from api.errors import ApiError, ErrorOut
from api.identity import Identity, Kind
from api.keys import HEADER, Quota
from api.limits import DAY, Limits, Policy, counters_file
from api.store import Store
from api.throttle import Throttle
from rag.settings import ROOT, Settings
from tests.api.conftest import READERS, serving
from tests.api.identities import make_key

TOPICS = "/api/v1/topics"
SHORT = Policy("short", 5, 2)


@pytest.fixture
def limits(tmp_path: Path) -> Iterator[Limits]:
    """Fresh counters."""
    made = Limits(tmp_path / "limits.sqlite")
    yield made
    made.close()


def test_a_quota_holds_and_comes_back(limits: Limits) -> None:
    """Five in two seconds are counted down; the sixth is refused, and allowed when the time said has gone."""
    _at_the_start_of_a_window(SHORT.seconds)
    found = [limits.check("x", "a", SHORT) for _ in range(6)]
    assert [one.allowed for one in found] == [True] * 5 + [False]
    assert [one.remaining for one in found] == [4, 3, 2, 1, 0, 0]
    assert all(1 <= one.reset_s <= SHORT.seconds for one in found)
    time.sleep(found[-1].reset_s)
    assert limits.check("x", "a", SHORT).allowed


def test_a_window_slides(limits: Limits) -> None:
    """At the turn of a window the earlier one still counts: there is no burst of twice the quota."""
    policy = Policy("slide", 20, 4)
    _at_the_start_of_a_window(policy.seconds, before=0.3)
    before = sum(limits.check("x", "a", policy).allowed for _ in range(30))
    time.sleep(0.6)
    after = sum(limits.check("x", "a", policy).allowed for _ in range(30))
    assert (before, after < 5) == (20, True)


def test_each_counts_for_himself(limits: Limits) -> None:
    """One who has used up his quota takes nothing from another, nor a kind from another kind."""
    assert not [limits.check("x", "a", SHORT) for _ in range(9)][-1].allowed
    assert limits.check("x", "b", SHORT).allowed
    assert limits.check("y", "a", SHORT).allowed


def _at_the_start_of_a_window(seconds: int, before: float = 0.0) -> None:
    """Wait until a window of the clock begins, or is about to end."""
    time.sleep((seconds - before - time.time() % seconds) % seconds)


def _take(file: Path, times: int) -> int:
    limits = Limits(file)
    try:
        return sum(limits.check("x", "a", Policy("p", 100, 86_400)).allowed for _ in range(times))
    finally:
        limits.close()


_OTHER_PROCESS = """
import sys
from pathlib import Path
from api.identity import Identity, Kind
from api.keys import HEADER, Quota
from api.limits import Limits, Policy
limits = Limits(Path(sys.argv[1]))
print(sum(limits.check("x", "a", Policy("p", 100, 86_400)).allowed for _ in range(60)))
"""


def test_processes_and_threads_share_the_count(tmp_path: Path) -> None:
    """Of 280 requests in two processes and eight threads at once exactly a quota of 100 is let through."""
    file = tmp_path / "limits.sqlite"
    command = [sys.executable, "-c", _OTHER_PROCESS, str(file)]
    others = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        here = sum(threads.map(lambda _: _take(file, 20), range(8)))
    assert here + sum(int(other.communicate(timeout=60)[0]) for other in others) == 100


def test_what_has_ended_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are personal data: after two windows no row tells who asked."""
    file = tmp_path / "limits.sqlite"
    counters = Counters(file)
    assert counters.acquire_sliding_window_entry("198.51.100.7", 5, 1)
    later = time.time() + 100
    monkeypatch.setattr("time.time", lambda: later)
    assert counters.get("another") == 0
    with sqlite3.connect(file) as other:
        assert other.execute("select count(*) from counters").fetchone() == (0,)
    counters.close()


def test_fixed_windows_count_too(tmp_path: Path) -> None:
    """The storage keeps the library's other promises: counting, ending, clearing one and all."""
    counters = Counters(tmp_path / "limits.sqlite")
    assert [counters.incr("a", 1), counters.incr("a", 1, 3), counters.get("a")] == [1, 4, 4]
    assert 0 < counters.get_expiry("a") - time.time() <= 1
    time.sleep(1.1)
    assert (counters.get("a"), counters.incr("a", 60), counters.incr("b", 60)) == (0, 1, 1)
    counters.clear("a")
    assert (counters.get("a"), counters.get("b"), counters.check()) == (0, 1, True)
    assert (counters.reset(), counters.get("b")) == (1, 0)
    counters.close()


def test_a_spoiled_file_is_made_anew(tmp_path: Path) -> None:
    """What a power cut left of the file keeps nobody from starting, and counting works."""
    file = tmp_path / "limits.sqlite"
    file.write_bytes(b"\x00spoiled" * 2000)
    assert _take(file, 120) == 100
    assert file.read_bytes().startswith(b"SQLite format 3")


def test_a_file_that_hangs_makes_nobody_wait_and_lets_nobody_through(tmp_path: Path) -> None:
    """While another process holds the file the process counts by itself, at once and as strictly."""
    file = tmp_path / "limits.sqlite"
    limits = Limits(file)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("begin immediate")
    begun = time.monotonic()
    allowed = [limits.check("x", "a", Policy("p", 50, 86_400)).allowed for _ in range(100)]
    assert time.monotonic() - begun < 5
    assert sum(allowed) == 50
    holder.close()
    limits.close()


def test_a_folder_that_cannot_be_written_is_no_hole(tmp_path: Path) -> None:
    """Without a file the quota holds in the process."""
    (tmp_path / "file").write_text("no folder")
    assert _take(tmp_path / "file" / "limits.sqlite", 120) == 100


@pytest.mark.parametrize(
    ("client", "headers", "network", "local"),
    [
        (("198.51.100.7", 1), [], "198.51.100.7", False),
        (("2001:db8:1:2:3:4:5:6", 1), [], "2001:db8:1:2::/64", False),
        (("2001:db8:1:2:ffff::1", 1), [], "2001:db8:1:2::/64", False),
        (("fe80::1%eth0", 1), [], "fe80::/64", False),
        (("::ffff:198.51.100.7", 1), [], "198.51.100.7", False),
        (("127.0.0.1", 1), [], "127.0.0.1", True),
        (("::1", 1), [], "::/64", True),
        (("::ffff:127.0.0.1", 1), [], "127.0.0.1", True),
        (("127.0.0.1", 1), [(b"x-forwarded-for", b"127.0.0.1")], "127.0.0.1", False),
        (("127.0.0.1", 1), [(b"x-forwarded-for", b"")], "127.0.0.1", False),
        (("127.0.0.1", 1), [(b"forwarded", b"for=1.2.3.4")], "127.0.0.1", False),
        (("not an address", 0), [(b"x-forwarded-for", b"not an address")], "-", False),
        (("a" * 9000, 0), [(b"x-forwarded-for", b"a")], "-", False),
        (None, [], "-", True),
    ],
)
def test_who_is_counted_as_one(
    client: tuple[str, int] | None, headers: list[tuple[bytes, bytes]], network: str, local: bool
) -> None:
    """IPv4 counts by address, IPv6 by /64; only this machine's own programs, named by no proxy, are local."""
    caller = caller_of({"client": client, "headers": headers})
    assert (caller.network, caller.local) == (network, local)


@pytest.mark.parametrize(
    "proxies", ["0.0.0.0/0", "::/0", "*", "127.0.0.1,0.0.0.0/0", "10.0.0.1/8", "proxy", ""]
)
def test_a_proxy_is_named(proxies: str) -> None:
    """Whoever may name any address would count as anybody: such a setting stops the start."""
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings(trusted_proxies=proxies)


def test_the_counters_lie_beside_the_store(tmp_path: Path) -> None:
    """One folder holds what an installation writes; a setting names another place."""
    assert counters_file(Settings(database=f"sqlite:///{tmp_path}/s.sqlite")) == tmp_path / "limits.sqlite"
    assert counters_file(Settings(database="postgresql://h/d")) == ROOT / "var" / "limits.sqlite"
    assert counters_file(Settings(counters=tmp_path / "c")) == tmp_path / "c"


@pytest.fixture
def narrow(settings: Settings, tmp_path: Path) -> Settings:
    """Small quotas and counters of their own."""
    quotas = {"address_per_minute": 3, "local_per_minute": 5, "counters": tmp_path / "limits.sqlite"}
    return settings.model_copy(update=quotas)


@pytest.fixture
def strict(narrow: Settings) -> Iterator[TestClient]:
    """The app with small quotas."""
    with serving(create_app(narrow)) as client:
        yield client


def test_an_address_is_limited_and_told_so(strict: TestClient) -> None:
    """The headers count down; then comes 429 with the time to wait, in both languages, without any answer."""
    away = {"X-Forwarded-For": "198.51.100.7"}
    found = [strict.get(TOPICS, headers=away) for _ in range(4)]
    assert [reply.status_code for reply in found] == [200, 200, 200, 429]
    assert [reply.headers["ratelimit"].split(";")[1] for reply in found] == ["r=2", "r=1", "r=0", "r=0"]
    assert {reply.headers["ratelimit-policy"] for reply in found} == {'"address";q=3;w=60'}
    assert 1 <= int(found[-1].headers["retry-after"]) <= 60
    error = ErrorOut.model_validate(found[-1].json()).error
    assert error.code == "too-many" and "Retry-After" in str(error.fix)


def test_this_machine_has_a_quota_of_its_own(strict: TestClient) -> None:
    """Programs beside the server are counted apart from those that a proxy names."""
    assert [strict.get(TOPICS).status_code for _ in range(6)] == [200] * 5 + [429]


def test_a_key_is_limited_by_minute_and_by_day(
    strict: TestClient, narrow: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four go in a minute; in a later one the day's last two, and the next must wait longer than a minute."""
    store = Store(narrow.database)
    one, other = (
        {HEADER: make_key(store, name, READERS["internal"], quota=Quota(4, 6))} for name in ("one", "other")
    )
    store.close()
    an_hour_in = time.time() // DAY * DAY + 3600
    monkeypatch.setattr("time.time", lambda: an_hour_in)
    assert [strict.get(TOPICS, headers=one).status_code for _ in range(5)] == [200] * 4 + [429]
    assert strict.get(TOPICS, headers=other).headers["ratelimit"].count("r=") == 2
    monkeypatch.setattr("time.time", lambda: an_hour_in + 180)
    found = [strict.get(TOPICS, headers=one) for _ in range(3)]
    assert [reply.status_code for reply in found] == [200, 200, 429]
    assert int(found[-1].headers["retry-after"]) > 60


def test_a_person_is_limited_by_account(tmp_path: Path) -> None:
    """Signed-in people behind one address do not share a quota, and none has two by asking from elsewhere."""
    throttle = Throttle(Limits(tmp_path / "limits.sqlite"), Settings(address_per_minute=3))

    def asks(address: str, name: str) -> int:
        """Status of one request."""
        request = Request({"type": "http", "client": (address, 1), "headers": []})
        try:
            throttle.identity(request, Identity(kind=Kind.SESSION, name=name))
        except ApiError as refused:
            return refused.status
        return 200

    assert [asks(f"198.51.100.{n}", "li") for n in range(4)] == [200, 200, 200, 429]
    assert asks("198.51.100.1", "wang") == 200
    throttle.limits.close()


@pytest.mark.parametrize("path", [TOPICS, "/"])
def test_who_guesses_keys_is_limited_by_address(strict: TestClient, path: str) -> None:
    """A new key each time makes no new quota: wrong keys count against the address, on pages, too."""
    found = [strict.get(path, headers={"X-API-Key": f"zn_{n:043d}"}).status_code for n in range(7)]
    assert found == [401] * 5 + [429] * 2


def test_errors_count_and_carry_the_headers(strict: TestClient) -> None:
    """A request that ends in 404 or 422 is counted like any other."""
    missing, wrong = strict.get("/api/v1/guides/none"), strict.get("/api/v1/search")
    assert [(reply.status_code, reply.headers["ratelimit"].split(";")[1]) for reply in (missing, wrong)] == [
        (404, "r=4"),
        (422, "r=3"),
    ]


def test_sign_in_is_limited_by_account_and_by_address(tmp_path: Path) -> None:
    """Ten tries at one account and thirty from one address in a quarter of an hour, however the name is typed."""
    throttle = Throttle(Limits(tmp_path / "limits.sqlite"), Settings())

    def tries(address: str, *accounts: str) -> int:
        scope = {"type": "http", "client": (address, 1), "headers": []}
        for done, account in enumerate(accounts):
            try:
                throttle.sign_in(Request(scope), account)
            except ApiError as refused:
                assert refused.status == 429
                return done
        return len(accounts)

    assert tries("198.51.100.1", *["Li Hua", " li hua ", "LI HUA"] * 5) == 10
    assert tries("198.51.100.2", "li hua") == 0
    assert tries("198.51.100.3", *(f"account {n}" for n in range(40))) == 30
    assert b"li hua" not in (tmp_path / "limits.sqlite").read_bytes().lower()
    throttle.limits.close()


def test_the_sign_in_page_stops_a_guesser(narrow: Settings) -> None:
    """After the tries of a quarter of an hour even the page says 429 and when to come back."""
    settings = narrow.model_copy(update={"sign_ins_per_account": 3})
    with serving(create_app(settings)) as client:
        found = [
            client.post(
                "/sign-in",
                data={"name": "nobody", "password": f"guess {n}"},
                headers={"Sec-Fetch-Site": "same-origin"},
            )
            for n in range(4)
        ]
    assert [reply.status_code for reply in found] == [401, 401, 401, 429]
    assert 1 <= int(found[-1].headers["retry-after"]) <= 900
