"""A question as other people would type or say it: another script, typing errors, spoken forms.

Each variant keeps what is asked: numbers, ids and names of places stay, so the expectation of the question is
that of its variants. The same seed gives the same variants on every machine.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import accumulate
from random import Random

from rag.sounds import confused_with, everyday_characters, syllables
from rag.text import HAN, INVISIBLE, has_han, precise_words, script_of, to_traditional


class Variant(StrEnum):
    """In which way a variant differs from its question."""

    TRADITIONAL = "traditional"  # characters
    HOMOPHONE = "homophone"  # a wrong character of the same sound
    NEAR_HOMOPHONE = "near-homophone"  # a wrong character of a sound often confused
    PARTICLE = "particle"  # a particle or article twice or left out
    LETTERS = "letters"  # two letters swapped
    FRAMED = "framed"  # spoken words around the question
    UNMARKED = "unmarked"  # no punctuation; English in lower case
    SPACED = "spaced"  # blanks between Chinese words
    NUMERAL = "numeral"  # counts in Chinese numerals
    CONTRACTED = "contracted"  # English short forms


SEED = 20_260

_RUN = re.compile(f"[{HAN}]+")
_WORD = re.compile(r"(?<![\w'’.-])[A-Za-z]+(?![\w'’-])")
_DIVISION = re.compile(f"[{HAN}]{{1,3}}?(?:省|市|县|区|镇|乡|村|街道|路)")
_FIXED = frozenset("〇零一二三四五六七八九十百千万亿两几半不没无非未别勿哪")
"""Characters whose change would change what is asked: numerals and negations."""
_EASY = re.compile("什么|怎.{1,2}|如何|多少|多久|可以|需要|.们|这.|那.|.不.")
"""Words typed as one, which nobody gets wrong."""
_LIKELY = 5
"""How many of the commonest characters of a sound a hurried hand picks from."""

_PARTICLES = frozenset("的了吗呢吧啊")
_ARTICLES = frozenset({"a", "an", "the"})
_SMALL = _ARTICLES | {"to", "of", "in", "for", "do", "is"}
_OPENERS = ("请问", "请问一下，", "我想问一下，", "麻烦问一下，", "那个，", "你好，", "那个我想问一下哈，")
_ENDERS = ("呀", "啊", "哈", "呀，谢谢", "，谢谢啊", "")
_CLOSES = "吗呢吧么嘛呀啊哈不没"
_HELLOS = ("hi, ", "hello, ", "Excuse me, ", "sorry, quick question: ")
_ASKS = ("could you tell me ", "can you please tell me ", "I'd like to know ")
_ASKING = re.compile(
    r"(what|how|who|whom|whose|when|where|why|which|is|are|do|does|can|may|must|will)\b", re.I
)
_MARKS = re.compile(r"[，。？！、；：,?!;:]+|\.(?!\w)")

_COUNT = re.compile(
    r"(?<![A-Za-z\d_.,\-:/第月])([1-9]\d{0,4})(?=(?:元|块|个|人|天|岁|次|页|份|家|户|小时|分钟|平方|平米))"
)
"""A count of things; dates, ids, versions and telephone numbers are none."""

_SHORT: Mapping[str, tuple[str, ...]] = {
    "what is": ("what's", "whats"), "where is": ("where's", "wheres"), "who is": ("who's", "whos"),
    "how is": ("how's", "hows"), "there is": ("there's", "theres"), "it is": ("it's", "its"),
    "i am": ("I'm", "im"), "we are": ("we're",), "they are": ("they're",), "i will": ("I'll",),
    "do not": ("don't", "dont"), "does not": ("doesn't", "doesnt"), "did not": ("didn't", "didnt"),
    "is not": ("isn't", "isnt"), "are not": ("aren't", "arent"), "cannot": ("can't", "cant"),
    "can not": ("can't", "cant"), "will not": ("won't",), "i have been": ("I've been", "ive been"),
}  # fmt: skip
_LONG = re.compile(rf"\b({'|'.join(_SHORT)})\b", re.I)


@dataclass(frozen=True)
class Varied:
    """A variant of a question and its kind."""

    kind: Variant
    text: str


def variants(text: str, count: int, seed: int = SEED) -> tuple[Varied, ...]:
    """At most `count` variants of a question, of different kinds drawn from those that fit it."""
    kinds = list(Variant)
    Random(f"{seed}|{text}").shuffle(kinds)
    found: list[Varied] = []
    for kind in kinds:
        if len(found) < count and (changed := vary(text, kind, seed)) is not None:
            found.append(Varied(kind, changed))
    return tuple(found)


def vary(text: str, kind: Variant, seed: int = SEED) -> str | None:
    """A question changed in one way, or None where that way does not fit it."""
    changed = _WAYS[kind](text, Random(f"{seed}|{kind}|{text}"))
    return changed if changed.strip() and changed != text else None


def _traditional(text: str, _: Random) -> str:
    return to_traditional(INVISIBLE.sub("", text)) if script_of(text) == "zh-Hans" else text


def _homophone(text: str, random: Random) -> str:
    return _mistyped(text, random, lambda sound: frozenset({sound}))


def _near_homophone(text: str, random: Random) -> str:
    return _mistyped(text, random, confused_with)


def _mistyped(text: str, random: Random, heard: Callable[[str], frozenset[str]]) -> str:
    """The text with one character replaced by a common one of another writing and such a sound."""
    spots = _typed(text) if script_of(text) == "zh-Hans" else []
    random.shuffle(spots)
    for at, sound in spots:
        others = [c for s in sorted(heard(sound)) for c in everyday_characters().get(s, ())[:_LIKELY]]
        if others := [c for c in others if c != text[at] and c not in _FIXED]:
            return text[:at] + random.choice(others) + text[at + 1 :]
    return text


def _typed(text: str) -> list[tuple[int, str]]:
    """Positions of characters that may be mistyped, with their sounds: those of words of two and more."""
    kept = {at for name in _DIVISION.finditer(text) for at in range(*name.span())}
    found = []
    for run in _RUN.finditer(text):
        sounds, start = syllables(run[0]), run.start()
        for at, word in _words(run):
            if len(word) > 1 and not _EASY.fullmatch(word) and word not in _place_names():
                found += [(i, sounds[i - start]) for i in range(at, at + len(word))]
    return [(at, sound) for at, sound in found if at not in kept and text[at] not in _FIXED]


def _words(run: re.Match[str]) -> list[tuple[int, str]]:
    """Words of a run of Chinese characters, each with its position in the text."""
    words = precise_words(run[0])
    ends = list(accumulate(map(len, words), initial=run.start()))
    return list(zip(ends, words, strict=False))


@cache
def _place_names() -> frozenset[str]:
    """Names of places in jieba's dictionary."""
    import jieba

    with jieba.get_dict_file() as lines:
        entries = [line.decode("utf-8").split() for line in lines]
    return frozenset(word for word, _, kind in entries if kind == "ns" and len(word) > 1)


def _particle(text: str, random: Random) -> str:
    """One particle or article said twice or left out."""
    spans = [
        (word.span(), word[0].lower() in _ARTICLES) for word in _WORD.finditer(text) if word[0] in _SMALL
    ]
    for run in _RUN.finditer(text):
        spans += [((at, at + 1), True) for at, word in _words(run) if word in _PARTICLES]
    if not spans:
        return text
    (start, end), can_go = random.choice(spans)
    if can_go and random.random() < 0.5:
        return text[:start] + text[end:].removeprefix(" ")
    return text[:end] + ("" if has_han(text[start:end]) else " ") + text[start:]


def _letters(text: str, random: Random) -> str:
    """Two neighbouring letters inside one lower-case word swapped; names and ids have capitals or digits."""
    spots = [
        i
        for word in _WORD.finditer(text)
        if len(word[0]) > 4 and word[0].islower()
        for i in range(word.start() + 1, word.end() - 2)
        if text[i] != text[i + 1]
    ]
    if script_of(text) != "en" or not spots:
        return text
    i = random.choice(spots)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def _framed(text: str, random: Random) -> str:
    """The question as somebody says it to a person."""
    if script_of(text) == "en":
        ask = random.choice(_ASKS) if _ASKING.match(text) else ""
        return random.choice(_HELLOS) + ask + (text[:1].lower() + text[1:] if ask else text)
    body = text.rstrip(" 。？?！!")
    ender = random.choice(_ENDERS) if body[-1:] not in _CLOSES else ""
    said = random.choice(_OPENERS) + body + ender
    return to_traditional(INVISIBLE.sub("", said)) if script_of(text) == "zh-Hant" else said


def _unmarked(text: str, _: Random) -> str:
    """No punctuation; marks inside numbers, ids and addresses are none."""
    bare = re.sub(r"(?<![\w])['\"]|['\"](?!\w)", "", _MARKS.sub(_blank, text))
    return " ".join(bare.lower().split()) if script_of(text) == "en" else bare.strip()


def _blank(mark: re.Match[str]) -> str:
    """What stays of a mark: itself between digits, else a blank."""
    before, after = mark.string[: mark.start()], mark.string[mark.end() :]
    return mark[0] if re.search(r"[A-Za-z\d/]$", before) and re.match(r"[A-Za-z\d/]", after) else " "


def _spaced(text: str, random: Random) -> str:
    """One or two blanks between words of a Chinese question."""
    cuts = [at for run in _RUN.finditer(text) for at, _ in _words(run)[1:]]
    gaps = [at for at in cuts if not {text[at - 1], text[at]} <= _FIXED]
    for gap in sorted(random.sample(gaps, min(len(gaps), random.randint(1, 2))), reverse=True):
        text = f"{text[:gap]} {text[gap:]}"
    return text


def _numeral(text: str, _: Random) -> str:
    return _COUNT.sub(lambda count: chinese_numeral(int(count[1])), text) if has_han(text) else text


def chinese_numeral(number: int) -> str:
    """A count from 1 to 99,999 as it is said: 3000 三千, 2 两, 15 十五, 10,020 一万零二十."""
    if number == 2:
        return "两"
    digits = "零一二三四五六七八九"
    said, gap = "", False
    for unit, name in ((10_000, "万"), (1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if not digit:
            gap = bool(said)
            continue
        one = "两" if digit == 2 and unit >= 1_000 else digits[digit]
        said += ("零" if gap else "") + one + name
        gap = False
    return said.removeprefix("一") if 10 <= number < 20 else said


def _contracted(text: str, random: Random) -> str:
    return _LONG.sub(lambda long: random.choice(_SHORT[long[0].lower()]), text) if not has_han(text) else text


_WAYS: Mapping[Variant, Callable[[str, Random], str]] = {
    Variant.TRADITIONAL: _traditional,
    Variant.HOMOPHONE: _homophone,
    Variant.NEAR_HOMOPHONE: _near_homophone,
    Variant.PARTICLE: _particle,
    Variant.LETTERS: _letters,
    Variant.FRAMED: _framed,
    Variant.UNMARKED: _unmarked,
    Variant.SPACED: _spaced,
    Variant.NUMERAL: _numeral,
    Variant.CONTRACTED: _contracted,
}
