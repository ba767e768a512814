"""Front matter as strict values."""

from typing import Any

import pytest
from pydantic import ValidationError

from rag.schema import REQUIRED_BY_TYPE, FrontMatter, GuideType
from tests.library import guide, service


def test_the_smallest_and_the_fullest_guide_are_valid() -> None:
    """A technical guide with the fewest fields and a service with all of them are read."""
    assert FrontMatter.model_validate(guide()).type is GuideType.TECHNICAL
    assert FrontMatter.model_validate(service()).time_limit is not None


@pytest.mark.parametrize("name", [n for n, f in FrontMatter.model_fields.items() if f.is_required()])
def test_a_required_field_has_no_default(name: str) -> None:
    """Leaving out a required field is an error that names it."""
    meta = guide()
    del meta[name]
    with pytest.raises(ValidationError) as caught:
        FrontMatter.model_validate(meta)
    assert [(e["type"], e["loc"]) for e in caught.value.errors()] == [("missing", (name,))]


_STEP = {"n": 1, "actor": "a", "action": "b", "where": "c"}


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"levels": "open"}, ("levels",)),
        ({"level": "secret"}, ("level",)),
        ({"level": "Open"}, ("level",)),
        ({"level": None}, ("level",)),
        ({"level": ["open"]}, ("level",)),
        ({"audience": []}, ("audience",)),
        ({"audience": ["everybody"]}, ("audience", 0)),
        ({"id": "bike-tag"}, ("id",)),
        ({"id": "pub-Bike"}, ("id",)),
        ({"id": "pub-"}, ("id",)),
        ({"id": "pub-bike\n"}, None),
        ({"id": "pub-../x"}, ("id",)),
        ({"title": "  "}, ("title",)),
        ({"title": 5}, ("title",)),
        ({"lang": "zh"}, ("lang",)),
        ({"type": "howto"}, ("type",)),
        ({"status": "live"}, ("status",)),
        ({"ai_use": "yes"}, ("ai_use",)),
        ({"version": 0}, ("version",)),
        ({"reviewed_on": "22/11/2026"}, ("reviewed_on",)),
        ({"reviewed_on": "2026-02-30"}, ("reviewed_on",)),
        ({"serves": []}, ("serves",)),
        ({"serves": ["S17"]}, ("serves", 0)),
        ({"related": ["x"]}, ("related", 0)),
        ({"contact": {"fax": "1"}}, ("contact", "fax")),
        ({"steps": [_STEP | {"n": 0}]}, ("steps", 0, "n")),
        ({"steps": [_STEP | {"when": "soon"}]}, ("steps", 0, "when")),
        ({"deadlines": [{"name": "a", "n": -1, "unit": "day"}]}, ("deadlines", 0, "n")),
        ({"deadlines": [{"name": "a", "n": 1, "unit": "week"}]}, ("deadlines", 0, "unit")),
        ({"channels": [{"kind": "fax"}]}, ("channels", 0, "kind")),
        (
            {"translations": {"en": {"path": "x", "source_version": 0}}},
            ("translations", "en", "source_version"),
        ),
        ({"answer_facts": [{"key": "Fee", "value": 1, "quote": "a"}]}, ("answer_facts", 0, "key")),
        ({"demo": "maybe"}, ("demo",)),
    ],
)
def test_a_wrong_value_is_an_error_at_its_place(changes: dict[str, Any], at: tuple[Any, ...] | None) -> None:
    """Unknown keys, words outside a closed set and wrong types are errors, never defaults."""
    if at is None:  # surrounding space is dropped before the pattern is applied
        assert FrontMatter.model_validate(guide() | changes).id == "pub-bike"
        return
    with pytest.raises(ValidationError) as caught:
        FrontMatter.model_validate(guide() | changes)
    assert at in [e["loc"] for e in caught.value.errors()]


def test_values_are_frozen() -> None:
    """No one changes a guide after it was read."""
    meta = FrontMatter.model_validate(guide())
    with pytest.raises(ValidationError):
        meta.level = "open"  # type: ignore[assignment]  # a member would do; it is frozen anyway


def test_requirements_name_real_fields_of_every_type() -> None:
    """Each type states what it needs, and each name is a field."""
    assert set(REQUIRED_BY_TYPE) == set(GuideType)
    assert {name for names in REQUIRED_BY_TYPE.values() for name in names} <= set(FrontMatter.model_fields)
