"""Gates: small, fast parts of the suite that each look at one layer and name what is wrong with it.

Every layer must hold alone: a gate gives a layer what a broken one before it would let through.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from rag import build as building
from rag import retrieve, selftest, site, verify
from rag.access import Circle, Level, circle_of, circles
from rag.checks import check
from rag.chunks import chunks_of, general_questions
from rag.cpsv.catalogue import catalogue
from rag.exchange import Question
from rag.guides import read_library
from rag.index import Index
from rag.record import record
from rag.schema_org.documents import open_guides_json_ld
from rag.twins import open_twins
from rag.write import Quote
from tests.leak.interference import crossings
from tests.leak.judge import Judge, dumped
from tests.leak.marks import Marks
from tests.leak.office import Subject, write_office
from tests.leak.served import READERS
from tests.library import guide, write_guide

Gate = Callable[[Judge], list[str]]
"""Says what is wrong; nothing if the layer holds."""

_LOWER = ("anonymous", "members", "internal", "auditor")


def _closed(judge: Judge, reader: str, count: int = 3) -> list[Subject]:
    """Some subjects above a reader, of the highest circle first."""
    return judge.served.hidden(reader)[::-1][:count]


def _widest(judge: Judge) -> Circle:
    return max(judge.served.assistant().generation.circles, key=lambda circle: len(circle.restricted))


def _index(judge: Judge) -> Index:
    """The index that holds every guide."""
    return judge.served.assistant().generation.index(_widest(judge))


# -- answers -----------------------------------------------------------------------------------------------


def pool_gate(judge: Judge) -> list[str]:
    """Of an index that holds everything, the pool of each reader is what he may read."""
    index, by_id = _index(judge), {s.id: s for s in judge.served.subjects}
    return [
        f"{name}: {chunk.id}"
        for name, reader in READERS.items()
        for chunk, kept in zip(index.chunks, retrieve.pool(index, reader, "zh", date.today()), strict=True)
        if kept and not by_id[chunk.guide].opens_to(reader)
    ]


def circle_gate(judge: Judge) -> list[str]:
    """The index of each reader's circle holds nothing that he may not read."""
    generation, by_id = judge.served.assistant().generation, {s.id: s for s in judge.served.subjects}
    return [
        f"{name}: {chunk.id}"
        for name, reader in READERS.items()
        for chunk in generation.index(circle_of(reader, generation.restricted)).chunks
        if not by_id[chunk.guide].opens_to(reader)
    ]


def verify_gate(judge: Judge) -> list[str]:
    """A quote of a chunk above a reader is taken out of his answer, whatever found it."""
    by_id = {s.id: s for s in judge.served.subjects}
    quotes = [Quote(c, 0, 1) for c in _index(judge).chunks if c.lines]
    return [
        f"{name}: {quote.chunk.id}"
        for name, reader in READERS.items()
        for quote in verify.verified(quotes, reader)
        if not by_id[quote.chunk.guide].opens_to(reader)
    ]


def answer_gate(judge: Judge) -> list[str]:
    """A fresh assistant, asked sharply, shows nothing above the reader: in text, citations, choices, hits."""
    assistant, wrong_ones = judge.served.fresh(), []
    for name in _LOWER:
        marks = judge.served.marks(name)
        for subject in _closed(judge, name, 2):
            for text in (f"{subject.thing[0]}的保证金是多少", "要多少钱", "？"):
                answer = assistant.ask(Question(text), READERS[name])
                hits = [hit.as_json() for hit in assistant.search(text, READERS[name])]
                wrong_ones += marks.shown(dumped([answer.as_json(), hits]))
    return wrong_ones


def cache_gate(judge: Judge) -> list[str]:
    """No answer depends on who asked before."""
    return [str(found) for found in crossings(judge.served, 12)]


# -- what is built -----------------------------------------------------------------------------------------


def _shown_in(folder: Path, marks: Marks) -> list[str]:
    """Marks in the names and bytes of a folder's files."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and "assets" not in file.parts]
    return [
        f"{file.relative_to(folder)}: {mark}"
        for file in files
        for mark in marks.shown(f"{file.relative_to(folder)}\n" + file.read_bytes().decode("utf-8", "ignore"))
    ]


def _each_circle(judge: Judge) -> Iterator[tuple[Circle, Marks]]:
    """The circles of the office with what betrays the guides outside each."""
    roles = {s.id: s.roles for s in judge.served.subjects if s.roles}
    for circle in circles(roles):
        outside = [
            s
            for s in judge.served.subjects
            if (s.id not in circle.restricted if s.roles else circle.level.rank < s.level.rank)
        ]
        yield circle, Marks(outside)


def tree_gate(judge: Judge) -> list[str]:
    """What a site is built from holds only what its circle may read: pages, lists, journeys, search data."""
    library, _ = read_library(judge.served.settings.docs)
    wrong_ones = []
    for circle, marks in _each_circle(judge):
        for lang in ("zh", "en"):
            with tempfile.TemporaryDirectory() as folder:
                site.write_tree(library, circle, lang, Path(folder, "tree"))
                wrong_ones += _shown_in(Path(folder), marks)
    return wrong_ones


def records_gate(judge: Judge) -> list[str]:
    """The records of a circle hold its guides alone."""
    library, _ = read_library(judge.served.settings.docs)
    wrong_ones = []
    for circle, marks in _each_circle(judge):
        with tempfile.TemporaryDirectory() as folder:
            building._write_records(Path(folder, "guides.json"), circle, library)
            wrong_ones += _shown_in(Path(folder), marks)
    return wrong_ones


def reference_gate(judge: Judge) -> list[str]:
    """A record names no guide outside its circle, though its author did."""
    library, _ = read_library(judge.served.settings.docs)
    low = next(g for g in library.guides if g.meta.level is Level.OPEN)
    high = next(g for g in library.guides if g.meta.level is Level.INTERNAL)
    meta = low.meta.model_copy(update={"related": [high.id], "part_of": [high.id], "supersedes": [high.id]})
    told = record(type(low)(low.path, low.folder, meta, low.body, low.body_line, low.lines), [low])
    return [high.id] if high.id in dumped(told) else []


def index_gate(judge: Judge) -> list[str]:
    """An index written for the open circle holds no byte of the others: chunks, words, questions, vectors."""
    library, _ = read_library(judge.served.settings.docs)
    chunks = chunks_of(library)
    general = general_questions(library)
    vectors, parts, _, _ = building._embed(chunks, general, judge.served.settings, building._quiet)
    with tempfile.TemporaryDirectory() as folder:
        kept = [Circle(Level.OPEN)]
        building._write_indexes(Path(folder), kept, chunks, general, vectors, parts, building._quiet)
        return _shown_in(Path(folder), judge.served.marks("anonymous"))


def selftest_gate(judge: Judge) -> list[str]:
    """The self-test refuses a generation whose open circle has the index of the widest one."""
    generation = judge.served.assistant().generation
    mixed = type(generation)(generation.path, generation.manifest)
    mixed._indexes[Level.OPEN.value] = _index(judge)
    said = list(selftest._index_faults(mixed, Circle(Level.OPEN)))
    return [] if said else ["a mixed generation passes"]


def twins_gate(judge: Judge) -> list[str]:
    """Twins hold open guides alone, also those of the widest circle's site."""
    library, _ = read_library(judge.served.settings.docs)
    marks, told = judge.served.marks("anonymous"), []
    for lang in ("zh", "en"):
        twins = open_twins(site._shelf(library, _widest(judge), lang, date.today()), "")
        told += marks.shown("\n".join([*twins, *twins.values()]))
    return told


def export_gate(judge: Judge) -> list[str]:
    """Exports hold nothing above their level; schema.org describes open guides alone."""
    library, _ = read_library(judge.served.settings.docs)
    told = judge.served.marks("anonymous").shown(dumped(open_guides_json_ld(library)))
    for name in ("anonymous", "members", "internal"):
        told += judge.served.marks(name).shown(dumped(catalogue(library, READERS[name].level)))
    return told


def check_gate(_: Judge) -> list[str]:
    """The check refuses raw HTML, marks of state secrecy, titles of higher guides, and a level beside its folder."""
    passed = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_office(root, [])
        Path(root, "journeys.yml").unlink()
        write_guide(root, guide("stf-night", "internal", title="夜间值守的安排"))
        for code, guide_id, level, said in (
            ("M22", "pub-page", "open", "<u>带好证件。</u>"),
            ("M05", "pub-page", "open", "机密★3年。带好证件。"),
            ("M06", "pub-page", "open", "请看夜间值守的安排。"),
            ("M04", "stf-page", "members", "带好证件。"),
        ):
            file = f"zh/{'public' if level == 'open' else 'staff/internal'}/{guide_id}.md"
            write_guide(root, guide(guide_id, level), f"## 说明 {{#how}}\n\n{said}\n", at=file)
            if code not in {problem.code for problem in check(root, date.today())}:
                passed.append(code)
    return passed


def journey_gate(judge: Judge) -> list[str]:
    """A shelf holds a journey only if it holds every guide of it."""
    library, _ = read_library(judge.served.settings.docs)
    shelf = site._shelf(library, Circle(Level.OPEN), "zh", date.today())
    own = {found.id for found in shelf.guides}
    return [journey.id for journey in shelf.journeys if not own.issuperset(journey.guides)]
