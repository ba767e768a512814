"""The gates can fail: more than two hundred planted faults each turn one red, and without them all are green."""

from collections.abc import Iterator

import pytest

from tests.leak.faults import Fault
from tests.leak.gates import Gate
from tests.leak.judge import Judge
from tests.leak.planted import FAULTS
from tests.leak.served import Served, opened


@pytest.fixture(scope="module")
def judge(whole: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """The same office behind an application and a store of its own, which faults may spoil."""
    store = tmp_path_factory.mktemp("faults") / "store.sqlite"
    settings = whole.settings.model_copy(update={"database": f"sqlite:///{store}"})
    with opened(settings, whole.subjects) as found:
        yield Judge(found)


_GATES = list(dict.fromkeys(fault.gate for fault in FAULTS))


def test_there_are_enough_faults() -> None:
    """Two hundred different faults at least, each under a name of its own."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 200


@pytest.mark.parametrize("gate", _GATES, ids=lambda gate: gate.__name__)
def test_without_a_fault_the_gate_is_green(judge: Judge, gate: Gate) -> None:
    """The product as it is passes."""
    assert gate(judge) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_turns_its_gate_red(
    judge: Judge, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate says what is wrong; an exception would not count."""
    fault.apply(monkeypatch)
    assert fault.gate(judge) != []
