"""Accounts of those who work here: who may sign in, and as which reader.

A password is kept as argon2id (RFC 9106). Nobody chooses a password for another: a new account gets a link
that holds once and for a day, and its owner sets the password there.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.store import Store
from api.tables import ACCOUNTS, LINKS, SESSIONS
from rag.access import Audience, Level, Reader

LINK_HOURS = 24
MIN_PASSWORD, MAX_PASSWORD = 12, 128
_STRONG = 3
"""On zxcvbn's scale (Wheeler 2016): at least 10^8 guesses, common and leaked passwords and the name among the first."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; the password's digest stays in the store."""

    name: str
    reader: Reader
    unit: str | None
    created: datetime
    disabled: datetime | None
    has_password: bool
    subject: str | None


class AccountError(Exception):
    """What cannot be done with an account, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def list_accounts(store: Store) -> list[Account]:
    """All accounts by name."""
    with store.reading() as connection:
        return [
            account_from(row)
            for row in connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name)).mappings()
        ]


def find_account(store: Store, name: str) -> Account:
    """The account of this name; AccountError if there is none."""
    with store.reading() as connection:
        row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name.lower())).mappings().first()
    if row is None:
        raise AccountError(f"没有账号{name}", f"there is no account {name}")
    return account_from(row)


def account_of_subject(store: Store, subject: str) -> Account | None:
    """The account of one who signed in at the office's own sign-in before."""
    with store.reading() as connection:
        row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.subject == subject)).mappings().first()
    return account_from(row) if row else None


def is_name(text: str) -> bool:
    """Whether an account can be called this."""
    return _NAME.fullmatch(text) is not None


def add_account(
    connection: Connection,
    name: str,
    reader: Reader,
    unit: str | None,
    now: datetime,
    subject: str | None = None,
) -> None:
    """Store a new account, which cannot sign in before its owner has set a password or come from `subject`."""
    name = name.lower()
    if not is_name(name):
        raise AccountError(
            "账号名只能用小写字母、数字和 . _ @ -，最多64个字符",
            "an account's name has small letters, digits and . _ @ - alone, 64 at most",
        )
    row = _stored(reader, unit) | {"name": name, "created": now, "subject": subject}
    try:
        with connection.begin_nested():
            connection.execute(insert(ACCOUNTS).values(**row))
    except IntegrityError as error:
        raise AccountError(f"账号{name}已经存在", f"the account {name} exists already") from error


def change_account(connection: Connection, name: str, reader: Reader, unit: str | None) -> None:
    """Set what an account may read; it holds from its next request on."""
    connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(**_stored(reader, unit)))


def disable_account(connection: Connection, name: str, now: datetime | None) -> None:
    """Let an account sign in no more, and end its sessions; None enables it again."""
    connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(disabled=now))
    _forget_entries(connection, name)


def delete_account(connection: Connection, name: str) -> None:
    """Remove an account with its sessions and links; what it did stays in the audit trail."""
    _forget_entries(connection, name)
    connection.execute(delete(ACCOUNTS).where(ACCOUNTS.c.name == name))


def make_link(connection: Connection, name: str, now: datetime) -> str:
    """A token with which the account's owner sets the password, once, within a day; older ones end."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(LINKS).where(LINKS.c.account == name))
    row = {"hash": digest(token), "account": name, "expires": now + timedelta(hours=LINK_HOURS)}
    connection.execute(insert(LINKS).values(**row))
    return token


def account_of_link(store: Store, token: str, now: datetime) -> Account | None:
    """Whose link this is, if it still holds."""
    query = select(ACCOUNTS).join(LINKS).where(
        LINKS.c.hash == digest(token), LINKS.c.expires > now, ACCOUNTS.c.disabled.is_(None)
    )  # fmt: skip
    with store.reading() as connection:
        row = connection.execute(query).mappings().first()
    return account_from(row) if row else None


def take_link(connection: Connection, token: str, now: datetime) -> bool:
    """End a link that still holds; False if it does not, or somebody else has just ended it."""
    held = delete(LINKS).where(LINKS.c.hash == digest(token), LINKS.c.expires > now)
    return connection.execute(held).rowcount == 1


def set_password(connection: Connection, name: str, password: str) -> None:
    """Set the password, and end every session and link of the account; AccountError if it is weak."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise AccountError(
            f"密码要有{MIN_PASSWORD}到{MAX_PASSWORD}个字符",
            f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters",
        )
    if _strength(password, name) < _STRONG:
        raise AccountError(
            "密码太容易猜到，请换一句别人想不到的话",
            "this password is easy to guess; take a sentence that nobody would think of",
        )
    changed = update(ACCOUNTS).where(ACCOUNTS.c.name == name)
    connection.execute(changed.values(password=_hasher().hash(_bytes(password))))
    _forget_entries(connection, name)


def check_password(store: Store, name: str, password: str) -> Account | None:
    """The account if name and password are right and it is not disabled. It takes as long for a name that
    does not exist."""
    with store.reading() as connection:
        row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name.lower())).mappings().first()
    stored = row["password"] if row else None
    try:
        _hasher().verify(stored or _nobody(), _bytes(password[:MAX_PASSWORD]))
    except Argon2Error:
        return None
    return account_from(row) if row and stored and row["disabled"] is None else None


def admit(
    connection: Connection, subject: str, name: str, reader: Reader, unit: str | None, now: datetime
) -> str:
    """The name of the account of one who signed in at the office's own sign-in, made or brought up to date;
    AccountError if it is disabled or another account has the name."""
    row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.subject == subject)).mappings().first()
    if row is None:
        add_account(connection, name, reader, unit, now, subject)
        return name.lower()
    if row["disabled"] is not None:
        raise AccountError("账号已停用", "the account is disabled")
    change_account(connection, row["name"], reader, unit)
    return str(row["name"])


def digest(token: str) -> str:
    """What is kept of a token of 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _forget_entries(connection: Connection, name: str) -> None:
    for table in (SESSIONS, LINKS):
        connection.execute(delete(table).where(table.c.account == name))


def _stored(reader: Reader, unit: str | None) -> dict[str, object]:
    return {
        "audience": reader.audience.value,
        "level": reader.level.value,
        "roles": sorted(reader.roles),
        "unit": unit,
    }


def account_from(row: RowMapping) -> Account:
    """The account of a row of the accounts table."""
    return Account(
        name=row["name"],
        reader=Reader(Audience(row["audience"]), Level(row["level"]), frozenset(row["roles"])),
        unit=row["unit"],
        created=row["created"],
        disabled=row["disabled"],
        has_password=row["password"] is not None,
        subject=row["subject"],
    )


def _strength(password: str, name: str) -> int:
    from zxcvbn import zxcvbn

    return int(zxcvbn(password, user_inputs=[name], max_length=MAX_PASSWORD)["score"])


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """The digest of a password that nobody knows."""
    return _hasher().hash(secrets.token_urlsafe(32))
