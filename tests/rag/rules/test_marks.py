"""M05: secrecy marks in whatever form and file."""

import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.rules.marks import secret_mark
from tests.library import guide, line_of, said, write_file, write_guide, write_office
from tests.rag.rules.cases import Case
from tests.rag.rules.marked_documents import marked, unmarked

CASES = (Case("M05", "机密", bad_body="前文。\n\n机密★10年\n", good_body="前文。\n\n机密级文件另行办理。\n"),)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an office and shared values, without guides."""
    return write_office(tmp_path)


MARKS = [
    "绝密★", "机密★10年", "秘密 ★ 长期", "绝 密★", "機密★", "機 密 ★", "絕密★", "祕密★", "绝密☆", "秘密＊3年", "绝\u200b密★",
    "**机密★**", "**机密**★5年", "## 绝密", "绝密", "　机　密　", "【秘密】", "机密 20年", "内部资料 注意保存", "內部資料，注意保密",
    "内部文件，注意保存", "绝\u2066密★", "机密⭐", "机密✩3年",
]  # fmt: skip
PROSE = [
    "不得写入国家秘密。", "**秘密**不上网。", "国家秘密\n\n* 一", "机密级文件另行办理", "分为绝密、机密、秘密三级", "保守工作秘密", "密级★",
]  # fmt: skip


@pytest.mark.parametrize("mark", MARKS)
def test_a_secrecy_mark_is_found_at_its_line(root: Path, mark: str) -> None:
    """Full-width, spaced, Traditional, hidden or bold: a mark is an error wherever it stands."""
    path = write_guide(root, guide(), f"## 说明\n\n前文。\n\n{mark}\n\n后文。\n")
    assert ("M05", str(path), line_of(root, path, mark.strip())) in said(root)


@pytest.mark.parametrize("prose", PROSE)
def test_prose_about_secrecy_is_no_mark(root: Path, prose: str) -> None:
    """Guides may explain secrecy grades."""
    write_guide(root, guide(), f"## 说明\n\n{prose}\n")
    assert said(root) == []


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["绝密★", "絕 密★", "机密★5年"]))
def test_no_text_around_a_mark_hides_it(before: str, after: str, mark: str) -> None:
    """A mark with its star is found in any text."""
    assert secret_mark(before + mark + after)


@pytest.mark.parametrize(
    "name",
    ["notes.md", "zh/trainers/a.md", "units.yml", "topics.yml", "assets/a.svg", "a.csv", "a.html", "a.TXT"],
)
def test_a_mark_in_any_file_of_the_folder_is_an_error(root: Path, name: str) -> None:
    """Files that are no guides are searched too: nothing marked secret may be stored here."""
    write_file(root, Path(name), "a: 1\n# 绝密★\n")
    assert ("M05", name, 2) in said(root)


@pytest.mark.parametrize(("text", "is_marked"), [("机密★5年", True), ("机密级文件另行办理", False)])
def test_a_mark_inside_an_office_document_is_an_error(root: Path, text: str, is_marked: bool) -> None:
    """An attachment is read: runs of one paragraph are joined, whatever tags stand between them."""
    with zipfile.ZipFile(root / "a.docx", "w") as archive:
        runs = "".join(f"<w:r><w:t>{letter}</w:t></w:r>" for letter in text)
        archive.writestr("word/document.xml", f"<w:document><w:p>{runs}</w:p></w:document>")
    assert [code for code, *_ in said(root)] == ["M05"] * is_marked


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip"])
def test_a_broken_attachment_stops_nothing(root: Path, content: bytes) -> None:
    """What cannot be read is left alone."""
    write_file(root, Path("a.docx"), content)
    assert said(root) == []


def test_the_name_of_a_file_is_read_too(root: Path) -> None:
    """A mark in a file name is a mark."""
    write_file(root, Path("机密★名单.pdf"), b"x")
    assert said(root) == [("M05", "机密★名单.pdf", 1)]


def refused(root: Path, bodies: list[str]) -> set[str]:
    """Files that the check refuses for a mark, among one for each text."""
    for n, body in enumerate(bodies):
        write_file(root, Path(f"notes/{n}.md"), body)
    return {path for code, path, _ in said(root) if code == "M05"}


def test_no_generated_document_with_a_mark_is_accepted(root: Path) -> None:
    """500 documents with a mark in another form or place: the check refuses every one."""
    documents = marked(500)
    found = refused(root, [body for _, body in documents])
    assert [name for n, (name, _) in enumerate(documents) if f"notes/{n}.md" not in found] == []


def test_words_that_look_like_a_mark_are_accepted(root: Path) -> None:
    """Of 500 documents about secrecy without a mark at most one in a hundred is refused."""
    documents = unmarked(500)
    assert len(set(documents)) == 500
    assert len(refused(root, documents)) <= 5


@pytest.mark.parametrize(
    ("lang", "mark"), [("zh", '"\\u673a\\u5bc6\\u2605"'), ("en", "机密★5年"), ("zh", "【绝密】")]
)
def test_a_mark_in_the_front_matter_is_an_error(root: Path, lang: str, mark: str) -> None:
    """A title is searched as it is written and as YAML reads it."""
    write_file(root, Path(f"{lang}/public/pub-marked.md"), f"---\ntitle: {mark}\n---\n\ntext\n")
    assert ("M05", f"{lang}/public/pub-marked.md", 2) in said(root)


@pytest.mark.parametrize(
    "unit", ["绝", "绝 ", "绝*", "秘密 ", "密级:", " ", "【 ", "*_~ ", "绝\n", "<a", "&#"]
)
def test_no_text_makes_the_search_for_marks_slow(unit: str) -> None:
    """64,000 characters made of half a mark are searched within two seconds."""
    begun = time.perf_counter()
    assert secret_mark((unit * 64_000)[:64_000]) is None
    assert time.perf_counter() - begun < 2
