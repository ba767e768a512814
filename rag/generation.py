"""Generations: immutable builds of site and index, one current, one kept for going back.

<out>/<name>/manifest.json and circles/<circle>/{site,index,guides.json}; <out>/CURRENT names the one that
serves. A generation is written by `build` in a fresh folder and never changed afterwards.
"""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rag.access import Circle, Level, Reader, Readership, circle_of
from rag.chunks import Chunk
from rag.index import Index, read_index
from rag.record import naming

POINTER = "CURRENT"
MANIFEST = "manifest.json"
KEPT = 2


class BuildError(Exception):
    """A generation that could not be made, found or used: at which stage, and what was found."""

    def __init__(self, stage: str, detail: str) -> None:
        super().__init__(f"{stage}: {detail}")
        self.stage = stage
        self.detail = detail


@dataclass(frozen=True)
class Generation:
    """One build, opened for reading. Indexes are opened when first asked for and kept."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its folder name; every answer states it."""
        return self.path.name

    @cached_property
    def restricted(self) -> dict[str, frozenset[str]]:
        """Roles of each restricted guide id."""
        return {guide: frozenset(roles) for guide, roles in self.manifest["restricted"].items()}

    @cached_property
    def _indexes(self) -> dict[str, Index]:
        return {}

    @cached_property
    def _lost(self) -> dict[str, frozenset[str]]:
        """What is lost in each generation that took over from this one, the latest last."""
        return {}

    @cached_property
    def _lock(self) -> threading.Lock:
        return threading.Lock()

    @property
    def circles(self) -> list[Circle]:
        """Every circle this generation was built for."""
        return [_circle(entry) for entry in self.manifest["circles"]]

    def index(self, circle: Circle) -> Index:
        """The index of a circle, from the circle's own folder."""
        with self._lock:
            if circle.name not in self._indexes:
                self._indexes[circle.name] = read_index(self._folder(circle) / "index")
            return self._indexes[circle.name]

    def site_folder(self, circle: Circle) -> Path:
        """The built site of a circle: Chinese at its root, English below en/."""
        return self._folder(circle) / "site"

    def page_file(self, circle: Circle, url: str) -> Path:
        """The HTML file of a guide's address."""
        return self.site_folder(circle) / url.strip("/") / "index.html"

    def guides(self, reader: Reader, without: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        """Structured records of the guides that this reader may read, as if those of `without` were not."""
        return self.records(circle_of(reader, self.restricted), without)

    def records(self, circle: Circle, without: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        """Structured records of a circle's guides, as if those of `without` were not there."""
        file = self._folder(circle) / "guides.json"
        records: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        if not without:
            return records
        return [
            naming(data, lambda other: other not in without) for data in records if data["id"] not in without
        ]

    @cached_property
    def readerships(self) -> dict[tuple[str, str], Readership]:
        """Who may read each guide, by its id and language."""
        # Circles go up to the one of all roles together, which holds every guide.
        widest = max(self.circles, key=lambda circle: (circle.level.rank, len(circle.restricted)))
        return {
            (data["id"], data["lang"]): Readership(
                Level(data["level"]), self.restricted.get(data["id"], frozenset())
            )
            for data in self.records(widest)
        }

    def lost(self) -> frozenset[str]:
        """Guides that the generation which serves by now no longer has, or gives to fewer readers than this one.

        Its records are enough: it need not be open yet, nor fit to be opened. Where not even they can be read,
        what was last known holds.
        """
        name = current(self.path.parent)
        if name is None or name == self.name:
            return frozenset()
        with self._lock:
            if name not in self._lost:
                try:
                    self._lost[name] = self._lost_in(open_generation(self.path.parent, name))
                except (BuildError, OSError, ValueError, KeyError, TypeError):
                    return next(reversed(self._lost.values()), frozenset())
            return self._lost[name]

    def _lost_in(self, other: "Generation") -> frozenset[str]:
        return frozenset(
            key[0]
            for key, who in self.readerships.items()
            if key not in other.readerships or not other.readerships[key].covers(who)
        )

    @property
    def units(self) -> dict[str, dict[str, Any]]:
        """Offices by id."""
        units: dict[str, dict[str, Any]] = self.manifest["units"]
        return units

    @property
    def platform(self) -> dict[str, Any]:
        """The office that runs the assistant."""
        platform: dict[str, Any] = self.manifest["platform"]
        return platform

    def unit_name(self, chunk: Chunk) -> str:
        """Name of the office that owns a chunk's guide, in the guide's language."""
        unit = self.units.get(chunk.owner_unit)
        return _said(unit["name"], chunk.lang) if unit else chunk.owner_unit

    def contact(self, unit_id: str | None, lang: str) -> dict[str, str] | None:
        """How to reach a person: the owner unit of a guide, else the office that runs the assistant."""
        unit = self.units.get(unit_id or "") or self.platform
        if not unit:
            return None
        values = {"hotline": self.platform.get("hotline"), **unit}
        shown = ("name", "phone", "hours", "address", "complaint", "hotline")
        return {key: _said(value, lang) for key in shown if (value := values.get(key))}

    def _folder(self, circle: Circle) -> Path:
        return self.path / "circles" / circle.name


def _circle(entry: Mapping[str, Any]) -> Circle:
    return Circle(Level(entry["level"]), frozenset(entry["restricted"]))


def _said(value: Any, lang: str) -> str:
    """A value that may be given by language."""
    if isinstance(value, dict):
        value = value.get(lang) or next(iter(value.values()))
    return str(value)


def current(out: Path) -> str | None:
    """Name of the generation that serves, or None before the first build."""
    try:
        return (out / POINTER).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def names(out: Path) -> list[str]:
    """Complete generations, oldest first; names begin with their time."""
    return sorted(folder.parent.name for folder in out.glob(f"g-*/{MANIFEST}"))


def open_generation(out: Path, name: str | None = None) -> Generation:
    """The named generation, or the current one; BuildError if there is none."""
    name = name or current(out)
    if name is None:
        raise BuildError("open", f"no generation in {out}: run `zhinan build`")
    file = out / name / MANIFEST
    if not file.is_file():
        raise BuildError("open", f"generation {name} is incomplete or gone")
    return Generation(out / name, json.loads(file.read_text(encoding="utf-8")))


def switch(out: Path, name: str) -> None:
    """Make a complete generation the current one, in one atomic step that survives a power cut."""
    fresh = out / f".{POINTER}.{os.getpid()}"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, out / POINTER)
    folder = os.open(out, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def rollback(out: Path) -> str:
    """Go back to the newest other generation; its name."""
    serving = current(out)
    others = [name for name in names(out) if name != serving]
    if serving is None or not others:
        raise BuildError("rollback", "there is no other generation to go back to")
    switch(out, others[-1])
    return others[-1]
