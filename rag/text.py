"""Text as both legs of retrieval see it: folded to one script and width, cut into sentences and terms.

Index and query pass through the same functions, so a term of one is a term of the other.
"""

import logging
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

import snowballstemmer
import yaml
from opencc import OpenCC

from rag.settings import ROOT

SYNONYMS = ROOT / "rag" / "synonyms.yml"

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_CHAR = re.compile(f"[{HAN}]")
_RUNS = re.compile(f"[{HAN}]+|[a-z]+(?:'[a-z]+)?|\\d+(?:[.,]\\d+)*")
# Control characters go too: OpenCC stops reading at NUL, which would hide what follows.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


_SPOKEN_DIGITS = re.compile("[〇零一二三四五六七八九]{3,}")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


def normalise(text: str) -> str:
    """NFKC (full-width to ASCII), invisible characters dropped, lower case; the script is kept."""
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).lower()


def to_simplified(text: str) -> str:
    """Text in Simplified characters, wording unchanged."""
    return str(_converter("tw2s").convert(text)) if _HAN_CHAR.search(text) else text


def fold(text: str) -> str:
    """`normalise` and Traditional to Simplified: the form in which text is matched, never shown."""
    return to_simplified(normalise(text))


def fold_wording(text: str) -> str:
    """`fold` that also turns Taiwan wording into the mainland's (資訊 → 信息)."""
    text = normalise(text)
    return str(_converter("tw2sp").convert(text)) if _HAN_CHAR.search(text) else text


def to_traditional(text: str) -> str:
    """Simplified text in Traditional characters, wording unchanged."""
    return str(_converter("s2tw").convert(text))


def script_of(text: str) -> str:
    """`zh-Hans`, `zh-Hant` or `en`: the language and script somebody writes in."""
    han = len(_HAN_CHAR.findall(text))
    if not han and not re.search("[A-Za-z]", text):
        return "zh-Hans"
    if not han or han * 4 < len(re.findall(r"[A-Za-z]+", text)):
        return "en"
    return "zh-Hant" if fold(text) != normalise(text) else "zh-Hans"


def has_han(text: str) -> bool:
    """Whether any Chinese character stands in the text."""
    return bool(_HAN_CHAR.search(text))


def sentences(text: str) -> list[str]:
    """Sentences with their closing marks; Chinese stops cut anywhere, a Latin stop only before a space."""
    parts = re.split(r"(?<=[。！？；])(?![”’」』）])|(?<=[.!?])\s+(?=[A-Z0-9\"'(])|\n+", text)
    return [part.strip() for part in parts if part and part.strip()]


def numbers(text: str) -> list[str]:
    """Numbers in a text, widths folded, thousands separators dropped."""
    folded = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", unicodedata.normalize("NFKC", text))
    return _NUMBER.findall(folded)


@cache
def _stemmer() -> "snowballstemmer.english_stemmer.EnglishStemmer":
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The English stem of a lower-case word (Snowball)."""
    return str(_stemmer().stemWord(word.removesuffix("'s")))


@cache
def everyday_words() -> dict[str, str]:
    """Everyday words of synonyms.yml, each with the word that guides use."""
    groups: dict[str, list[str]] = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))
    return {word: head for head, others in groups.items() for word in others}


@cache
def _synonyms() -> tuple[re.Pattern[str], dict[str, str]]:
    """Pattern of everyday words, longest first, and the word each stands for."""
    words = everyday_words()
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True)))), words


def plain(text: str) -> str:
    """`fold` with Taiwan wording and everyday words turned into those that guides use (synonyms.yml)."""
    folded = fold_wording(text)
    if not _HAN_CHAR.search(folded):
        return folded
    folded = _SPOKEN_DIGITS.sub(lambda run: run[0].translate(_DIGITS), folded)
    pattern, words = _synonyms()
    return pattern.sub(lambda match: words[match[0]], folded)


def terms(text: str) -> list[str]:
    """Terms of the lexical leg: Chinese characters and bigrams, dictionary words of three characters and
    more, English stems, numbers. Repeated terms stay repeated."""
    found: list[str] = []
    for run in _RUNS.findall(plain(text)):
        if _HAN_CHAR.match(run):
            found += run
            found += [run[i : i + 2] for i in range(len(run) - 1)]
            if len(run) > 2:
                found += [word for word in words(run) if len(word) > 2]
        elif run[0].isdigit():
            found.append(run.replace(",", ""))
        else:
            found.append(stem(run))
    return found


@cache
def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    # jieba unmarshals its cache: the default, a shared temporary folder, would let another user plant one.
    folder = ROOT / "var" / "jieba"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(folder)
    tokenizer.initialize()
    return tokenizer


@lru_cache(maxsize=20_000)
def words(run: str) -> tuple[str, ...]:
    """Dictionary words of a run of Chinese characters (jieba, search mode, no guessed words)."""
    return tuple(_jieba().cut_for_search(run, HMM=False))


@lru_cache(maxsize=20_000)
def precise_words(run: str) -> tuple[str, ...]:
    """A run of Chinese characters cut into dictionary words without overlap."""
    return tuple(_jieba().cut(run, HMM=False))


def frequency(word: str) -> float:
    """Which share of the words of everyday Chinese this one is; 0 if the dictionary lacks it."""
    return float(_jieba().FREQ.get(word, 0) / _jieba().total)
