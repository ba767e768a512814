"""Options that several commands share, and the ways a command ends early."""

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from rag.access import Audience, Level, Reader
from rag.settings import Settings

DocsOption = Annotated[
    Path | None,
    typer.Option(
        "--docs", help="指南文件夹 / folder of guides", exists=True, file_okay=False, show_default=False
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="存放各代的文件夹 / folder of generations", show_default=False)
]
AudienceOption = Annotated[Audience, typer.Option("--as", help="提问者属于谁 / who asks")]
LevelOption = Annotated[Level, typer.Option("--level", help="提问者的级别 / level of the reader")]
RoleOption = Annotated[
    list[str] | None,
    typer.Option("--role", help="提问者的岗位，可多次 / a role, may be repeated", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


def settings_of(**given: Path | str | int | None) -> Settings:
    """Settings of the environment, with what the command line says in their place."""
    chosen = {name: value for name, value in given.items() if value is not None}
    return Settings(**chosen)  # type: ignore[arg-type]  # pydantic checks each value


def reader_of(audience: Audience, level: Level, roles: list[str] | None) -> Reader:
    """The reader whom the operator names."""
    return Reader(audience, level, frozenset(roles or ()))


def print_json(value: Any, indent: int | None = 2) -> None:
    """JSON on standard output, Chinese as it is."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=indent))


def stop(zh: str, en: str, code: int = 1) -> NoReturn:
    """End the command with a message in both languages."""
    typer.echo(f"{zh} / {en}", err=True)
    raise typer.Exit(code)
