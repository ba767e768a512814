"""The service catalogue as CPSV-AP 3.2.0 JSON-LD, for other governments' catalogues and portals.

Terms are those of the published context (SEMICeu/CPSV-AP, releases/3.2.0); both languages of a guide become
language-tagged literals of one service. Order and ids depend on the guides and the site's address alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any, TypeVar
from urllib.parse import quote

from rag.access import Audience, Circle, Level
from rag.facets import Facet
from rag.fields import facet_lines
from rag.guides import LANG_FOLDERS, Guide, Library
from rag.linked_data import AUDIENCE_NAMES, CURRENCY, Node, iso_duration, topic_names
from rag.record import readable_guides
from rag.schema import FeeItem, FrontMatter, GuideType
from rag.text import HAN
from rag.yaml_files import read_yaml

CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "time": "http://www.w3.org/2006/time#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_AREA_TYPE = "http://data.europa.eu/88u/dataset/atu-type"
_CURRENCIES = "http://publications.europa.eu/resource/authority/currency/"
_TITLE = {"zh-Hans": "政务服务目录", "en": "Catalogue of public services"}
_ABOUT = {
    "zh-Hans": "办事指南中的全部政务服务。",
    "en": "All public services that the guides describe.",
}
_STATUS = {"zh-Hans": "已发布", "en": "Published"}
_CURRENCY_NAME = {"zh-Hans": "人民币", "en": "Renminbi"}
_CO_HANDLER = {"zh-Hans": "协办单位", "en": "Co-handling office"}
_HAN = re.compile(f"[{HAN}]")

T = TypeVar("T")
Row = list[tuple[str, T]]
"""The same entry of a list in each language: tag and entry."""


def catalogue(library: Library, level: Level, site_url: str = "") -> Node:
    """The published services of guides up to `level`; restricted guides are never among them.

    Without `site_url` the ids are URNs.
    """
    if level is Level.RESTRICTED:
        raise ValueError("restricted guides are in no catalogue")
    found: dict[str, list[Guide]] = {}
    for guide in readable_guides(library, Circle(level)):
        if guide.meta.type is GuideType.SERVICE:
            found.setdefault(guide.id, []).append(guide)
    editions = {guide_id: _chinese_first(found[guide_id]) for guide_id in sorted(found)}
    names = _Names(library, site_url, {guide_id: own[0].url for guide_id, own in editions.items()})
    services = [_Service(names, own) for own in editions.values()]
    offices = {unit for service in services for unit in (service.meta.owner_unit, *service.meta.co_units)}
    parts = [node for service in services for node in _concepts(service)]
    parts += [node for unit_id in {*offices, *names.publisher} for node in _office(names, unit_id)]
    shared = {node["@id"]: node for node in parts}
    nodes = [_dataset(names), *(_public_service(service) for service in services)]
    return {"@context": CONTEXT, "@graph": [*nodes, *(shared[key] for key in sorted(shared))]}


def _chinese_first(editions: Iterable[Guide]) -> tuple[Guide, ...]:
    return tuple(sorted(editions, key=lambda guide: list(LANG_FOLDERS).index(guide.lang)))


@dataclass(frozen=True)
class _Names:
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
        return _by_tag(unit.name) if unit else {"zh-Hans": unit_id}

    def area(self, unit_id: str) -> tuple[str, dict[str, str]]:
        """Id and name of the area that an office serves: the county, else named after the office."""
        if self.county:
            county = self.county if isinstance(self.county, dict) else {"zh": str(self.county)}
            return self.id("area"), _by_tag(county)
        said = {"zh-Hans": "{}的管辖区域", "en": "Area served by {}"}
        return self.id("area", unit_id), {t: said[t].format(n) for t, n in self.office(unit_id).items()}


@dataclass(frozen=True)
class _Service:
    """A service guide in each language that the catalogue may show, Chinese first."""

    names: _Names
    editions: tuple[Guide, ...]

    @property
    def key(self) -> str:
        """Its guide id."""
        return self.editions[0].id

    @property
    def meta(self) -> FrontMatter:
        """Fields of the first edition, for values that have no language."""
        return self.editions[0].meta

    @cached_property
    def lines(self) -> dict[str, dict[Facet, list[str]]]:
        """Lines of the page's sections by language tag."""
        return {guide.meta.lang: facet_lines(guide, self.names.library) for guide in self.editions}

    def id(self, part: str = "service") -> str:
        """Id of the service or of a part of it."""
        return self.names.service(self.key, part)

    def part(self, kind: str, part: str) -> Node:
        """The head of a node that belongs to this service alone."""
        return {"@id": self.id(part), "@type": kind, "dct:identifier": f"{self.key}#{part}"}

    def text(self, say: Callable[[FrontMatter], str | None]) -> list[Node]:
        """One value in each language that has it."""
        return _tagged({guide.meta.lang: said for guide in self.editions if (said := say(guide.meta))})

    def rows(self, items: Callable[[FrontMatter], Sequence[T]]) -> list[Row[T]]:
        """A list of both languages, entry by entry; the check holds their lengths equal."""
        tags = [guide.meta.lang for guide in self.editions]
        columns = (items(guide.meta) for guide in self.editions)
        return [
            [(tag, item) for tag, item in zip(tags, entry, strict=True) if item is not None]
            for entry in zip_longest(*columns)
        ]

    def line(self, facet: Facet, n: int) -> list[Node]:
        """Line `n` of a section in each language."""
        found = {tag: lines.get(facet, []) for tag, lines in self.lines.items()}
        return _tagged({tag: lines[n] for tag, lines in found.items() if n < len(lines)})


def _by_tag(said: Mapping[str, str]) -> dict[str, str]:
    return {tag: said[folder] for folder, tag in LANG_FOLDERS.items() if folder in said}


def _tagged(said: Mapping[str, str]) -> list[Node]:
    return [{"@language": tag, "@value": text} for tag, text in said.items()]


def _row_text(row: Row[T], say: Callable[[T], str | None]) -> list[Node]:
    return _tagged({tag: said for tag, item in row if (said := say(item))})


def _refs(ids: Iterable[str]) -> list[Node]:
    return [{"@id": key} for key in ids]


def _filled(node: Node) -> Node:
    return {key: value for key, value in node.items() if value not in (None, "", [], {})}


# -- the catalogue and its services ------------------------------------------------------------------------


def _dataset(names: _Names) -> Node:
    return _filled(
        {
            "@id": names.id("catalogue"),
            "@type": "dcat:Dataset",
            "dct:identifier": "catalogue",
            "dct:title": _tagged(_TITLE),
            "dct:description": _tagged(_ABOUT),
            "dct:publisher": _refs(names.id("office", unit_id) for unit_id in names.publisher),
            "dct:hasPart": _refs(names.service(guide_id, "service") for guide_id in names.services),
        }
    )


def _public_service(service: _Service) -> Node:
    names, meta = service.names, service.meta
    limit = meta.time_limit
    time = iso_duration(limit.promised) if limit else None
    return _filled(
        {
            "@id": service.id(),
            "@type": "cpsv:PublicService",
            "dct:identifier": service.key,
            "dct:title": service.text(lambda m: m.title),
            "dct:description": service.text(lambda m: m.summary),
            "dct:isPartOf": {"@id": names.id("catalogue")},
            "dcat:keyword": _keywords(service),
            "cv:hasCompetentAuthority": {"@id": names.id("office", meta.owner_unit)},
            "cv:hasParticipation": _participations(service),
            "dct:audience": _refs(names.id("audience", kind) for kind in meta.audience),
            "cv:hasChannel": _channels(service),
            "cv:hasCost": _costs(service),
            "cpsv:hasInput": _evidence(service),
            "cv:hasLegalResource": _refs(service.id(f"law-{n}") for n, _ in enumerate(meta.legal_basis, 1)),
            "cpsv:follows": _rules(service),
            "cv:holdsRequirement": _requirements(service),
            "cv:contactPoint": _contact_point(service),
            "cpsv:produces": _output(service),
            "cv:processingTime": {"@type": "xsd:duration", "@value": time} if time else None,
            "cv:thematicArea": {"@id": names.id("topic", meta.topic)},
            "dct:spatial": _places(service),
            "adms:status": {"@id": names.id("status-published")},
            "cv:relatedService": _refs(
                names.service(other, "service") for other in meta.related if other in names.services
            ),
        }
    )


def _keywords(service: _Service) -> list[Node]:
    """Aliases, each once; a Chinese guide also lists English words and both scripts, so `zh` says no script."""
    words = {word: "zh" if _HAN.search(word) else "en" for e in service.editions for word in e.meta.aliases}
    return [{"@language": tag, "@value": word} for word, tag in words.items()]


def _channels(service: _Service) -> list[Node]:
    names = service.names
    return [
        service.part("cv:Channel", f"channel-{n}")
        | _filled(
            {
                "dct:description": service.line(Facet.CHANNELS, n - 1),
                "dct:type": {"@id": names.id("channel", row[0][1].kind)},
                "cv:openingHours": _hours(
                    service, f"channel-{n}-hours", _row_text(row, lambda channel: channel.hours)
                ),
            }
        )
        for n, row in enumerate(service.rows(lambda m: m.channels), 1)
    ]


def _hours(service: _Service, part: str, said: list[Node]) -> Node | None:
    if not said:
        return None
    return {"@id": service.id(part), "@type": "time:TemporalEntity", "dct:description": said}


def _costs(service: _Service) -> list[Node]:
    fee = service.meta.fee
    if not fee:
        return []
    free = [] if fee.charged else [_cost(service, 0, 0)]
    rows = service.rows(lambda m: m.fee.items if m.fee else [])
    return free + [_cost(service, n, _amount(row)) for n, row in enumerate(rows, len(free))]


def _amount(row: Row[FeeItem]) -> float | None:
    amount = row[0][1].amount
    return amount if isinstance(amount, (int, float)) else None


def _cost(service: _Service, n: int, amount: float | None) -> Node:
    node = service.part("cv:Cost", f"cost-{n + 1}") | {"dct:description": service.line(Facet.FEE, n)}
    if amount is None:
        return node
    return node | {
        "cv:hasValue": {"@type": "xsd:double", "@value": str(float(amount))},
        "cv:currency": {"@id": _CURRENCIES + CURRENCY},
    }


def _evidence(service: _Service) -> list[Node]:
    """What the applicant brings; what offices share among themselves is not asked for."""
    return [
        service.part("cv:Evidence", f"material-{n}")
        | {
            "dct:title": _row_text(row, lambda material: material.name),
            "dct:description": service.line(Facet.MATERIALS, n - 1),
        }
        for n, row in enumerate(service.rows(lambda m: m.materials), 1)
        if row[0][1].source != "shared-no-need"
    ]


def _rules(service: _Service) -> list[Node]:
    """Each legal basis as the rule that an article makes and the text that it stands in."""
    return [
        service.part("cpsv:Rule", f"rule-{n}")
        | {
            "dct:title": _row_text(row, lambda law: " ".join(filter(None, (law.name, law.article)))),
            "dct:description": service.line(Facet.LEGAL_BASIS, n - 1),
            "cpsv:implements": service.part("eli:LegalResource", f"law-{n}")
            | {"dct:title": _row_text(row, lambda law: " ".join(filter(None, (law.name, law.doc_no))))},
        }
        for n, row in enumerate(service.rows(lambda m: m.legal_basis), 1)
    ]


def _requirements(service: _Service) -> list[Node]:
    return [
        service.part("cv:Requirement", f"requirement-{n}") | {"dct:title": _row_text(row, str)}
        for n, row in enumerate(service.rows(lambda m: m.applies_to.who if m.applies_to else []), 1)
    ]


def _contact_point(service: _Service) -> Node:
    contact = service.meta.contact
    is_address = contact.url and contact.url.startswith("https://")
    page = {"@id": contact.url, "@type": "foaf:Document"} if is_address else None
    return _filled(
        {
            "@id": service.id("contact"),
            "@type": "cv:ContactPoint",
            "cv:telephone": contact.phone,
            "cv:contactPage": page,
            "cv:openingHours": _hours(service, "contact-hours", service.text(lambda m: m.contact.hours)),
        }
    )


def _output(service: _Service) -> Node | None:
    if not service.meta.result:
        return None
    said = {tag: lines.get(Facet.RESULT, []) for tag, lines in service.lines.items()}
    return service.part("cv:Output", "result") | {
        "dct:title": service.text(lambda m: m.result.name if m.result else None),
        "dct:description": _tagged(
            {t: ("" if t == "zh-Hans" else " ").join(found) for t, found in said.items()}
        ),
    }


def _places(service: _Service) -> list[Node]:
    return [
        {"@id": service.id(f"place-{n}"), "@type": "dct:Location", "skos:prefLabel": _row_text(row, str)}
        for n, row in enumerate(service.rows(lambda m: m.applies_to.where if m.applies_to else []), 1)
    ]


def _participations(service: _Service) -> list[Node]:
    names = service.names
    return [
        service.part("cv:Participation", f"participation-{n}")
        | {
            "dct:description": _tagged(_CO_HANDLER),
            "cv:role": {"@id": names.id("role-co-handler")},
            "cv:hasParticipant": {"@id": names.id("office", unit_id)},
        }
        for n, unit_id in enumerate(service.meta.co_units, 1)
    ]


# -- what services share -----------------------------------------------------------------------------------


def _concepts(service: _Service) -> list[Node]:
    """Concepts that a service points to."""
    names, meta = service.names, service.meta
    nodes = [_audience(names, kind) for kind in meta.audience]
    topic = names.topics.get(meta.topic)
    said = _by_tag(topic) if isinstance(topic, dict) else {"zh-Hans": meta.topic}
    nodes.append(_concept(names.id("topic", meta.topic), said))
    for n, row in enumerate(service.rows(lambda m: m.channels)):
        # The label of the page's line: what stands before its colon.
        said = {
            node["@language"]: re.split("：|: ", node["@value"])[0]
            for node in service.line(Facet.CHANNELS, n)
        }
        nodes.append(_concept(names.id("channel", row[0][1].kind), said))
    nodes.append(_concept(names.id("status-published"), _STATUS))
    if meta.co_units:
        nodes.append(_concept(names.id("role-co-handler"), _CO_HANDLER))
    if meta.fee:
        nodes.append(_concept(_CURRENCIES + CURRENCY, _CURRENCY_NAME))
    return nodes


def _office(names: _Names, unit_id: str) -> list[Node]:
    """An office, which is a public organisation and an agent, and the area that it serves."""
    said, (area, area_said) = _tagged(names.office(unit_id)), names.area(unit_id)
    office = {
        "@id": names.id("office", unit_id),
        "@type": ["cv:PublicOrganisation", "org:Organization", "foaf:Agent"],
        "dct:identifier": unit_id,
        "dct:title": said,
        "skos:prefLabel": said,
        "dct:spatial": {"@id": area},
    }
    return [
        office,
        {"@id": area, "@type": [_AREA_TYPE, "dct:Location"], "skos:prefLabel": _tagged(area_said)},
    ]


def _audience(names: _Names, kind: Audience) -> Node:
    zh, en = AUDIENCE_NAMES[kind]
    return _concept(names.id("audience", kind), {"zh-Hans": zh, "en": en})


def _concept(key: str, said: Mapping[str, str]) -> Node:
    return {"@id": key, "@type": "skos:Concept", "skos:prefLabel": _tagged(said)}
