"""What any measurement says of itself."""

import json
from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.measured import Measured, configuration, digest, peak_memory_mib, this_machine
from rag.settings import ROOT


@dataclass(frozen=True, kw_only=True)
class Weighed(Measured):
    """A report of one figure."""

    grams: float


@pytest.fixture
def report() -> Weighed:
    """A measurement with what every one states."""
    return Weighed(
        name="books",
        split="all",
        documents=2,
        configuration=configuration("e5"),
        corpus=digest(b"x"),
        grams=1.5,
    )


def test_a_report_states_machine_and_day_by_itself(report: Weighed) -> None:
    """Whoever makes a report names neither; both are in its JSON beside the figures, and it stays as it is."""
    stated = json.loads(json.dumps(report.as_json()))
    assert stated["machine"]["cores"] >= 1 and stated["machine"]["memory_gib"] > 0
    assert len(stated["date"]) == 10 and stated["grams"] == 1.5 and report.passed
    with pytest.raises(FrozenInstanceError):
        report.corpus = "y"  # type: ignore[misc]


def test_a_report_names_no_folder_and_of_the_machine_what_timings_need(report: Weighed) -> None:
    """Results are published: nothing in them tells whose machine it was."""
    said = json.dumps(report.as_json())
    assert str(ROOT) not in said and str(Path.home()) not in said
    assert set(this_machine()) == {"processor", "cores", "memory_gib", "python", "platform"}


@given(parts=st.lists(st.binary(max_size=8), min_size=2, max_size=4))
def test_a_digest_tells_where_parts_end(parts: list[bytes]) -> None:
    """The same bytes cut at another place are other data."""
    assert digest(*parts) == digest(*parts)
    assert digest(*parts) != digest(b"".join(parts))


def test_the_configuration_names_code_and_every_card() -> None:
    """Version, encoder, and a digest of the code and of each fitted file."""
    stated = configuration("e5")
    assert stated["embedder"] == "e5" and len(stated["code"]) == 16
    assert {"calibration.json", "line_ranker.json", "passage_ranker.json"} <= set(stated["cards"])


def test_memory_is_told_in_mib() -> None:
    """This process has the interpreter and numpy in memory, and not a terabyte."""
    assert 20 < peak_memory_mib() < 2**20
