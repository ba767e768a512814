"""How much the leak suite asks: little in every run of the tests, much more before a release."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Guides a level (restricted: a role), probes, questions asked twice, pairs of readers."""

    guides: int
    probes: int
    questions: int
    pairs: int


def sizes(probes: int | None = None) -> Sizes:
    """Sizes for so many probes; without a number, for ZHINAN_PROBES, or for 2,000."""
    count = probes or int(os.environ.get("ZHINAN_PROBES", "2000"))
    return Sizes(4, count, count // 2, count // 10) if count < 10_000 else Sizes(30, count, 10_000, 2_000)
