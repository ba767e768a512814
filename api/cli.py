"""The command `zhinan`. Commands import what is heavy when they run, so that help and checks are quick."""

import sys
from io import TextIOWrapper

import typer

from api.commands import asking, audit, evaluation, export, guides, keys, retention, serving, switches, users


def commands() -> typer.Typer:
    """All commands under their names."""
    app = typer.Typer(
        help="指南：办事指南的网站和助手 / Zhinan: office guides as a site and an assistant",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    app.command("check")(guides.check)
    app.command("build")(guides.build)
    app.command("serve")(serving.serve)
    app.command("ask")(asking.ask)
    app.command("search")(asking.search)
    app.command("rollback")(guides.rollback)
    app.command("withdraw")(switches.withdraw)
    app.command("stop")(switches.stop)
    app.command("start")(switches.start)
    app.command("export")(export.export)
    app.command("retention")(retention.retention)
    app.command("forget")(retention.forget)
    judged = typer.Typer(help="评测 / evaluation", no_args_is_help=True)
    judged.command("cases")(evaluation.cases)
    judged.command("retrieval")(evaluation.retrieval)
    judged.command("answers")(evaluation.answers)
    app.add_typer(judged, name="eval")
    key = typer.Typer(help="接口密钥 / keys of the API", no_args_is_help=True)
    key.command("create")(keys.create)
    key.command("list")(keys.list_all)
    key.command("rotate")(keys.rotate)
    key.command("revoke")(keys.revoke)
    app.add_typer(key, name="key")
    user = typer.Typer(help="能登录的账号 / accounts that may sign in", no_args_is_help=True)
    for name, command in (
        ("add", users.add),
        ("list", users.list_all),
        ("change", users.change),
        ("link", users.link),
        ("disable", users.disable),
        ("enable", users.enable),
        ("sign-out", users.sign_out),
        ("delete", users.delete),
    ):
        user.command(name)(command)
    app.add_typer(user, name="user")
    trail = typer.Typer(help="操作日志 / the audit trail", no_args_is_help=True)
    trail.command("verify")(audit.verify)
    trail.command("list")(audit.list_all)
    app.add_typer(trail, name="audit")
    return app


def main() -> None:
    """Run the command line; whatever the terminal's own encoding, output is UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    commands()()


if __name__ == "__main__":
    main()
