"""No text that anybody can send makes a pattern, or the way of a question, slow.

Bounds are of processor time and generous; a pattern that backtracks misses them by orders of magnitude.
"""

import random
import re
import time
from collections.abc import Callable
from datetime import date

import pytest

from rag.access import ANONYMOUS
from rag.answer import Assistant
from rag.exchange import Question, Turn
from rag.rules.marks import secret_mark
from rag.screen import mask
from rag.text import fold, plain, script_of
from tests.hostile import Found, Hard, hard_texts, patterns

BODY = 64_000
"""Characters that a body may hold; nothing longer reaches the product."""
LINE = 2_000
"""Characters of a long line of a guide, which colleagues write."""
READ_BY_ALL = (
    "api.accounts", "api.keys", "api.oidc", "api.render", "api.requests", "rag.addresses", "rag.courtesy", "rag.decide", "rag.elsewhere", "rag.personal", "rag.question", "rag.reply",
    "rag.rerank", "rag.rules.marks", "rag.scope", "rag.screen", "rag.shadow", "rag.shapes", "rag.sounds", "rag.spelling", "rag.talk",
    "rag.text",
)  # fmt: skip
"""Modules whose patterns see what the public writes."""
OF_SHORT_VALUES = {"rag.shapes._DOTTED"}
"""Patterns that see only a number which another pattern has found and bounded."""
FIRST, LIMIT = 300, 2.0


def seconds(work: Callable[[], object]) -> float:
    """Processor time that something takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def searched(found: Found, hard: Hard, size: int) -> float:
    """Seconds to search a whole text for a pattern."""
    text = hard.text(size)
    return seconds(lambda: [None for _ in found.pattern.finditer(text)])


def hardest(found: Found) -> list[Hard]:
    """The three texts that take a pattern longest."""
    timed = {hard: searched(found, hard, FIRST) for hard in hard_texts(found.pattern)}
    return sorted(timed, key=timed.__getitem__)[-3:]


def slowest(found: Found, size: int) -> float:
    """The longest time that a pattern takes for so many characters; what can't even come near the limit by
    quadratic growth is not tried at length."""
    most = 0.0
    for hard in hardest(found):
        took = searched(found, hard, LINE)
        if size > LINE and took * (size / LINE) ** 2 > LIMIT:
            took = searched(found, hard, size)
        most = max(most, took)
    return most


@pytest.fixture(scope="module")
def known() -> list[Found]:
    """The patterns of the product."""
    found = patterns()
    assert len(found) > 200 and {one.place for one in found} >= OF_SHORT_VALUES
    return found


def test_the_search_for_hard_texts_finds_a_pattern_that_backtracks() -> None:
    """Patterns known to be slow are caught, so that finding none proves something."""
    cubic = Found("here", re.compile(r"(?<=.)[,\s]*(?:a?[,\s]*thanks)[.]*$"))
    square = Found("here", re.compile(r"a[^b]*b"))
    assert searched(cubic, hardest(cubic)[-1], 2 * FIRST) > 0.1
    assert searched(square, hardest(square)[-1], 16_000) > 0.04


def test_no_pattern_is_slow_on_a_line(known: list[Found]) -> None:
    """Every pattern ends within two seconds on 2,000 characters made to be hard for it."""
    assert [one.place for one in known if slowest(one, LINE) > LIMIT] == []


def test_no_pattern_that_the_public_reaches_is_slow_on_a_whole_body(known: list[Found]) -> None:
    """Patterns that see what anybody writes end within two seconds on a whole body of the hardest text."""
    reached = [one for one in known if one.place.startswith(READ_BY_ALL) and one.place not in OF_SHORT_VALUES]
    assert len(reached) > 120
    assert [one.place for one in reached if slowest(one, BODY) > LIMIT] == []


@pytest.mark.parametrize("work", [mask, fold, plain, script_of, secret_mark], ids=lambda work: work.__name__)
def test_no_step_is_slow_on_a_whole_body(work: Callable[[str], object]) -> None:
    """What is done with a text before it is cut ends within two seconds on 64,000 characters of any kind."""
    work("热身 warm up 13800138000 一三八")
    pieces = (
        "7－",
        "7\u200b",
        "12345678901 ",
        "住1号楼2单元",
        "Room 7, ",
        "a@b.",
        " ",
        "，",
        "不能",
        "绝*",
        "\n",
        "a",
        "國",
    )
    for piece in pieces:
        text = Hard("", piece).text(BODY)
        assert seconds(lambda text=text: work(text)) < 2, piece  # type: ignore[misc]


def test_no_question_is_slow(assistant: Assistant, known: list[Found]) -> None:
    """500 questions of 500 characters, made to be hard for the product's own patterns, are each read within half a
    second."""
    chance, day = random.Random(20261123), date(2026, 11, 22)
    hard = [text for one in known for text in hard_texts(one.pattern)]
    for question in ("号牌怎么补办", "how do I renew my card"):
        assistant.read(Question(question), ANONYMOUS, day)
    for text in chance.sample(hard, 500):
        asked = Question(text.text(500))
        assert seconds(lambda asked=asked: assistant.read(asked, ANONYMOUS, day)) < 0.5, text  # type: ignore[misc]


def test_no_history_is_slow(assistant: Assistant) -> None:
    """Twenty turns of 2,000 characters, the most that is taken, are read within two seconds."""
    turns = tuple(Turn("user", Hard("", "7－").text(2000)) for _ in range(20))
    asked = Question("要几天", turns)
    assert seconds(lambda: assistant.read(asked, ANONYMOUS, date(2026, 11, 22))) < 2
