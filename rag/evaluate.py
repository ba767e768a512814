"""Judging answers by case files: outcome, guide cited, facts stated, numbers quoted, nothing leaked.

A case is one JSON line: question, audience, level, roles, history; outcome (one or a list), guide (one or a
list), facts (each must stand in the text, alternatives split by |), first_line, absent (must stand nowhere).
What a run of cases comes to is in cases_report.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.access import Audience, Level, Reader, may_read
from rag.answer import Assistant
from rag.exchange import Answer, Question, Turn
from rag.text import fold, numbers

_BY_CHANCE = ("id", "generation", "elapsed_ms")


@dataclass(frozen=True)
class Case:
    """A question with what is expected of its answer."""

    id: str
    question: Question
    reader: Reader
    outcomes: tuple[str, ...]
    guides: tuple[str, ...]
    facts: tuple[str, ...]
    absent: tuple[str, ...]
    first_line: str
    kind: str
    lang: str


@dataclass(frozen=True)
class Verdict:
    """A case, its answer, and what was wrong with it (nothing if it is right)."""

    case: Case
    answer: Answer
    faults: tuple[str, ...]
    leaks: tuple[str, ...]
    unquoted: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether the answer is what the case expects, and clean."""
        return not (self.faults or self.leaks or self.unquoted)


def read_cases(files: Sequence[Path]) -> list[Case]:
    """Cases of JSON lines files; a line that is not one raises ValueError with file and line."""
    found = []
    for file in files:
        for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                try:
                    found.append(_case(json.loads(line), f"{file.stem}-{n}"))
                except (AttributeError, KeyError, TypeError, ValueError) as error:
                    raise ValueError(f"{file}:{n}: {error!r}") from error
    return found


def judge(case: Case, assistant: Assistant) -> Verdict:
    """One case asked and judged."""
    answer = assistant.ask(case.question, case.reader)
    return Verdict(
        case,
        answer,
        tuple(_faults(case, answer)),
        tuple(_leaks(case, answer, assistant)),
        tuple(unquoted_numbers(answer)),
    )


def unquoted_numbers(answer: Answer) -> list[str]:
    """Numbers of an answered text that stand in none of its quotes; citation marks are not numbers."""
    if not answer.citations:
        return []
    text = re.sub(r"\[\d+\]", " ", answer.text)
    quoted = {number for citation in answer.citations for number in numbers(citation.quote)}
    return sorted(set(numbers(text)) - quoted)


def _case(data: Mapping[str, Any], name: str) -> Case:
    turns = tuple(Turn(turn["role"], turn["text"]) for turn in data.get("history", []))
    reader = Reader(
        Audience(data.get("audience", "public")),
        Level(data.get("level", "open")),
        frozenset(data.get("roles", [])),
    )
    return Case(
        id=str(data.get("id", name)),
        question=Question(data["question"], turns),
        reader=reader,
        outcomes=_strings(data["outcome"]),
        guides=_strings(data.get("guide", [])),
        facts=_strings(data.get("facts", [])),
        absent=_strings(data.get("absent", [])),
        first_line=str(data.get("first_line", "")),
        kind=str(data.get("kind", "-")),
        lang=str(data.get("lang", "zh")),
    )


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)


def _flat(text: str) -> str:
    """Text for comparing facts: one script, one width, no blanks."""
    return re.sub(r"\s+", "", fold(unicodedata.normalize("NFKC", text)))


def _faults(case: Case, answer: Answer) -> list[str]:
    found = []
    if answer.outcome.value not in case.outcomes:
        found.append(f"outcome {answer.outcome} ({answer.reason}), expected {'/'.join(case.outcomes)}")
    states = answer.outcome.value in ("answered", "partial")
    if case.guides and states and not any(c.guide in case.guides for c in answer.citations):
        cited = ", ".join(dict.fromkeys(c.guide for c in answer.citations))
        found.append(f"cites {cited}, expected {'/'.join(case.guides)}")
    if case.facts and states:
        text = _flat(answer.text)
        missing = [f for f in case.facts if not any(_flat(form) in text for form in f.split("|"))]
        found += [f"lacks {fact}" for fact in missing]
    if case.first_line and case.first_line not in answer.text.splitlines()[0]:
        found.append(f"first line lacks {case.first_line}")
    return found


def _leaks(case: Case, answer: Answer, assistant: Assistant) -> list[str]:
    """Text the reader may not see: a chunk above his level anywhere, or a forbidden string."""
    index = assistant.generation.index
    # An id, a generation's name and a duration are digits by chance, which no case means.
    said = {key: value for key, value in answer.as_json().items() if key not in _BY_CHANCE}
    shown = json.dumps(said, ensure_ascii=False)
    found = [f"shows {text}" for text in case.absent if _flat(text) in _flat(shown)]
    used = set(answer.chunks)
    for circle in assistant.generation.circles:
        for chunk in index(circle).chunks if used else ():
            if chunk.id in used and not may_read(case.reader, chunk.level, chunk.readers):
                found.append(f"cites {chunk.id}")
    return found
