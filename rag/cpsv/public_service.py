"""A public service with its parts: channels, costs, evidence, rules, requirements, contact and result."""

import re

from rag.cpsv.concepts import CO_HANDLER, CURRENCIES
from rag.cpsv.names import refs, tagged
from rag.cpsv.service import Row, Service, row_text
from rag.facets import Facet
from rag.linked_data import CURRENCY, Node, filled, iso_duration
from rag.schema import FeeItem
from rag.text import HAN

_HAN = re.compile(f"[{HAN}]")


def public_service(service: Service) -> Node:
    """The node of a service, with the nodes that belong to it alone."""
    names, meta = service.names, service.meta
    limit = meta.time_limit
    time = iso_duration(limit.promised) if limit else None
    return filled(
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
            "dct:audience": refs(names.id("audience", kind) for kind in meta.audience),
            "cv:hasChannel": _channels(service),
            "cv:hasCost": _costs(service),
            "cpsv:hasInput": _evidence(service),
            "cv:hasLegalResource": refs(service.id(f"law-{n}") for n, _ in enumerate(meta.legal_basis, 1)),
            "cpsv:follows": _rules(service),
            "cv:holdsRequirement": _requirements(service),
            "cv:contactPoint": _contact_point(service),
            "cpsv:produces": _output(service),
            "cv:processingTime": {"@type": "xsd:duration", "@value": time} if time else None,
            "cv:thematicArea": {"@id": names.id("topic", meta.topic)},
            "dct:spatial": _places(service),
            "adms:status": {"@id": names.id("status-published")},
            "cv:relatedService": refs(
                names.service(other, "service") for other in meta.related if other in names.services
            ),
        }
    )


def _keywords(service: Service) -> list[Node]:
    """Aliases, each once; a Chinese guide also lists English words and both scripts, so `zh` says no script."""
    words = {word: "zh" if _HAN.search(word) else "en" for e in service.editions for word in e.meta.aliases}
    return [{"@language": tag, "@value": word} for word, tag in words.items()]


def _channels(service: Service) -> list[Node]:
    names = service.names
    return [
        service.part("cv:Channel", f"channel-{n}")
        | filled(
            {
                "dct:description": service.line(Facet.CHANNELS, n - 1),
                "dct:type": {"@id": names.id("channel", row[0][1].kind)},
                "cv:openingHours": _hours(
                    service, f"channel-{n}-hours", row_text(row, lambda channel: channel.hours)
                ),
            }
        )
        for n, row in enumerate(service.rows(lambda m: m.channels), 1)
    ]


def _hours(service: Service, part: str, said: list[Node]) -> Node | None:
    if not said:
        return None
    return {"@id": service.id(part), "@type": "time:TemporalEntity", "dct:description": said}


def _costs(service: Service) -> list[Node]:
    fee = service.meta.fee
    if not fee:
        return []
    free = [] if fee.charged else [_cost(service, 0, 0)]
    rows = service.rows(lambda m: m.fee.items if m.fee else [])
    return free + [_cost(service, n, _amount(row)) for n, row in enumerate(rows, len(free))]


def _amount(row: Row[FeeItem]) -> float | None:
    amount = row[0][1].amount
    return amount if isinstance(amount, (int, float)) else None


def _cost(service: Service, n: int, amount: float | None) -> Node:
    node = service.part("cv:Cost", f"cost-{n + 1}") | {"dct:description": service.line(Facet.FEE, n)}
    if amount is None:
        return node
    return node | {
        "cv:hasValue": {"@type": "xsd:double", "@value": str(float(amount))},
        "cv:currency": {"@id": CURRENCIES + CURRENCY},
    }


def _evidence(service: Service) -> list[Node]:
    """What the applicant brings; what offices share among themselves is not asked for."""
    return [
        service.part("cv:Evidence", f"material-{n}")
        | {
            "dct:title": row_text(row, lambda material: material.name),
            "dct:description": service.line(Facet.MATERIALS, n - 1),
        }
        for n, row in enumerate(service.rows(lambda m: m.materials), 1)
        if row[0][1].source != "shared-no-need"
    ]


def _rules(service: Service) -> list[Node]:
    """Each legal basis as the rule that an article makes and the text that it stands in."""
    return [
        service.part("cpsv:Rule", f"rule-{n}")
        | {
            "dct:title": row_text(row, lambda law: " ".join(filter(None, (law.name, law.article)))),
            "dct:description": service.line(Facet.LEGAL_BASIS, n - 1),
            "cpsv:implements": service.part("eli:LegalResource", f"law-{n}")
            | {"dct:title": row_text(row, lambda law: " ".join(filter(None, (law.name, law.doc_no))))},
        }
        for n, row in enumerate(service.rows(lambda m: m.legal_basis), 1)
    ]


def _requirements(service: Service) -> list[Node]:
    return [
        service.part("cv:Requirement", f"requirement-{n}") | {"dct:title": row_text(row, str)}
        for n, row in enumerate(service.rows(lambda m: m.applies_to.who if m.applies_to else []), 1)
    ]


def _contact_point(service: Service) -> Node:
    contact = service.meta.contact
    is_address = contact.url and contact.url.startswith("https://")
    page = {"@id": contact.url, "@type": "foaf:Document"} if is_address else None
    return filled(
        {
            "@id": service.id("contact"),
            "@type": "cv:ContactPoint",
            "cv:telephone": contact.phone,
            "cv:contactPage": page,
            "cv:openingHours": _hours(service, "contact-hours", service.text(lambda m: m.contact.hours)),
        }
    )


def _output(service: Service) -> Node | None:
    if not service.meta.result:
        return None
    said = {tag: lines.get(Facet.RESULT, []) for tag, lines in service.lines.items()}
    return service.part("cv:Output", "result") | {
        "dct:title": service.text(lambda m: m.result.name if m.result else None),
        "dct:description": tagged(
            {t: ("" if t == "zh-Hans" else " ").join(found) for t, found in said.items()}
        ),
    }


def _places(service: Service) -> list[Node]:
    return [
        {"@id": service.id(f"place-{n}"), "@type": "dct:Location", "skos:prefLabel": row_text(row, str)}
        for n, row in enumerate(service.rows(lambda m: m.applies_to.where if m.applies_to else []), 1)
    ]


def _participations(service: Service) -> list[Node]:
    names = service.names
    return [
        service.part("cv:Participation", f"participation-{n}")
        | {
            "dct:description": tagged(CO_HANDLER),
            "cv:role": {"@id": names.id("role-co-handler")},
            "cv:hasParticipant": {"@id": names.id("office", unit_id)},
        }
        for n, unit_id in enumerate(service.meta.co_units, 1)
    ]
