"""Durations and names of topics, as both exports state them."""

from pathlib import Path

import pytest

from rag.guides import read_library
from rag.linked_data import iso_duration, topic_names
from rag.schema import Duration, Unit
from tests.library import office


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        (Unit.DAY, "P15D"),
        (Unit.MONTH, "P15M"),
        (Unit.YEAR, "P15Y"),
        (Unit.HOUR, "PT15H"),
        (Unit.MINUTE, "PT15M"),
        (Unit.WORKING_DAY, None),
        (Unit.WORKING_HOUR, None),
    ],
)
def test_only_calendar_units_become_durations(unit: Unit, said: str | None) -> None:
    """Working days and hours have no ISO 8601 duration, so none is invented."""
    assert iso_duration(Duration(n=15, unit=unit)) == said


def test_address_and_topics_are_read_beside_the_guides(tmp_path: Path) -> None:
    """`site` loses its closing slash; an office without these files has no address and no names."""
    (tmp_path / "params.yml").write_text("site: https://a.example/\n", encoding="utf-8")
    (tmp_path / "topics.yml").write_text("车: {zh: 车, en: Bikes}\n", encoding="utf-8")
    library, _ = read_library(tmp_path)
    named = {"车": {"zh": "车", "en": "Bikes"}}
    assert (library.site, topic_names(library)) == ("https://a.example", named)
    assert (office().site, topic_names(office())) == ("", {})
