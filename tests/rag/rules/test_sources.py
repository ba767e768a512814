"""M16: complete, in force, checked, and as the registry has it."""

from pathlib import Path
from typing import Any

import pytest

from rag.checks import check
from rag.settings import ROOT
from tests.library import TODAY, guide, said, write_file, write_guide, write_office
from tests.rag.rules.cases import LAW, LAWS, Case


def _law(**changes: Any) -> dict[str, Any]:
    return {"legal_basis": [LAW | changes]}


CASES = (
    Case("M16", '- {"name"', _law(status="repealed"), _law(status="amended")),
    Case("M16", '- {"name"', _law(article=None), _law()),
    Case("M16", '- {"name"', _law(verified_on=None)),
    Case("M16", '- {"name"', _law(verified_on="2025-11-01"), _law(verified_on="2025-11-30")),
    Case("M16", '- {"name"', _law(doc_no="国务院令第8号"), _law(doc_no="国务院令第 9 号")),
    Case("M16", '- {"name"', _law(doc_no="民发令第9号"), _law(name="中华人民共和国自行车条例", doc_no="国务院令第9号")),
    Case("M16", '- {"name"', _law(effective="2020-01-02"), _law(effective="2020-01-01")),
    Case("M16", '- {"name"', _law(name="《旧车条例》"), _law(name="旧车规则", status="local-demo")),
    Case("M16", '- {"name"', _law(name="飞车条例")),
    Case("M16", '- {"name"', {"legal_basis": [LAW | {"name": "Bicycle Regulations", "doc_no": "Decree No. 8"}]},
         {"legal_basis": [LAW | {"name": "Bicycle Regulations of the People's Republic of China", "doc_no": "Decree No. 9"}]}, lang="en"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "is_warning"), [("飞车条例", True), ("旧车条例", False)])
def test_an_unknown_law_is_a_warning_and_a_dead_one_an_error(
    tmp_path: Path, name: str, is_warning: bool
) -> None:
    """A law outside the registry has to be checked; one that the registry calls repealed stops the build."""
    root = write_office(tmp_path)
    write_file(root, Path("laws.yml"), LAWS)
    write_guide(root, guide(**_law(name=name)))
    assert [(p.code, p.warning) for p in check(root, TODAY)] == [("M16", is_warning)]


def test_without_a_registry_numbers_are_not_compared(tmp_path: Path) -> None:
    """A folder without laws.yml is checked for completeness only."""
    root = write_office(tmp_path)
    write_guide(root, guide(**_law(doc_no="国务院令第8号")))
    assert said(root) == []


def test_every_law_of_the_guides_is_in_the_registry() -> None:
    """The published guides cite no law that the registry lacks."""
    assert [p for p in check(ROOT / "docs") if p.code == "M16"] == []
