"""Matters of other offices: names of what no guide here covers, in docs/elsewhere.yml.

"Where do I replace a lost passport" is word for word and vector for vector close to replacing a lost residence
permit; only the name tells them apart. A guide that never speaks of what a question names does not answer it.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, ValidationError

from rag.guides import Library
from rag.problems import Problem
from rag.schema import Strict, Text
from rag.text import fold, has_han
from rag.yaml_files import read_yaml, schema_problem

ELSEWHERE = Path("elsewhere.yml")


class Names(Strict):
    """The file: names by language."""

    zh: list[Text] = Field(default_factory=list)
    en: list[Text] = Field(default_factory=list)


def read_elsewhere(root: Path) -> tuple[tuple[str, ...], list[Problem]]:
    """The names, of both languages; without the file there are none."""
    data, lines, problems = read_yaml(root / ELSEWHERE, root)
    try:
        names = Names.model_validate(data)
    except ValidationError as error:
        return (), problems + [schema_problem(e, ELSEWHERE, lines) for e in error.errors()]
    return (*names.zh, *names.en), problems


def elsewhere_problems(library: Library) -> list[Problem]:
    """What is wrong with the file: its form, and names by which a guide of ours is called."""
    names, problems = read_elsewhere(library.root)
    ours = {
        fold(name): guide.id for guide in library.guides for name in (guide.meta.title, *guide.meta.aliases)
    }
    for name in names:
        if guide := ours.get(fold(name)):
            problems.append(
                Problem("M06", ELSEWHERE, 1, f"指南 {guide} 已经讲“{name}”", f"the guide {guide} covers “{name}”",
                        "从这个文件里删去", "take it out of this file"))  # fmt: skip
    return problems


class Elsewhere:
    """The names, ready to be looked for."""

    def __init__(self, names: Iterable[str]) -> None:
        # An English name is looked for from the beginning of a word, so that its plural counts.
        self._names = tuple(_spelled(name).rstrip() for name in names)

    def named(self, text: str) -> frozenset[str]:
        """The names that a text holds."""
        there = _spelled(text)
        return frozenset(name for name in self._names if name in there)

    def are_in(self, texts: Iterable[str], names: frozenset[str]) -> bool:
        """Whether texts together hold each of these names."""
        there = [_spelled(text) for text in texts] if names else []
        return all(any(name in text for text in there) for name in names)


def _spelled(text: str) -> str:
    """Text in which a name can be looked for: English words between single spaces."""
    folded = fold(text)
    return folded if has_han(folded) else f" {' '.join(re.findall('[a-z0-9]+', folded))} "
