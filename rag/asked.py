"""Asked questions: what people really ask that a section of a guide answers, in their words.

They stand in asked/<guide>.yml beside the guides, by section (`top` for the one without an anchor) and language.
A question is most like a question, so each is embedded by itself and leads to its section; it is shown nowhere
and has its guide's level. When people ask something that a guide answers and the assistant did not see it, a
trainer adds their question here.
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

Asked = Mapping[tuple[str, str, str], tuple[str, ...]]
"""Questions by guide id, language and anchor."""


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
        for key, value in data.items():
            try:
                section = AskedSection.model_validate(value)
            except ValidationError as error:
                path = ASKED / file.name
                problems += [schema_problem(e, path, lines, (str(key),)) for e in error.errors()]
                continue
            anchor = "" if key == TOP else str(key)
            found |= {(file.stem, lang, anchor): tuple(getattr(section, lang)) for lang in ("zh", "en")}
    return found, problems


def asked_problems(library: Library, sections: Iterable[tuple[str, str]]) -> list[Problem]:
    """What is wrong with the files of asked questions: their form, guides and sections that are not there, and
    a question asked of two sections; `sections` are (guide id, anchor) of all pages."""
    asked, problems = read_asked(library)
    known, seen = set(sections), dict[tuple[str, str], str]()
    for (guide, _, anchor), questions in asked.items():
        path = ASKED / f"{guide}.yml"
        if (guide, anchor) not in known:
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
