"""Asked questions: read strictly, checked against the guides, and each leading to its section."""

import json
import shutil
from pathlib import Path

import pytest

from rag.asked import ASKED, UNANSWERED, asked_problems, read_asked
from rag.checks import checked_library
from rag.chunks import NOWHERE, chunks_of, general_questions, unanswered_windows, windows_of
from rag.guides import read_library
from rag.page import page_of
from rag.settings import ROOT

CORPUS = ROOT / "tests" / "guides" / "library"
GUIDE = "pub-borrow-books"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The library's guides with questions for one of them."""
    folder = tmp_path / "docs"
    shutil.copytree(CORPUS, folder)
    _write(
        folder, GUIDE, {"fees": {"zh": ["借书花钱不"], "en": ["Do I pay?"]}, "top": {"zh": ["想看书去哪"]}}
    )
    return folder


def _write(docs: Path, guide: str, content: object) -> None:
    (docs / ASKED).mkdir(exist_ok=True)
    # JSON is YAML.
    (docs / ASKED / f"{guide}.yml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _problems(docs: Path) -> list[str]:
    library, _ = read_library(docs)
    sections = [(g.id, s.anchor) for g in library.guides for s in page_of(g, library).sections]
    return [problem.zh for problem in asked_problems(library, sections)]


def test_questions_lead_to_their_section_in_their_language(docs: Path) -> None:
    """Each is a window alone that spans no line; the summary's stand under `top`."""
    library, _ = read_library(docs)
    chunks = chunks_of(library)
    asked = {(c.id): c.asked for c in chunks if c.asked}
    assert asked == {
        f"{GUIDE}:zh:fees": ("借书花钱不",),
        f"{GUIDE}:en:fees": ("Do I pay?",),
        f"{GUIDE}:zh:": ("想看书去哪",),
    }
    alone = {(chunks[w.chunk].id, w.text) for w in windows_of(chunks) if w.first == w.last}
    assert {(f"{GUIDE}:zh:fees", "借书花钱不"), (f"{GUIDE}:zh:", "想看书去哪")} <= alone


def test_questions_that_no_guide_answers_lead_to_no_section(docs: Path) -> None:
    """Those near a guide go where its summary goes, those near none everywhere; neither is a chunk's own window."""
    _write(docs, GUIDE, {"unanswered": {"zh": ["借书能送到家吗"], "en": ["Can I rent films?"]}})
    _write(docs, UNANSWERED, {"zh": ["护照丢了去哪补"], "en": ["Where do I renew my passport?"]})
    library, _ = read_library(docs)
    chunks = chunks_of(library)
    near = {c.id: c.unanswered for c in chunks if c.unanswered}
    assert near == {f"{GUIDE}:zh:": ("借书能送到家吗",), f"{GUIDE}:en:": ("Can I rent films?",)}
    assert general_questions(library) == ("护照丢了去哪补", "Where do I renew my passport?")
    windows = unanswered_windows(chunks, general_questions(library))
    assert [w.text for w in windows][:2] == list(general_questions(library)) and len(windows) == 4
    assert {w.chunk for w in windows[:2]} == {-1} and all(w.first == NOWHERE for w in windows)
    assert not {w.text for w in windows} & {w.text for w in windows_of(chunks)}


def test_questions_are_on_no_page(docs: Path) -> None:
    """What people asked is retrieved by and never shown."""
    library, _ = read_library(docs)
    shown = "".join(line for c in chunks_of(library) for line in c.lines)
    assert "借书花钱不" not in shown


def test_another_question_is_another_text(docs: Path) -> None:
    """The digest of a chunk covers its questions, so that a changed question is never searched by an old vector."""
    before = {c.id: c.digest for c in chunks_of(read_library(docs)[0])}
    _write(
        docs, GUIDE, {"fees": {"zh": ["借书要交多少"], "en": ["Do I pay?"]}, "top": {"zh": ["想看书去哪"]}}
    )
    after = {c.id: c.digest for c in chunks_of(read_library(docs)[0])}
    assert {name for name in after if after[name] != before[name]} == {f"{GUIDE}:zh:fees"}


def test_good_files_have_no_problem(docs: Path, tmp_path: Path) -> None:
    """Nor has an office without any."""
    assert _problems(docs) == []
    shutil.rmtree(docs / ASKED)
    assert _problems(docs) == [] and read_asked(read_library(docs)[0]) == ({}, [])


@pytest.mark.parametrize(
    ("guide", "content", "said"),
    [
        ("pub-nowhere", {"fees": {"zh": ["要钱吗"]}}, "没有指南或小节 pub-nowhere#fees"),
        (GUIDE, {"no-such-section": {"zh": ["要钱吗"]}}, f"没有指南或小节 {GUIDE}#no-such-section"),
        ("pub-nowhere", {"unanswered": {"zh": ["要钱吗"]}}, "没有指南或小节 pub-nowhere#unanswered"),
        (UNANSWERED, {"zh": ["想看书去哪"]}, "这个问题既有小节回答，又写在 unanswered：想看书去哪"),
        (GUIDE, {"fees": {"zh": ["要钱吗"]}, "top": {"zh": ["要钱吗"]}}, "同一个问题写在两个小节：要钱吗"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_or_two_ways_is_named(docs: Path, guide: str, content: object, said: str) -> None:
    """A guide or section that is not there, a question asked of two sections of a guide, or answered and not."""
    _write(docs, "pub-lost-book", {"top": {"zh": ["想看书去哪"]}})
    _write(docs, guide, content)
    assert said in _problems(docs)


def test_a_wrong_form_is_an_error_of_the_check(docs: Path) -> None:
    """An unknown language or a question that is no text stops the check, with the file's name."""
    _write(docs, GUIDE, {"fees": {"fr": ["Payer ?"]}})
    found = [problem for problem in checked_library(docs)[1] if problem.path == ASKED / f"{GUIDE}.yml"]
    assert found and all(not problem.warning for problem in found)


def test_the_demo_guides_have_questions_in_both_languages() -> None:
    """Every guide of the demonstration has at least fifteen a language, none of them twice."""
    library, _ = read_library(ROOT / "docs")
    asked, problems = read_asked(library)
    assert problems == []
    for guide in {g.id for g in library.guides}:
        for lang in ("zh", "en"):
            own = [
                q
                for (name, said, _), questions in asked.items()
                if (name, said) == (guide, lang)
                for q in questions
            ]
            assert len(own) >= 15 and len(own) == len(set(own)), (guide, lang, len(own))
