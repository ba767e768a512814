"""How fast search and answers are in one warm process, over the questions of the case files.

Timings depend on the machine: they are reported, never tested.
"""

import time
from collections.abc import Callable
from typing import Any

from rag.answer import Assistant
from rag.evaluate import Case, read_cases
from rag.exchange import Question
from rag.live import Live
from rag.settings import ROOT, Settings
from tests.bench.results import circumstances, spread

CASES = 300
"""About so many cases are asked, spread over all files, so that a slow machine ends as well."""


def measured() -> dict[str, Any]:
    """Milliseconds of search and ask on the current generation; `retrieved` are the dearest asks, those that
    were answered from guides."""
    assistant = Live(Settings()).assistant()
    every = read_cases(sorted((ROOT / "tests" / "cases").rglob("*.jsonl")))
    cases = every[:: max(1, len(every) // CASES)]
    for case in cases:  # every kind of reader is prepared before the clock runs
        assistant.ask(case.question, case.reader)
    chunks = max(len(assistant.generation.index(circle).chunks) for circle in assistant.generation.circles)
    return {
        "chunks": chunks,
        "cases": len(cases),
        "search": spread(_timed(lambda case: assistant.search(case.question.text, case.reader), cases)),
        "ask": spread(_timed(lambda case: assistant.ask(case.question, case.reader), cases)),
        "retrieved": spread(_retrieved(assistant, cases)),
        **circumstances(),
    }


def _timed(call: Callable[[Case], object], cases: list[Case]) -> list[float]:
    """Milliseconds of each call."""
    spent = []
    for case in cases:
        began = time.perf_counter()
        call(case)
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def _retrieved(assistant: Assistant, cases: list[Case]) -> list[float]:
    answers = (assistant.ask(Question(case.question.text), case.reader) for case in cases)
    return [answer.elapsed_ms for answer in answers if answer.citations]
