"""Files become guides, or problems with file and line."""

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.guides import Guide, read_library, substitute
from tests.library import PARAMS, UNITS, guide, line_of, said, text_of, write_file, write_guide, write_office

PLACE = Path("zh/public/pub-bike-tag.md")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an office and shared values, without guides."""
    return write_office(tmp_path)


def _read(root: Path) -> Guide:
    library, problems = read_library(root)
    assert problems == []
    return library.guides[0]


def test_a_guide_is_read_with_its_place(root: Path) -> None:
    """Id, language, folder and address come with the values; the body and its first line too."""
    path = write_guide(root, guide())
    found = _read(root)
    assert (found.path, found.id, found.lang, found.folder) == (path, "pub-bike-tag", "zh", "public")
    assert found.url == "/public/pub-bike-tag/"
    assert "## 说明" in found.body
    assert found.body_line + found.body[: found.body.index("##")].count("\n") == line_of(
        root, path, "## 说明"
    )


def test_an_english_page_stands_below_en(root: Path) -> None:
    """Chinese addresses stand at the root, English ones below /en/; the level's folder is part of both."""
    write_guide(root, guide("stf-audit", "internal", lang="en"))
    assert _read(root).url == "/en/staff/internal/stf-audit/"


def test_lines_lead_to_keys(root: Path) -> None:
    """A key has the line it stands on; a missing one that of its parent, or of the file's top."""
    path = write_guide(root, guide(faq=[{"q": "甲", "a": "乙"}, {"q": "丙", "a": "丁"}]))
    found = _read(root)
    assert found.line_of("faq", 1, "q") == line_of(root, path, '- {"q": "丙"')
    assert found.line_of("faq", 7) == found.line_of("faq") == line_of(root, path, "faq:")
    assert found.line_of("nothing", "there") == 1


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_files_from_any_system_are_read(root: Path, newline: str) -> None:
    """Windows line ends make no difference."""
    write_file(root, PLACE, text_of(guide()).replace("\n", newline))
    assert _read(root).body.startswith("\n## 说明")


@pytest.mark.parametrize(
    ("changed", "line_start"),
    [
        ("title: ]", "title:"),
        ("title: 'open", "---"),
        ("title: a: b", "title:"),
        ("\ttitle: x", "title:"),
        ("title: 甲\ntitle: 乙", "title: 乙"),
        ("title: 甲\nfoo: 1", "foo:"),
        ("title: 甲\ncontact: {phone: '1', fax: '2'}", "contact: {phone"),
        ("title: 甲\nsteps:\n  - {n: 1, actor: a, action: b}", "- {n: 1"),
        ("title: 甲\nsteps:\n  - n: 1\n    actor: a\n    action: b\n    where: c\n    wher: d", "wher:"),
        ("title: 2026-13-45", "title:"),
        ("title: {{ no.such }}", "title:"),
        ("title: 甲{{ tag.nme }}", "title:"),
        ("title: 甲{{ Tag.name }}", "title:"),
        ("title: 甲{{ tag-name }}", "title:"),
        ("title: 甲{{}}", "title:"),
        ("title: 甲\x07", "title:"),
        ("title: !!python/object:os.system x", "title:"),
        ("title: &x 甲\nsummary2: *x", "summary2:"),
    ],
)
def test_a_slip_is_told_with_its_line(root: Path, changed: str, line_start: str) -> None:
    """Broken YAML, doubled, unknown or wrong keys and unknown values stop the guide where they stand."""
    text = text_of(guide(title="TITLE", contact="CONTACT")).replace('title: "TITLE"', changed)
    contact = "" if "contact:" in changed else 'contact: {"phone": "1"}'
    path = write_file(root, PLACE, text.replace('contact: "CONTACT"', contact))
    lines = (root / path).read_text().split("\n")
    wanted = [n for n, line in enumerate(lines, 1) if line.strip().startswith(line_start)][-1]
    _, problems = read_library(root)
    assert ("M01", str(path), wanted) in [(p.code, str(p.path), p.line) for p in problems]
    assert all(p.zh and p.en and p.fix_zh and p.fix_en for p in problems)


def test_a_missing_key_is_named(root: Path) -> None:
    """A field that must be there is named in both languages, and the guide is left out."""
    meta = guide()
    del meta["level"]
    write_file(root, PLACE, text_of(meta))
    library, problems = read_library(root)
    assert library.guides == ()
    assert [(p.code, p.zh, p.en) for p in problems] == [("M01", "缺少字段 level", "field level is missing")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# no front matter\n",
        b"---\nid: x\n",
        b"---\n---\n",
        b"---\n- a\n---\n",
        b"---\njust words\n---\n",
        "---\ntitle: 居住证\n---\n".encode("gbk"),
        b"\xff\xfe\x00",
        b"---\n" + b"[" * 5000 + b"\n---\n",
        b"---\na: &a [*a]\n---\n",
        b"---\na: !!timestamp x\n---\n",
        b"---\na: !!int ''\n---\n",
        b"---\na: !!bool x\n---\n",
        b"---\nversion: 0x" + b"f" * 9000 + b"\n---\n",
        b'---\na: "\\UFFFFFFFF"\n---\n',
        b"---\n? [a, b]\n: c\n---\n",
        b"---\n1: 2\n---\n",
    ],
)
def test_a_file_that_is_no_guide_is_a_problem(root: Path, content: bytes) -> None:
    """Whatever bytes a file holds, it becomes no guide, and its file is named with a line."""
    write_file(root, PLACE, content)
    library, problems = read_library(root)
    assert library.guides == ()
    assert {(p.code, p.path) for p in problems} == {("M01", PLACE)}
    assert all(p.line >= 1 for p in problems)


def test_links_and_folders_are_no_guides(root: Path) -> None:
    """A symbolic link, dangling or not, and a folder named like a guide are errors, never read."""
    outside = write_file(root, Path("elsewhere.md"), text_of(guide()))
    (root / "zh/public/pub-folder.md").mkdir(parents=True)
    os.symlink(root / outside, root / "zh/public/pub-link.md")
    os.symlink(root / "nowhere", root / "zh/public/pub-dangling.md")
    library, problems = read_library(root)
    assert library.guides == ()
    assert sorted(p.path.stem for p in problems) == ["pub-dangling", "pub-folder", "pub-link"]
    assert {code for code, _, _ in said(root)} == {"M01"}


def test_values_are_filled_in_by_language(root: Path) -> None:
    """`{{ name }}` becomes the value of params.yml, in the language of the folder."""
    for lang in ("zh-Hans", "en"):
        write_guide(root, guide(lang=lang, title="{{ tag.name }} {{tag.days}}"))
    assert [g.meta.title for g in read_library(root)[0].guides] == ["号牌 3", "tag 3"]


def test_an_unknown_value_in_the_body_is_told_with_its_line(root: Path) -> None:
    """A name that params.yml lacks is an error on its own line, and so is a name for a whole group."""
    path = write_guide(root, guide(), "## 说明\n\n等{{ tag.dys }}日。\n\n看{{ tag }}。\n")
    _, problems = read_library(root)
    lines = [line_of(root, path, "等"), line_of(root, path, "看")]
    assert [(p.code, p.path, p.line) for p in problems] == [("M01", path, line) for line in lines]


@given(st.text(max_size=60))
def test_text_without_braces_is_left_alone(text: str) -> None:
    """Substitution touches nothing but placeholders."""
    text = text.replace("{{", "")
    assert substitute(text, {"a": 1}, PLACE) == (text, [])


@pytest.mark.parametrize(
    ("units", "params", "problem"),
    [
        (UNITS.replace("phone:", "fone:"), PARAMS, ("M01", "units.yml", 3)),
        ("a:\n  name: {zh: 甲}\nb:\n  phone: '1'\n", PARAMS, ("M01", "units.yml", 3)),
        (UNITS.replace('"000-0000-0101"', '"{{ phone.nobody }}"'), PARAMS, ("M01", "units.yml", 1)),
        (UNITS.replace('"000-0000-0101"', '"拨 {{ tag.days }}"'), PARAMS, ("M01", "units.yml", 1)),
        ("a:\n  name: {}\n", PARAMS, ("M01", "units.yml", 2)),
        ("a: 5\n", PARAMS, ("M01", "units.yml", 1)),
        ("a:\n  name: [\n", PARAMS, ("M01", "units.yml", 3)),
        (UNITS, "a: 1\na: 2\n", ("M01", "params.yml", 2)),
        (UNITS, "- 1\n", ("M01", "params.yml", 1)),
        (UNITS, "a: &a [x, x]\nb: [*a, *a]\n", ("M01", "params.yml", 2)),
    ],
)
def test_slips_in_shared_files_are_told(
    tmp_path: Path, units: str, params: str, problem: tuple[str, str, int]
) -> None:
    """units.yml and params.yml are as strict as guides, and a slip has its line."""
    write_office(tmp_path, units, params)
    assert problem in [(p.code, str(p.path), p.line) for p in read_library(tmp_path)[1]]


@pytest.mark.parametrize("name", ["units.yml", "params.yml"])
def test_a_shared_file_that_is_not_utf8_is_a_problem(root: Path, name: str) -> None:
    """The file is named; nothing is read from it."""
    write_file(root, Path(name), "a: 居住".encode("gbk"))
    assert ("M01", name) in [(p.code, str(p.path)) for p in read_library(root)[1]]


def test_a_folder_without_offices_is_a_problem(tmp_path: Path) -> None:
    """units.yml must be there; params.yml need not."""
    write_guide(tmp_path, guide())
    assert [(p.code, str(p.path)) for p in read_library(tmp_path)[1]] == [("M17", "units.yml")]


def test_offices_take_values_of_both_languages(tmp_path: Path) -> None:
    """A placeholder in units.yml becomes the value with its languages; the first office runs the assistant."""
    write_office(
        tmp_path, "a:\n  name: {zh: 甲, en: A}\n  hours: '{{ open }}'\n", "open: {zh: 早九点, en: nine}\n"
    )
    library, problems = read_library(tmp_path)
    assert problems == []
    assert library.units["a"].hours == {"zh": "早九点", "en": "nine"}
    assert library.platform is library.units["a"]
    assert [library.units["a"].said(lang) for lang in ("zh", "en", "fr")] == ["甲", "A", "甲"]


def test_the_marked_office_runs_the_assistant(tmp_path: Path) -> None:
    """`platform: true` goes before the order of the file."""
    write_office(tmp_path, "a:\n  name: {zh: 甲}\nb:\n  name: {zh: 乙}\n  platform: true\n")
    library, _ = read_library(tmp_path)
    assert library.platform is library.units["b"]


def test_restricted_lists_roles_of_restricted_guides_alone(root: Path) -> None:
    """The map that circles are made from holds restricted guides and their roles, nothing else."""
    write_guide(root, guide("off-theft", "restricted"))
    write_guide(root, guide())
    assert read_library(root)[0].restricted() == {"off-theft": frozenset({"incident-team"})}


@settings(max_examples=60)
@given(
    st.binary(max_size=80),
    st.integers(0, 600),
    st.sampled_from([PLACE, Path("units.yml"), Path("params.yml")]),
)
def test_no_bytes_make_a_check_fail(junk: bytes, at: int, path: Path) -> None:
    """Bytes thrown into any file give problems or a guide, and `check` always ends."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_office(Path(folder))
        write_guide(root, guide())
        whole = (root / path).read_bytes()
        write_file(root, path, whole[:at] + junk + whole[at:])
        assert all(line >= 1 for _, _, line in said(root))


def test_tests_cannot_reach_another_machine() -> None:
    """The suite runs without a network: every address but this machine's is refused."""
    with socket.socket() as one, pytest.raises(PermissionError):
        one.connect(("192.0.2.1", 80))
