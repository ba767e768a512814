"""Rules that keep guides true: `check` runs them all over a folder, `check_guides` over some guides of it.

Codes M01–M27 are described, with examples, in docs/*/trainers/rules.md. A rule never mends and never guesses.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from rag.asked import asked_problems
from rag.elsewhere import elsewhere_problems
from rag.guides import Guide, Library, read_library
from rag.journeys import journey_problems
from rag.problems import Problem
from rag.rules import (
    contacts,
    dates,
    facts,
    form,
    language,
    levels,
    marks,
    parity,
    privacy,
    prose,
    service,
    sources,
    training,
)
from rag.rules.view import Rule, View

RULES: tuple[Rule, ...] = (
    *form.RULES,
    *levels.RULES,
    *marks.RULES,
    *parity.RULES,
    *dates.RULES,
    *service.RULES,
    *contacts.RULES,
    *sources.RULES,
    *facts.RULES,
    *language.RULES,
    *privacy.RULES,
    *prose.RULES,
    *training.RULES,
)


def check(root: Path, today: date | None = None) -> list[Problem]:
    """Every problem below `root`, in file and line order; warnings are marked as such."""
    return checked_library(root, today)[1]


def checked_library(root: Path, today: date | None = None) -> tuple[Library, list[Problem]]:
    """The guides below `root` and every problem with them."""
    library, problems = read_library(root)
    view = View.whole(library, today or date.today())
    sections = [(guide.id, section.anchor) for guide in view.guides for section in view.page(guide).sections]
    beside = [*journey_problems(library), *asked_problems(library, sections), *elsewhere_problems(library)]
    return library, _sorted([*problems, *_found(view), *beside])


def check_guides(library: Library, guides: Iterable[Guide], today: date | None = None) -> list[Problem]:
    """Every problem of some guides, each seen within its library."""
    return _sorted(_found(View(library, today or date.today(), tuple(guides))))


def errors(problems: list[Problem]) -> list[Problem]:
    """The problems that stop a build."""
    return [problem for problem in problems if not problem.warning]


def _found(view: View) -> list[Problem]:
    return [problem for rule in RULES for problem in rule(view)]


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (str(p.path), p.line, p.code))
