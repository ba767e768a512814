"""withdraw, stop and start: the office's emergency switches, in effect everywhere within a second."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.office import Office, open_office
from api.commands.options import stop as end

if TYPE_CHECKING:
    from api.audit import Act
    from api.switches import Target

MAX_REASON = 400
EMERGENCY = "紧急撤下 / emergency withdrawal"
"""Reason of a withdrawal that was given none: there may be no time to write one."""

GuideId = Annotated[str, typer.Argument(help="指南编号 / guide id", show_default=False)]
AnyGuide = Annotated[
    str | None,
    typer.Argument(help="指南编号，默认整个助手 / guide id, default the whole assistant", show_default=False),
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", help="原因，记入日志 / why, for the audit trail", show_default=False)
]


def withdraw(
    guide: GuideId,
    reason: ReasonOption = None,
    undo: Annotated[bool, typer.Option("--undo", help="恢复 / bring it back")] = False,
) -> None:
    """立即撤下一篇指南：网页、回答、搜索和列表都不再有它。 / Withdraw a guide everywhere at once, without a rebuild."""
    from api.audit import Act
    from api.switches import Target, What

    target = Target(What.GUIDE, guide)
    with open_office() as office:
        if undo:
            _on(office, target, Act.WITHDRAWAL_ENDED)
            typer.echo(f"已恢复 {guide} / {guide} is back")
            return
        _require_known(office, guide)
        _off(office, target, _checked(EMERGENCY if reason is None else reason), Act.WITHDRAWN)
    typer.echo(f"已撤下 {guide}，1秒内处处生效 / withdrew {guide}, everywhere within a second")


def stop(
    guide: AnyGuide = None,
    reason: ReasonOption = None,
    listed: Annotated[bool, typer.Option("--list", help="列出停用的 / list what is off")] = False,
) -> None:
    """停用助手，或让助手不用某篇指南；网页不变。 / Stop the assistant, or its use of one guide; pages stay."""
    from api.audit import Act

    with open_office() as office:
        if listed:
            _list(office)
            return
        if reason is None:
            end("请用 --reason 写明原因", "give a reason with --reason", 2)
        if guide is not None:
            _require_known(office, guide)
        _off(office, _answers(guide), _checked(reason), Act.STOPPED)
    zh, en = (
        (f"已停止用 {guide} 回答", f"no answer uses {guide} any more")
        if guide
        else ("助手已停用", "the assistant is stopped")
    )
    typer.echo(f"{zh}，1秒内处处生效 / {en}, everywhere within a second")


def start(guide: AnyGuide = None) -> None:
    """恢复助手，或恢复用某篇指南回答。 / Start the assistant, or its use of one guide, again."""
    from api.audit import Act

    with open_office() as office:
        _on(office, _answers(guide), Act.STARTED)
    said = (
        (f"已恢复用 {guide} 回答", f"answers may use {guide} again")
        if guide
        else ("助手已恢复", "the assistant is back")
    )
    typer.echo(" / ".join(said))


def _answers(guide: str | None) -> "Target":
    """The assistant, or its use of one guide."""
    from api.switches import ASSISTANT, Target, What

    return ASSISTANT if guide is None else Target(What.ANSWERS, guide)


def _off(office: Office, target: "Target", reason: str, act: "Act") -> None:
    from api.switches import Switch, switch_off

    with office.audit.act(office.actor, act, str(target), reason=reason) as connection:
        switch_off(connection, Switch(target, reason, office.actor, datetime.now(UTC)))


def _on(office: Office, target: "Target", act: "Act") -> None:
    from api.switches import read_switches, switch_on

    if read_switches(office.store).find(target) is None:
        end(f"{target} 没有停用或撤下", f"{target} is not stopped or withdrawn")
    with office.audit.act(office.actor, act, str(target)) as connection:
        switch_on(connection, target)


def _checked(reason: str) -> str:
    """The reason on one line; empty or too long ends the command."""
    text = " ".join(reason.split())
    if not 0 < len(text) <= MAX_REASON:
        end(f"原因要有1到{MAX_REASON}字", f"a reason has 1 to {MAX_REASON} characters", 2)
    return text


def _require_known(office: Office, guide: str) -> None:
    """End the command where no kept generation has such a guide: a mistyped id would withdraw nothing."""
    from rag.generation import names, open_generation

    out = office.settings.out
    kept = (open_generation(out, name) for name in reversed(names(out)))
    if not any(guide == other for generation in kept for other, _ in generation.readerships):
        end(f"没有指南 {guide}", f"there is no guide {guide}")


def _list(office: Office) -> None:
    from rich.console import Console
    from rich.table import Table

    from api.switches import What, read_switches

    said = {
        What.ASSISTANT: "助手停用 / assistant stopped",
        What.ANSWERS: "不用于回答 / not answered from",
        What.GUIDE: "撤下 / withdrawn",
    }
    table = Table("停用 / off", "指南 / guide", "原因 / reason", "谁 / actor", "时间 / since (UTC)")
    for switch in read_switches(office.store).off:
        at = f"{switch.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(said[switch.target.what], switch.target.guide, switch.reason, switch.actor, at)
    Console().print(table)
