"""The emergency switches: what is switched off is off at every exit, in every app over the store, until undone."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.app import create_app
from api.deps import Services
from api.keys import HEADER
from api.store import Store
from api.switches import (
    ASSISTANT,
    SECONDS,
    Switch,
    Switches,
    Target,
    Watch,
    What,
    read_switches,
    switch_off,
    switch_on,
)
from rag.access import circle_of
from rag.generation import current, open_generation
from rag.generation import switch as switch_generation
from rag.settings import Settings
from tests.api.conftest import READERS, serving
from tests.api.identities import make_account, make_key
from tests.api.library import TITLES
from tests.api.routes.test_desk import sign_in

TAG, TAG_TITLES = "pub-bike-tag", ("自行车号牌的申领", "Getting a bicycle tag")
QUESTION = "自行车号牌的申领收费吗"
ASKED = {
    TAG: ("anonymous", QUESTION),
    "org-bike-fleet": ("members", "车队登记备案交到几号窗口"),
    "stf-bike-audit": ("internal", "库存盘点规程交到几号窗口"),
}
"""Guides, who may read each, and a question that it answers."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store of its own."""
    opened = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def office(settings: Settings) -> Iterator[tuple[TestClient, Store]]:
    """A client of the app of the tiny office, which looks at its switches before every answer, and their store."""
    app, opened = create_app(settings), Store(settings.database)
    with serving(app) as client:
        _look_always(app)
        yield client, opened
    opened.close()


@pytest.fixture
def switched(office: tuple[TestClient, Store]) -> Iterator[Store]:
    """The store of the app; what a test switches off is on again after it."""
    yield office[1]
    _all_on(office[1])


@pytest.fixture
def client(office: tuple[TestClient, Store]) -> TestClient:
    """The client of the app."""
    return office[0]


def _all_on(store: Store) -> None:
    for switch in read_switches(store).off:
        _on(store, switch.target)


def _look_always(app: FastAPI) -> None:
    """Let the app's clock run on by a second with each look."""
    services: Services = app.state.services
    ticks = count()
    app.state.services = replace(services, watch=Watch(services.store, lambda: float(next(ticks))))


def _off(store: Store, target: Target, reason: str = "错误 / wrong") -> None:
    with store.writing() as connection:
        switch_off(connection, Switch(target, reason, "cli:test", datetime.now(UTC)))


def _on(store: Store, target: Target) -> bool:
    with store.writing() as connection:
        return switch_on(connection, target)


def _ask(
    client: TestClient, question: str, headers: dict[str, str] | None = None, **said: Any
) -> dict[str, Any]:
    response = client.post("/api/v1/ask", json={"question": question, **said}, headers=headers or {})
    assert response.status_code == 200
    data: dict[str, Any] = response.json()
    return data


def _cited(answer: dict[str, Any]) -> set[str]:
    return {cited["guide"] for cited in answer["citations"]}


# -- the watch ---------------------------------------------------------------------------------------------


def test_a_switch_is_seen_when_half_a_second_has_passed_and_not_read_before(store: Store) -> None:
    """A process goes by what it read for half a second, then reads anew."""
    now = 100.0
    watch = Watch(store, lambda: now)
    _off(store, ASSISTANT)
    now += SECONDS - 0.01
    assert not watch.now().assistant_stopped
    now += 0.01
    assert watch.now().assistant_stopped
    assert SECONDS < 1


def test_a_store_that_cannot_be_read_opens_nothing(store: Store) -> None:
    """What was switched off stays off while the store is broken; without any knowledge there is no watch."""
    now = 0.0
    watch = Watch(store, lambda: now)
    _off(store, Target(What.GUIDE, TAG))
    now += 1
    assert watch.now().withdrawn == {TAG}
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE switches RENAME TO hidden"))
    for _ in range(3):
        now += 1
        assert watch.now().withdrawn == {TAG}
    with pytest.raises(SQLAlchemyError):
        Watch(store, lambda: now)
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO switches"))
    _on(store, Target(What.GUIDE, TAG))
    now += 1
    assert watch.now().withdrawn == frozenset()


def test_what_was_being_made_when_a_switch_was_thrown_is_made_again(settings: Settings, store: Store) -> None:
    """An answer leaves only if nothing was switched since it was begun."""
    ticks = count()
    watch, begun = Watch(store, lambda: float(next(ticks))), list[Switches]()

    def make(switches: Switches) -> frozenset[str]:
        begun.append(switches)
        if len(begun) == 1:
            _off(store, Target(What.GUIDE, TAG))
        return switches.withdrawn

    assert watch.made(make, open_generation(settings.out)) == {TAG}
    assert [switches.withdrawn for switches in begun] == [frozenset(), {TAG}]


def test_a_second_reason_takes_the_place_of_the_first_and_an_undone_switch_is_gone(store: Store) -> None:
    """There is one switch a target; undoing what was not done says so."""
    _off(store, Target(What.ANSWERS, TAG), "first")
    _off(store, Target(What.ANSWERS, TAG), "second")
    assert [(s.target, s.reason, s.actor) for s in read_switches(store).off] == [
        (Target(What.ANSWERS, TAG), "second", "cli:test")
    ]
    assert _on(store, Target(What.ANSWERS, TAG)) and not _on(store, Target(What.ANSWERS, TAG))
    assert read_switches(store) == Switches()


# -- the assistant -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "lang", "said"),
    [(QUESTION, "zh-Hans", "暂停使用"), ("自行車號牌的申領收費嗎", "zh-Hant", "暫停使用"),
     ("Is the bicycle tag free?", "en", "paused")],
)  # fmt: skip
def test_a_stopped_assistant_hands_over_in_the_words_of_the_asker(
    client: TestClient, switched: Store, question: str, lang: str, said: str
) -> None:
    """Whoever asks is told in his script that it is paused and whom to reach; nothing is cited or suggested."""
    assert _ask(client, question)["outcome"] == "answered"
    _off(switched, ASSISTANT)
    answer = _ask(client, question)
    assert (answer["outcome"], answer["reason"], answer["lang"]) == ("handover", "stopped", lang)
    assert said in answer["text"] and "000-0000-0101" in answer["text"] and "120" in answer["text"]
    assert answer["contact"]["phone"] == "000-0000-0101" and answer["label"]
    assert answer["citations"] == answer["choices"] == answer["suggestions"] == []
    streamed = client.post(
        "/api/v1/ask", json={"question": question}, headers={"accept": "text/event-stream"}
    )
    assert '"reason": "stopped"' in streamed.text and said in streamed.text
    assert client.get("/api/v1/search", params={"q": question}).json()["hits"]
    assert client.get("/public/pub-bike-tag/").status_code == 200
    _on(switched, ASSISTANT)
    assert _ask(client, question)["outcome"] == "answered"


def test_a_stopped_assistant_still_names_the_emergency_numbers(client: TestClient, switched: Store) -> None:
    """Whoever is in danger reads whom to call, also while the assistant is stopped."""
    _off(switched, ASSISTANT)
    assert {number for number in ("110", "119", "120") if number in _ask(client, "家里着火了")["text"]} == {
        "110",
        "119",
        "120",
    }


def test_a_guide_stopped_for_the_assistant_keeps_its_page(client: TestClient, switched: Store) -> None:
    """No answer, choice or suggestion names it, while page, record, lists and search go on."""
    page = client.get("/public/pub-bike-tag/")
    _off(switched, Target(What.ANSWERS, TAG))
    for question in (QUESTION, TAG, "自行车号牌", "怎么办", "收费吗", "Is the bicycle tag free?"):
        assert TAG not in json.dumps(_ask(client, question))
    assert _ask(client, QUESTION)["outcome"] == "abstained"
    again = client.get("/public/pub-bike-tag/")
    assert (again.content, again.headers["etag"]) == (page.content, page.headers["etag"])
    assert client.get(f"/api/v1/guides/{TAG}").status_code == 200
    assert client.get("/api/v1/search", params={"q": QUESTION}).json()["hits"][0]["guide"] == TAG


# -- withdrawal --------------------------------------------------------------------------------------------


def _everything(
    client: TestClient, settings: Settings, headers: dict[str, str], reader: str
) -> dict[str, bytes]:
    """Every file of the reader's site and every answer of the API about guides, by address."""
    generation = open_generation(settings.out)
    root = (
        generation.site_folder(circle_of(READERS[reader], generation.restricted))
        if reader in READERS
        else None
    )
    root = root or generation.path / "circles" / "open" / "site"
    files = [f"/{file.relative_to(root)}" for file in sorted(root.rglob("*")) if file.is_file()]
    folders = [path.removesuffix("index.html") for path in files if path.endswith("/index.html")]
    api = [
        "guides",
        "guides?lang=en",
        "topics",
        "units",
        f"guides/{TAG}",
        f"search?q={TAG_TITLES[0]}",
        "search?q=bicycle",
    ]
    addresses = [*files, *folders, *(f"/api/v1/{name}" for name in api)]
    got = {address: client.get(address, headers=headers | {"accept": "text/html"}) for address in addresses}
    assert {response.status_code for response in got.values()} <= {200, 404}
    said = {address: response.content for address, response in got.items()}
    # The question itself comes back in a choice: the asker's own words tell nobody anything.
    for question in ("收费吗", "怎么办", "号牌多少钱", "What does the tag cost?", "在哪儿领"):
        said[question] = json.dumps(_ask(client, question, headers), ensure_ascii=False).encode()
    return said


@pytest.mark.parametrize("reader", ["anonymous", *READERS])
def test_a_withdrawn_guide_is_in_no_byte_for_anybody(
    client: TestClient, switched: Store, settings: Settings, reader: str
) -> None:
    """Title, id and sentences of a withdrawn guide stand in no file, list, record, hit or answer of any reader; undone, all is
    as before, byte by byte."""
    headers = {HEADER: make_key(switched, reader, READERS[reader])} if reader in READERS else {}
    marks = [mark.encode() for mark in (TAG, *TAG_TITLES, "自行车号牌当场发放", "The bicycle tag is free")]
    before = _everything(client, settings, headers, reader)
    for mark in marks:
        assert sum(mark in data for data in before.values()) > 3
    _off(switched, Target(What.GUIDE, TAG))
    for address, data in _everything(client, settings, headers, reader).items():
        assert not [mark for mark in marks if mark in data], address
    _on(switched, Target(What.GUIDE, TAG))
    after = _everything(client, settings, headers, reader)
    assert {a: d for a, d in after.items() if a in before and d != before[a] and a.startswith("/")} == {}


def test_a_withdrawn_guide_is_absent_in_the_words_of_one_that_never_was(
    client: TestClient, switched: Store
) -> None:
    """Status, headers and body are those of an id that nobody ever used, also for a browser that has the old tag."""
    tag = client.get("/public/pub-bike-tag/").headers["etag"]
    _off(switched, Target(What.GUIDE, TAG))
    for address in ("/public/{}/", "/public/{}", "/public/{}/index.html", "/public/{}/guide.json", "/public/{}/index.md",
                    "/en/public/{}/", "/en/public/{}/guide.json", "/api/v1/guides/{}", "/api/v1/guides/{}?lang=en"):  # fmt: skip
        for accept in ("text/html", "*/*"):
            for method in ("GET",) if address.startswith("/api/") else ("GET", "HEAD"):
                sent = {"accept": accept, "if-none-match": tag}
                gone, never = (
                    client.request(method, address.format(guide), headers=sent)
                    for guide in (TAG, "pub-never-was")
                )
                # How many requests are left goes down by one with each.
                told = [{**r.headers, "ratelimit": ""} for r in (gone, never)]
                assert (gone.status_code, told[0], gone.content) == (404, told[1], never.content)


def test_a_page_that_lost_a_link_has_another_tag(client: TestClient, switched: Store) -> None:
    """No cache keeps the page with the link, and HEAD says what GET gives."""
    page = client.get("/topics/")
    _off(switched, Target(What.GUIDE, TAG))
    less = client.get("/topics/", headers={"if-none-match": page.headers["etag"]})
    assert less.status_code == 200 and less.headers["etag"] != page.headers["etag"]
    assert less.headers["content-type"] == page.headers["content-type"]
    assert client.get("/topics/", headers={"if-none-match": less.headers["etag"]}).status_code == 304
    head = client.head("/topics/")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(less.content)))


def test_a_reader_who_could_not_read_a_guide_sees_no_difference_when_it_is_withdrawn(
    client: TestClient, switched: Store
) -> None:
    """The withdrawal of a higher guide changes no byte and no tag below its level."""
    addresses = [
        "/",
        "/topics/",
        "/search-data.json",
        "/print/",
        "/offline.zip",
        "/llms.txt",
        "/api/v1/guides",
        "/api/v1/topics",
    ]

    def seen() -> list[tuple[bytes, str | None]]:
        found = [client.get(address) for address in addresses]
        return [(response.content, response.headers.get("etag")) for response in found]

    before = seen()
    _off(switched, Target(What.GUIDE, "stf-bike-audit"))
    assert seen() == before
    assert TITLES["internal"].encode() not in b"".join(content for content, _ in before)


def test_the_desk_does_not_list_a_withdrawn_guide(client: TestClient, switched: Store) -> None:
    """Also the page of somebody who is signed in is without it."""
    name = make_account(switched, "clerk", READERS["internal"])
    assert sign_in(client, name) == 303
    assert TITLES["internal"] in client.get("/desk").text
    _off(switched, Target(What.GUIDE, "stf-bike-audit"))
    page = client.get("/desk").text
    client.cookies.clear()
    assert TITLES["members"] in page and TITLES["internal"] not in page and "stf-bike-audit" not in page


def test_another_generation_does_not_bring_a_withdrawn_guide_back(
    settings: Settings, switched: Store, tmp_path: Path
) -> None:
    """The switch lies over every generation: one that was built from a file that still says `published` shows nothing of
    the guide, nor does the old one after a rollback."""
    out = Path(shutil.copytree(settings.out, tmp_path / "out"))
    first = str(current(out))
    _off(switched, Target(What.GUIDE, TAG))
    shutil.copytree(out / first, out / "g-rebuilt")
    for name in ("g-rebuilt", first):
        switch_generation(out, name)
        with serving(create_app(settings.model_copy(update={"out": out}))) as client:
            assert _ask(client, QUESTION)["generation"] == name
            assert (
                client.get(f"/public/{TAG}/").status_code
                == client.get(f"/api/v1/guides/{TAG}").status_code
                == 404
            )
            assert TAG not in client.get("/search-data.json").text + client.get("/api/v1/guides").text


# -- any order, two apps -----------------------------------------------------------------------------------


def test_two_apps_follow_any_sequence_of_switches(
    settings: Settings, office: tuple[TestClient, Store], switched: Store
) -> None:
    """Whatever is switched in whatever order, two apps over one store answer, list and show exactly what is left."""
    one, other = office[0], create_app(settings)
    keys = {name: {HEADER: make_key(switched, name, READERS[name])} for name in ("members", "internal")}
    with serving(other) as two:
        _look_always(other)

        class Office(RuleBasedStateMachine):
            """The office switches; the model is a set of targets."""

            off: set[Target]

            def __init__(self) -> None:
                super().__init__()
                self.off = set()
                _all_on(switched)

            @rule(
                turned=st.sampled_from(
                    [ASSISTANT, *(Target(w, g) for w in (What.GUIDE, What.ANSWERS) for g in ASKED)]
                )
            )
            def turn(self, turned: Target) -> None:
                """Off if it is on, on if it is off."""
                if turned in self.off:
                    assert _on(switched, turned)
                    self.off.remove(turned)
                else:
                    _off(switched, turned)
                    self.off.add(turned)

            @invariant()
            def holds_in_both(self) -> None:
                """Answers, records and pages of every guide, in both apps."""
                for client in (one, two):
                    for guide, (reader, question) in ASKED.items():
                        headers = keys.get(reader, {})
                        withdrawn = Target(What.GUIDE, guide) in self.off
                        unused = withdrawn or Target(What.ANSWERS, guide) in self.off
                        answer = _ask(client, question, headers)
                        assert (answer["reason"] == "stopped") == (ASSISTANT in self.off)
                        assert (guide in _cited(answer)) == (not unused and ASSISTANT not in self.off)
                        assert not (unused and guide in json.dumps(answer))
                        found = client.get(f"/api/v1/guides/{guide}", headers=headers).status_code
                        assert found == (404 if withdrawn else 200)
                        lists = client.get("/topics/", headers=headers).text
                        assert (guide in lists) == (not withdrawn)

        run_state_machine_as_test(
            Office, settings=effort(max_examples=5, stateful_step_count=10, deadline=None)
        )
