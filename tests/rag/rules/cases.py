"""Fixtures of the rules: a guide that passes beside one that looks like it and is refused."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.checks import check
from rag.problems import Problem
from tests.library import BODY, TODAY, guide, line_of, service, write_file, write_guide, write_office

STEPS: list[dict[str, Any]] = [
    {"n": 1, "actor": "申请人", "action": "交申请表", "where": "三号窗口"},
    {"n": 2, "actor": "窗口人员", "action": "发号牌", "where": "三号窗口"},
]
PAPER = {"name": "身份证", "source": "own", "form": "paper", "copies": 1, "need": "must"}
LAW = {"name": "自行车条例", "article": "第3条", "status": "in-force", "verified_on": "2026-10-01"}
QUIZ = {
    "q": "号牌挂哪里？",
    "options": ["车前", "车后"],
    "answer": 1,
    "explanation": "车后看得见。",
    "source": "pub-bike-tag#how",
}
COURSE = {"framework": "甲", "competences": ["乙"], "level": 1, "minutes": 5}
NAMES = "phones: ['000-\\d{4}-\\d{4}']\nnational: ['110', '12345']\nsites: [.example]\nitem_codes: ['DEMO-[0-9]+']\n"
LAWS = (
    "laws:\n"
    "  - {zh: 自行车条例, en: [Bicycle Regulations], doc_no: 国务院令第9号, effective: 2020-01-01}\n"
    "  - {zh: 旧车条例, en: [Old Regulations], status: repealed}\n"
)
TOPICS = "自行车: {zh: 自行车, en: Bicycles}\n"


@dataclass(frozen=True)
class Case:
    """What a rule refuses (`bad`), at which line, and the near miss that it lets pass (`good`)."""

    code: str
    at: str
    bad: dict[str, Any] = field(default_factory=dict)
    good: dict[str, Any] = field(default_factory=dict)
    bad_body: str = BODY
    good_body: str = BODY
    base: str = "service"
    lang: str = "zh"

    def __str__(self) -> str:
        said = (
            self.bad_body.strip().split("\n")[-1]
            if self.bad_body != BODY
            else "-".join(self.bad) or self.lang
        )
        return f"{self.code}-{said}"[:60]


def found(root: Path, case: Case, changes: dict[str, Any], body: str) -> list[Problem]:
    """What the rules say about one guide of a small office."""
    write_office(root)
    for name, text in (("names.yml", NAMES), ("laws.yml", LAWS), ("topics.yml", TOPICS)):
        write_file(root, Path(name), text)
    make = service if case.base == "service" else guide
    lang = {"lang": "en", **_ENGLISH} if case.lang == "en" else {}
    write_guide(root, make(**{**lang, **changes}), body, at=place_of(case))
    return check(root, TODAY)


def place_of(case: Case) -> str:
    """Where the guide of a case lies."""
    return f"{case.lang}/public/pub-bike-tag.md"


def line(root: Path, case: Case) -> int:
    """The line at fault: `materials:+1` is the one below `materials:`."""
    start, _, below = case.at.partition("+")
    return line_of(root, Path(place_of(case)), start) + int(below or 0)


_ENGLISH: dict[str, Any] = {
    "title": "Bicycle tag",
    "summary": "How to get a bicycle tag.",
    "maintainer": "Knowledge editor",
    "reviewer": "Service reviewer",
    "legal_basis": [LAW | {"name": "Bicycle Regulations", "article": "Article 3"}],
    "steps": [
        {"n": 1, "actor": "You", "action": "Hand in the form", "where": "Counter"},
        {"n": 2, "actor": "Counter staff", "action": "Issue the tag", "where": "Counter"},
    ],
}
