"""M01–M03: fields of a type, names of its own, places among the audiences."""

from pathlib import Path
from typing import Any

import pytest

from tests.library import guide, line_of, said, service, write_file, write_guide, write_office
from tests.rag.rules.cases import COURSE, LAW, STEPS, Case

CASES = (
    Case("M01", "type:", {"fee": None}, {"fee": {"charged": False, "pay_online": False}}),
    Case("M01", "type:", {"visits": None}, {"visits": 1}),
    Case("M01", "type:", {"aliases": []}, {"aliases": ["牌"]}),
    Case("M01", "type:", {"type": "training"}),
    Case("M01", "contact:", {"contact": {"hours": "全天", "phone": None}}, {"contact": {"address": "一楼"}}, base="guide"),
    Case("M01", "complaint:", {"complaint": {"hours": "全天"}}, {"complaint": {"url": "https://a.example"}}),
    Case("M01", "topic:", {"topic": "汽车"}, {"topic": "自行车"}),
    Case("M01", "type:", base="guide", bad={"answer_facts": [{"key": "a", "value": 3, "quote": "号牌3日内发放。"}]},
         bad_body="## 说明 {#how}\n\n号牌3日内发放。\n",
         good={"deadlines": [{"name": "发放", "n": 3, "unit": "day"}]}, good_body="## 说明 {#how}\n\n号牌3日内发放。\n"),
    Case("M02", "lang:", {"lang": "en"}, {"lang": "zh-Hans"}, base="guide"),
    Case("M02", "## 乙", bad_body="## 甲 {#a}\n\n话。\n\n## 乙 {#a}\n\n话。\n", good_body="## 甲 {#a}\n\n话。\n\n## 乙 {#b}\n\n话。\n"),
    Case("M02", "## 咨询", bad_body="话。\n\n## 咨询我们 {#contact}\n\n话。\n", good_body="话。\n\n## 咨询我们 {#us}\n\n话。\n"),
    Case("M03", "id:", {"audience": ["staff", "public"]}, {"audience": ["public", "staff"]}, base="guide"),
)  # fmt: skip


def test_every_type_has_a_guide_that_passes(tmp_path: Path) -> None:
    """Each type can be written with exactly what it needs."""
    root = write_office(tmp_path)
    steps = {"steps": STEPS, "aliases": ["牌"], "personal_data": "none", "applies_to": {"who": ["人"]}}
    write_guide(root, guide("pub-how", type="how-to", **steps))
    write_guide(root, guide("pub-policy", type="policy", legal_basis=[LAW]))
    write_guide(root, guide("pub-course", type="training", training=COURSE))
    write_guide(root, guide("pub-tech"))
    write_guide(root, service("pub-service"))
    assert said(root) == []


@pytest.mark.parametrize(
    ("meta", "at", "code", "line_start"),
    [
        (guide("stf-audit"), "zh/public/stf-audit.md", "M03", "audience:"),
        (guide("pub-bike-tag"), "zh/public/pub-bike.md", "M02", "id:"),
        (guide("pub-bike-tag"), "en/public/pub-bike-tag.md", "M02", "lang:"),
    ],
)
def test_a_guide_in_the_wrong_place_is_an_error(
    tmp_path: Path, meta: dict[str, Any], at: str, code: str, line_start: str
) -> None:
    """Language, audience and name must agree with folder and file."""
    root = write_office(tmp_path)
    path = write_guide(root, meta, at=at)
    assert (code, at, line_of(root, path, line_start)) in said(root)


def test_ids_and_titles_stand_once_a_language(tmp_path: Path) -> None:
    """The second guide of an id or a title is named, whatever the width of its letters; its translation is no double."""
    root = write_office(tmp_path)
    write_guide(
        root,
        guide(
            title="号牌AB号", translations={"en": {"path": "en/public/pub-bike-tag.md", "source_version": 1}}
        ),
    )
    write_guide(root, guide(title="号牌AB号", lang="en", maintainer="Editor", reviewer="Reviewer", summary="A tag.",
                            translations={"zh-Hans": {"path": "zh/public/pub-bike-tag.md", "source_version": 1}}), "Bring it.\n")  # fmt: skip
    assert said(root) == []
    path = write_guide(root, guide(title="号牌ＡＢ号"), at="zh/public/restricted/pub-bike-tag.md")
    assert {("M02", str(path), line_of(root, path, f"{key}:")) for key in ("id", "title")} <= set(said(root))


def test_a_superseded_guide_is_no_longer_published(tmp_path: Path) -> None:
    """The old guide is withdrawn before the new one says that it replaces it."""
    root = write_office(tmp_path)
    write_guide(root, guide("pub-old", status="withdrawn"))
    path = write_guide(root, guide(supersedes=["pub-old"]))
    assert said(root) == []
    write_guide(root, guide("pub-old"))
    assert said(root) == [("M02", str(path), line_of(root, path, "supersedes:"))]


@pytest.mark.parametrize(
    "name", ["zh/notes.md", "zh/drafts/a.md", "en/Public/a.md", "fr/public/a.md", "zh/public/a.markdown"]
)
def test_a_page_that_nobody_would_see_is_named(tmp_path: Path, name: str) -> None:
    """A Markdown file of a language outside the audience folders is an error; a page for trainers is none."""
    root = write_office(tmp_path)
    write_file(root, Path("zh/trainers/decisions.md"), "# 决定\n")
    write_file(root, Path("README.md"), "# 说明\n")
    assert said(root) == []
    write_file(root, Path(name), "# 草稿\n")
    assert said(root) == [("M03", name, 1)]
