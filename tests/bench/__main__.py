"""python -m tests.bench: measure, write result files, make the pages. `make bench` runs `all`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.bench.results import FOLDER, alone, circumstances, write
from tests.bench.sets import OWN, present, title_of, with_answers, with_turns

# Each command imports what it measures: children import this module again, and their memory is measured.

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
console = Console(stderr=True)

Data = Annotated[
    Path | None, typer.Option(help="Folder of public sets in BEIR layout; left out where absent")
]
Out = Annotated[Path, typer.Option(help="Folder of result files")]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many queries a set")]
Only = Annotated[list[str] | None, typer.Option(help="These sets alone (such as xquad-zh2en)")]


@app.command("all")
def everything(data: Data = None, out: Out = FOLDER, limit: Limit = None) -> None:
    """Every measurement, then the pages."""
    retrieval(data, out, limit)
    answers(data, out, limit)
    turns(data, out, limit)
    peers(data, out, limit)
    latency(out)
    clients(out)
    scale(out)
    report(out)


@app.command()
def retrieval(data: Data = None, out: Out = FOLDER, limit: Limit = None, only: Only = None) -> None:
    """The product's legs and their fusion on every public set."""
    from tests.bench.retrieval import measured

    sets = _chosen(present(data), only)
    for n, (folder, split) in enumerate(sets):
        name = title_of(folder, split)
        console.print(f"retrieval {n + 1}/{len(sets)}: {name}")
        assert data
        write(out, f"retrieval-{name}", alone(measured, data / folder, split, limit) | {"name": name})


@app.command()
def answers(data: Data = None, out: Out = FOLDER, limit: Limit = None, only: Only = None) -> None:
    """When the product answers, what it cites and what it shows, on the public sets that tell."""
    from tests.bench.answers import measured

    sets = _chosen(with_answers(data), only)
    for n, (folder, split) in enumerate(sets):
        name = title_of(folder, split)
        console.print(f"answers {n + 1}/{len(sets)}: {name}")
        assert data
        write(out, f"answers-{name}", alone(measured, data / folder, split, limit) | {"name": name})


@app.command()
def turns(data: Data = None, out: Out = FOLDER, limit: Limit = None, only: Only = None) -> None:
    """What the product makes of a turn within its conversation, on the public sets that hold any."""
    from tests.bench.turns import measured

    sets = [name for name in with_turns(data) if not only or name in only]
    for n, name in enumerate(sets):
        console.print(f"turns {n + 1}/{len(sets)}: {name}")
        assert data
        write(out, f"turns-{name}", alone(measured, data / name, limit))


@app.command()
def peers(data: Data = None, out: Out = FOLDER, limit: Limit = None, only: Only = None) -> None:
    """Ours beside other searchers, on our own guides and on every public set."""
    from tests.bench.peers import measured

    sets = _chosen([*OWN, *present(data)], only)
    for n, (folder, split) in enumerate(sets):
        name = title_of(folder, split)
        console.print(f"peers {n + 1}/{len(sets)}: {name}")
        found = measured(data, folder, split, limit, lambda peer: console.print(f"  {peer}"))
        write(out, f"peers-{name}", found)


@app.command()
def latency(out: Out = FOLDER) -> None:
    """Search and ask in one warm process, on our own guides."""
    from tests.bench.latency import measured

    console.print("latency")
    write(out, "latency", alone(measured))


@app.command()
def clients(out: Out = FOLDER) -> None:
    """Many clients at once against a served assistant."""
    from tests.bench.clients import measured

    console.print("clients")
    write(out, "clients", {"rows": measured(), **circumstances()})


@app.command()
def scale(out: Out = FOLDER, size: Annotated[list[int] | None, typer.Option(min=1)] = None) -> None:
    """Search, ask, memory and index time over the number of chunks."""
    from tests.bench.scale import SIZES, measured

    rows = measured(size or SIZES, lambda n: console.print(f"scale: {n} chunks"))
    write(out, "scale", {"rows": rows, **circumstances()})


@app.command()
def report(out: Out = FOLDER) -> None:
    """The plots and the trainers' pages, from the result files alone."""
    from tests.bench.pages import write_pages

    for file in write_pages(out):
        console.print(str(file))


def _chosen(sets: list[tuple[str, str | None]], only: list[str] | None) -> list[tuple[str, str | None]]:
    return [pair for pair in sets if not only or title_of(*pair) in only]


if __name__ == "__main__":
    app()
