"""retention and forget: delete what is older than it may be, and what somebody wants forgotten."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.commands.office import open_office
from api.commands.options import stop

_NAMES = {
    "questions": "问题文字 / texts of questions",
    "ratings": "评价 / ratings",
    "request-texts": "诉求文字 / texts of requests",
    "answers": "答复记录 / records of answers",
    "requests": "诉求记录 / records of requests",
    "counters": "编号计数 / counters of numbers",
    "events": "操作日志 / events of the audit trail",
    "sessions": "过期登录 / ended sessions",
    "links": "过期链接 / ended links",
}


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只数，不删 / count only, delete nothing")
    ] = False,
) -> None:
    """删除超过保存期限的内容；服务器每天自动做一次。 / Delete what is older than it may be; servers do so daily."""
    from rich.console import Console
    from rich.table import Table

    from api.retention import enforce, preview, times_of

    with open_office() as office:
        times = times_of(office.settings, datetime.now(UTC))
        if dry_run:
            counts = preview(office.store, office.audit, times)
        else:
            counts = enforce(office.store, office.audit, times, office.actor)
    said = "将删除 / would be deleted" if dry_run else "已删除 / deleted"
    table = Table("种类 / kind", "早于 / before (UTC)", said)
    of_texts, of_now = ("questions", "ratings", "request-texts"), ("sessions", "links")
    for kind, name in _NAMES.items():
        before = times.texts if kind in of_texts else times.now if kind in of_now else times.rows
        count = next((n for found, n in counts.items() if found == kind), 0)
        table.add_row(name, f"{before:%Y-%m-%d %H:%M}", str(count))
    Console().print(table)


def forget(
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer", help="答复的编号，可多次 / id of an answer, may be repeated", show_default=False
        ),
    ] = None,
    request: Annotated[
        list[str] | None,
        typer.Option(
            "--request", help="求助编号，可多次 / number of a request, may be repeated", show_default=False
        ),
    ] = None,
) -> None:
    """按本人要求删除其提问或诉求。 / Erase answers and requests, as the one who asked wants."""
    from api.retention import forget_answer, forget_request

    if not answer and not request:
        stop("请写明 --answer 或 --request", "say --answer or --request", 2)
    missing = []
    with open_office() as office:
        for names, erase in ((answer, forget_answer), (request, forget_request)):
            for name in names or ():
                if erase(office.store, office.audit, name, office.actor):
                    typer.echo(f"已删除 {name} / erased {name}")
                else:
                    missing.append(name)
    if missing:
        stop(f"没有找到：{'、'.join(missing)}", f"not found: {', '.join(missing)}")
