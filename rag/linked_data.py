"""schema.org JSON-LD of an open guide: what its page says, as data for search engines and other programs.

Only a published guide of level open is described, and it refers to open guides alone. The words are those of
the page; a property that no field fills is left out. Vocabulary: schema.org, checked in tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rag.access import Audience
from rag.facets import HEADINGS, Facet
from rag.fields import facet_lines
from rag.guides import Guide, Library, UnitOffice
from rag.record import OPEN, readable_guides
from rag.schema import Channel, Contact, Duration, GuideType, Unit
from rag.yaml_files import read_yaml

Node = dict[str, Any]

CURRENCY = "CNY"
AUDIENCE_NAMES = {
    Audience.PUBLIC: ("公众", "Public"),
    Audience.ORGANISATIONS: ("组织", "Organisations"),
    Audience.STAFF: ("工作人员", "Staff"),
    Audience.LEADERS: ("领导", "Leaders"),
}
_SITE_NAME = ("指南", "Zhinan guides")
_WORKS = {
    GuideType.SERVICE: "HowTo",
    GuideType.HOW_TO: "HowTo",
    GuideType.TECHNICAL: "TechArticle",
    GuideType.POLICY: "Article",
    GuideType.TRAINING: "LearningResource",
}
_WITH_FAQ = (GuideType.SERVICE, GuideType.HOW_TO)
_PLACES = ("counter", "self-service", "post", "home-visit")
# Working days and hours are missing: how long they last depends on the calendar, and ISO 8601 cannot say it.
_ISO_UNITS = {
    Unit.YEAR: "P{}Y",
    Unit.MONTH: "P{}M",
    Unit.DAY: "P{}D",
    Unit.HOUR: "PT{}H",
    Unit.MINUTE: "PT{}M",
}


def guide_json_ld(guide: Guide, library: Library, site_url: str = "", topic: str = "") -> Node | None:
    """The JSON-LD document of an open, published guide; None for every other guide.

    `topic` is the topic's name in the guide's language; without `site_url` addresses are site-relative.
    """
    open_guides = tuple(readable_guides(library, OPEN))
    if guide not in open_guides:
        return None
    subject = _Subject(guide, library, site_url, topic or guide.meta.topic, open_guides)
    nodes = [_service(subject)] if guide.meta.type is GuideType.SERVICE else []
    nodes.append(_work(subject))
    if guide.meta.type in _WITH_FAQ and guide.meta.faq:
        nodes.append(_faq(subject))
    nodes += [_office(subject), _website(subject)]
    if library.platform:
        nodes.append(_publisher(subject, library.platform))
    return {"@context": "https://schema.org", "@graph": nodes}


def open_guides_json_ld(library: Library, site_url: str = "") -> Node:
    """All open guides as one JSON-LD document; what several of them describe stands in it once."""
    topics = topic_names(library)
    nodes: dict[str, Node] = {}
    for guide in readable_guides(library, OPEN):
        topic = topics.get(guide.meta.topic, {}).get(guide.lang, "")
        document = guide_json_ld(guide, library, site_url, topic) or {"@graph": []}
        nodes |= {node["@id"]: node for node in document["@graph"]}
    return {"@context": "https://schema.org", "@graph": list(nodes.values())}


def topic_names(library: Library) -> dict[str, Any]:
    """Names of the topics in topics.yml by folder language; a topic that is not there is its own name."""
    return read_yaml(library.root / "topics.yml", library.root)[0]


def iso_duration(limit: Duration) -> str | None:
    """`P15D`, `PT48H`; None for working days and hours."""
    form = _ISO_UNITS.get(limit.unit)
    return form.format(limit.n) if form else None


@dataclass(frozen=True)
class _Subject:
    """The guide described, with all that its description draws on."""

    guide: Guide
    library: Library
    site: str
    topic: str
    open_guides: tuple[Guide, ...]

    @property
    def page(self) -> str:
        """Address of the guide's page."""
        return self.site + self.guide.url

    @cached_property
    def lines(self) -> dict[Facet, list[str]]:
        """Lines of the page's sections."""
        return facet_lines(self.guide, self.library)

    def id(self, part: str) -> str:
        """Identity of a part of the description."""
        return f"{self.page}#{part}"

    def home(self, part: str) -> str:
        """Identity of something that pages of one language share."""
        return f"{self.site}{self.say('/', '/en/')}#{part}"

    def say(self, zh: str, en: str) -> str:
        """One of two wordings, by language."""
        return zh if self.guide.lang == "zh" else en

    def others(self, ids: list[str], *types: GuideType) -> Iterator[Guide]:
        """Open guides of these ids in the same language, of these types if any are named."""
        for other in self.open_guides:
            if other.id in ids and other.lang == self.guide.lang and (not types or other.meta.type in types):
                yield other


def _filled(node: Node) -> Node:
    """The node without properties that have no value; 0 and False are values."""
    return {key: value for key, value in node.items() if value not in (None, "", [], {})}


# -- the page as a creative work ---------------------------------------------------------------------------


def _work(subject: _Subject) -> Node:
    """The guide as HowTo, TechArticle, Article or LearningResource, with what every guide states."""
    guide, meta = subject.guide, subject.guide.meta
    about: list[Node] = [{"@type": "DefinedTerm", "name": subject.topic}]
    if meta.type is GuideType.SERVICE:
        about.append({"@type": "GovernmentService", "@id": subject.id("service")})
    common = {
        "@type": _WORKS[meta.type],
        "@id": subject.id("guide"),
        "url": subject.page,
        "identifier": guide.id,
        "name": meta.title,
        "description": meta.summary,
        "inLanguage": meta.lang,
        "dateModified": str(meta.reviewed_on),
        "version": meta.version,
        "expires": str(meta.valid_to) if meta.valid_to else None,
        "keywords": list(meta.aliases),
        "about": about,
        "audience": _audience(subject),
        "conditionsOfAccess": subject.say("公开，任何人都可以阅读", "Open: anybody may read it"),
        "isAccessibleForFree": True,
        "isPartOf": _wholes(subject),
        "provider": {"@type": "GovernmentOffice", "@id": subject.id("office")},
        "publisher": _publisher_ref(subject),
        "citation": _laws(subject),
    }
    return _filled(common | _translation(subject) | _own_properties(subject))


def _own_properties(subject: _Subject) -> Node:
    """What only this type of guide has."""
    meta = subject.guide.meta
    headline: Node = {"headline": meta.title}
    match meta.type:
        case GuideType.SERVICE | GuideType.HOW_TO:
            return {"step": _steps(subject), "supply": _supplies(subject)}
        case GuideType.TECHNICAL:
            return headline | {"dependencies": list(meta.prerequisites or [])}
        case GuideType.POLICY:
            return headline
        case GuideType.TRAINING:
            return _training(subject)


def _training(subject: _Subject) -> Node:
    training = subject.guide.meta.training
    if not training:
        return {}
    framework = {"@type": "DefinedTermSet", "name": training.framework}
    return {
        "educationalLevel": str(training.level),
        "timeRequired": f"PT{training.minutes}M",
        "teaches": [
            {"@type": "DefinedTerm", "name": name, "inDefinedTermSet": framework}
            for name in training.competences
        ],
    }


def _steps(subject: _Subject) -> list[Node]:
    anchor = HEADINGS[Facet.STEPS].anchor
    lines = subject.lines.get(Facet.STEPS, [])
    return [
        {
            "@type": "HowToStep",
            "position": step.n,
            "name": step.action,
            "text": line,
            "url": subject.id(anchor),
        }
        for step, line in zip(subject.guide.meta.steps, lines, strict=True)
    ]


def _supplies(subject: _Subject) -> list[Node]:
    """What the reader brings; what offices share among themselves is nobody's supply."""
    materials = subject.guide.meta.materials
    return [
        _filled(
            {
                "@type": "HowToSupply",
                "name": material.name,
                "description": line,
                "requiredQuantity": material.copies or None,
            }
        )
        for material, line in zip(materials, subject.lines.get(Facet.MATERIALS, []), strict=False)
        if material.source != "shared-no-need"
    ]


def _laws(subject: _Subject) -> list[Node]:
    return [
        _filled(
            {
                "@type": "Legislation",
                "name": basis.name,
                "legislationIdentifier": basis.doc_no,
                "description": line,
            }
        )
        for basis, line in zip(
            subject.guide.meta.legal_basis, subject.lines.get(Facet.LEGAL_BASIS, []), strict=True
        )
    ]


def _translation(subject: _Subject) -> Node:
    """Chinese is the work, English its translation; only where both are open."""
    guide = subject.guide
    for other in subject.open_guides:
        if other.id == guide.id and other.lang != guide.lang:
            key = "workTranslation" if guide.lang == "zh" else "translationOfWork"
            return {key: _work_ref(subject, other)}
    return {}


def _wholes(subject: _Subject) -> list[Node]:
    site: Node = {"@type": "WebSite", "@id": subject.home("site")}
    return [site, *(_work_ref(subject, whole) for whole in subject.others(list(subject.guide.meta.part_of)))]


def _work_ref(subject: _Subject, other: Guide) -> Node:
    page = subject.site + other.url
    return {
        "@type": _WORKS[other.meta.type],
        "@id": f"{page}#guide",
        "url": page,
        "name": other.meta.title,
        "inLanguage": other.meta.lang,
    }


def _faq(subject: _Subject) -> Node:
    return {
        "@type": "FAQPage",
        "@id": subject.id(HEADINGS[Facet.FAQ].anchor),
        "url": subject.id(HEADINGS[Facet.FAQ].anchor),
        "inLanguage": subject.guide.meta.lang,
        "isPartOf": {"@type": _WORKS[subject.guide.meta.type], "@id": subject.id("guide")},
        "mainEntity": [
            {"@type": "Question", "name": item.q, "acceptedAnswer": {"@type": "Answer", "text": item.a}}
            for item in subject.guide.meta.faq
        ],
    }


def _audience(subject: _Subject) -> list[Node]:
    return [
        {"@type": "Audience", "audienceType": subject.say(*AUDIENCE_NAMES[audience])}
        for audience in subject.guide.meta.audience
    ]


# -- the service -------------------------------------------------------------------------------------------


def _service(subject: _Subject) -> Node:
    guide, meta = subject.guide, subject.guide.meta
    audience = _audience(subject)
    if meta.applies_to:
        who = subject.say("", " ").join(meta.applies_to.who)
        audience = [kind | {"description": who} for kind in audience]
    return _filled(
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


def _channels(subject: _Subject) -> list[Node]:
    channels = subject.guide.meta.channels
    lines = subject.lines.get(Facet.CHANNELS, [])
    return [_channel(subject, *pair) for pair in zip(channels, lines, strict=False)]


def _channel(subject: _Subject, channel: Channel, line: str) -> Node:
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
        node["servicePhone"] = _filled(
            {
                "@type": "ContactPoint",
                "description": channel.place,
                "telephone": phone if named else None,
                "hoursAvailable": _hours(channel.hours),
            }
        )
    elif channel.kind in _PLACES and channel.place:
        node["serviceLocation"] = _filled(
            {
                "@type": "Place",
                "name": channel.place,
                "description": channel.accessibility,
                "openingHoursSpecification": _hours(channel.hours),
            }
        )
    return _filled(node)


def _hours(hours: str | None) -> Node | None:
    """Hours as people say them: the structured form could not tell working days from holidays."""
    return {"@type": "OpeningHoursSpecification", "description": hours} if hours else None


def _output(subject: _Subject) -> Node | None:
    result = subject.guide.meta.result
    if not result:
        return None
    told = subject.say("", " ").join(subject.lines.get(Facet.RESULT, []))
    return {"@type": "Thing", "name": result.name, "description": told}


def _offers(subject: _Subject) -> list[Node]:
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


# -- offices and the site ----------------------------------------------------------------------------------


def _office(subject: _Subject) -> Node:
    """The office in charge, as this guide says how to reach it."""
    meta = subject.guide.meta
    unit = subject.library.units.get(meta.owner_unit)
    points = [
        _contact_point(meta.contact, subject.say("咨询", "enquiries")),
        _contact_point(meta.complaint, subject.say("投诉", "complaints")),
    ]
    return _filled(
        {
            "@type": "GovernmentOffice",
            "@id": subject.id("office"),
            "name": unit.said(subject.guide.lang) if unit else meta.owner_unit,
            "telephone": meta.contact.phone,
            "address": meta.contact.address,
            "contactPoint": [point for point in points if point],
        }
    )


def _contact_point(contact: Contact | None, kind: str) -> Node | None:
    if not contact:
        return None
    return _filled(
        {
            "@type": "ContactPoint",
            "contactType": kind,
            "telephone": contact.phone,
            "url": contact.url,
            "hoursAvailable": _hours(contact.hours),
        }
    )


def _publisher_ref(subject: _Subject) -> Node | None:
    return (
        {"@type": "GovernmentOffice", "@id": subject.home("publisher")} if subject.library.platform else None
    )


def _publisher(subject: _Subject, unit: UnitOffice) -> Node:
    return _filled(
        {
            "@type": "GovernmentOffice",
            "@id": subject.home("publisher"),
            "name": unit.said(subject.guide.lang),
            "telephone": unit.phone,
        }
    )


def _website(subject: _Subject) -> Node:
    return _filled(
        {
            "@type": "WebSite",
            "@id": subject.home("site"),
            "url": subject.site + subject.say("/", "/en/"),
            "name": subject.say(*_SITE_NAME),
            "inLanguage": subject.guide.meta.lang,
            "publisher": _publisher_ref(subject),
        }
    )
