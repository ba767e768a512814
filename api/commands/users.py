"""user add, list, change, link, disable, enable, sign-out and delete: who may sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.office import Office, open_office
from api.commands.options import RoleOption, reader_of, stop
from rag.access import Audience, Level

if TYPE_CHECKING:
    from api.accounts import Account

Name = Annotated[str, typer.Argument(help="账号 / account")]
As = Annotated[Audience, typer.Option("--as", help="属于谁 / audience", show_default=False)]
Sees = Annotated[Level, typer.Option("--level", help="能看到的级别 / level", show_default=False)]
Unit = Annotated[str | None, typer.Option("--unit", help="所在单位编号 / id of the unit", show_default=False)]


def add(name: Name, audience: As, level: Sees, role: RoleOption = None, unit: Unit = None) -> None:
    """新建账号，给出一次性登录链接。 / Make an account and print the link with which its owner signs in first."""
    from api.accounts import add_account, make_link
    from api.audit import Act

    reader, now = reader_of(audience, level, role), datetime.now(UTC)
    said = {"level": level, "audience": audience, "roles": sorted(reader.roles), "unit": unit}
    with _office() as office:
        with office.audit.act(office.actor, Act.ACCOUNT_ADDED, name.lower(), **said) as connection:
            add_account(connection, name, reader, unit, now)
            token = make_link(connection, name.lower(), now)
        typer.echo(link_address(office, token))
    _explain_link()


def change(name: Name, audience: As, level: Sees, role: RoleOption = None, unit: Unit = None) -> None:
    """改账号能看到的范围，下一个请求起生效。 / Set what an account may read, from its next request on."""
    from api.accounts import change_account
    from api.audit import Act

    reader = reader_of(audience, level, role)
    said = {"level": level, "audience": audience, "roles": sorted(reader.roles), "unit": unit}
    with _office() as office:
        account = _found(office, name)
        before = {"level_before": account.reader.level, "roles_before": sorted(account.reader.roles)}
        with office.audit.act(
            office.actor, Act.ACCOUNT_CHANGED, account.name, **said, **before
        ) as connection:
            change_account(connection, account.name, reader, unit)
    typer.echo(f"已修改 {account.name} / changed {account.name}")


def list_all() -> None:
    """列出账号。 / List accounts."""
    from rich.console import Console
    from rich.table import Table

    from api.accounts import list_accounts

    table = Table("账号 / account", "对象 / audience", "级别 / level", "岗位 / roles", "单位 / unit",
                  "登录方式 / signs in by", "状态 / state")  # fmt: skip
    with _office() as office:
        for account in list_accounts(office.store):
            way = "OIDC" if account.subject else "密码 / password" if account.has_password else "链接 / link"
            state = "停用 / disabled" if account.disabled else "有效 / holds"
            reader = account.reader
            roles = ", ".join(sorted(reader.roles))
            table.add_row(account.name, reader.audience, reader.level, roles, account.unit or "", way, state)
    Console().print(table)


def link(name: Name) -> None:
    """给出新的一次性登录链接（忘记密码时）。 / Print a new link to set the password, for one who forgot it."""
    from api.accounts import make_link
    from api.audit import Act

    with _office() as office:
        account = _found(office, name)
        with office.audit.act(office.actor, Act.LINK_MADE, account.name) as connection:
            token = make_link(connection, account.name, datetime.now(UTC))
        typer.echo(link_address(office, token))
    _explain_link()


def disable(name: Name) -> None:
    """停用账号，立即退出所有登录。 / Let an account sign in no more, and end its sessions at once."""
    _set_disabled(name, datetime.now(UTC))
    typer.echo(f"已停用 {name} / disabled {name}")


def enable(name: Name) -> None:
    """恢复账号。 / Let an account sign in again."""
    _set_disabled(name, None)
    typer.echo(f"已恢复 {name} / enabled {name}")


def sign_out(name: Name) -> None:
    """让账号在所有设备退出。 / Sign an account out everywhere."""
    from api.audit import Act
    from api.sessions import close_sessions

    with _office() as office:
        account = _found(office, name)
        with office.audit.act(office.actor, Act.SIGNED_OUT_EVERYWHERE, account.name) as connection:
            ended = close_sessions(connection, account.name)
    typer.echo(f"已结束{ended}个登录 / ended {ended} sessions")


def delete(name: Name) -> None:
    """删除账号；它做过的事留在日志里。 / Remove an account; what it did stays in the audit trail."""
    from api.accounts import delete_account
    from api.audit import Act

    with _office() as office:
        account = _found(office, name)
        with office.audit.act(office.actor, Act.ACCOUNT_DELETED, account.name) as connection:
            delete_account(connection, account.name)
    typer.echo(f"已删除 {account.name} / removed {account.name}")


def link_address(office: Office, token: str) -> str:
    """Where the owner of a link goes."""
    settings = office.settings
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    return f"{base}/sign-in/link?token={token}"


def _set_disabled(name: str, since: datetime | None) -> None:
    from api.accounts import disable_account
    from api.audit import Act

    with _office() as office:
        account = _found(office, name)
        said = {"disabled": since is not None}
        with office.audit.act(office.actor, Act.ACCOUNT_DISABLED, account.name, **said) as connection:
            disable_account(connection, account.name, since)


def _explain_link() -> None:
    typer.echo("链接24小时内有效，只能用一次 / the link holds for 24 hours and once", err=True)


def _found(office: Office, name: str) -> "Account":
    from api.accounts import find_account

    return find_account(office.store, name)


@contextmanager
def _office() -> Iterator[Office]:
    """The office, with what cannot be done as the command's message."""
    from api.accounts import AccountError

    with open_office() as office:
        try:
            yield office
        except AccountError as error:
            stop(error.zh, error.en)
