"""The documents: one of a guide, for the head of its page, and one of all open guides, for export."""

from rag.guides import Guide, Library
from rag.linked_data import Node, topic_names
from rag.record import OPEN, readable_guides
from rag.schema import GuideType
from rag.schema_org.office import office_node, publisher_node, site_node
from rag.schema_org.service import service_node
from rag.schema_org.subject import Subject
from rag.schema_org.work import faq_node, work_node

_WITH_FAQ = (GuideType.SERVICE, GuideType.HOW_TO)


def guide_json_ld(guide: Guide, library: Library, site_url: str = "", topic: str = "") -> Node | None:
    """The JSON-LD document of an open, published guide; None for every other guide.

    `topic` is the topic's name in the guide's language; without `site_url` addresses are site-relative.
    """
    open_guides = tuple(readable_guides(library, OPEN))
    if guide not in open_guides:
        return None
    subject = Subject(guide, library, site_url, topic or guide.meta.topic, open_guides)
    nodes = [service_node(subject)] if guide.meta.type is GuideType.SERVICE else []
    nodes.append(work_node(subject))
    if guide.meta.type in _WITH_FAQ and guide.meta.faq:
        nodes.append(faq_node(subject))
    nodes += [office_node(subject), site_node(subject)]
    if library.platform:
        nodes.append(publisher_node(subject, library.platform))
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
