"""Gates over what the office switches off: what is withdrawn is nowhere, what is stopped answers nothing."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from api import keys
from api.errors import ApiError
from api.identity import identity_of
from api.routes.site import Site
from api.switches import ASSISTANT, Switches, Target, Watch, What
from api.withdrawn import Withdrawals
from rag import retrieve
from tests.leak.exits import Sent
from tests.leak.judge import Judge, site_files, text_of
from tests.leak.marks import Marks
from tests.leak.office import Subject
from tests.leak.own import new_store, off, rewrite
from tests.leak.probes import Asked, Probe
from tests.leak.served import READERS, session, switched_off, without_guides

# -- what is withdrawn is nowhere ----------------------------------------------------------------------------


@contextmanager
def _withdrawn(judge: Judge) -> Iterator[tuple[Judge, list[Subject]]]:
    """The office without a guide of each level and role, all of which the reader of both roles could read."""
    gone = judge.served.subjects[::3]
    site = judge.served.client.app.router.default  # type: ignore[attr-defined]
    assert isinstance(site, Site)
    # What a site kept from before a fault was planted would hide the fault.
    site._withdrawals = Withdrawals()
    with without_guides(judge.served, {s.id for s in gone}) as served:
        yield Judge(served), list(gone)


def _told(judge: Judge, exits: Sequence[str]) -> list[str]:
    """What the withdrawn guides' own questions bring out of some exits."""
    with _withdrawn(judge) as (without, gone):
        probes = [
            Probe("both", subject, "question", exit_name, Asked(f"{subject.name[0]}的保证金是多少"))
            for subject in gone
            for exit_name in exits
        ]
        return [mark for probe in probes for mark in without.leaks(probe)]


def withdrawn_pool_gate(judge: Judge) -> list[str]:
    """Of an index that holds everything, no chunk of a withdrawn guide is in anybody's pool."""
    generation, ids = judge.served.assistant().generation, frozenset(s.id for s in judge.served.subjects[::2])
    index = generation.index(max(generation.circles, key=lambda circle: len(circle.restricted)))
    kept = retrieve.pool(index, READERS["both"], "zh", date.today(), ids)
    return [chunk.id for chunk, stays in zip(index.chunks, kept, strict=True) if stays and chunk.guide in ids]


def withdrawn_answer_gate(judge: Judge) -> list[str]:
    """No answer rests on a withdrawn guide or names it."""
    return _told(judge, ["ask", "stream"])


def withdrawn_search_gate(judge: Judge) -> list[str]:
    """No search finds it."""
    return _told(judge, ["search"])


def withdrawn_lists_gate(judge: Judge) -> list[str]:
    """No list, record or desk holds it, and its record reads as one that does not exist."""
    with _withdrawn(judge) as (without, gone):
        marks, told = Marks(gone), []
        for path in ("/api/v1/guides", "/api/v1/topics"):
            told += marks.shown(without.send("both", Sent("GET", path)).text)
        told += marks.shown(without.send(session("both"), Sent("GET", "/desk", accept="text/html")).text)
        absent = without.send("both", Sent("GET", "/api/v1/guides/off-no-such-guide"))
        for subject in gone:
            found = without.send("both", Sent("GET", f"/api/v1/guides/{subject.id}"))
            told += [subject.id] * ((found.status_code, found.text) != (404, absent.text))
        return told


def withdrawn_site_gate(judge: Judge) -> list[str]:
    """Its pages are absent, with and without their slash, and no other file of any site holds a word of it."""
    with _withdrawn(judge) as (without, gone):
        told = []
        for subject in gone:
            for address in (subject.path, subject.path.rstrip("/"), f"{subject.path}index.html"):
                status = without.send("both", Sent("GET", address)).status_code
                told += [f"{address}: {status}"] * (status != 404)
        # His sites hold all that anybody's do.
        for name in site_files(without.served, "both"):
            response = without.send("both", Sent("GET", name))
            if response.status_code == 200:
                told += [f"{name}: {m}" for m in Marks(gone).shown(text_of(name, response.content))]
        return told


# -- what is stopped -----------------------------------------------------------------------------------------


def stop_gate(judge: Judge) -> list[str]:
    """Stopped, the assistant hands everything over; a guide stopped for it is not answered from, its page stays."""
    subject, wrong = judge.served.subjects[0], []
    sent = Sent("POST", "/api/v1/ask", body={"question": f"{subject.name[0]}的保证金是多少"})
    before = judge.send("anonymous", sent).json()["citations"]
    for target in (ASSISTANT, Target(What.ANSWERS, subject.id)):
        with switched_off(judge.served, target):
            answer = judge.send("anonymous", sent).json()
            page = judge.send("anonymous", Sent("GET", subject.path)).status_code
        cited = {cited["guide"] for cited in answer["citations"]}
        wrong += [f"{target} cites {subject.id}"] * (subject.id in cited) + [f"{target}: {page}"] * (
            page != 200
        )
        wrong += [f"{target}: {answer['reason']}"] * (target == ASSISTANT and answer["reason"] != "stopped")
    return wrong + ["nothing was cited before"] * (not before)


def watch_gate(judge: Judge) -> list[str]:
    """A second after the switch every look sees it, and what was made before is made again."""
    seconds, store, wrong = [0.0], judge.served.services.store, []
    watch, target = Watch(store, lambda: seconds[0]), Target(What.ANSWERS, f"pub-{uuid.uuid4().hex}")
    with switched_off(judge.served, target):
        seconds[0] += 1
        wrong += ["not seen"] * (watch.now().find(target) is None)
    seconds[0] += 1
    wrong += ["not seen to end"] * (watch.now().find(target) is not None)

    def make(switches: Switches) -> Switches:
        """Slow: meanwhile the office switches off."""
        if switches.find(target) is None:
            off(store, target)
            seconds[0] += 1
        return switches

    made = watch.made(make, judge.served.assistant().generation)
    with switched_off(judge.served, target):
        pass
    return wrong + ["made by what held before"] * (made.find(target) is None)


def broken_store_gate(judge: Judge) -> list[str]:
    """Where the store cannot be read nothing opens: switches hold, a start fails, no key is taken for none."""
    seconds, opened = [0.0], []
    with new_store() as (store, folder):
        off(store, ASSISTANT)
        watch = Watch(store, lambda: seconds[0])
        rewrite(folder, "drop table switches", "drop table keys")
        seconds[0] += 1
        opened += ["the assistant"] * (not watch.now().assistant_stopped)
        opened += ["a start"] * (not _fails(lambda: Watch(store)))
        headers = [(keys.HEADER.lower().encode(), b"zn_" + b"A" * 43)]
        request = Request({"type": "http", "method": "GET", "path": "/", "headers": headers})
        opened += ["a key"] * (not _fails(lambda: identity_of(request, store, judge.served.settings)))
    return opened


def _fails(make: Callable[[], object]) -> bool:
    try:
        make()
    except (SQLAlchemyError, ApiError):
        return True
    return False
