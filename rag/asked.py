"""Asked questions: what people really ask, in their words, that a section of a guide answers or no guide does.

They stand in asked/<guide>.yml beside the guides, by section (`top` for the one without an anchor) and language.
A question is most like a question, so each is embedded by itself and leads to its section; it is shown nowhere
and has its guide's level. When people ask something that a guide answers and the assistant did not see it, a
trainer adds their question here.

Questions under `unanswered` are near a guide, those in asked/unanswered.yml on other subjects; no guide answers
either. A question that is more like one of them than like anything in the guides goes to a person.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from rag.guides import Library
from rag.problems import Problem
from rag.schema import Strict, Text
from rag.yaml_files import read_yaml, schema_problem

ASKED = Path("asked")
TOP = "top"
"""Key of the section without an anchor: title and summary."""
UNANSWERED = "unanswered"
"""Key of the questions near a guide that no guide answers, and name of the file of those near none."""

Asked = Mapping[tuple[str, str, str], tuple[str, ...]]
"""Questions by guide id, language and anchor, or UNANSWERED for the anchor; near no guide, the id is empty."""


class AskedSection(Strict):
    """Questions that one section answers."""

    zh: list[Text] = Field(default_factory=list)
    en: list[Text] = Field(default_factory=list)


def read_asked(library: Library) -> tuple[Asked, list[Problem]]:
    """The asked questions beside a library's guides; a guide without a file has none."""
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    problems: list[Problem] = []
    for file in sorted((library.root / ASKED).glob("*.yml")):
        data, lines, own = read_yaml(file, library.root)
        problems += own
        if file.stem == UNANSWERED:
            data, guide = {UNANSWERED: data}, ""
        else:
            guide = file.stem
        for key, value in data.items():
            try:
                section = AskedSection.model_validate(value)
            except ValidationError as error:
                path = ASKED / file.name
                problems += [
                    schema_problem(e, path, lines, (str(key),) if guide else ()) for e in error.errors()
                ]
                continue
            anchor = "" if key == TOP else str(key)
            found |= {(guide, lang, anchor): tuple(getattr(section, lang)) for lang in ("zh", "en")}
    return found, problems


def asked_problems(library: Library, sections: Iterable[tuple[str, str]]) -> list[Problem]:
    """What is wrong with the files of asked questions: their form, guides and sections that are not there, a
    question asked of two sections, and one that is both answered and not; `sections` are (guide id, anchor) of
    all pages."""
    asked, problems = read_asked(library)
    known, seen = set(sections), dict[tuple[str, str], str]()
    answered = {q for (_, _, anchor), own in asked.items() if anchor != UNANSWERED for q in own}
    guides = {guide for guide, _ in known}
    for (guide, _, anchor), questions in asked.items():
        path = ASKED / f"{guide or UNANSWERED}.yml"
        if anchor == UNANSWERED:
            problems += [_answered(path, question) for question in questions if question in answered]
        if (guide, anchor) not in known and not (anchor == UNANSWERED and guide in {"", *guides}):
            name = f"{guide}#{anchor or TOP}"
            problems.append(
                Problem("M06", path, 1, f"没有指南或小节 {name}", f"there is no guide or section {name}",
                        "改正文件名或小节，或删去", "mend the file's name or the section, or remove it"))  # fmt: skip
        for question in questions:
            other = seen.setdefault((guide, question), anchor)
            if other != anchor:
                problems.append(
                    Problem("M06", path, 1, f"同一个问题写在两个小节：{question}",
                            f"one question stands at two sections: {question}",
                            "只留在回答它的小节", "keep it at the section that answers it"))  # fmt: skip
    return problems


def _answered(path: Path, question: str) -> Problem:
    return Problem("M06", path, 1, f"这个问题既有小节回答，又写在 {UNANSWERED}：{question}",
                   f"a section answers this question, and it stands under {UNANSWERED}: {question}",
                   "只留一处", "keep one of the two")  # fmt: skip
