"""Pages that lead to guides: the landing page, one page an audience, all topics, and journeys."""

from collections.abc import Iterable
from typing import Any

from rag.access import AUDIENCES, Audience, Level
from rag.diagram import Box, flow
from rag.guides import Guide, UnitOffice
from rag.journeys import Journey
from rag.site_pages import Shelf, anchor_of, escape, figure, file_of, glance, type_of, url_of

_LEVELS = {
    Level.MEMBERS: ("组织", "members"),
    Level.INTERNAL: ("内部", "internal"),
    Level.RESTRICTED: ("受限", "restricted"),
}


def list_meta(template: str, title: str, twin: str) -> dict[str, Any]:
    """Front matter of a page that is no guide; `twin` is its address in the other language, '' for its root."""
    return {"template": f"{template}.html", "title": title, "twin": twin}


def site_meta(shelf: Shelf) -> dict[str, Any]:
    """What every page shows: the audiences that have guides, and who runs the site."""
    tabs = [{"title": shelf.say(AUDIENCES[a]), "url": f"{a}/", "name": a.value} for a in audiences(shelf)]
    return {
        "tabs": tabs,
        "office": _office(shelf.library.platform, shelf.lang),
        "journeys": [_journey_link(journey, shelf) for journey in shelf.journeys],
    }


def audiences(shelf: Shelf) -> list[Audience]:
    """Audiences that have a page: they have guides, or a guide's trail leads there."""
    folders = {guide.folder for guide in shelf.guides}
    return [audience for audience in AUDIENCES if shelf.of(audience) or audience in folders]


def audience_meta(audience: Audience, shelf: Shelf) -> dict[str, Any]:
    """The landing page of an audience: its journeys, and its topics to jump to."""
    mirrored = any(audience in guide.meta.audience for guide in shelf.twins.values())
    meta = list_meta("audience", shelf.say(AUDIENCES[audience]), f"{audience}/" if mirrored else "")
    own = [journey for journey in shelf.journeys if journey.entry.audience is audience]
    return meta | {
        "name": audience.value,
        "journeys": [_journey_link(journey, shelf) for journey in own],
        "topics": [
            {"title": topic, "anchor": anchor_of(topic)} for topic in by_topic(shelf.of(audience), shelf)
        ],
    }


def by_topic(guides: Iterable[Guide], shelf: Shelf) -> dict[str, list[Guide]]:
    """Guides under the name of their topic, in the order of topics.yml; topics without guides are left out."""
    found: dict[str, list[Guide]] = {topic.get(shelf.lang, key): [] for key, topic in shelf.topics.items()}
    for guide in guides:
        found.setdefault(shelf.topic(guide), []).append(guide)
    return {topic: own for topic, own in found.items() if own}


def listing(guides: Iterable[Guide], shelf: Shelf, up: str) -> str:
    """Guides by topic, each with its summary, as Markdown; `up` leads to the tree's root."""
    return "\n".join(
        f"## {escape(topic)} {{#{anchor_of(topic)}}}\n\n"
        + "\n".join(_entry(guide, shelf, up) for guide in own)
        for topic, own in by_topic(guides, shelf).items()
    )


def _entry(guide: Guide, shelf: Shelf, up: str) -> str:
    meta = guide.meta
    badge = f" *{shelf.say(_LEVELS[meta.level])}*{{ .zn-badge }}" if meta.level in _LEVELS else ""
    return f"- [{escape(meta.title)}]({up}{file_of(guide)}){badge}\n\n    {escape(meta.summary)}\n"


def _office(unit: UnitOffice | None, lang: str) -> dict[str, str | None]:
    if not unit:
        return {}
    hours = unit.hours.get(lang) if isinstance(unit.hours, dict) else unit.hours
    return {"name": unit.said(lang), "phone": unit.phone, "hours": hours}


def _journey_link(journey: Journey, shelf: Shelf) -> dict[str, Any]:
    said = journey.entry
    return {
        "title": said.title.said(shelf.lang),
        "summary": said.summary.said(shelf.lang),
        "url": journey.url,
        "audience": said.audience.value,
        "steps": len(said.steps),
    }


def journey_meta(journey: Journey, shelf: Shelf) -> dict[str, Any]:
    """A journey's page: each stop with its guide and what that guide says at a glance."""
    said, by_id = journey.entry, {guide.id: guide for guide in shelf.guides}
    stops = [
        {
            "n": n,
            "when": stop.when.said(shelf.lang),
            "do": stop.do.said(shelf.lang),
            "title": by_id[stop.guide].meta.title,
            "summary": by_id[stop.guide].meta.summary,
            "url": url_of(by_id[stop.guide]),
            "kind": type_of(by_id[stop.guide], shelf),
            "glance": glance(by_id[stop.guide], shelf)[1:4],
        }
        for n, stop in enumerate(said.steps, 1)
    ]
    audience = said.audience
    twin = journey.url if journey.guides <= shelf.twins.keys() else ""
    return list_meta("journey", said.title.said(shelf.lang), twin) | {
        "description": said.summary.said(shelf.lang),
        "trail": [{"title": shelf.say(AUDIENCES[audience]), "url": f"{audience}/"}],
        "stops": stops,
    }


def journey_text(journey: Journey, shelf: Shelf) -> str:
    """The drawing of a journey."""
    boxes = [
        Box(0, f"{n} {stop.when.said(shelf.lang)}", stop.do.said(shelf.lang))
        for n, stop in enumerate(journey.entry.steps, 1)
    ]
    title = journey.entry.title.said(shelf.lang)
    return figure(flow(boxes, title), shelf.say(("流程图：从上到下", "The way, from top to bottom")))


def print_meta(shelf: Shelf) -> dict[str, Any]:
    """The page that holds every guide: its contents, and the highest level on it."""
    level = max(
        (guide.meta.level for guide in shelf.guides), key=lambda level: level.rank, default=Level.OPEN
    )
    return list_meta("print", shelf.say(("全部指南", "All guides")), "print/") | {
        "level": shelf.say(_LEVELS[level]) if level in _LEVELS else "",
        "made_on": str(shelf.today),
        "guides": [{"id": guide.id, "title": guide.meta.title} for guide in shelf.guides],
    }
