"""Guides of every type with every field, and what is said of one of them."""

from typing import Any

from rag.guides import Library
from rag.schema_org.documents import guide_json_ld
from tests.library import guide, office, parsed, service

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


def made(*metas: dict[str, Any]) -> Library:
    return office(*(parsed(meta) for meta in metas))


def of_every_type() -> Library:
    return made(*OF_EVERY_TYPE)


def described(
    library: Library, guide_id: str, lang: str = "zh", site: str = SITE
) -> dict[str, dict[str, Any]]:
    """Nodes of a guide's description by type."""
    found = next(g for g in library.guides if (g.id, g.lang) == (guide_id, lang))
    document = guide_json_ld(found, library, site, "车辆")
    assert document is not None and document["@context"] == "https://schema.org"
    return {node["@type"]: node for node in document["@graph"] if not node["@id"].endswith("#publisher")}
