"""Sessions: what a browser holds after somebody has signed in.

The cookie is a random token; only its digest is kept. What the reader may see is read from the account at
each request, so a change holds at once. A session ends unused after a while, and in any case after a day's work.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from api.accounts import Account, account_from, digest
from api.store import Store
from api.tables import ACCOUNTS, SESSIONS

_SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use is kept: a write for each request would cost more than it tells."""


@dataclass(frozen=True)
class Session:
    """A browser that is signed in."""

    account: Account
    digest: str
    created: datetime
    form_token: str
    """What every form of this session must carry (synchroniser token): derived from the cookie, so a page of
    another site cannot know it."""


def open_session(connection: Connection, account: str, now: datetime, hours: int) -> str:
    """A new session; the token that is returned is the cookie."""
    token = secrets.token_urlsafe(32)
    row = {"hash": digest(token), "account": account, "created": now, "seen": now}
    connection.execute(insert(SESSIONS).values(**row, expires=now + timedelta(hours=hours)))
    return token


def session_of(store: Store, token: str, now: datetime, idle: timedelta) -> Session | None:
    """The session of a cookie, or None if it is unknown, ended or its account disabled."""
    query = (
        select(ACCOUNTS, SESSIONS.c.seen, SESSIONS.c.created.label("since"))
        .join(SESSIONS)
        .where(SESSIONS.c.hash == digest(token), SESSIONS.c.expires > now, SESSIONS.c.seen > now - idle)
        .where(ACCOUNTS.c.disabled.is_(None))
    )
    with store.reading() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        return None
    if now - row["seen"] > _SEEN_EVERY:
        with store.writing() as connection:
            seen = update(SESSIONS).where(SESSIONS.c.hash == digest(token))
            connection.execute(seen.values(seen=now))
    return Session(account_from(row), digest(token), row["since"], form_token(token))


def form_token(token: str) -> str:
    """The token of a session's forms."""
    return hmac.digest(token.encode("utf-8", "surrogatepass"), b"form", "sha256").hex()


def close_session(connection: Connection, session: Session) -> None:
    """Sign one browser out."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == session.digest))


def close_sessions(connection: Connection, account: str) -> int:
    """Sign an account out everywhere; how many sessions ended."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.account == account)).rowcount
