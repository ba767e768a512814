"""Texts that are hard for one pattern: pieces that nearly match it, again and again, and never the end of a match."""

import ast
import importlib
import pkgutil
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import api
import rag

_OF_CATEGORY = {
    codes.CATEGORY_DIGIT: "7",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_NOT_WORD: " ",
}
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_USES = frozenset(["compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"])
_END = "\x02"
"""Ends a text so that what was nearly a match is none."""


@dataclass(frozen=True)
class Found:
    """A pattern of the product and where it stands."""

    place: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Hard:
    """A beginning and a piece that is repeated after it."""

    head: str
    piece: str

    def text(self, size: int) -> str:
        """So many characters of it."""
        return (self.head + self.piece * (size // len(self.piece) + 1))[: size - 1] + _END


def patterns(skipped: str = "rag.fit_") -> list[Found]:
    """Every pattern in the modules of the product: those they hold, and those written where they are used."""
    found: dict[tuple[str, int], Found] = {}
    for package in (rag, api):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in info.name and not info.name.startswith(skipped):
                module = importlib.import_module(info.name)
                for one in (*_held(module), *_written(module)):
                    found.setdefault((one.pattern.pattern, one.pattern.flags), one)
    return list(found.values())


def _held(module: ModuleType) -> Iterator[Found]:
    for name, value in vars(module).items():
        for pattern in _inside(value):
            if isinstance(pattern.pattern, str):
                yield Found(f"{module.__name__}.{name}", pattern)


def _inside(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, dict | tuple | list | frozenset | set):
        for item in list(value.values() if isinstance(value, dict) else value)[:2000]:
            yield from _inside(item, depth + 1)


def _written(module: ModuleType) -> Iterator[Found]:
    """Patterns that stand as a constant in a call of `re`; anchored uses cost less and are left to the caller."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    for call in ast.walk(tree):
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=use),
                args=[ast.Constant(value=str(text)), *_],
            ) if use in _USES - {"compile", "fullmatch", "match"}:
                yield Found(f"{module.__name__}:{call.lineno}", re.compile(text))


def hard_texts(pattern: re.Pattern[str], seed: int = 1) -> list[Hard]:
    """What may be hard for a pattern, made of matches of it: whole, cut, and with single characters repeated."""
    chance = random.Random(seed)
    tree = parser.parse(pattern.pattern, pattern.flags)
    matches = {_match(tree, chance, most, {}) for most in (1, 3, 40) for _ in range(2)} - {""}
    found = [Hard("", "a")]
    for one in sorted(matches):
        pieces = {one, one[:-1], one[1:], one[: len(one) // 2], one[0], one[-1], one[0] + one[-1]} - {""}
        found += [Hard("", piece) for piece in sorted(pieces)]
        cuts = range(1, len(one), max(1, len(one) // 4))
        found += [Hard(one[:cut], one[cut]) for cut in cuts]
        found += [Hard(one[:cut], " ") for cut in (len(one) // 2, len(one))]
    return list(dict.fromkeys(found))


def _match(tree: Any, chance: random.Random, most: int, groups: dict[int, str]) -> str:
    """A text of the shape of a pattern; what stands around it (lookaheads, anchors) is left out."""
    text = ""
    for code, value in tree:
        if code is codes.LITERAL:
            text += chr(value)
        elif code is codes.NOT_LITERAL:
            text += "b" if value == ord("a") else "a"
        elif code is codes.ANY:
            text += "一"
        elif code is codes.IN:
            text += _one_of(value, chance)
        elif code is codes.BRANCH:
            text += _match(chance.choice(value[1]), chance, most, groups)
        elif code in _REPEATS:
            least, limit, repeated = value
            count = min(int(limit), max(least, chance.choice((least, least + 1, most))))
            text += "".join(_match(repeated, chance, most, groups) for _ in range(count))
        elif code is codes.SUBPATTERN:
            groups[value[0]] = _match(value[3], chance, most, groups)
            text += groups[value[0]]
        elif code is codes.ATOMIC_GROUP:
            text += _match(value, chance, most, groups)
        elif code is codes.GROUPREF:
            text += groups.get(value, "")
    return text


def _one_of(items: list[Any], chance: random.Random) -> str:
    """A character of a class; of a negated one the first plain character that it does not name."""
    named: list[str] = []
    for code, value in items:
        if code is codes.LITERAL:
            named.append(chr(value))
        elif code is codes.RANGE:
            named += [chr(value[0]), chr(chance.randint(*value))]
        elif code is codes.CATEGORY:
            named.append(_OF_CATEGORY[value])
    if items[0][0] is codes.NEGATE:
        return next(sign for sign in " a7一-.x" if sign not in named)
    return chance.choice(named)
