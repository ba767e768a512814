"""M14, M17, M27: ways to reach an office, and who answers for a guide."""

from pathlib import Path

import pytest

from tests.library import guide, line_of, said, write_guide, write_office
from tests.rag.rules.cases import Case

CASES = (
    Case("M14", "complaint:", {"complaint": {"phone": "000-0000-0101"}}, {"complaint": {"phone": "000-0000-0102"}}),
    Case("M14", "complaint:", {"complaint": {"phone": "０００ 0000 0101"}}, {"complaint": {"address": "一楼"}}),
    Case("M14", "contact:", {"contact": {"url": "https://a.example"}}, {"contact": {"phone": "000-0000-0111"}}),
    Case("M14", "contact:", {"complaint": None}, base="guide"),
    Case("M14", "channels:", {"channels": [{"kind": "web"}, {"kind": "self-service"}]}, {"channels": [{"kind": "web"}, {"kind": "post"}]}),
    Case("M17", "owner_unit:", {"owner_unit": "nobody"}, {"owner_unit": "bike-office"}),
    Case("M17", "co_units:", {"co_units": ["bike-office", "nobody"]}, {"co_units": ["bike-office"]}),
    Case("M17", "reviewer:", {"reviewer": "编辑岗"}, {"reviewer": "审核岗"}),
    Case("M17", "reviewer:", {"reviewer": "編輯 岗"}, {"reviewer": "编辑部审核岗"}),
    Case("M27", "change_note:", {"version": 2, "change_note": "AI起草，未经人工审核"}, {"version": 2, "change_note": "AI起草，审核岗已核对"}),
    Case("M27", "change_note:", {"version": 2, "change_note": "Drafted by an AI model, not yet reviewed"}, {"version": 2, "change_note": "Drafted with new limits"}),
)  # fmt: skip


@pytest.mark.parametrize("key", ["maintainer", "reviewer"])
@pytest.mark.parametrize("name", ["AI助手", "大模型", "ChatGPT", "自动生成", "AI model", "智能体"])
def test_a_machine_answers_for_no_published_guide(tmp_path: Path, key: str, name: str) -> None:
    """An AI as maintainer or reviewer is refused once the guide is published, and let pass in a draft."""
    root = write_office(tmp_path)
    path = write_guide(root, guide(**{key: name}))
    assert ("M27", str(path), line_of(root, path, f"{key}:")) in said(root)
    write_guide(root, guide(**{key: name}, status="draft"))
    assert "M27" not in {code for code, *_ in said(root)}


@pytest.mark.parametrize("name", ["AI应用审核岗", "人工智能科审核岗", "数据和智能应用处", "AI reviewer post"])
def test_a_post_that_works_with_ai_is_a_persons(tmp_path: Path, name: str) -> None:
    """The name of an office may hold the letters AI."""
    root = write_office(tmp_path)
    write_guide(root, guide(reviewer=name, maintainer="编辑岗"))
    assert "M27" not in {code for code, *_ in said(root)}


def test_internal_guides_name_who_set_their_level(tmp_path: Path) -> None:
    """A guide that is not for everybody names a level_setter."""
    root = write_office(tmp_path)
    path = write_guide(root, guide("stf-audit", "internal", level_setter=None))
    assert said(root) == [("M17", str(path), line_of(root, path, "level:"))]
