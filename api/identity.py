"""Who asks: one Identity, made only from the session's cookie or the key in the header X-API-Key.

Neither is the anonymous public. A session or key that does not hold is refused, never taken for none.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from fastapi import Request

from api.errors import BAD_KEY, BAD_SESSION, FOREIGN, failure
from api.keys import ALL_SCOPES, HEADER, Quota, Scope, key_of
from api.sessions import Session, session_of
from api.store import Store
from rag.access import ANONYMOUS, Reader
from rag.settings import Settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Kind(StrEnum):
    """How somebody made himself known."""

    ANONYMOUS = "anonymous"
    KEY = "key"
    SESSION = "session"


@dataclass(frozen=True)
class Identity:
    """One who asks: the reader that decides access, and what else the server must know of him."""

    reader: Reader = ANONYMOUS
    kind: Kind = Kind.ANONYMOUS
    name: str = ""
    """First characters of the key, or the account's name; for quotas and the audit trail."""
    scopes: frozenset[Scope] = ALL_SCOPES
    quota: Quota | None = None
    session: Session | None = None

    @property
    def actor(self) -> str:
        """What the audit trail calls him."""
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


NOBODY = Identity()


def cookie_name(settings: Settings) -> str:
    """Name of the session's cookie; over HTTPS one that browsers let no other host or path set (RFC 6265bis)."""
    return "__Host-zhinan" if is_https(settings) else "zhinan"


def is_https(settings: Settings) -> bool:
    """Whether people reach this server over HTTPS."""
    return bool(settings.public_url and settings.public_url.startswith("https://"))


def identity_of(request: Request, store: Store, settings: Settings) -> Identity:
    """The one who asks; ApiError (401) for a key or session that does not hold, also an empty one, two at once,
    or both together."""
    now = datetime.now(UTC)
    keys = request.headers.getlist(HEADER)
    cookie = request.cookies.get(cookie_name(settings))
    if keys:
        key = key_of(store, keys[0], now) if len(keys) == 1 and cookie is None else None
        if key is None:
            raise failure(401, BAD_KEY, {"WWW-Authenticate": "ApiKey"})
        return Identity(key.reader, Kind.KEY, key.prefix, key.scopes, key.quota)
    if cookie is None:
        return NOBODY
    session = session_of(store, cookie, now, timedelta(minutes=settings.idle_minutes))
    if session is None:
        ended = session_cookie(settings, "")
        raise failure(401, BAD_SESSION, {"Set-Cookie": ended, "WWW-Authenticate": "Cookie"})
    if request.method not in _SAFE:
        require_same_origin(request)
    return Identity(session.account.reader, Kind.SESSION, session.account.name, session=session)


def session_cookie(settings: Settings, token: str) -> str:
    """Value of Set-Cookie for a session, or for none where the token is empty. No script reads the cookie, and
    no form of another site sends it."""
    ends = "" if token else "; Max-Age=0"
    secure = "; Secure" if is_https(settings) else ""
    return f"{cookie_name(settings)}={token}{ends}; Path=/; HttpOnly; SameSite=Lax{secure}"


def require_same_origin(request: Request) -> None:
    """Refuse a change that a page of another site asks for. Browsers say whence it comes (Fetch Metadata, or
    Origin in older ones); one that says neither is refused too."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise failure(403, FOREIGN)
    if origin is not None and origin.partition("://")[2] != request.headers.get("host", ""):
        raise failure(403, FOREIGN)
    if site is None and origin is None:
        raise failure(403, FOREIGN)
