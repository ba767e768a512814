"""Which guides are described, alone and in the export: open ones, pointing to open ones."""

import json
import re
from dataclasses import replace

import pytest

from rag.guides import read_library
from rag.schema_org.documents import guide_json_ld, open_guides_json_ld
from rag.settings import ROOT
from tests.library import guide, service
from tests.rag.schema_org.guides import SITE, made, of_every_type


def test_pointers_within_a_page_lead_to_a_node() -> None:
    """An @id of the same page, or of what pages share, is described in the same document."""
    library = of_every_type()
    for subject in library.guides:
        document = guide_json_ld(subject, library, SITE)
        assert document is not None
        ids = [node["@id"] for node in document["@graph"]]
        assert len(ids) == len(set(ids))
        own = re.findall(rf'"@id": "({SITE}(?:{subject.url}|/|/en/)#[^"]*)"', json.dumps(document))
        assert set(own) == set(ids)


@pytest.mark.parametrize("changes", [{"level": level} for level in ("members", "internal", "restricted")]
                         + [{"status": status} for status in ("draft", "in-review", "withdrawn", "archived")])  # fmt: skip
def test_only_open_published_guides_are_described(changes: dict[str, str]) -> None:
    """A guide of a higher level or another status has no JSON-LD at all, alone or in the export."""
    extra = {"level_setter": "定级岗", "readers": ["incident-team"]}
    library = made(service("pub-tag", **changes, **(extra if "level" in changes else {})))
    assert guide_json_ld(library.guides[0], library, SITE) is None
    assert open_guides_json_ld(library, SITE)["@graph"] == []


def test_a_guide_outside_the_library_is_not_described() -> None:
    """Nothing is said of a guide that the library does not hold as it is."""
    library = of_every_type()
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
    library = made(subject, *closed)
    text = json.dumps(guide_json_ld(library.guides[0], library, SITE))
    assert not re.search("CANARY|pub-plate|pub-course|pub-gone|/en/|ranslation", text)
    assert text == json.dumps(guide_json_ld(library.guides[0], made(subject), SITE))


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
