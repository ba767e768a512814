"""key create, list, rotate and revoke: which programs may ask as what over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.office import Office, open_office
from api.commands.options import RoleOption, reader_of, stop
from rag.access import Audience, Level

if TYPE_CHECKING:
    from api.keys import Key

Prefix = Annotated[str, typer.Argument(help="密钥开头8位 / its first 8 characters")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="有效天数 / days it holds")]
SOON = timedelta(days=30)
"""From here on a key's holder has to be told that it ends."""
_KEEP_IT = "请立即保存，不会再次显示 / keep it now, it will not be shown again"


def create(
    name: Annotated[str, typer.Argument(help="给谁用 / whom it is for")],
    audience: Annotated[
        Audience, typer.Option("--as", help="持有者属于谁 / who holds it", show_default=False)
    ],
    level: Annotated[
        Level, typer.Option("--level", help="能看到的级别 / level it opens", show_default=False)
    ],
    role: RoleOption = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="能用的接口，可多次：ask search guides ratings requests；不写就是全部 / routes it covers, all by default",
            show_default=False,
        ),
    ] = None,
    per_minute: Annotated[int, typer.Option("--per-minute", min=1, help="每分钟次数 / calls a minute")] = 60,
    per_day: Annotated[int, typer.Option("--per-day", min=1, help="每日次数 / calls a day")] = 5000,
    days: Days = 365,
) -> None:
    """新建密钥，只显示这一次。 / Make a key; it is shown only this once."""
    from api.audit import Act
    from api.keys import ALL_SCOPES, Grant, Quota, create_key, scopes_of

    try:
        scopes = scopes_of(scope) if scope else ALL_SCOPES
    except ValueError:
        known = " ".join(sorted(ALL_SCOPES))
        stop(f"没有这种接口，可用的是：{known}", f"there is no such scope; use {known}", 2)
    reader = reader_of(audience, level, role)
    grant = Grant(reader, scopes, Quota(per_minute, per_day), days)
    said = {"level": level, "audience": audience, "roles": sorted(reader.roles), "scopes": sorted(scopes)}
    with open_office() as office, office.audit.act(office.actor, Act.KEY_CREATED, name, **said) as connection:
        text = create_key(connection, name, grant, datetime.now(UTC))
    typer.echo(text)
    typer.echo(_KEEP_IT, err=True)


def list_all() -> None:
    """列出密钥（不含密钥本身）。 / List keys, without the keys themselves."""
    from rich.console import Console
    from rich.table import Column, Table

    from api.keys import list_keys

    table = Table(Column("开头 / begins", no_wrap=True), "名称 / name", "对象 / audience", "级别 / level", "岗位 / roles",
                  "接口 / scopes", "配额 / quota", "到期 / expires", "状态 / state")  # fmt: skip
    now = datetime.now(UTC)
    with open_office() as office:
        for key in list_keys(office.store):
            quota = f"{key.quota.per_minute}/min {key.quota.per_day}/d"
            names = (", ".join(sorted(values)) for values in (key.reader.roles, key.scopes))
            table.add_row(
                key.prefix, key.name, key.reader.audience, key.reader.level, *names, quota,
                f"{key.expires:%Y-%m-%d}", _state(key, now),
            )  # fmt: skip
    Console().print(table)


def _state(key: "Key", now: datetime) -> str:
    if key.revoked:
        return "停用 / revoked"
    if not key.holds(now):
        return "过期 / expired"
    return "快到期 / ends soon" if key.expires - now < SOON else "有效 / holds"


def rotate(
    prefix: Prefix,
    overlap: Annotated[
        int, typer.Option("--overlap", min=0, max=90, help="旧密钥再用几天 / days the old key still holds")
    ] = 7,
    days: Days = 365,
) -> None:
    """换发新密钥，旧密钥过几天失效。 / Give a new key for an old one, which ends some days later."""
    from api.audit import Act
    from api.keys import rotate_key

    with open_office() as office:
        key, now = _chosen(office, prefix), datetime.now(UTC)
        if not key.holds(now):
            stop(f"{key.prefix} 已经失效，请新建", f"{key.prefix} has ended; create a new one")
        said = {"overlap_days": overlap, "days": days}
        with office.audit.act(office.actor, Act.KEY_ROTATED, key.prefix, **said) as connection:
            text = rotate_key(connection, key, timedelta(days=overlap), days, now)
    typer.echo(text)
    typer.echo(_KEEP_IT, err=True)


def revoke(prefix: Prefix) -> None:
    """停用密钥，立即生效。 / Stop a key at once."""
    from api.audit import Act
    from api.keys import revoke_key

    with open_office() as office:
        key = _chosen(office, prefix)
        with office.audit.act(office.actor, Act.KEY_REVOKED, key.prefix) as connection:
            revoke_key(connection, key, datetime.now(UTC))
    typer.echo(f"已停用 {key.prefix}（{key.name}）/ stopped {key.prefix} ({key.name})")


def _chosen(office: Office, prefix: str) -> "Key":
    from api.keys import KeyChoiceError, choose_key

    try:
        return choose_key(office.store, prefix)
    except KeyChoiceError as error:
        stop(f"以 {prefix} 开头的密钥有{error.found}个", f"{error.found} keys begin with {prefix}")
