"""Matters of other offices: named in a file, found in questions, and never answered by a guide that does not speak of
them."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.access import ANONYMOUS
from rag.checks import checked_library
from rag.elsewhere import ELSEWHERE, Elsewhere, elsewhere_problems, read_elsewhere
from rag.embed import load_embedding
from rag.exchange import Answer, Question
from rag.generation import Generation
from rag.guides import read_library
from rag.settings import ROOT, Settings
from rag.text import to_traditional
from tests.conftest import DatedAssistant

CORPUS = ROOT / "tests" / "guides" / "library"
Ask = Callable[[str, Iterable[str]], Answer]
NAMES = ("护照", "不动产证", "passport", "driver's licence")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A copy of the library's guides."""
    return Path(shutil.copytree(CORPUS, tmp_path / "docs"))


@pytest.fixture(scope="module")
def ask(library_settings: Settings, library_generation: Generation) -> Ask:
    """Asks the library's assistant, with names of matters elsewhere."""
    embedding = load_embedding(library_settings.embedder, library_settings.models)

    def asked(question: str, names: Iterable[str]) -> Answer:
        manifest = library_generation.manifest | {"elsewhere": list(names)}
        assistant = DatedAssistant(replace(library_generation, manifest=manifest), embedding)
        return assistant.ask(Question(question), ANONYMOUS)

    return asked


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("护照丢了去哪补", {"护照"}),
        ("護照丟了去哪補", {"护照"}),
        ("居住证和护照，还有不动产证", {"护照", "不动产证"}),
        ("Where do I renew my PASSPORT?", {" passport"}),
        ("Two passports", {" passport"}),
        ("a driver’s licence", {" driver s licence"}),
        ("Compassport", set()),
        ("护 照", set()),
        ("", set()),
    ],
)
def test_names_are_found_in_either_script_and_in_the_plural(question: str, held: set[str]) -> None:
    """Chinese names anywhere, English ones from the beginning of a word."""
    assert Elsewhere(NAMES).named(question) == held


@given(before=st.text(max_size=20), name=st.sampled_from(["护照", "不动产证"]), after=st.text(max_size=20))
def test_a_chinese_name_is_found_wherever_it_stands(before: str, name: str, after: str) -> None:
    """Whatever stands around it, in Simplified and in Traditional."""
    elsewhere = Elsewhere(NAMES)
    for text in (name, to_traditional(name)):
        assert name in elsewhere.named(f"{before}。{text}。{after}")


@pytest.mark.parametrize(("question", "name"), [("课本丢了怎么赔", "课本"), ("課本丟了怎麼賠", "课本")])
def test_a_guide_does_not_answer_for_what_it_never_speaks_of(ask: Ask, question: str, name: str) -> None:
    """A question so close to a guide that it is answered goes to a person once its matter is named elsewhere."""
    assert ask(question, ()).outcome == "answered"
    answer = ask(question, [name])
    assert (answer.outcome, answer.reason, answer.citations) == ("abstained", "no-guide", ())


def test_a_guide_that_speaks_of_the_matter_answers(ask: Ask) -> None:
    """A name that the guide holds itself, in whatever section, keeps nothing back."""
    answer = ask("图书遗失和损坏怎么赔", ["图书", "遗失"])
    assert answer.outcome == "answered"
    assert {citation.guide for citation in answer.citations} == {"pub-lost-book"}


def test_one_part_elsewhere_leaves_the_other_answered(ask: Ask) -> None:
    """The part that a guide answers is answered, the other is named as missing."""
    answer = ask("借书收费吗？课本丢了怎么赔？", ["课本"])
    assert answer.outcome == "partial"
    assert {citation.guide for citation in answer.citations} == {"pub-borrow-books"}


def test_the_file_is_read_strictly(docs: Path) -> None:
    """Another key, or something else than a list of names, is a problem with file and line; nothing is used of it."""
    (docs / ELSEWHERE).write_text("zh: [护照]\nfr: [passeport]\n", encoding="utf-8")
    names, problems = read_elsewhere(docs)
    assert names == ()
    assert [(p.path, p.line) for p in problems] == [(ELSEWHERE, 2)]
    (docs / ELSEWHERE).unlink()
    assert read_elsewhere(docs) == ((), [])


def test_a_name_of_a_guide_of_ours_is_a_problem(docs: Path) -> None:
    """Once a guide covers a matter the check says which, so that its name is taken out."""
    library, _ = read_library(docs)
    title = library.guides[0].meta.title
    (docs / ELSEWHERE).write_text(f"zh: [护照, {title}]\n", encoding="utf-8")
    found = elsewhere_problems(library)
    assert [(p.code, title in p.zh and title in p.en, library.guides[0].id in p.en) for p in found] == [
        ("M06", True, True)
    ]
    assert found[0] in checked_library(docs)[1]


def test_our_own_names_are_whole() -> None:
    """The demo's file is right, and long enough to be of use."""
    library, _ = read_library(ROOT / "docs")
    names, _ = read_elsewhere(ROOT / "docs")
    assert elsewhere_problems(library) == []
    assert len(names) == len(set(names)) > 150
