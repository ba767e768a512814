"""What services share: audiences, topics, kinds of channel, a status, a role, a currency, and offices."""

import re
from collections.abc import Mapping

from rag.access import AUDIENCES, Audience
from rag.cpsv.names import Names, by_tag, tagged
from rag.cpsv.service import Service
from rag.facets import Facet
from rag.linked_data import CURRENCY, Node

_AREA_TYPE = "http://data.europa.eu/88u/dataset/atu-type"
CURRENCIES = "http://publications.europa.eu/resource/authority/currency/"
_STATUS = {"zh-Hans": "已发布", "en": "Published"}
_CURRENCY_NAME = {"zh-Hans": "人民币", "en": "Renminbi"}
CO_HANDLER = {"zh-Hans": "协办单位", "en": "Co-handling office"}


def concepts(service: Service) -> list[Node]:
    """Concepts that a service points to."""
    names, meta = service.names, service.meta
    nodes = [_audience(names, kind) for kind in meta.audience]
    topic = names.topics.get(meta.topic)
    said = by_tag(topic) if isinstance(topic, dict) else {"zh-Hans": meta.topic}
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
        nodes.append(_concept(names.id("role-co-handler"), CO_HANDLER))
    if meta.fee:
        nodes.append(_concept(CURRENCIES + CURRENCY, _CURRENCY_NAME))
    return nodes


def _audience(names: Names, kind: Audience) -> Node:
    zh, en = AUDIENCES[kind]
    return _concept(names.id("audience", kind), {"zh-Hans": zh, "en": en})


def _concept(key: str, said: Mapping[str, str]) -> Node:
    return {"@id": key, "@type": "skos:Concept", "skos:prefLabel": tagged(said)}


def office_nodes(names: Names, unit_id: str) -> list[Node]:
    """An office, which is a public organisation and an agent, and the area that it serves."""
    said, (area, area_said) = tagged(names.office(unit_id)), names.area(unit_id)
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
        {"@id": area, "@type": [_AREA_TYPE, "dct:Location"], "skos:prefLabel": tagged(area_said)},
    ]
