"""eval cases, eval retrieval and eval answers: how good answers and ranking are, measured."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.guides import progress
from api.commands.options import JsonOption, OutOption, print_json, settings_of, stop

CaseFiles = Annotated[
    list[Path] | None,
    typer.Argument(help="案例文件，默认 tests/cases / case files, default tests/cases", exists=True),
]


VariantsOption = Annotated[
    int,
    typer.Option(
        "--variants",
        min=0,
        help="每问再变出几种问法（繁体、错字、口语等） / so many variants of each question",
    ),
]


def cases(
    files: CaseFiles = None, variants: VariantsOption = 0, out: OutOption = None, as_json: JsonOption = False
) -> None:
    """用案例评测答复；低于门槛时退出码为1。 / Judge answers by case files; exit 1 under the thresholds."""
    from rag.cases_report import evaluate_cases
    from rag.generation import BuildError
    from rag.live import Live
    from rag.settings import ROOT

    chosen = files or sorted((ROOT / "tests" / "cases").glob("*.jsonl"))
    if not chosen:
        stop("没有案例文件", "there are no case files", 2)
    try:
        assistant = Live(settings_of(out=out)).assistant()
    except BuildError as error:
        stop(
            "还没有可用的一代，请先运行 zhinan build",
            f"no generation to ask, run zhinan build first ({error})",
        )
    try:
        report = evaluate_cases(chosen, assistant, variants)
    except ValueError as error:
        stop("案例文件有错", f"a case file has an error: {error}", 2)
    _finish(report, as_json)


FolderArgument = Annotated[
    Path, typer.Argument(help="BEIR 格式的文件夹 / folder in BEIR layout", exists=True, file_okay=False)
]
SplitOption = Annotated[str | None, typer.Option("--split", help="哪一份数据 / which variant or split")]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, help="最多几问 / at most so many queries")]


def retrieval(
    folder: FolderArgument, split: SplitOption = None, limit: LimitOption = None, as_json: JsonOption = False
) -> None:
    """用 BEIR 数据评测检索。 / Judge retrieval on a folder in BEIR layout."""
    from rag.ranking_eval import evaluate_retrieval

    with progress() as on_step:
        report = evaluate_retrieval(folder, settings_of(), split, limit, on_step)
    _finish(report, as_json)


def answers(
    folder: FolderArgument, split: SplitOption = None, limit: LimitOption = None, as_json: JsonOption = False
) -> None:
    """用 BEIR 数据评测该不该答、引用和摘录。 / Judge refusals, citations and quotes on a BEIR folder."""
    from rag.answers_eval import evaluate_answers

    with progress() as on_step:
        report = evaluate_answers(folder, settings_of(), split, limit, on_step)
    _finish(report, as_json)


def _finish(report: Any, as_json: bool) -> None:
    """Print a report; exit 1 if it did not pass."""
    if as_json:
        print_json(report.as_json())
    else:
        from rich.console import Console

        Console().print(report.table())
    raise typer.Exit(0 if report.passed else 1)
