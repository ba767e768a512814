"""Every code M01–M27: a guide that is refused with it at its line, beside one that looks like it and passes."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.rules
import tests.rag.rules
from rag.checks import RULES, check_guides
from rag.problems import Problem
from rag.rules.view import View
from rag.settings import ROOT
from tests.library import TODAY, guide, office, parsed, service
from tests.rag.rules.cases import Case, found, line, place_of

CODES = frozenset(f"M{n:02}" for n in range(1, 28))
_MODULES = [
    importlib.import_module(f"tests.rag.rules.{module.name}")
    for module in pkgutil.iter_modules(tests.rag.rules.__path__)
    if module.name not in ("test_every_code", "test_mutations")
]
CASES: list[Case] = [case for module in _MODULES for case in getattr(module, "CASES", ())]
_NEAR_MISS_ELSEWHERE = {"M07", "M20"}
"""Two files are compared: test_parity writes them, with their near misses."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_refuses_and_lets_pass(tmp_path: Path, case: Case) -> None:
    """The good guide has no problem of this code; the bad one has it, and no other new one, at its line."""
    good = found(tmp_path, case, case.good, case.good_body)
    assert [str(problem) for problem in good if problem.code == case.code] == []
    bad = found(tmp_path, case, case.bad, case.bad_body)
    place = Path(place_of(case))
    assert (case.code, place, line(tmp_path, case)) in {(p.code, p.path, p.line) for p in bad}
    _says_what_and_how(bad)


def test_every_code_has_a_fixture() -> None:
    """No code is without a guide that is refused with it."""
    assert {case.code for case in CASES} | _NEAR_MISS_ELSEWHERE == CODES


def test_every_code_stands_in_a_rule() -> None:
    """The rules name all codes and no other."""
    folder = Path(rag.rules.__path__[0])
    sources = [*folder.glob("*.py"), ROOT / "rag" / "guides.py", ROOT / "rag" / "yaml_files.py"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in sources)
    assert {code for code in CODES if f'"{code}"' in text} >= CODES


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_code_is_explained_to_trainers(lang: str) -> None:
    """The page for trainers has a row for each code, in both languages."""
    text = (ROOT / "docs" / lang / "trainers" / "rules.md").read_text(encoding="utf-8")
    assert {code for code in CODES if f"| {code} |" in text} == CODES


def test_a_guide_can_be_checked_alone_within_its_library() -> None:
    """One guide is seen against all others, and only its own problems are told."""
    one, other = (
        parsed(guide("pub-one", related=["pub-two", "pub-none"])),
        parsed(guide("pub-two", related=["pub-none"])),
    )
    library = office(one, other)
    assert {p.path for p in check_guides(library, [one], TODAY)} == {one.path}


@given(st.text(max_size=80))
def test_no_body_makes_a_rule_fail(body: str) -> None:
    """Whatever prose a guide holds, every rule ends, and on a line of the file."""
    one, higher = parsed(service(), body), parsed(guide("off-theft", "restricted", title="失窃线索怎么报"))
    for rule in RULES:
        assert all(problem.line >= 1 for problem in rule(View.whole(office(one, higher), TODAY)))


def _says_what_and_how(problems: list[Problem]) -> None:
    for problem in problems:
        assert problem.zh and problem.en and problem.fix_zh and problem.fix_en
        assert problem.fix_en.isascii() or "…" in problem.fix_en
