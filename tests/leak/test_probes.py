"""Thousands of ways to ask for what one may not read, at every exit: nothing of it comes back."""

import random
from collections import Counter

import pytest

from tests.leak.judge import Judge, run
from tests.leak.marks import Marks
from tests.leak.office import Subject
from tests.leak.probes import EXITS, FORMS, Probe, everybody, probes
from tests.leak.served import READERS, Served, without_guides
from tests.leak.sizes import Sizes


@pytest.fixture(scope="module")
def asked(all_subjects: list[Subject], wanted: Sizes) -> list[Probe]:
    """The probes of this run."""
    return probes(all_subjects, wanted.probes)


def test_the_probes_are_many_and_of_all_kinds(asked: list[Probe], wanted: Sizes) -> None:
    """As many different probes as wanted, in more than twenty forms, at every exit, for each level and role."""
    assert len(set(asked)) == wanted.probes >= 2000
    assert {probe.form for probe in asked} == set(FORMS) and len(FORMS) >= 20
    assert {probe.exit for probe in asked} == set(EXITS)
    assert len({(probe.subject.level, probe.subject.roles) for probe in asked}) == 4


def test_no_probe_is_shown_anything(judge: Judge, asked: list[Probe]) -> None:
    """No response holds a code word, name, id or amount of a guide above its reader, nor fails with a 5xx."""
    leaked = run(judge, asked)
    assert not leaked, (Counter(probe.exit for probe, _ in leaked), leaked[:3])


@pytest.fixture(scope="module")
def asked_for_withdrawn(all_subjects: list[Subject], wanted: Sizes) -> list[Probe]:
    """Probes of every reader for every third guide, so one of each level and role."""
    return probes(all_subjects[::3], wanted.withdrawn, readers=everybody)


def test_a_withdrawn_guide_is_above_everybody(
    whole: Served, all_subjects: list[Subject], asked_for_withdrawn: list[Probe], wanted: Sizes
) -> None:
    """Withdrawn, a guide is shown to nobody: by no probe, in no list, on no desk, in no file of any site."""
    asked = asked_for_withdrawn
    assert len(set(asked)) == wanted.withdrawn >= 500
    assert {probe.reader for probe in asked} == set(READERS) and {probe.exit for probe in asked} == set(EXITS)
    with without_guides(whole, {subject.id for subject in all_subjects[::3]}) as served:
        without = Judge(served)
        leaked = run(without, asked)
        assert not leaked, (Counter(probe.exit for probe, _ in leaked), leaked[:3])
        assert [entry for entry in without.standing() if entry[1]] == []


def test_what_is_brought_back_is_shown_again(judge: Judge, asked_for_withdrawn: list[Probe]) -> None:
    """The same probes show the same guides once they are back: what hid them was the withdrawal."""
    sample = [p for p in asked_for_withdrawn if p.reader == "both" and p.exit in ("ask", "search", "page")]
    assert sum(judge.shows(probe, "both") for probe in sample) > len(sample) / 2


def test_the_probes_aim_at_what_is_there(judge: Judge, asked: list[Probe]) -> None:
    """Somebody who may read all is shown the subject by more than half of a sample of the same probes."""
    sample = random.Random(5).sample([p for p in asked if p.exit in ("ask", "search")], k=120)
    assert sum(judge.shows(probe, "both") for probe in sample) > len(sample) / 2


def test_what_asks_nothing_tells_nothing(judge: Judge, asked: list[Probe]) -> None:
    """Lists, operations, every file of each reader's site, exports and the log of the whole run hold no mark."""
    told = list(judge.standing())
    assert len(told) > 300 and [entry for entry in told if entry[1]] == []


@pytest.mark.parametrize(
    "text", ["{0}", "x{1}y", "{2}", "{3}", "共{4}元", "{4:,} yuan", "{4}; 12", "<b>{0}</b>", "/org/{5}/"]
)
def test_the_detector_sees_a_mark_however_it_is_written(all_subjects: list[Subject], text: str) -> None:
    """Case, width, script, blanks, zero-width characters, markup and grouped digits hide no mark."""
    subject = all_subjects[-1]
    said = text.format(*subject.code, *subject.name, subject.amount, subject.id)
    marks = Marks([subject])
    for form in (said, said.upper(), " ".join(said), "\u200b".join(said), _wide(said)):
        assert marks.shown(form), form
    assert not marks.shown(said, brought=said)
    assert not marks.shown("雨棚借用 1234567 the office")


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
