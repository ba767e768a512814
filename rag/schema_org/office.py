"""Who stands for a guide: the office in charge, the office that runs the site, and the site."""

from rag.guides import UnitOffice
from rag.linked_data import Node, filled
from rag.schema import Contact
from rag.schema_org.subject import Subject

_SITE_NAME = ("指南", "Zhinan guides")


def office_node(subject: Subject) -> Node:
    """The office in charge, as this guide says how to reach it."""
    meta = subject.guide.meta
    unit = subject.library.units.get(meta.owner_unit)
    points = [
        _contact_point(meta.contact, subject.say("咨询", "enquiries")),
        _contact_point(meta.complaint, subject.say("投诉", "complaints")),
    ]
    return filled(
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
    return filled(
        {
            "@type": "ContactPoint",
            "contactType": kind,
            "telephone": contact.phone,
            "url": contact.url,
            "hoursAvailable": opening_hours(contact.hours),
        }
    )


def opening_hours(hours: str | None) -> Node | None:
    """Hours as people say them: the structured form could not tell working days from holidays."""
    return {"@type": "OpeningHoursSpecification", "description": hours} if hours else None


def publisher_ref(subject: Subject) -> Node | None:
    """A pointer to the office that runs the site, if the library names it."""
    return (
        {"@type": "GovernmentOffice", "@id": subject.home("publisher")} if subject.library.platform else None
    )


def publisher_node(subject: Subject, unit: UnitOffice) -> Node:
    """The office that runs the site."""
    return filled(
        {
            "@type": "GovernmentOffice",
            "@id": subject.home("publisher"),
            "name": unit.said(subject.guide.lang),
            "telephone": unit.phone,
        }
    )


def site_node(subject: Subject) -> Node:
    """The site of one language."""
    return filled(
        {
            "@type": "WebSite",
            "@id": subject.home("site"),
            "url": subject.site + subject.say("/", "/en/"),
            "name": subject.say(*_SITE_NAME),
            "inLanguage": subject.guide.meta.lang,
            "publisher": publisher_ref(subject),
        }
    )
