"""Non-interference: what a reader is told does not depend on the existence of guides above him.

Two offices are served, one without the higher guides; whatever is asked of both must be answered alike, byte by byte.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from rag.answer import Assistant
from rag.exchange import Question
from rag.text import to_traditional
from tests.leak.exits import Sent, request_of
from tests.leak.judge import LISTS, Judge, dumped, said, site_files
from tests.leak.office import Subject
from tests.leak.probes import FORMS, Asked, Probe
from tests.leak.served import READERS, Served

_ANYTHING = (
    "你好", "谢谢", "你是谁", "怎么办", "要多少钱", "保证金", "材料", "今天天气怎么样", "我要找人工", "110",
    "hello", "what can you do", "how much", "deposit", "？？？", "1", "身份证丢了怎么办", "我要投诉", "写一首诗", "小组",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """The office with and without the guides above a reader, each behind the application."""

    whole: Judge
    without: Judge
    reader: str


def questions(subjects: Sequence[Subject], count: int, seed: int = 23) -> list[tuple[str, Asked]]:
    """`count` different questions in all forms about open and closed subjects, and about nothing of the kind."""
    draw, made = random.Random(seed), {("anything", Asked(text)): None for text in _ANYTHING}
    while len(made) < count:
        form = draw.choice(list(FORMS))
        made.setdefault((form, FORMS[form](draw.choice(subjects), draw)))
    return list(made)[:count]


def differing(pair: Pair, count: int, on_each: Callable[[], None] = lambda: None) -> list[tuple[str, Asked]]:
    """Questions that the two offices answer differently, by asking and by searching."""
    found = []
    for n, (form, asked) in enumerate(questions(pair.whole.served.subjects, count)):
        # Every third question is searched for, every fourth streamed.
        exit_name = "search" if n % 3 == 2 else "stream" if n % 4 == 3 else "ask"
        sent = request_of(Probe(pair.reader, pair.whole.served.subjects[0], form, exit_name, asked))
        if _view(pair.whole, pair.reader, sent) != _view(pair.without, pair.reader, sent):
            found.append((exit_name, asked))
        on_each()
    return found


def _view(judge: Judge, reader: str, sent: Sent) -> tuple[int, str]:
    """Status and bytes of a response, less what differs each time."""
    response = judge.send(reader, sent)
    is_answer = sent.url.endswith("/ask") and response.status_code == 200
    return response.status_code, dumped(said(response)) if is_answer else response.text


def differing_exits(pair: Pair) -> tuple[list[str], int]:
    """Lists, records and files of the site that the two offices give differently, and how many there are."""
    files = [set(site_files(judge.served, pair.reader)) for judge in (pair.whole, pair.without)]
    records = [f"/api/v1/guides/{subject.id}" for subject in pair.without.served.subjects]
    paths = [*LISTS, "/api/v1/guides?audience=public", *records, *sorted(files[0] & files[1])]
    differ = [p for p in paths if _digest(pair.whole, pair, p) != _digest(pair.without, pair, p)]
    return differ + sorted(files[0] ^ files[1]), len(paths)


def _digest(judge: Judge, pair: Pair, path: str) -> tuple[int, str]:
    response = judge.send(pair.reader, Sent("GET", path))
    return response.status_code, sha256(response.content).hexdigest()


# -- one assistant, many readers ---------------------------------------------------------------------------


def crossings(
    served: Served, count: int, on_each: Callable[[], None] = lambda: None
) -> list[tuple[str, str, str]]:
    """Questions whose answer depends on who asked before.

    One assistant is asked by a higher reader and then by a lower one, or the other way, the same question or
    nearly the same; what it tells the second must be what an assistant tells that no other reader has asked.
    """
    shared, found = served.fresh(), []
    alone = {name: served.fresh() for name in READERS}
    for n, (high, low, text, near) in enumerate(_pairs(served.subjects, count)):
        first, second = (high, low) if n % 2 else (low, high)
        shared.ask(Question(text), READERS[first])
        tell = _hits if n % 4 > 1 else _answer
        if tell(shared, near, second) != tell(alone[second], near, second):
            found.append((first, second, near))
        on_each()
    return found


def _pairs(subjects: Sequence[Subject], count: int) -> Iterator[tuple[str, str, str, str]]:
    """A reader who may read a subject, one who may not, a question, and the same one or nearly so."""
    draw = random.Random(31)
    closed = [s for s in subjects if not s.opens_to(READERS["anonymous"])]
    for _ in range(count):
        subject = draw.choice(closed)
        high = [name for name, reader in READERS.items() if subject.opens_to(reader)]
        low = [name for name in READERS if name not in high]
        text = FORMS["question"](subject, draw).text
        near = draw.choice([text, text, f"{text}？", to_traditional(text), f"请问{text}"])
        yield draw.choice(high), draw.choice(low), text, near


def _answer(assistant: Assistant, text: str, reader: str) -> str:
    answer = assistant.ask(Question(text), READERS[reader]).as_json()
    return dumped({key: value for key, value in answer.items() if key not in ("id", "elapsed_ms")})


def _hits(assistant: Assistant, text: str, reader: str) -> str:
    return dumped([hit.as_json() for hit in assistant.search(text, READERS[reader])])
