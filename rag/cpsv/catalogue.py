"""The catalogue of all services up to a level, with what they share stated once."""

from collections.abc import Iterable

from rag.access import Circle, Level
from rag.cpsv.concepts import concepts, office_nodes
from rag.cpsv.names import Names, refs, tagged
from rag.cpsv.public_service import public_service
from rag.cpsv.service import Service
from rag.guides import LANG_FOLDERS, Guide, Library
from rag.linked_data import Node, filled
from rag.record import readable_guides
from rag.schema import GuideType

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
_TITLE = {"zh-Hans": "政务服务目录", "en": "Catalogue of public services"}
_ABOUT = {
    "zh-Hans": "办事指南中的全部政务服务。",
    "en": "All public services that the guides describe.",
}


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
    names = Names(library, site_url, {guide_id: own[0].url for guide_id, own in editions.items()})
    services = [Service(names, own) for own in editions.values()]
    offices = {unit for service in services for unit in (service.meta.owner_unit, *service.meta.co_units)}
    parts = [node for service in services for node in concepts(service)]
    parts += [node for unit_id in {*offices, *names.publisher} for node in office_nodes(names, unit_id)]
    shared = {node["@id"]: node for node in parts}
    nodes = [_dataset(names), *(public_service(service) for service in services)]
    return {"@context": CONTEXT, "@graph": [*nodes, *(shared[key] for key in sorted(shared))]}


def _chinese_first(editions: Iterable[Guide]) -> tuple[Guide, ...]:
    return tuple(sorted(editions, key=lambda guide: list(LANG_FOLDERS).index(guide.lang)))


def _dataset(names: Names) -> Node:
    return filled(
        {
            "@id": names.id("catalogue"),
            "@type": "dcat:Dataset",
            "dct:identifier": "catalogue",
            "dct:title": tagged(_TITLE),
            "dct:description": tagged(_ABOUT),
            "dct:publisher": refs(names.id("office", unit_id) for unit_id in names.publisher),
            "dct:hasPart": refs(names.service(guide_id, "service") for guide_id in names.services),
        }
    )
