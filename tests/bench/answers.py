"""`zhinan eval answers` as a measurement of its own process, with its progress bars."""

from pathlib import Path
from typing import Any

from api.commands.guides import progress
from rag.answers_eval import evaluate_answers
from rag.settings import Settings


def measured(folder: Path, split: str | None, limit: int | None) -> dict[str, Any]:
    """The report on one set."""
    with progress() as on_step:
        return evaluate_answers(folder, Settings(), split, limit, on_step).as_json()
