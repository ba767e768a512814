"""The service that a guide is about: who may have it, where, how long it takes and what it costs."""

from rag.facets import Facet
from rag.linked_data import CURRENCY, Node, filled, iso_duration
from rag.schema import Channel, GuideType
from rag.schema_org.office import opening_hours
from rag.schema_org.subject import Subject, audiences

_PLACES = ("counter", "self-service", "post", "home-visit")


def service_node(subject: Subject) -> Node:
    """The GovernmentService of a service guide."""
    guide, meta = subject.guide, subject.guide.meta
    audience = audiences(subject)
    if meta.applies_to:
        who = subject.say("", " ").join(meta.applies_to.who)
        audience = [kind | {"description": who} for kind in audience]
    return filled(
        {
            "@type": "GovernmentService",
            "@id": subject.id("service"),
            "url": subject.page,
            "identifier": [text for text in (guide.id, meta.item_code) if text],
            "name": meta.title,
            "alternateName": list(meta.aliases),
            "description": meta.summary,
            "serviceOperator": {"@type": "GovernmentOffice", "@id": subject.id("office")},
            "audience": audience,
            "areaServed": list(meta.applies_to.where) if meta.applies_to else [],
            "availableChannel": _channels(subject),
            "serviceOutput": _output(subject),
            "offers": _offers(subject),
            "isRelatedTo": [
                {
                    "@type": "GovernmentService",
                    "@id": f"{subject.site}{other.url}#service",
                    "name": other.meta.title,
                }
                for other in subject.others(list(meta.related), GuideType.SERVICE)
            ],
            "subjectOf": {"@type": "HowTo", "@id": subject.id("guide")},
        }
    )


def _channels(subject: Subject) -> list[Node]:
    channels = subject.guide.meta.channels
    lines = subject.lines.get(Facet.CHANNELS, [])
    return [_channel(subject, *pair) for pair in zip(channels, lines, strict=False)]


def _channel(subject: Subject, channel: Channel, line: str) -> Node:
    limit = subject.guide.meta.time_limit
    node: Node = {
        "@type": "ServiceChannel",
        "name": line.partition(subject.say("：", ": "))[0],
        "description": line,
        "processingTime": iso_duration(limit.promised) if limit else None,
        "serviceUrl": channel.url if channel.url and channel.url.startswith("https://") else None,
    }
    if channel.kind == "phone":
        phone = subject.guide.meta.contact.phone
        named = phone and (not channel.place or phone in channel.place)
        node["servicePhone"] = filled(
            {
                "@type": "ContactPoint",
                "description": channel.place,
                "telephone": phone if named else None,
                "hoursAvailable": opening_hours(channel.hours),
            }
        )
    elif channel.kind in _PLACES and channel.place:
        node["serviceLocation"] = filled(
            {
                "@type": "Place",
                "name": channel.place,
                "description": channel.accessibility,
                "openingHoursSpecification": opening_hours(channel.hours),
            }
        )
    return filled(node)


def _output(subject: Subject) -> Node | None:
    result = subject.guide.meta.result
    if not result:
        return None
    told = subject.say("", " ").join(subject.lines.get(Facet.RESULT, []))
    return {"@type": "Thing", "name": result.name, "description": told}


def _offers(subject: Subject) -> list[Node]:
    fee, meta = subject.guide.meta.fee, subject.guide.meta
    if not fee:
        return []
    lines = subject.lines.get(Facet.FEE, [])
    common = {"@type": "Offer", "validFrom": str(meta.valid_from)}
    if meta.valid_to:
        common["validThrough"] = str(meta.valid_to)
    offers: list[Node] = []
    if not fee.charged:
        offers.append(common | {"price": 0, "priceCurrency": CURRENCY, "description": lines[0]})
        lines = lines[1:]
    for item, line in zip(fee.items, lines, strict=False):
        offer: Node = common | {"name": item.name, "description": line}
        if isinstance(item.amount, (int, float)):
            offer |= {"price": item.amount, "priceCurrency": CURRENCY}
        offers.append(offer)
    return offers
