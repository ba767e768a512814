"""Journeys: one page that leads through several guides in order, such as a newcomer's first month.

They stand in journeys.yml beside the guides. A journey has no level of its own: whoever may read every guide of
it may read it, so it can never show more than they do.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from rag.access import Audience
from rag.guides import LANG_FOLDERS, Library
from rag.problems import Problem
from rag.schema import GuideId, Strict, Text
from rag.text import numbers
from rag.yaml_files import read_yaml, schema_problem

JOURNEYS = Path("journeys.yml")
_ID = StringConstraints(pattern=r"^[a-z]+(-[a-z0-9]+)*$")


class Wording(Strict):
    """The same words in both languages."""

    zh: Text
    en: Text

    def said(self, lang: str) -> str:
        """The words in a folder language."""
        return self.zh if lang == "zh" else self.en


class JourneyStep(Strict):
    """One stop: when, what to do there, and the guide that tells how."""

    guide: GuideId
    when: Wording
    do: Wording


class JourneyEntry(Strict):
    """A journey as journeys.yml writes it."""

    audience: Audience
    title: Wording
    summary: Wording
    steps: list[JourneyStep] = Field(min_length=2, max_length=9)


@dataclass(frozen=True)
class Journey:
    """A journey with its id and the line it begins on."""

    id: Annotated[str, _ID]
    entry: JourneyEntry
    line: int

    @property
    def url(self) -> str:
        """Address of its page below the root of its language."""
        return f"journeys/{self.id}/"

    @property
    def guides(self) -> frozenset[str]:
        """Ids of the guides it leads through."""
        return frozenset(stop.guide for stop in self.entry.steps)


def read_journeys(library: Library) -> tuple[tuple[Journey, ...], list[Problem]]:
    """The journeys beside a library's guides; an office without journeys.yml has none."""
    data, lines, problems = read_yaml(library.root / JOURNEYS, library.root)
    found: list[Journey] = []
    for key, value in data.items():
        try:
            found.append(Journey(str(key), JourneyEntry.model_validate(value), lines.get(str(key), 1)))
        except ValidationError as error:
            problems += [schema_problem(e, JOURNEYS, lines, (str(key),)) for e in error.errors()]
    return tuple(found), problems


def journey_problems(library: Library) -> list[Problem]:
    """What is wrong with journeys.yml: its form, guides that are not there, and numbers that differ."""
    journeys, problems = read_journeys(library)
    known = {(guide.id, guide.lang) for guide in library.guides}
    for journey in journeys:
        for stop in journey.entry.steps:
            if any((stop.guide, lang) not in known for lang in LANG_FOLDERS):
                problems.append(
                    Problem("M06", JOURNEYS, journey.line, f"没有指南 {stop.guide}", f"there is no guide {stop.guide}",
                            "改正编号或删去这一步", "mend the id or remove the step"))  # fmt: skip
        for words in _wordings(journey.entry):
            if sorted(numbers(words.zh)) != sorted(numbers(words.en)):
                problems.append(
                    Problem("M20", JOURNEYS, journey.line, f"两种语言的数字不同：{words.zh}",
                            f"numbers differ between the languages: {words.en}",
                            "逐个核对数字", "compare the numbers one by one"))  # fmt: skip
    return problems


def _wordings(entry: JourneyEntry) -> list[Wording]:
    return [entry.title, entry.summary, *(words for stop in entry.steps for words in (stop.when, stop.do))]
