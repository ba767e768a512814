"""Timing: whether the time of a response tells guides above a reader from guides that do not exist.

Reported before a release and not asserted in every run: a busy machine would decide. 0.5 is chance.
"""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from rag.access import ANONYMOUS
from tests.api.identities import make_account
from tests.leak.exits import Sent, request_of
from tests.leak.judge import Judge
from tests.leak.office import Subject, subjects
from tests.leak.probes import FORMS, Asked, Probe
from tests.leak.served import READERS, session

T = TypeVar("T")
SIGN_INS = 200
"""Pairs of sign-ins at most: each costs two hashes, a third of a second."""


@dataclass(frozen=True)
class Told:
    """How well one exit's times tell what exists from what does not."""

    name: str
    auc: float
    pairs: int


def auc(above: Sequence[float], below: Sequence[float]) -> float:
    """Chance that a value of the first is larger than one of the second, ties counted half (Mann-Whitney)."""
    ranked = sorted([(value, 1) for value in above] + [(value, 0) for value in below])
    total, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        total += sum(kind for _, kind in ranked[at:end]) * (at + end + 1) / 2
        at = end
    return (total - len(above) * (len(above) + 1) / 2) / (len(above) * len(below))


def told(judge: Judge, pairs: int, on_each: Callable[[], None] = lambda: None) -> list[Told]:
    """Times of the record, the page and an answer for closed guides against twins that do not exist, and of a
    sign-in with a wrong password against one with an unknown name."""
    existing = [s for s in judge.served.subjects if not s.opens_to(ANONYMOUS)]
    twins = list(zip(existing, _twins(existing), strict=True))
    found = [
        Told(name, auc(*_times(judge, make, twins, pairs, on_each)), pairs)
        for name, make in (("record", _record), ("page", _page), ("ask", _ask))
    ]
    names = [
        (make_account(judge.served.services.store, f"a{uuid.uuid4().hex}", READERS["internal"]), "li.na")
    ]
    few = min(pairs, SIGN_INS)
    return [*found, Told("sign-in", auc(*_times(judge, _sign_in, names, few, on_each)), few)]


def _twins(existing: Sequence[Subject]) -> list[Subject]:
    """Subjects of the same make whose code and number no guide has."""
    others = [s for s in subjects(30, seed=97) if not s.opens_to(ANONYMOUS)]
    known = {s.code for s in existing}
    free = [s for s in others if s.code not in known]
    return [
        replace(found, code=free[n % len(free)].code, thing=(found.thing[0][::-1], found.thing[1][::-1]))
        for n, found in enumerate(existing)
    ]


def _record(subject: Subject, _: int) -> Sent:
    return Sent("GET", f"/api/v1/guides/{subject.id}")


def _page(subject: Subject, _: int) -> Sent:
    return Sent("GET", f"{subject.path}index.html")


def _ask(subject: Subject, n: int) -> Sent:
    """Numbered, so that no cache of vectors has seen the question."""
    asked = Asked(f"{FORMS['title'](subject, random.Random(n)).text} {n}")
    return request_of(Probe("anonymous", subject, "title", "ask", asked))


def _sign_in(name: str, n: int) -> Sent:
    """A name that exists or does not, and a password that is nobody's."""
    return Sent("POST", "/sign-in", form={"name": name, "password": f"another horse {n}"}, accept="text/html")


def _times(
    judge: Judge,
    make: Callable[[T, int], Sent],
    pairs: Sequence[tuple[T, T]],
    count: int,
    on_each: Callable[[], None],
) -> tuple[list[float], list[float]]:
    """Seconds of each kind, sent in turn and in an order by lot."""
    draw = random.Random(13)
    times: tuple[list[float], list[float]] = ([], [])
    for n in range(count):
        pair = draw.choice(pairs)
        for kind in draw.sample([0, 1], k=2):
            sent = make(pair[kind], n)
            begun = time.perf_counter()
            response = judge.send(session("anonymous"), sent)
            times[kind].append(time.perf_counter() - begun)
            # A caller who is turned away has measured nothing.
            assert response.status_code in (200, 401, 404), response.status_code
        on_each()
    return times
