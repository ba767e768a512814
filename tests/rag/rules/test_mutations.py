"""Guides of this repository, spoilt one at a time as people spoil them: the right code says so."""

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.checks import check_guides
from rag.guides import Guide, read_guide, read_library
from rag.schema import REQUIRED_BY_TYPE, FrontMatter
from rag.settings import ROOT
from rag.yaml_files import read_yaml
from tests.library import TODAY

DOCS = ROOT / "docs"
_LEVELS = ("open", "members", "internal", "restricted")
_ALWAYS = tuple(name for name, info in FrontMatter.model_fields.items() if info.is_required())
_OTHERWISE_REQUIRED = {"level_setter": "M17", "readers": "M04"}


@dataclass(frozen=True)
class Spoilt:
    """A guide's text after one change, and the codes that may name it."""

    text: str
    codes: frozenset[str]
    what: str


Mutation = Callable[[Guide, str, random.Random], Spoilt | None]


def drop_field(guide: Guide, text: str, dice: random.Random) -> Spoilt | None:
    """A field that this guide must have is gone."""
    names = [
        n
        for n in (*_ALWAYS, *REQUIRED_BY_TYPE[guide.meta.type], *_OTHERWISE_REQUIRED)
        if re.search(rf"^{n}:", text, re.M)
    ]
    name = dice.choice(names)
    # The key, and every line below it that is indented or a list.
    spoilt = re.sub(rf"^{name}:.*\n(?:[ -].*\n|\n(?=[ -]))*", "", text, count=1, flags=re.M)
    return Spoilt(spoilt, frozenset({_OTHERWISE_REQUIRED.get(name, "M01")}), f"drop {name}")


def swap_level(guide: Guide, text: str, dice: random.Random) -> Spoilt | None:
    """Another level than that of the folder and of the twin."""
    level = dice.choice([level for level in _LEVELS if level != guide.meta.level])
    return Spoilt(
        re.sub(r"^level: .*$", f"level: {level}", text, count=1, flags=re.M),
        frozenset({"M04", "M07"}),
        f"level {level}",
    )


def change_number(guide: Guide, text: str, dice: random.Random) -> Spoilt | None:
    """One number of the body or of a field that readers see, in one language only."""
    head, body = _parts(text)
    inside = [
        m for m in re.finditer(r"(?<![\w.,:#{%/-])\d+(?![\w:.-]*\.md|[\w-]*:)", body) if not _hidden(body, m)
    ]
    # Any value of the front matter but other words for it, notes on changes and paths.
    seen = [m for m in re.finditer(r"(?<![\w.-])S?\d+(?![\w]|[\w-]*:)", head) if not _skipped(head, m)]
    places = [(m, len(head)) for m in inside] + [(m, 0) for m in seen]
    if not places:
        return None
    found, offset = dice.choice(places)
    digit = str(int(found[0].lstrip("S")) + dice.choice((1, 2, 10)))
    digit = f"S{digit}" if found[0].startswith("S") else digit.zfill(len(found[0]))
    spoilt = text[: offset + found.start()] + digit + text[offset + found.end() :]
    return Spoilt(
        spoilt, frozenset({"M01", "M08", "M16", "M18", "M20", "M24", "M26"}), f"{found[0]} → {digit}"
    )


def plant_mark(guide: Guide, text: str, dice: random.Random) -> Spoilt | None:
    """A 密级 mark, full-width, spaced, Traditional or bold."""
    word = dice.choice(("绝密", "机密", "秘密", "絕密", "機密", "祕密"))
    word = dice.choice((word, " ".join(word), "\u3000".join(word), f"**{word}**", f"【{word}】"))
    mark = dice.choice((f"{word}★", f"{word} ☆", f"{word}＊10年", f"{word} ★ 长期", word))
    return Spoilt(_planted(text, f"\n{mark}\n", dice), frozenset({"M05"}), mark)


def plant_person(guide: Guide, text: str, dice: random.Random) -> Spoilt | None:
    """Somebody's mobile, identity number or mail address."""
    mobile = f"1{dice.choice('3456789')}" + "".join(dice.choices("0123456789", k=9))
    gap = dice.choice(("", " ", "-", "\u3000"))
    mobile = gap.join((mobile[:3], mobile[3:7], mobile[7:]))
    mobile = dice.choice((mobile, f"+86 {mobile}", _wide(mobile)))
    number = f"{dice.randint(110000, 659999)}{dice.randint(1940, 2015)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}{dice.randint(0, 999):03}"
    identity = number + _check_digit(number)
    identity = dice.choice(
        (
            identity,
            f"{identity[:6]} {identity[6:14]} {identity[14:]}",
            _wide(identity),
            number + dice.choice("0123456789X"),
        )
    )
    mail = (
        dice.choice(("zhangwei", "li.na", "wang_fang88", "xm"))
        + "@"
        + dice.choice(("163.com", "mail.example", "qq.com"))
    )
    value = dice.choice((mobile, identity, mail))
    said = dice.choice(("联系{}。", "张某的号码是{}，请联系。", "Call {} for help."))
    return Spoilt(_planted(text, f"\n{said.format(value)}\n", dice), frozenset({"M15"}), value)


MUTATIONS: tuple[Mutation, ...] = (drop_field, swap_level, change_number, plant_mark, plant_person)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> "Desk":
    """The published guides, and a folder in which one file at a time is spoilt."""
    return Desk(tmp_path_factory.mktemp("docs"))


class Desk:
    """Checks one spoilt guide and its twin against the library of the published ones."""

    def __init__(self, root: Path) -> None:
        self.library, problems = read_library(DOCS)
        assert problems == []
        self.root = root
        self.params = read_yaml(DOCS / "params.yml", DOCS)[0]
        for name in ("names.yml", "laws.yml", "topics.yml", "params.yml", "units.yml"):
            (root / name).write_bytes((DOCS / name).read_bytes())

    def codes(self, guide: Guide, text: str) -> Counter[str]:
        """Codes of the problems that the spoilt guide has."""
        file = self.root / guide.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        spoilt, problems = read_guide(file, self.root, self.params)
        others = tuple(g for g in self.library.guides if g.path != guide.path)
        twins = [g for g in others if g.id == guide.id]
        looked_at = [spoilt] if spoilt else []
        library = replace(
            self.library,
            root=self.root,
            guides=tuple(sorted([*others, *looked_at], key=lambda g: str(g.path))),
        )
        # The twin is looked at as well: a difference is named at the second of the two.
        for twin in twins:
            copy = self.root / twin.path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(_raw(twin.path).encode())
        found = [*problems, *check_guides(library, [*looked_at, *twins] if looked_at else [], TODAY)]
        return Counter(problem.code for problem in found if not problem.warning)


@cache
def _raw(path: Path) -> str:
    return (DOCS / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.__name__)
def test_at_least_99_of_100_spoilt_guides_are_caught(desk: Desk, mutation: Mutation) -> None:
    """Over a fixed sample of 80 changes of each kind, the right code names at least 99 in 100."""
    dice = random.Random(20261122)
    missed, tried = [], 0
    while tried < 80:
        guide = dice.choice(desk.library.guides)
        spoilt = mutation(guide, _raw(guide.path), dice)
        if spoilt is None or spoilt.text == _raw(guide.path):
            continue
        tried += 1
        if not spoilt.codes & desk.codes(guide, spoilt.text).keys():
            missed.append(f"{guide.path}: {spoilt.what}")
    print(f"{tried - len(missed)} of {tried} caught")
    assert len(missed) <= tried * 0.01, missed


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.sampled_from((drop_field, swap_level, plant_mark, plant_person)))
def test_a_spoilt_guide_is_never_clean(desk: Desk, dice: random.Random, mutation: Mutation) -> None:
    """Whatever guide and place chance picks, some error is found."""
    guide = dice.choice(desk.library.guides)
    spoilt = mutation(guide, _raw(guide.path), dice)
    assert spoilt is None or desk.codes(guide, spoilt.text)


def test_an_unspoilt_guide_is_clean(desk: Desk) -> None:
    """Without a change the same check finds nothing: what is caught above is caught for its change."""
    for guide in desk.library.guides[::9]:
        assert desk.codes(guide, _raw(guide.path)) == Counter()


def _parts(text: str) -> tuple[str, str]:
    """Front matter and body of a file."""
    end = text.index("\n---", 4) + 4
    return text[:end], text[end:]


def _hidden(body: str, found: re.Match[str]) -> bool:
    """Whether a number of the body is seen by nobody: inside an anchor, an address, a placeholder, or a list mark."""
    line = body[body.rfind("\n", 0, found.start()) + 1 :].split("\n", 1)[0]
    before = body[body.rfind("\n", 0, found.start()) + 1 : found.start()]
    in_code = body[: found.start()].count("```") % 2 == 1
    return (
        in_code
        or bool(re.search(r"\{[^}]*$|\([^)]*$|`[^`]*$", before))
        or bool(re.match(r"\s*\d+[.)]\s", line) and not before.strip())
    )


def _skipped(head: str, found: re.Match[str]) -> bool:
    """Whether a number of the front matter is a placeholder's, a path's, or stands in words that may differ."""
    before = head[: found.start()]
    line = before[before.rfind("\n") + 1 :]
    key = re.findall(r"^(\w+):", before, re.M)[-1]
    in_placeholder = before.rfind("{{") > before.rfind("}}")
    return (
        key in ("aliases", "change_note", "competences")
        or in_placeholder
        or bool(re.search(r"path: \S*$", line))
    )


def _planted(text: str, line: str, dice: random.Random) -> str:
    """A line between two paragraphs of the body, or at its end."""
    head, body = _parts(text)
    gaps = [m.start() for m in re.finditer(r"\n\n", body) if body[: m.start()].count("```") % 2 == 0] or [
        len(body)
    ]
    gap = dice.choice(gaps)
    return head + body[:gap] + "\n" + line + body[gap:]


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in text)


def _check_digit(number: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 11]
