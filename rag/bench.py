"""How fast search and answers are in one warm process, over the questions of the case files: `make bench`.

Timings depend on the machine: they are printed, never tested.
"""

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from rag.answer import Assistant, Question
from rag.evaluate import read_cases
from rag.generation import Live
from rag.settings import ROOT, Settings

ROUNDS = 3


def main() -> None:
    """Print p50, p95 and p99 in milliseconds of search and ask, and what was measured on what."""
    assistant = Live(Settings()).assistant()
    files = sorted((ROOT / "tests" / "cases").rglob("*.jsonl"))
    cases = read_cases(files)
    for case in cases[:20]:
        assistant.ask(case.question, case.reader)
    rows = {
        "search": _timed(lambda i: assistant.search(cases[i].question.text, cases[i].reader), len(cases)),
        "ask": _timed(lambda i: assistant.ask(cases[i].question, cases[i].reader), len(cases)),
        "ask, retrieved": _retrieved(assistant, files),
    }
    table = Table(title=_title(assistant))
    for column in ("call", "times", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(column, justify="left" if column == "call" else "right")
    for name, spent in rows.items():
        cells = [f"{np.percentile(spent, q):.1f}" for q in (50, 95, 99)]
        table.add_row(name, str(len(spent)), *cells)
    Console().print(table)


def _timed(call: Callable[[int], object], count: int) -> list[float]:
    """Milliseconds of each call."""
    spent = []
    for _ in range(ROUNDS):
        for i in range(count):
            began = time.perf_counter()
            call(i)
            spent.append((time.perf_counter() - began) * 1000)
    return spent


def _retrieved(assistant: Assistant, files: list[Path]) -> list[float]:
    """Milliseconds of the questions that pass the screen, the dearest ones."""
    spent = []
    for case in read_cases(files):
        answer = assistant.ask(Question(case.question.text), case.reader)
        if answer.citations:
            spent.append(answer.elapsed_ms)
    return spent


def _title(assistant: Assistant) -> str:
    """What was measured on what."""
    chunks = max(len(assistant.generation.index(circle).chunks) for circle in assistant.generation.circles)
    return f"{chunks} chunks, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
