"""The structured record: all fields of a guide, and only references that its readers may follow."""

from rag.access import Circle, Level
from rag.record import OPEN, naming, readable_guides, record
from tests.library import guide, office, parsed


def test_a_record_holds_every_field_and_the_address() -> None:
    """Fields are JSON values under their own names, with the page's address."""
    subject = parsed(guide("pub-tag", version=3))
    found = record(subject, [subject])
    assert (found["id"], found["version"], found["reviewed_on"]) == ("pub-tag", 3, "2026-11-01")
    assert found["url"] == "/public/pub-tag/"
    assert "change_note" not in found


def test_a_record_names_only_guides_of_the_same_readers() -> None:
    """Ids of related, superseded and containing guides that are not among the readable ones are left out."""
    ids = {key: ["pub-other", "org-fleet"] for key in ("related", "supersedes", "part_of")}
    subject, other = parsed(guide("pub-tag", **ids)), parsed(guide("pub-other"))
    found = record(subject, [subject, other])
    assert [found[key] for key in ids] == [["pub-other"]] * 3


def test_readable_guides_are_published_and_inside_the_circle() -> None:
    """Each circle has its level and those below; drafts and unlisted restricted guides are in none."""
    metas = [
        guide("pub-tag"),
        guide("org-fleet", "members"),
        guide("off-theft", "restricted"),
        guide("pub-draft", status="draft"),
    ]
    library = office(*(parsed(meta) for meta in metas))
    assert [g.id for g in readable_guides(library, OPEN)] == ["pub-tag"]
    assert [g.id for g in readable_guides(library, Circle(Level.INTERNAL))] == ["pub-tag", "org-fleet"]
    assert len(readable_guides(library, Circle(Level.RESTRICTED, frozenset({"off-theft"})))) == 3


def test_a_record_names_no_guide_that_is_left_out() -> None:
    """References and the sources of a quiz lead only to guides that stay; a question stays without its source."""
    quiz = [
        {"q": q, "options": ["甲", "乙"], "answer": 0, "source": f"{q}#how"} for q in ("pub-tag", "pub-other")
    ]
    data = {
        "id": "pub-course",
        "related": ["pub-tag", "pub-other"],
        "training": {"minutes": 20, "quiz": quiz},
    }
    less = naming(data, lambda other: other == "pub-other")
    assert (less["related"], less["supersedes"], less["part_of"]) == (["pub-other"], [], [])
    assert less["training"]["minutes"] == 20
    assert [item.get("source") for item in less["training"]["quiz"]] == [None, "pub-other#how"]
    assert data["training"]["quiz"] == quiz and "source" in quiz[0]
