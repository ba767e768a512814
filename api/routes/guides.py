"""Guides, topics and offices as structured records."""

from collections import defaultdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from api.audit import Act
from api.deps import GenerationDep, GuidesReader, IdentityDep, ServicesDep, SwitchesDep
from api.errors import NOT_FOUND, failure
from api.routes import API
from api.shapes import GuideOut, GuidesOut, TopicsOut, UnitOut, UnitsOut
from rag.access import Audience, Level

router = APIRouter(prefix=API, tags=["guides"])
GuideLang = Literal["zh-Hans", "en"]
_LISTED = tuple(GuideOut.model_fields)


@router.get("/guides", response_model=GuidesOut, summary="List guides")
def list_guides(
    generation: GenerationDep,
    reader: GuidesReader,
    switches: SwitchesDep,
    lang: GuideLang | None = None,
    topic: Annotated[str | None, Query(max_length=100)] = None,
    audience: Audience | None = None,
) -> Response:
    """List the guides that the reader may read."""
    found = [
        {name: guide[name] for name in _LISTED}
        for guide in generation.guides(reader, switches.withdrawn)
        if lang in (None, guide["lang"])
        and topic in (None, guide["topic"])
        and (audience is None or audience.value in guide["audience"])
    ]
    return JSONResponse({"guides": found})


@router.get("/guides/{guide_id}", response_model=None, summary="Read a guide")
def read_guide(
    generation: GenerationDep,
    reader: GuidesReader,
    identity: IdentityDep,
    services: ServicesDep,
    switches: SwitchesDep,
    guide_id: str,
    lang: GuideLang | None = None,
) -> Response:
    """Give one guide as a structured record, in Chinese unless `lang` says otherwise.

    A guide that does not exist, one that is withdrawn and one that the reader may not read give the same 404.
    """
    found = [guide for guide in generation.guides(reader, switches.withdrawn) if guide["id"] == guide_id]
    # Without a wish Chinese comes first; an office that writes only English gives that.
    found = sorted(found, key=lambda guide: str(guide["lang"]), reverse=True)
    wanted = [guide for guide in found if lang in (None, guide["lang"])]
    if not wanted:
        raise failure(404, NOT_FOUND)
    if wanted[0]["level"] == Level.RESTRICTED:
        services.audit.record(
            identity.actor, Act.RESTRICTED_READ, guide_id, lang=wanted[0]["lang"], way="record"
        )
    return JSONResponse(wanted[0])


@router.get("/topics", response_model=TopicsOut, summary="List topics")
def list_topics(generation: GenerationDep, reader: GuidesReader, switches: SwitchesDep) -> Response:
    """List the topics of the guides that the reader may read."""
    ids: dict[str, set[str]] = defaultdict(set)
    for guide in generation.guides(reader, switches.withdrawn):
        ids[guide["topic"]].add(guide["id"])
    return JSONResponse({"topics": [{"topic": name, "guides": len(ids[name])} for name in sorted(ids)]})


@router.get("/units", response_model=UnitsOut, summary="List offices")
def list_units(generation: GenerationDep, _: GuidesReader) -> Response:
    """List the offices that own guides and answer requests."""
    units: list[dict[str, Any]] = [
        {"id": unit_id} | {name: unit[name] for name in UnitOut.model_fields if name in unit}
        for unit_id, unit in generation.units.items()
    ]
    return JSONResponse({"units": units})
