"""The figure that a release run states for timings means what it says; the timings themselves are only reported."""

import pytest

from tests.leak.timing import auc


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ([2.0, 3.0], [0.0, 1.0], 1.0),
        ([0.0, 1.0], [2.0, 3.0], 0.0),
        ([1.0, 1.0], [1.0, 1.0], 0.5),
        ([1.0, 2.0], [1.0, 3.0], 0.375),
        ([5.0], [1.0, 5.0, 9.0], 0.5),
    ],
)
def test_auc_is_the_share_of_pairs_in_order(above: list[float], below: list[float], expected: float) -> None:
    """Of all pairs, the share in which the first is larger, ties counted half."""
    assert auc(above, below) == pytest.approx(expected)
