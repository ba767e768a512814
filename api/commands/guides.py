"""check, build and rollback: from guides to a generation that serves."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.office import open_office
from api.commands.options import DocsOption, JsonOption, OutOption, print_json, settings_of, stop
from rag.problems import GuideError, Problem
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.access import Readership

OnStep = Callable[[str, int, int], None]


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="文件或文件夹，默认全部 / files or folders, default all")
    ] = None,
    docs: DocsOption = None,
    as_json: JsonOption = False,
) -> None:
    """检查指南；有错误时退出码为1。 / Check guides; exit 1 if there are errors."""
    problems = _problems(paths or [], settings_of(docs=docs).docs)
    found = [problem for problem in problems if not problem.warning]
    if as_json:
        report = [problem.as_json() for problem in problems]
        print_json({"errors": len(found), "warnings": len(problems) - len(found), "problems": report})
    else:
        for problem in problems:
            typer.echo(str(problem))
        said = (len(found), len(problems) - len(found))
        typer.echo("错误{}处，提醒{}处 / {} errors, {} warnings".format(*said, *said), err=True)
    raise typer.Exit(1 if found else 0)


def build(docs: DocsOption = None, out: OutOption = None) -> None:
    """检查、建站、建索引、自检，再切换到新一代。 / Check, build and self-test a generation, switch to it."""
    build_with_progress(settings_of(docs=docs, out=out))


def rollback(out: OutOption = None) -> None:
    """回到上一代。 / Go back to the generation before."""
    from rag.generation import BuildError
    from rag.generation import rollback as go_back

    settings = settings_of(out=out)
    before = _readerships(settings)
    try:
        name = go_back(settings.out)
    except BuildError as error:
        stop("没有可以退回的一代", f"there is nothing to go back to ({error})")
    _record_switch(settings, name, before)
    typer.echo(f"现在使用 {name} / now serving {name}")


def build_with_progress(settings: Settings) -> None:
    """Build and say how it went; a failed build ends the command and leaves the old generation in place."""
    from rag.build import build as build_generation
    from rag.generation import BuildError, current

    before = _readerships(settings)
    try:
        with progress() as on_step:
            report = build_generation(settings, on_step)
    except (GuideError, BuildError) as error:
        typer.echo(str(error), err=True)
        old = current(settings.out)
        if old:
            stop(f"没有建成，继续使用 {old}", f"not built; {old} goes on serving")
        stop("没有建成，还没有可用的一代", "not built; there is no generation yet")
    _record_switch(settings, report.name, before)
    for problem in report.problems:
        typer.echo(str(problem), err=True)
    said = (report.name, report.seconds, report.chunks, report.embedded, report.reused)
    typer.echo(
        "已建成并切换到 {0}：{1:.1f}秒，{2}块，新算{3}，沿用{4}"
        " / built and switched to {0}: {1:.1f} s, {2} chunks, {3} embedded, {4} reused".format(*said)
    )


def _readerships(settings: Settings) -> dict[str, "Readership"]:
    """Who may read each guide that is served now."""
    from rag.generation import current, open_generation

    if current(settings.out) is None:
        return {}
    return {guide: who for (guide, _), who in open_generation(settings.out).readerships.items()}


def _record_switch(settings: Settings, name: str, before: dict[str, "Readership"]) -> None:
    """In the audit trail: which generation serves, and every decision on who may read a guide that came with it."""
    from api.audit import Act

    after = _readerships(settings)
    with open_office() as office:
        office.audit.record(office.actor, Act.GENERATION_SWITCHED, name, guides=len(after))
        for guide in sorted(after.keys() | before.keys()) if before else ():
            old, new = before.get(guide), after.get(guide)
            if old != new:
                office.audit.record(
                    office.actor, Act.LEVEL_CHANGED, guide, before=_said(old), after=_said(new)
                )


def _said(who: "Readership | None") -> str | None:
    """A level, and the roles of a restricted guide."""
    return None if who is None else " ".join((who.level, *sorted(who.roles)))


@contextmanager
def progress() -> Iterator[OnStep]:
    """A progress bar on standard error, one line a stage."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks = {}

        def on_step(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield on_step


def _problems(paths: list[Path], docs: Path) -> list[Problem]:
    """Problems at these paths, each checked together with the whole folder of guides that it lies in."""
    from rag.checks import check as check_folder

    if not paths:
        return [_shown(problem, docs) for problem in check_folder(docs)]
    wanted: dict[Path, list[Path]] = {}
    for path in paths:
        if not path.exists():
            stop(f"没有 {path}", f"there is no {path}", 2)
        wanted.setdefault(_folder_of_guides(path.resolve(), docs.resolve()), []).append(path.resolve())
    return [
        _shown(problem, root)
        for root, below in wanted.items()
        for problem in check_folder(root)
        if any((root / problem.path).is_relative_to(path) for path in below)
    ]


def _folder_of_guides(path: Path, docs: Path) -> Path:
    """The folder with units.yml, or with zh/ or en/, that a path is or lies in."""
    if path.is_relative_to(docs):
        return docs
    for folder in (path, *path.parents):
        if (folder / "units.yml").is_file() or (folder / "zh").is_dir() or (folder / "en").is_dir():
            return folder
    stop(
        f"{path} 不在指南文件夹里", f"{path} lies in no folder of guides (one with units.yml, zh/ or en/)", 2
    )


def _shown(problem: Problem, root: Path) -> Problem:
    """The problem with a path that opens from where the person stands."""
    file = (root / problem.path).resolve()
    here = Path.cwd()
    return replace(problem, path=Path(os.path.relpath(file, here)) if file.is_relative_to(here) else file)
