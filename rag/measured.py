"""What any measurement says of itself: what was measured, on what data, by what code, on which machine and day."""

import hashlib
import os
import platform
import resource
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any


def configuration(embedder: str) -> dict[str, Any]:
    """What ranks: version, encoder, and digests of the code and of every fitted card beside it."""
    package = Path(__file__).parent
    code = sorted(file for file in package.rglob("*") if file.suffix in (".py", ".yml"))
    return {
        "version": version("zhinan"),
        "embedder": embedder,
        "code": digest(*(file.read_bytes() for file in code)),
        "cards": {file.name: digest(file.read_bytes()) for file in sorted(package.glob("*.json"))},
    }


def digest(*parts: bytes) -> str:
    """The first 16 hexadecimal digits of the sha256 of the parts in order."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:16]


@cache
def this_machine() -> dict[str, Any]:
    """What timings depend on; nothing that names this machine or its folders."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    """The processor as it names itself, else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def peak_memory_mib() -> float:
    """Largest resident memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if platform.system() == "Darwin" else 2**10), 1)


def today() -> str:
    """The day of a measurement."""
    return date.today().isoformat()


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A measurement of one collection, `corpus` its digest; a report adds what was found."""

    name: str
    split: str
    documents: int
    configuration: dict[str, Any]
    corpus: str
    machine: dict[str, Any] = field(default_factory=this_machine)
    date: str = field(default_factory=today)

    @property
    def passed(self) -> bool:
        """Measuring has no threshold of its own."""
        return True

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return vars(self)
