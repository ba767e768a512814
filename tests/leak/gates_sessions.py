"""Gates over sessions: when one ends, which cookie holds, and who may change something in its name.

Each makes accounts of its own, so that a fault which lets one in or out spoils no other gate.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from api import accounts
from api.identity import cookie_name, session_cookie
from api.sessions import close_session, close_sessions, form_token, session_of
from api.tables import LINKS, SESSIONS
from rag.settings import Settings
from tests.api.identities import PASSWORD
from tests.leak.judge import Judge
from tests.leak.own import HOURS, disable_alone, new_account, new_session, store_of
from tests.leak.served import SAME_ORIGIN

_IDLE = timedelta(minutes=30)


def _cookie(judge: Judge, token: str) -> dict[str, str]:
    return {"Cookie": f"{cookie_name(judge.served.settings)}={token}"}


# -- sessions ----------------------------------------------------------------------------------------------


def session_gate(judge: Judge) -> list[str]:
    """A session unused for half an hour, older than its day, or of a disabled account stands for nobody."""
    store, now = store_of(judge), datetime.now(UTC)
    account = new_account(store)
    token, later = new_session(store, account), timedelta(minutes=1)
    tried = [("unused", now + _IDLE + later, _IDLE), ("old", now + timedelta(hours=HOURS) + later, timedelta(days=2))]  # fmt: skip
    held = [name for name, when, idle in tried if session_of(store, token, when, idle) is not None]
    if session_of(store, token, now, _IDLE) is None:
        held.append("a good session is nobody's")
    disable_alone(store, account)
    return held + ["disabled"] * (session_of(store, token, now, _IDLE) is not None)


def ending_gate(judge: Judge) -> list[str]:
    """Signing out ends a session, signing out everywhere all of them, and so does disabling the account."""
    store, now = store_of(judge), datetime.now(UTC)
    account, left = new_account(store), []
    token = new_session(store, account)
    found = session_of(store, token, now, _IDLE)
    assert found is not None
    for name in ("signed out", "everywhere", "disabled"):
        with store.writing() as connection:
            if name == "signed out":
                close_session(connection, found)
            elif name == "everywhere":
                close_sessions(connection, account)
            else:
                accounts.disable_account(connection, account, now)
                accounts.disable_account(connection, account, None)
        left += [name] * (session_of(store, token, now, _IDLE) is not None)
        token = new_session(store, account)
    return left


def refusal_gate(judge: Judge) -> list[str]:
    """A cookie or key that does not hold is refused everywhere, never taken for none."""
    held = judge.served.headers
    tried = {name: held[name] for name in ("ended", "expired", "revoked", "malformed")}
    tried |= {"unknown": _cookie(judge, "A" * 43), "empty": _cookie(judge, "")}
    return [
        f"{name} {path}: {status}"
        for name, headers in tried.items()
        for path in ("/api/v1/guides", "/", "/desk")
        if (status := judge.served.client.get(path, headers=headers).status_code) != 401
    ]


def one_way_gate(judge: Judge) -> list[str]:
    """A key and a session at once are neither."""
    both = judge.served.headers["internal"] | judge.served.headers["session"]
    statuses = [judge.served.client.get(path, headers=both).status_code for path in ("/api/v1/guides", "/")]
    return [] if statuses == [401, 401] else [str(statuses)]


def attribute_gate(judge: Judge) -> list[str]:
    """No script reads the cookie, no other site's form sends it, and over HTTPS nothing but HTTPS carries it."""
    settings = Settings(public_url="https://guide.example")
    said = {
        "made": session_cookie(judge.served.settings, "x"),
        "made over HTTPS": session_cookie(settings, "x"),
        "ended": judge.served.client.get("/", headers=judge.served.headers["ended"]).headers["set-cookie"],
    }
    wanted = {"HttpOnly", "SameSite=Lax", "Path=/"}
    missing = [f"{name}: {part}" for name, value in said.items() for part in wanted - set(value.split("; "))]
    secure = said["made over HTTPS"]
    if not secure.startswith("__Host-") or "Secure" not in secure.split("; "):
        missing.append("over HTTPS: Secure")
    return missing


# -- changes that another site asks for ----------------------------------------------------------------------


def origin_gate(judge: Judge) -> list[str]:
    """Signed in or at the sign-in, nothing changes for a page of another site, nor for one that names no site."""
    store = store_of(judge)
    cookie = _cookie(judge, new_session(store, new_account(store)))
    sites = [{"Sec-Fetch-Site": site} for site in ("cross-site", "same-site", "none")]
    foreign = [*sites, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {}]
    asked = {"question": "雨棚借用要带什么"}
    told = []
    for headers in foreign:
        post = judge.served.client.post
        told.append((headers, "ask", post("/api/v1/ask", json=asked, headers=cookie | headers).status_code))
        told.append((headers, "link", judge.send_form("/sign-in/link", {"token": "x"}, headers).status_code))
    own = judge.served.client.post("/api/v1/ask", json=asked, headers=cookie | SAME_ORIGIN).status_code
    return [str(entry) for entry in told if entry[2] != 403] + ([] if own == 200 else [f"own: {own}"])


def form_gate(judge: Judge) -> list[str]:
    """A form of a session without that session's own token changes nothing."""
    store = store_of(judge)
    account, other = new_account(store), new_account(store)
    foreign = new_session(store, other)
    passed = []
    for path in ("/sign-out", "/desk/sign-out-everywhere", "/desk/password"):
        for name, value in (("none", None), ("empty", ""), ("another's", form_token(foreign))):
            headers = _cookie(judge, new_session(store, account)) | SAME_ORIGIN
            fields = {"old": PASSWORD} | ({} if value is None else {"form": value})
            status = judge.send_form(path, fields, headers).status_code
            passed += [f"{path} {name}: {status}"] * (status != 403)
    token = new_session(store, account)
    headers = _cookie(judge, token) | SAME_ORIGIN
    own = judge.send_form("/sign-out", {"form": form_token(token)}, headers).status_code
    return passed + ([] if own == 303 else [f"own: {own}"])


def entries_gate(judge: Judge) -> list[str]:
    """With an account its sessions and links are gone."""
    store, now = store_of(judge), datetime.now(UTC)
    account = new_account(store)
    new_session(store, account)
    with store.writing() as connection:
        accounts.make_link(connection, account, now)
        accounts.disable_account(connection, account, now)
        tables = (SESSIONS, LINKS)
        counts = [
            select(func.count()).select_from(table).where(table.c.account == account) for table in tables
        ]
        return [f"{n} left" for count in counts if (n := connection.execute(count).scalar_one())]
