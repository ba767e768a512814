"""audit verify and list: whether the trail is whole, and what it says."""

from typing import Annotated

import typer

from api.commands.office import open_office
from api.commands.options import JsonOption, print_json


def verify() -> None:
    """检查操作日志有没有被改动、删除或调换。 / Find any edit, removal or reordering in the audit trail."""
    with open_office() as office:
        flaws, count = office.audit.verify(), sum(1 for _ in office.audit.events())
    for flaw in flaws:
        typer.echo(f"#{flaw.seq}: {flaw.zh} / {flaw.en}", err=True)
    if flaws:
        raise typer.Exit(1)
    typer.echo(f"{count}条完整 / {count} events, whole")


def list_all(
    after: Annotated[int, typer.Option("--after", min=0, help="从第几条之后 / after this number")] = 0,
    act: Annotated[
        str | None, typer.Option("--act", help="只看这种操作 / this act only", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """列出操作日志；查看本身也记一条。 / List the audit trail; that it was read is recorded too."""
    from rich.console import Console
    from rich.table import Table

    from api.audit import Act

    with open_office() as office:
        found = [event for event in office.audit.events(after) if act in (None, event.act)]
        office.audit.record(office.actor, Act.TRAIL_READ, act or "all", after=after, events=len(found))
    if as_json:
        print_json([{**vars(event), "at": event.at.isoformat()} for event in found])
        return
    table = Table("#", "时间 / time (UTC)", "谁 / actor", "操作 / act", "对象 / target", "内容 / detail")
    for event in found:
        at = f"{event.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(event.seq), at, event.actor, event.act, event.target, event.detail)
    Console().print(table)
