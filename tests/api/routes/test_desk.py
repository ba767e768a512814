"""Sign-in and desk: who signs in is that reader everywhere, and nobody else can act in his name."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from api.accounts import add_account, disable_account, make_link
from api.app import create_app
from api.audit import Act, Audit
from api.keys import HEADER
from api.store import Store
from api.tables import SESSIONS
from rag.settings import Settings
from tests.api.conftest import OPENS, READERS, serving
from tests.api.identities import PASSWORD, make_account, make_key
from tests.api.library import CANARIES, TITLES

SAME = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a request that a page of this site makes."""
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[Store]:
    """The store of the app, with an account of each kind of reader."""
    opened = Store(settings.database)
    for name, reader in READERS.items():
        make_account(opened, name, reader)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def processes(settings: Settings, store: Store) -> Iterator[list[TestClient]]:
    """Two processes' worth of the app over one store."""
    with serving(create_app(settings)) as one, serving(create_app(settings)) as two:
        yield [one, two]


@pytest.fixture
def browser(processes: list[TestClient]) -> TestClient:
    """A browser that keeps cookies, signed in nowhere."""
    processes[0].cookies.clear()
    return processes[0]


@pytest.fixture
def other(processes: list[TestClient]) -> TestClient:
    """Another browser, served by the other process."""
    processes[1].cookies.clear()
    return processes[1]


def sign_in(browser: TestClient, name: str, password: str = PASSWORD) -> int:
    """Send the form; its status."""
    return browser.post("/sign-in", data={"name": name, "password": password}, headers=SAME).status_code


def form_token(browser: TestClient) -> str:
    """The token in the forms of the desk."""
    found = re.search(r'name="form" value="([0-9a-f]{64})"', browser.get("/desk").text)
    assert found
    return found[1]


@pytest.mark.parametrize("name", READERS)
def test_a_session_reads_what_its_account_may_read(
    browser: TestClient, name: str, keys: dict[str, dict[str, str]]
) -> None:
    """Signed in, the API lists exactly the guides that a key of the same reader lists."""
    assert sign_in(browser, name) == 303
    mine = browser.get("/api/v1/guides").json()
    browser.cookies.clear()
    assert mine == browser.get("/api/v1/guides", headers=keys[name]).json()


@pytest.mark.parametrize("name", READERS)
def test_the_desk_lists_no_guide_above_its_account(browser: TestClient, name: str) -> None:
    """Titles of guides above the level stand nowhere on the desk."""
    sign_in(browser, name)
    page = browser.get("/desk").text
    for level in CANARIES:
        assert (TITLES[level] in page) == (level in OPENS[name])


def test_a_session_opens_the_site_of_its_level(browser: TestClient) -> None:
    """A page of an internal guide is absent before sign-in and after sign-out, and there between."""
    guides = [guide for guide in _guides_of("internal", browser) if guide["level"] == "internal"]
    browser.cookies.clear()
    assert browser.get(guides[0]["url"]).status_code == 404
    sign_in(browser, "internal")
    assert browser.get(guides[0]["url"]).status_code == 200
    browser.post("/sign-out", data={"form": form_token(browser)}, headers=SAME)
    assert browser.get(guides[0]["url"]).status_code == 404


def _guides_of(name: str, browser: TestClient) -> list[dict[str, str]]:
    sign_in(browser, name)
    found: list[dict[str, str]] = browser.get("/api/v1/guides").json()["guides"]
    return found


def test_a_wrong_password_and_an_unknown_name_look_the_same(browser: TestClient) -> None:
    """Same status, same page, no cookie, whatever was wrong."""
    seen = set()
    for name, password in (
        ("internal", "wrong password 1"),
        ("nobody", PASSWORD),
        ("", ""),
        ("internal", ""),
    ):
        reply = browser.post("/sign-in", data={"name": name, "password": password}, headers=SAME)
        seen.add((reply.status_code, reply.text, reply.headers.get("set-cookie")))
    assert len(seen) == 1
    assert next(iter(seen))[::2] == (401, None)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: TestClient) -> None:
    """HttpOnly, SameSite, the whole site's path; no lifetime beyond the browser's own."""
    reply = browser.post("/sign-in", data={"name": "internal", "password": PASSWORD}, headers=SAME)
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("zhinan=") and cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")


def test_over_https_the_cookie_is_bound_to_the_host(settings: Settings, store: Store) -> None:
    """The name begins with __Host- and the cookie travels over HTTPS alone."""
    secure = settings.model_copy(update={"public_url": "https://guides.example"})
    with serving(create_app(secure)) as browser:
        reply = browser.post("/sign-in", data={"name": "internal", "password": PASSWORD}, headers=SAME)
    assert reply.headers["set-cookie"].startswith("__Host-zhinan=")
    assert reply.headers["set-cookie"].endswith("; Secure")


def test_signing_in_gives_a_new_cookie_each_time(browser: TestClient) -> None:
    """A cookie that somebody planted before does not become a session."""
    browser.cookies.set("zhinan", "A" * 43)
    browser.cookies.clear()
    found = set()
    for _ in range(2):
        sign_in(browser, "internal")
        found.add(browser.cookies["zhinan"])
        browser.cookies.clear()
    assert len(found) == 2 and "A" * 43 not in found


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43])
def test_a_cookie_that_does_not_hold_is_refused_and_taken_away(browser: TestClient, cookie: str) -> None:
    """401 and the cookie deleted, on the API, the site and the desk; never taken for the anonymous public."""
    for path in ("/api/v1/guides", "/", "/desk"):
        reply = browser.get(path, headers={"Cookie": f"zhinan={cookie}"})
        assert reply.status_code == 401
        assert reply.headers["set-cookie"].startswith("zhinan=; Max-Age=0")


def test_an_ended_session_is_a_page_for_people(browser: TestClient) -> None:
    """A browser reads why it is out, in its language."""
    for lang, word in (("zh-CN", "登录已过期"), ("en-GB", "your session has ended")):
        sent = {"Cookie": "zhinan=x", "Accept": "text/html", "Accept-Language": lang}
        reply = browser.get("/", headers=sent)
        assert (reply.status_code, word in reply.text) == (401, True)


def test_an_expired_session_is_refused(browser: TestClient, store: Store) -> None:
    """After its time a session opens nothing, not even as the public."""
    sign_in(browser, "internal")
    with store.writing() as connection:
        connection.execute(update(SESSIONS).values(expires=NOW - timedelta(seconds=1)))
    assert browser.get("/api/v1/guides").status_code == 401


def test_a_key_and_a_session_together_are_refused(
    browser: TestClient, keys: dict[str, dict[str, str]]
) -> None:
    """Two claims of who asks are none."""
    sign_in(browser, "internal")
    assert browser.get("/api/v1/guides", headers=keys["members"]).status_code == 401


FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_other_site_can_act_in_a_sessions_name(browser: TestClient, headers: dict[str, str]) -> None:
    """Every change by cookie from another site, or from nowhere said, is 403 and changes nothing."""
    sign_in(browser, "internal")
    token = form_token(browser)
    asked = browser.post("/api/v1/ask", json={"question": "号牌多少钱"}, headers=headers)
    filed = browser.post("/api/v1/requests", json={"question": "号牌丢了"}, headers=headers)
    out = browser.post("/sign-out", data={"form": token}, headers=headers)
    assert {asked.status_code, filed.status_code, out.status_code} == {403}
    assert browser.get("/desk").status_code == 200


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_other_site_can_sign_a_browser_in(browser: TestClient, headers: dict[str, str]) -> None:
    """A form of another site that carries the attacker's own password gets 403."""
    reply = browser.post("/sign-in", data={"name": "internal", "password": PASSWORD}, headers=headers)
    assert (reply.status_code, "set-cookie" in reply.headers) == (403, False)


@pytest.mark.parametrize("path", ["/sign-out", "/desk/sign-out-everywhere", "/desk/password"])
@pytest.mark.parametrize("token", [None, "", "0" * 64, "密"])
def test_a_form_without_its_token_changes_nothing(browser: TestClient, path: str, token: str | None) -> None:
    """Each form of a session must carry the session's token, also from this site."""
    sign_in(browser, "internal")
    sent = {"old": PASSWORD, "password": "a new long password 7"} | (
        {"form": token} if token is not None else {}
    )
    assert browser.post(path, data=sent, headers=SAME).status_code == 403
    assert browser.get("/desk").status_code == 200


def test_the_form_token_of_another_session_is_refused(browser: TestClient) -> None:
    """A token is bound to its session."""
    sign_in(browser, "members")
    stolen = form_token(browser)
    browser.cookies.clear()
    sign_in(browser, "internal")
    assert browser.post("/sign-out", data={"form": stolen}, headers=SAME).status_code == 403


def test_signing_out_everywhere_ends_every_browser(browser: TestClient, other: TestClient) -> None:
    """The other browser's next request is 401, in another process of the server too."""
    sign_in(other, "members")
    sign_in(browser, "members")
    reply = browser.post("/desk/sign-out-everywhere", data={"form": form_token(browser)}, headers=SAME)
    assert reply.status_code == 303
    assert other.get("/api/v1/guides").status_code == 401


def test_a_link_sets_a_password_once(browser: TestClient, store: Store) -> None:
    """The link shows a form, the form signs in, and afterwards the link is nothing."""
    with store.writing() as connection:
        add_account(connection, "newcomer", READERS["internal"], None, NOW)
        token = make_link(connection, "newcomer", datetime.now(UTC))
    address = f"/sign-in/link?token={token}"
    assert "newcomer" in browser.get(address).text
    weak = browser.post("/sign-in/link", data={"token": token, "password": "short"}, headers=SAME)
    assert (weak.status_code, "12" in weak.text) == (422, True)
    done = browser.post("/sign-in/link", data={"token": token, "password": PASSWORD}, headers=SAME)
    assert (done.status_code, browser.get("/desk").status_code) == (303, 200)
    assert browser.get(address).status_code == 404


def test_of_several_who_use_a_link_at_once_one_gets_in(processes: list[TestClient], store: Store) -> None:
    """Eight posts of one link over two processes: one sets the password, the others find nothing."""
    with store.writing() as connection:
        add_account(connection, "raced", READERS["internal"], None, NOW)
        token = make_link(connection, "raced", datetime.now(UTC))

    def post(n: int) -> int:
        sent = {"token": token, "password": f"a quite long sentence {n}"}
        return processes[n % 2].post("/sign-in/link", data=sent, headers=SAME).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(post, range(8))) == [303] + [404] * 7
    for browser in processes:
        browser.cookies.clear()


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "密钥"])
def test_an_invented_link_is_absent(browser: TestClient, token: str) -> None:
    """It looks like any address that does not exist."""
    assert browser.get("/sign-in/link", params={"token": token}).status_code == 404


def test_changing_the_password_signs_out_the_others(
    browser: TestClient, other: TestClient, store: Store
) -> None:
    """The old one is asked for; afterwards it no longer holds, and other browsers are out."""
    make_account(store, "changes", READERS["internal"])
    sign_in(other, "changes")
    sign_in(browser, "changes")
    sent = {"form": form_token(browser), "old": "wrong", "password": "a new long password 7"}
    assert browser.post("/desk/password", data=sent, headers=SAME).status_code == 401
    sent["old"] = PASSWORD
    assert browser.post("/desk/password", data=sent, headers=SAME).status_code == 303
    assert browser.get("/desk").status_code == 200
    assert other.get("/desk").status_code == 401
    browser.cookies.clear()
    assert (sign_in(browser, "changes"), sign_in(browser, "changes", "a new long password 7")) == (401, 303)


def test_a_disabled_account_is_out_at_once(browser: TestClient, store: Store) -> None:
    """The next request of its browser is 401."""
    make_account(store, "leaves", READERS["internal"])
    sign_in(browser, "leaves")
    with store.writing() as connection:
        disable_account(connection, "leaves", NOW)
    assert browser.get("/api/v1/guides").status_code == 401


def test_every_way_in_and_out_is_in_the_trail(browser: TestClient, settings: Settings, store: Store) -> None:
    """Sign-in, failure and sign-out are recorded; what was typed is not."""
    sign_in(browser, "internal", "typed by mistake 5")
    sign_in(browser, "typed-by-mistake-6")
    sign_in(browser, "internal")
    browser.post("/sign-out", data={"form": form_token(browser)}, headers=SAME)
    events = list(Audit(store, settings.secret).events())[-4:]
    assert [event.act for event in events] == [
        Act.SIGN_IN_FAILED, Act.SIGN_IN_FAILED, Act.SIGNED_IN, Act.SIGNED_OUT,
    ]  # fmt: skip
    assert "mistake" not in str(events)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&" * 1000, b"name=%ff&password=%00", b"name=a&" * 500])
def test_a_broken_form_is_a_failed_sign_in(browser: TestClient, body: bytes) -> None:
    """Whatever is posted, the answer is 401 and no server error."""
    headers = SAME | {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post("/sign-in", content=body, headers=headers).status_code == 401


def test_a_key_covers_only_its_scopes(browser: TestClient, store: Store) -> None:
    """Each route asks for its own scope; without it the answer is 403, whatever the key may read."""
    routes = {
        "ask": lambda h: browser.post("/api/v1/ask", json={"question": "号牌多少钱"}, headers=h),
        "search": lambda h: browser.get("/api/v1/search", params={"q": "号牌"}, headers=h),
        "guides": lambda h: browser.get("/api/v1/guides", headers=h),
        "ratings": lambda h: browser.post("/api/v1/answers/x/rating", json={"useful": True}, headers=h),
        "requests": lambda h: browser.get(
            "/api/v1/requests/SS-20261123-0001", params={"code": "x"}, headers=h
        ),
    }
    for name in routes:
        key = {HEADER: make_key(store, name, READERS["restricted"], scopes={name})}
        assert {route: call(key).status_code == 403 for route, call in routes.items()} == {
            route: route != name for route in routes
        }


def test_who_opens_a_restricted_guide_is_in_the_trail(
    browser: TestClient, settings: Settings, store: Store
) -> None:
    """Its page and its record each leave an event with the account's name; other guides leave none."""
    sign_in(browser, "restricted")
    for guide in browser.get("/api/v1/guides").json()["guides"]:
        browser.get(guide["url"])
        browser.get(f"/api/v1/guides/{guide['id']}")
    events = [event for event in Audit(store, settings.secret).events() if event.act == Act.RESTRICTED_READ]
    assert {(event.actor, event.target) for event in events} == {("session:restricted", "off-bike-theft")}
    assert [json.loads(event.detail)["way"] for event in events] == ["site", "record"]
