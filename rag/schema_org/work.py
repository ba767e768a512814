"""The page of a guide as a creative work, and its questions."""

from rag.facets import HEADINGS, Facet
from rag.guides import Guide
from rag.linked_data import Node, filled
from rag.schema import GuideType
from rag.schema_org.office import publisher_ref
from rag.schema_org.subject import Subject, audiences

_WORKS = {
    GuideType.SERVICE: "HowTo",
    GuideType.HOW_TO: "HowTo",
    GuideType.TECHNICAL: "TechArticle",
    GuideType.POLICY: "Article",
    GuideType.TRAINING: "LearningResource",
}


def work_node(subject: Subject) -> Node:
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
        "audience": audiences(subject),
        "conditionsOfAccess": subject.say("公开，任何人都可以阅读", "Open: anybody may read it"),
        "isAccessibleForFree": True,
        "isPartOf": _wholes(subject),
        "provider": {"@type": "GovernmentOffice", "@id": subject.id("office")},
        "publisher": publisher_ref(subject),
        "citation": _laws(subject),
    }
    return filled(common | _translation(subject) | _own_properties(subject))


def _own_properties(subject: Subject) -> Node:
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


def _training(subject: Subject) -> Node:
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


def _steps(subject: Subject) -> list[Node]:
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


def _supplies(subject: Subject) -> list[Node]:
    """What the reader brings; what offices share among themselves is nobody's supply."""
    materials = subject.guide.meta.materials
    return [
        filled(
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


def _laws(subject: Subject) -> list[Node]:
    return [
        filled(
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


def _translation(subject: Subject) -> Node:
    """Chinese is the work, English its translation; only where both are open."""
    guide = subject.guide
    for other in subject.open_guides:
        if other.id == guide.id and other.lang != guide.lang:
            key = "workTranslation" if guide.lang == "zh" else "translationOfWork"
            return {key: _work_ref(subject, other)}
    return {}


def _wholes(subject: Subject) -> list[Node]:
    site: Node = {"@type": "WebSite", "@id": subject.home("site")}
    return [site, *(_work_ref(subject, whole) for whole in subject.others(list(subject.guide.meta.part_of)))]


def _work_ref(subject: Subject, other: Guide) -> Node:
    page = subject.site + other.url
    return {
        "@type": _WORKS[other.meta.type],
        "@id": f"{page}#guide",
        "url": page,
        "name": other.meta.title,
        "inLanguage": other.meta.lang,
    }


def faq_node(subject: Subject) -> Node:
    """The questions of a guide as an FAQPage."""
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
