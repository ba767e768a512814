"""Ids and names of what services share, and texts that carry their language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from rag.guides import LANG_FOLDERS, Library
from rag.linked_data import Node, topic_names
from rag.yaml_files import read_yaml


@dataclass(frozen=True)
class Names:
    """Ids and names of what services share; `services` is the page of each guide id in the catalogue."""

    library: Library
    site: str
    services: Mapping[str, str]

    @property
    def publisher(self) -> list[str]:
        """Id of the office that runs the site, if the library names any office."""
        units, platform = self.library.units, self.library.platform
        return [key for key, unit in units.items() if unit is platform]

    @cached_property
    def topics(self) -> Mapping[str, Any]:
        """Topic names by folder language."""
        return topic_names(self.library)

    @cached_property
    def county(self) -> Any:
        """`place.county` of params.yml: the area that the offices serve."""
        params, _, _ = read_yaml(self.library.root / "params.yml", self.library.root)
        place = params.get("place")
        return place.get("county") if isinstance(place, dict) else None

    def id(self, kind: str, key: str = "") -> str:
        """Id of something that is no part of a service; percent-encoded, for a topic may be Chinese."""
        name = quote(f"{kind}-{key}" if key else kind)
        return f"{self.site}/#{name}" if self.site else f"urn:zhinan:{name}"

    def service(self, guide_id: str, part: str) -> str:
        """Id of a part of a service: a fragment of the guide's page, or a URN."""
        url = self.services[guide_id]
        return f"{self.site}{url}#{part}" if self.site else f"urn:zhinan:{guide_id}:{part}"

    def office(self, unit_id: str) -> dict[str, str]:
        """Name of an office by language tag."""
        unit = self.library.units.get(unit_id)
        return by_tag(unit.name) if unit else {"zh-Hans": unit_id}

    def area(self, unit_id: str) -> tuple[str, dict[str, str]]:
        """Id and name of the area that an office serves: the county, else named after the office."""
        if self.county:
            county = self.county if isinstance(self.county, dict) else {"zh": str(self.county)}
            return self.id("area"), by_tag(county)
        said = {"zh-Hans": "{}的管辖区域", "en": "Area served by {}"}
        return self.id("area", unit_id), {t: said[t].format(n) for t, n in self.office(unit_id).items()}


def by_tag(said: Mapping[str, str]) -> dict[str, str]:
    """Names by language tag, Chinese first, from names by folder language."""
    return {tag: said[folder] for folder, tag in LANG_FOLDERS.items() if folder in said}


def tagged(said: Mapping[str, str]) -> list[Node]:
    """Literals that carry their language."""
    return [{"@language": tag, "@value": text} for tag, text in said.items()]


def refs(ids: Iterable[str]) -> list[Node]:
    """Pointers to nodes."""
    return [{"@id": key} for key in ids]
