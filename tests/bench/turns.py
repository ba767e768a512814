"""Conversations as a measurement of their own process, with its progress bars."""

from pathlib import Path
from typing import Any

from api.commands.guides import progress
from rag.settings import Settings
from rag.turns_eval import evaluate_turns


def measured(folder: Path, limit: int | None) -> dict[str, Any]:
    """The report on one set."""
    with progress() as on_step:
        return evaluate_turns(folder, Settings(), limit, on_step).as_json()
