"""How much the leak suite asks: little in every run of the tests, much more before a release."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Guides a level (restricted: a role), probes, those for withdrawn guides, questions asked twice, pairs of readers."""

    guides: int
    probes: int
    withdrawn: int
    questions: int
    pairs: int


def sizes(probes: int | None = None) -> Sizes:
    """Sizes for so many probes; without a number, for ZHINAN_PROBES, or for 2,000."""
    count = probes or int(os.environ.get("ZHINAN_PROBES", "2000"))
    if count < 10_000:
        return Sizes(3, count, count // 4, count // 2, count // 20)
    return Sizes(30, count, count // 4, 10_000, 2_000)
