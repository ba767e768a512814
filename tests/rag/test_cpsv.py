"""The CPSV-AP export: valid, complete, deterministic, and never above the level asked for."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS, XSD

from rag.access import Level
from rag.cpsv.catalogue import catalogue
from rag.guides import Library, UnitOffice, read_library
from rag.settings import ROOT
from tests.library import guide, office, parsed, service

SHAPES = ROOT / "tests" / "data" / "cpsv-ap-shapes.ttl"
SITE = "https://guide.example"
CPSV = Namespace("http://purl.org/vocab/cpsv#")
CV = Namespace("http://data.europa.eu/m8g/")
TAG = URIRef(f"{SITE}/public/pub-tag/#service")


def _graph(document: dict[str, Any]) -> Graph:
    return Graph().parse(data=json.dumps(document), format="json-ld")


def _violations(graph: Graph) -> int:
    """How many results a validation against the shapes has."""
    _, report, _ = pyshacl.validate(graph, shacl_graph=str(SHAPES), inference="none")
    found = URIRef("http://www.w3.org/ns/shacl#ValidationResult")
    return len(list(report.subjects(RDF.type, found)))


def _library(*metas: dict[str, Any]) -> Library:
    return office(*(parsed(meta) for meta in metas))


def _two_languages(**changes: Any) -> Library:
    english = {"title": "Get a tag", "summary": "Get a bicycle tag.", "aliases": ["plate"]}
    return _library(
        service("pub-tag", co_units=["bike-office"], **changes),
        service("pub-tag", lang="en", **english, **changes),
    )


def _texts(graph: Graph, subject: URIRef, path: URIRef) -> set[tuple[str, str | None]]:
    return {(str(text), text.language) for text in graph.objects(subject, path) if isinstance(text, Literal)}


# -- against the profile -----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [Level.OPEN, Level.MEMBERS, Level.INTERNAL])
@pytest.mark.parametrize("root", ["docs", "tests/guides/library"])
def test_the_catalogue_of_real_guides_keeps_the_profile(root: str, level: Level) -> None:
    """The services of this repository have no violation, with web addresses and with URNs as ids."""
    library, _ = read_library(ROOT / root)
    for site in (library.site, ""):
        graph = _graph(catalogue(library, level, site))
        assert (None, RDF.type, CPSV.PublicService) in graph
        assert _violations(graph) == 0


def test_a_service_with_every_field_keeps_the_profile() -> None:
    """Costs of both kinds, calendar time, a page to contact and no material at all are all valid."""
    changes = {
        "fee": {"charged": True, "items": [{"name": "费", "amount": 2.5}, {"name": "邮费", "rule": "按邮局"}],
                "pay_online": True},
        "time_limit": {"statutory": "none", "promised": {"n": 48, "unit": "hour"}, "starts": "受理"},
        "contact": {"phone": "000-0000-0101", "hours": "全天", "url": "https://a.example/"},
        "materials": [],
    }  # fmt: skip
    assert _violations(_graph(catalogue(_two_languages(**changes), Level.OPEN, SITE))) == 0


def _drop(path: URIRef, kind: URIRef) -> Callable[[Graph], object]:
    def change(graph: Graph) -> None:
        for subject in list(graph.subjects(RDF.type, kind)):
            graph.remove((subject, path, None))

    return change


BREAKS: dict[str, Callable[[Graph], object]] = {
    "no identifier": _drop(DCTERMS.identifier, CPSV.PublicService),
    "no name": _drop(DCTERMS.title, CPSV.PublicService),
    "no description": _drop(DCTERMS.description, CPSV.PublicService),
    "no authority": _drop(CV.hasCompetentAuthority, CPSV.PublicService),
    "authority without label": _drop(SKOS.prefLabel, CV.PublicOrganisation),
    "authority without area": _drop(DCTERMS.spatial, CV.PublicOrganisation),
    "channel without identifier": _drop(DCTERMS.identifier, CV.Channel),
    "rule without description": _drop(DCTERMS.description, CPSV.Rule),
    "two identifiers": lambda graph: graph.add((TAG, DCTERMS.identifier, Literal("x"))),
    "name without language": lambda graph: graph.add((TAG, DCTERMS.title, Literal("x"))),
    "invented property": lambda graph: graph.add((TAG, CV.invented, Literal("x"))),
    "time in words": lambda graph: graph.add((TAG, CV.processingTime, Literal("5 working days"))),
    "cost that is text": lambda graph: graph.add((TAG, CV.hasCost, Literal("10 yuan"))),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS)
def test_the_shapes_see_what_breaks_the_profile(change: Callable[[Graph], object]) -> None:
    """A catalogue without a mandatory property, or with one that the profile does not know, is refused."""
    graph = _graph(catalogue(_two_languages(), Level.OPEN, SITE))
    assert _violations(graph) == 0
    change(graph)
    assert _violations(graph) > 0


# -- what it holds -----------------------------------------------------------------------------------------


def test_both_languages_are_one_service() -> None:
    """A guide in two languages is one service whose texts carry their language."""
    graph = _graph(catalogue(_two_languages(), Level.OPEN, SITE))
    assert list(graph.subjects(RDF.type, CPSV.PublicService)) == [TAG]
    assert _texts(graph, TAG, DCTERMS.title) == {("自行车号牌 pub-tag", "zh-Hans"), ("Get a tag", "en")}
    assert list(graph.objects(TAG, DCTERMS.identifier)) == [Literal("pub-tag")]
    authority = graph.value(TAG, CV.hasCompetentAuthority)
    assert isinstance(authority, URIRef)
    assert {text for text, _ in _texts(graph, authority, SKOS.prefLabel)} == {
        "自行车管理处",
        "Bicycle Office",
    }


def test_fields_become_parts_of_the_service() -> None:
    """Channels, cost, evidence, rules, law, requirement, contact, output and status stand on the service."""
    graph = _graph(catalogue(_two_languages(), Level.OPEN, SITE))
    parts = {
        CV.hasChannel: 1, CV.hasCost: 1, CPSV.hasInput: 2, CPSV.follows: 1, CV.hasLegalResource: 1,
        CV.holdsRequirement: 1, CV.contactPoint: 1, CPSV.produces: 1, CV.thematicArea: 1,
        CV.hasParticipation: 1, DCTERMS.audience: 1, DCTERMS.spatial: 1,
        URIRef("http://www.w3.org/ns/adms#status"): 1, DCTERMS.isPartOf: 1,
    }  # fmt: skip
    assert {path: len(list(graph.objects(TAG, path))) for path in parts} == parts
    rule = graph.value(TAG, CPSV.follows)
    assert graph.value(rule, CPSV.implements) == graph.value(TAG, CV.hasLegalResource)
    contact = graph.value(TAG, CV.contactPoint)
    assert graph.value(contact, CV.telephone) == Literal("000-0000-0101")


@pytest.mark.parametrize(("unit", "said"), [("day", "P5D"), ("working-day", None)])
def test_only_calendar_time_is_a_processing_time(unit: str, said: str | None) -> None:
    """Days are a duration; working days are not, and the service then states none."""
    limit = {"statutory": "none", "promised": {"n": 5, "unit": unit}, "starts": "受理"}
    graph = _graph(catalogue(_two_languages(time_limit=limit), Level.OPEN, SITE))
    found = [str(value) for value in graph.objects(TAG, CV.processingTime)]
    assert found == ([said] if said else [])


def test_costs_are_numbers_where_the_guide_has_numbers() -> None:
    """An amount in yuan is a double in CNY; a rule stays words; what is free costs 0."""
    items = [{"name": "工本费", "amount": 2.5}, {"name": "邮费", "rule": "按邮局"}]
    fee = {"charged": True, "items": items, "pay_online": False}
    graph = _graph(catalogue(_two_languages(fee=fee), Level.OPEN, SITE))
    assert list(graph.objects(None, CV.hasValue)) == [Literal("2.5", datatype=XSD.double)]
    assert len(list(graph.objects(TAG, CV.hasCost))) == 2
    free = _graph(catalogue(_two_languages(), Level.OPEN, SITE))
    assert list(free.objects(None, CV.hasValue)) == [Literal("0.0", datatype=XSD.double)]


def test_what_offices_share_is_no_input() -> None:
    """A material that the applicant need not bring is no evidence."""
    own = {"name": "身份证", "source": "own", "form": "paper", "copies": 1, "need": "must"}
    shared = own | {"name": "户籍", "source": "shared-no-need", "need": "may-follow"}
    graph = _graph(catalogue(_two_languages(materials=[shared, own]), Level.OPEN, SITE))
    inputs = list(graph.objects(TAG, CPSV.hasInput))
    assert [str(node) for node in inputs] == [f"{SITE}/public/pub-tag/#material-2"]


def test_offices_serve_the_county_of_params(tmp_path: Path) -> None:
    """The area is the county of params.yml; without one it is named after the office."""
    (tmp_path / "params.yml").write_text(
        "place: {county: {zh: 示例县, en: Shili County}}\n", encoding="utf-8"
    )
    library = _two_languages()
    for found, words in (
        (replace(library, root=tmp_path), "Shili County"),
        (library, "Area served by Bicycle Office"),
    ):
        graph = _graph(catalogue(found, Level.OPEN, SITE))
        area = graph.value(URIRef(f"{SITE}/#office-bike-office"), DCTERMS.spatial)
        assert isinstance(area, URIRef)
        assert words in {text for text, _ in _texts(graph, area, SKOS.prefLabel)}


# -- order, ids and levels ---------------------------------------------------------------------------------


def test_the_export_does_not_depend_on_the_order_of_files() -> None:
    """The same guides in any order give the same bytes, and no id names a machine."""
    library = _library(service("pub-a"), service("pub-b"), service("pub-a", lang="en"), guide("pub-c"))
    turned = replace(library, guides=library.guides[::-1])
    one, two = (json.dumps(catalogue(found, Level.OPEN, SITE)) for found in (library, turned))
    assert one == two
    assert "pub-c" not in one
    urns = catalogue(library, Level.OPEN)
    ids = [node["@id"] for node in urns["@graph"]]
    assert all(key.startswith(("urn:zhinan:", "http://publications.europa.eu/")) for key in ids)
    assert "localhost" not in json.dumps(urns)


def test_higher_services_are_there_only_when_asked_for() -> None:
    """Open is open alone; a related service, office or area of a higher guide does not show through."""
    subject = service("pub-tag", related=["org-fleet", "stf-audit"])
    higher = [
        service("org-fleet", level="members", title="CANARY 1", topic="CANARY 2", owner_unit="fleet-office"),
        service("stf-audit", level="internal", title="CANARY 3", level_setter="定级岗"),
        service("off-theft", level="restricted", title="CANARY 4", level_setter="定级岗", readers=["team"]),
        service("pub-draft", status="draft", title="CANARY 5"),
    ]
    units = {"fleet-office": UnitOffice(name={"zh": "CANARY 6"})}
    whole = _library(subject, *higher)
    whole = replace(whole, units={**whole.units, **units})
    only = catalogue(_library(subject), Level.OPEN, SITE)
    assert catalogue(whole, Level.OPEN, SITE) == only
    members = json.dumps(catalogue(whole, Level.MEMBERS, SITE))
    assert "CANARY 1" in members and "CANARY 3" not in members
    internal = json.dumps(catalogue(whole, Level.INTERNAL, SITE))
    assert "CANARY 3" in internal and "CANARY 4" not in internal and "CANARY 5" not in internal


def test_restricted_guides_are_in_no_catalogue() -> None:
    """The restricted level is refused instead of being answered with less."""
    with pytest.raises(ValueError, match="restricted"):
        catalogue(_library(service("off-theft", level="restricted", readers=["team"])), Level.RESTRICTED)


def test_an_english_edition_alone_has_its_own_address() -> None:
    """Where the Chinese guide is not in the catalogue, ids are those of the English page."""
    library = _library(service("pub-tag", status="draft"), service("pub-tag", lang="en", related=["pub-tag"]))
    ids = [node["@id"] for node in catalogue(library, Level.OPEN, SITE)["@graph"]]
    assert f"{SITE}/en/public/pub-tag/#service" in ids
