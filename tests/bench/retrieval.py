"""`zhinan eval retrieval` as a measurement of its own process, with its progress bars."""

from pathlib import Path
from typing import Any

from api.commands.guides import progress
from rag.ranking_eval import evaluate_retrieval
from rag.settings import Settings


def measured(folder: Path, split: str | None, limit: int | None) -> dict[str, Any]:
    """The report on one set."""
    with progress() as on_step:
        return evaluate_retrieval(folder, Settings(), split, limit, on_step).as_json()
