"""key create, list and revoke: who may ask as what over HTTP."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import RoleOption, reader_of, settings_of, stop
from rag.access import Audience, Level

if TYPE_CHECKING:
    from api.store import Store


def create(
    name: Annotated[str, typer.Argument(help="给谁用 / whom it is for")],
    audience: Annotated[
        Audience, typer.Option("--as", help="持有者属于谁 / who holds it", show_default=False)
    ],
    level: Annotated[
        Level, typer.Option("--level", help="能看到的级别 / level it opens", show_default=False)
    ],
    role: RoleOption = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="有效天数 / days it holds")] = 365,
) -> None:
    """新建密钥，只显示这一次。 / Make a key; it is shown only this once."""
    from api.auth import create_key

    reader = reader_of(audience, level, role)
    text = create_key(_store(), name, reader, days, datetime.now(UTC))
    typer.echo(text)
    typer.echo("请立即保存，不会再次显示 / keep it now, it will not be shown again", err=True)


def list_all() -> None:
    """列出密钥（不含密钥本身）。 / List keys, without the keys themselves."""
    from rich.console import Console
    from rich.table import Table

    from api.auth import list_keys

    table = Table("开头 / begins", "名称 / name", "对象 / audience", "级别 / level", "岗位 / roles",
                  "到期 / expires", "状态 / state")  # fmt: skip
    now = datetime.now(UTC)
    for key in list_keys(_store()):
        state = "有效 / holds" if key.holds(now) else "停用 / revoked" if key.revoked else "过期 / expired"
        reader = key.reader
        roles = ", ".join(sorted(reader.roles))
        table.add_row(
            key.prefix, key.name, reader.audience, reader.level, roles, f"{key.expires:%Y-%m-%d}", state
        )
    Console().print(table)


def revoke(prefix: Annotated[str, typer.Argument(help="密钥开头8位 / its first 8 characters")]) -> None:
    """停用密钥，立即生效。 / Stop a key at once."""
    from api.auth import KeyChoiceError, revoke_key

    try:
        key = revoke_key(_store(), prefix, datetime.now(UTC))
    except KeyChoiceError as error:
        stop(f"以 {prefix} 开头的密钥有{error.found}个", f"{error.found} keys begin with {prefix}")
    typer.echo(f"已停用 {key.prefix}（{key.name}）/ stopped {key.prefix} ({key.name})")


def _store() -> "Store":
    from api.store import Store

    return Store(settings_of().database)
