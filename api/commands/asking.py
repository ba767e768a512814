"""ask and search: the assistant on the command line, for the reader whom the operator names."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.office import open_watch
from api.commands.options import (
    AudienceOption,
    JsonOption,
    LevelOption,
    OutOption,
    RoleOption,
    print_json,
    reader_of,
    settings_of,
    stop,
)
from rag.access import Audience, Level

if TYPE_CHECKING:
    from rag.answer import Assistant
    from rag.exchange import Answer
    from rag.retrieve import Hit

BatchOption = Annotated[
    Path | None,
    typer.Option(
        "--batch",
        help="JSONL 文件，- 表示标准输入 / JSON lines, - is standard input",
        show_default=False,
    ),
]


def ask(
    question: Annotated[str | None, typer.Argument(help="问题 / the question", show_default=False)] = None,
    audience: AudienceOption = Audience.PUBLIC,
    level: LevelOption = Level.OPEN,
    role: RoleOption = None,
    as_json: JsonOption = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="列出检索到的段落和得分 / also list what was found and why")
    ] = False,
    batch: BatchOption = None,
    out: OutOption = None,
) -> None:
    """回答一个问题，或 --batch 文件里的问题。 / Answer one question, or those of a --batch file."""
    if (question is None) == (batch is None):
        stop("请给出一个问题，或用 --batch 给出文件", "give one question, or a file with --batch", 2)
    if batch is not None:
        _answer_file(batch, out)
        return
    from api.shapes import MAX_QUESTION
    from rag.exchange import Question

    assert question is not None
    if len(question) > MAX_QUESTION:
        stop(f"问题不能超过{MAX_QUESTION}字", f"a question has at most {MAX_QUESTION} characters", 2)
    from api.switches import answer_under

    assistant, reader = _assistant(out), reader_of(audience, level, role)
    with open_watch() as watch:
        switches = watch.now()
    answer = answer_under(switches, assistant, Question(question), reader)
    hits = assistant.search(question, reader, without=switches.unused) if explain else []
    if as_json:
        print_json(answer.as_json() | ({"explain": [hit.as_json() for hit in hits]} if explain else {}))
        return
    _print_answer(answer)
    if explain:
        _print_hits(hits)


def search(
    query: Annotated[str, typer.Argument(help="查什么 / what to look for")],
    audience: AudienceOption = Audience.PUBLIC,
    level: LevelOption = Level.OPEN,
    role: RoleOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="最多几条 / at most so many")] = 10,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """列出最相关的段落和理由。 / List the best sections and why they rank there."""
    with open_watch() as watch:
        withdrawn = watch.now().withdrawn
    hits = _assistant(out).search(query, reader_of(audience, level, role), limit, without=withdrawn)
    if as_json:
        print_json([hit.as_json() for hit in hits])
    else:
        _print_hits(hits)


def _assistant(out: Path | None) -> "Assistant":
    """The assistant of the current generation."""
    from rag.generation import BuildError
    from rag.live import Live

    try:
        return Live(settings_of(out=out)).assistant()
    except BuildError as error:
        stop(
            "还没有可用的一代，请先运行 zhinan build",
            f"no generation to ask, run zhinan build first ({error})",
        )


def _answer_file(batch: Path, out: Path | None) -> None:
    """One line out for each line in, written as it is known."""
    from api.commands.batch import answer_lines

    if str(batch) != "-" and not batch.is_file():
        stop(f"没有文件 {batch}", f"there is no file {batch}", 2)
    assistant = _assistant(out)
    with open_watch() as watch, sys.stdin.buffer if str(batch) == "-" else batch.open("rb") as lines:
        for answer in answer_lines(lines, assistant, watch):
            print_json(answer, indent=None)


def _print_answer(answer: "Answer") -> None:
    """Text, choices, contact, sources and label, one below the other."""
    data: dict[str, Any] = answer.as_json()
    typer.echo(data["text"])
    for choice in data["choices"]:
        typer.echo(f"  - {choice['label'] if isinstance(choice, dict) else choice}")
    if data["citations"]:
        typer.echo("\n来源 / Sources")
    for cited in data["citations"]:
        place = " › ".join(part for part in (cited["title"], cited["section"]) if part)
        typer.echo(f"  [{cited['n']}] {place}  {cited['url']}  v{cited['version']} {cited['reviewed_on']}")
    if data["contact"] and not data["citations"]:
        typer.echo("\n联系 / Contact: " + " · ".join(data["contact"].values()))
    typer.echo(f"\n{data['outcome']} ({data['reason']}) · {data['label']}")


def _print_hits(hits: "list[Hit]") -> None:
    """One hit a line: fused score, rank in each leg, place."""
    for n, hit in enumerate((hit.as_json() for hit in hits), 1):
        why = hit["why"]
        ranks = f"lexical #{why['lexical_rank']}, vector #{why['vector_rank']}"
        typer.echo(f"{n:>2}. {hit['score']:.4f} ({ranks})  {hit['title']} › {hit['section']}  {hit['url']}")
