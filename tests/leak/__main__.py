"""The leak suite before a release: `python -m tests.leak --probes 30000`; prints k/N with its bound, exits 1 on a leak.

Nothing is asserted here that the tests do not assert; there is only more of it, and the timings.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import pytest
import typer
from fastapi import FastAPI
from rich.console import Console
from rich.progress import track

from rag.access import Level
from rag.settings import Settings
from tests.leak.interference import Pair, crossings, differing, differing_exits
from tests.leak.judge import Judge, run
from tests.leak.matrix import FAILING, HOLDING, cells, undeclared, unlike, wrong
from tests.leak.office import Subject, subjects
from tests.leak.planted import FAULTS
from tests.leak.probes import everybody, probes
from tests.leak.served import Served, opened, served, without_guides
from tests.leak.sizes import Sizes, sizes
from tests.leak.timing import SIGN_INS, told

_OUT = Console(soft_wrap=True)


class Part(StrEnum):
    """What a run can be limited to."""

    PROBES = "probes"
    INTERFERENCE = "interference"
    CACHES = "caches"
    MATRIX = "matrix"
    FAULTS = "faults"
    TIMING = "timing"


def main(
    count: Annotated[int, typer.Option("--probes", help="how many probes")] = 30_000,
    guides: Annotated[int, typer.Option(help="guides a level and role; 0: by the number of probes")] = 0,
    part: Annotated[list[Part] | None, typer.Option(help="only this; may be given again")] = None,
) -> None:
    """Probe, compare, cross caches, try the matrix and plant faults; one result line each."""
    wanted, parts = sizes(count), part or list(Part)
    held = subjects(guides or wanted.guides)
    with tempfile.TemporaryDirectory(prefix="zhinan-leak-") as folder, ExitStack() as stack:
        serve = partial(_serve, stack, Path(folder))
        _OUT.print(f"building an office of {len(held)} guides")
        whole = serve("whole", held)
        failed: list[object] = []
        if Part.PROBES in parts:
            failed += _probed(Judge(whole), wanted)
        if Part.INTERFERENCE in parts:
            failed += _compared(whole, serve, wanted)
        if Part.CACHES in parts:
            crossed = crossings(whole, wanted.pairs, _bar(wanted.pairs, "readers in turn"))
            failed += _result("answers that depend on who asked before", crossed, wanted.pairs)
        if Part.MATRIX in parts:
            failed += _matrix(Judge(whole))
        if Part.FAULTS in parts:
            failed += _faults(stack, whole, Path(folder))
        if Part.TIMING in parts:
            _timed(Judge(whole), min(1000, count // 10))
    sys.exit(1 if failed else 0)


def _serve(stack: ExitStack, folder: Path, name: str, own: list[Subject]) -> Served:
    base = Settings(cache=folder / "vectors.sqlite", out=folder / "none")
    return stack.enter_context(served(folder / name, own, base))


def _bar(total: int, what: str) -> Callable[[], None]:
    """Counts on a progress bar."""
    steps = iter(track(range(total), what, console=_OUT))
    next(steps, None)

    def step() -> None:
        next(steps, None)

    return step


def _result(what: str, found: Sequence[object], total: int, drawn: bool = True) -> list[object]:
    """k/N; where N tries drawn by lot found nothing, they bound the rate by 3/N with 95 % confidence."""
    bound = f", rate below {300 / total:.3g} % (95 %)" if drawn and not found else ""
    _OUT.print(f"{what}: {len(found)}/{total}{bound}")
    for entry in found[:10]:
        _OUT.print(f"  {entry!r}", markup=False)
    return list(found)


def _probed(judge: Judge, wanted: Sizes) -> list[object]:
    asked = probes(judge.served.subjects, wanted.probes)
    leaked = _result("probes leaked", run(judge, asked, _bar(len(asked), "probes")), len(asked))
    leaked += _standing(judge, "exits without input that leak")
    gone = judge.served.subjects[::3]
    with without_guides(judge.served, {subject.id for subject in gone}) as served:
        asked, without = probes(gone, wanted.withdrawn, readers=everybody), Judge(served)
        leaked += _result(
            "probes for withdrawn guides leaked",
            run(without, asked, _bar(len(asked), "withdrawn")),
            len(asked),
        )
        return leaked + _standing(without, "exits without input that leak withdrawn guides")


def _standing(judge: Judge, what: str) -> list[object]:
    told = list(judge.standing())
    return _result(what, [entry for entry in told if entry[1]], len(told), drawn=False)


def _compared(whole: Served, serve: Callable[[str, list[Subject]], Served], wanted: Sizes) -> list[object]:
    """For a reader of each lower level: his answers and lists with and without the guides above him."""
    found: list[object] = []
    for name, level in (("anonymous", Level.OPEN), ("members", Level.MEMBERS)):
        held = [subject for subject in whole.subjects if subject.level.rank <= level.rank]
        pair = Pair(Judge(whole), Judge(serve(name, held)), name)
        step = _bar(wanted.questions, f"{name}, asked twice")
        found += _result(
            f"{name}: answers that depend on higher guides",
            differing(pair, wanted.questions, step),
            wanted.questions,
        )
        differ, tried = differing_exits(pair)
        found += _result(f"{name}: lists, records and files that do", differ, tried, drawn=False)
    return found


def _matrix(judge: Judge) -> list[object]:
    asked = list(cells(judge.served))
    faults: list[object] = [fault for cell in asked if (fault := wrong(judge, cell))]
    faults += [fault for name in (*HOLDING, *FAILING) for fault in unlike(judge, name)]
    app = judge.served.client.app
    assert isinstance(app, FastAPI)
    return _result("wrong cells of the matrix", [*faults, *undeclared(app)], len(asked), drawn=False)


def _faults(stack: ExitStack, whole: Served, folder: Path) -> list[object]:
    """Planted in an application of its own, which they may spoil."""
    settings = whole.settings.model_copy(update={"database": f"sqlite:///{folder / 'faults.sqlite'}"})
    judge, unseen = Judge(stack.enter_context(opened(settings, whole.subjects))), []
    for fault in FAULTS:
        is_green = not fault.gate(judge)
        with pytest.MonkeyPatch.context() as patch:
            fault.apply(patch)
            is_red = bool(fault.gate(judge))
        if not (is_green and is_red):
            unseen.append(f"{fault.name}: green without {is_green}, red with {is_red}")
    _OUT.print(f"planted faults seen: {len(FAULTS) - len(unseen)}/{len(FAULTS)}")
    for entry in unseen:
        _OUT.print(f"  {entry}", markup=False)
    return list(unseen)


def _timed(judge: Judge, pairs: int) -> None:
    for found in told(judge, pairs, _bar(pairs * 3 + min(pairs, SIGN_INS), "timing")):
        _OUT.print(f"timing of {found.name}: AUC {found.auc:.3f} over {found.pairs} pairs (0.5 is chance)")


if __name__ == "__main__":
    typer.run(main)
