"""Requests and answers against somebody who guesses, forges and replays: any order of steps, one model of the truth.

`ZHINAN_STEPS=5000` takes as many steps as a release asks for; CI takes 500.
"""

import os
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    rule,
    run_state_machine_as_test,
)

from api.app import create_app
from rag.settings import Settings
from tests.api.conftest import serving

STEPS = int(os.environ.get("ZHINAN_STEPS", "500"))
STEPS_A_RUN = 50
REQUESTS, ANSWERS = "/api/v1/requests", "/api/v1/answers"
CODE_CHARACTERS, CODE_LENGTH = 31, 8
_VARYING = frozenset(["ratelimit", "ratelimit-policy", "date"])


@dataclass
class Filed:
    """A request that was filed, as the one who filed it knows it."""

    number: str
    code: str
    sent: dict[str, str]
    key: str
    gone: bool = False


@dataclass
class Count:
    """Steps that were taken in all runs."""

    steps: int = 0
    kinds: set[str] = field(default_factory=set)


def machine(client: TestClient, count: Count) -> type[RuleBasedStateMachine]:
    """The machine over one app."""

    class Machine(RuleBasedStateMachine):
        """What may be done with requests and answers, right and wrong."""

        filed: Bundle[Filed] = Bundle("filed")
        known: Bundle[str] = Bundle("known")

        @initialize()
        def look_at_what_is_not_there(self) -> None:
            """How an absent request and an absent answer look."""
            self.absent = _told(client.get(f"{REQUESTS}/SS-20200101-0001", params={"code": "AAAAAAAA"}))
            self.ratings: dict[str, dict[str, Any]] = {}
            self.numbers: set[str] = set()
            assert self.absent[0] == 404

        def step(self, name: str) -> None:
            """One step more."""
            count.steps += 1
            count.kinds.add(name)

        @rule(target=filed, question=st.text("号牌丢了怎么办 ab", min_size=1, max_size=40).filter(str.strip))
        def file(self, question: str) -> Filed:
            """Filing gives a number that nobody has and a code of full length; twice the same makes two."""
            self.step("file")
            sent, key = {"question": question}, uuid.uuid4().hex
            told = client.post(REQUESTS, json=sent, headers={"Idempotency-Key": key})
            assert told.status_code == 201
            number, code = told.json()["number"], told.json()["code"]
            assert number not in self.numbers and re.fullmatch(r"[2-9A-HJKMNP-Z]{8}", code)
            self.numbers.add(number)
            return Filed(number, code, sent, key)

        @rule(one=filed.filter(lambda one: not one.gone))
        def send_again(self, one: Filed) -> None:
            """The same try sent again is told the same and files nothing."""
            self.step("send again")
            told = client.post(REQUESTS, json=one.sent, headers={"Idempotency-Key": one.key})
            assert told.status_code == 201
            assert (told.json()["number"], told.json()["code"]) == (one.number, one.code)

        @rule(one=filed.filter(lambda one: not one.gone))
        def send_otherwise(self, one: Filed) -> None:
            """Another matter under the same key is told neither number nor code."""
            self.step("send otherwise")
            other = one.sent | {"contact": "x"}
            told = client.post(REQUESTS, json=other, headers={"Idempotency-Key": one.key})
            assert told.status_code == 422 and one.code not in told.text and one.number not in told.text

        @rule(one=filed)
        def follow(self, one: Filed) -> None:
            """The holder sees the state, and nothing else; once it is deleted, not even him."""
            self.step("follow")
            told = client.get(f"{REQUESTS}/{one.number}", params={"code": one.code})
            if one.gone:
                assert _told(told) == self.absent
            else:
                assert told.status_code == 200
                assert set(told.json()) == {"number", "state", "filed", "due"}
                assert (told.json()["number"], told.json()["state"]) == (one.number, "new")

        @rule(one=filed, other=filed, method=st.sampled_from(["GET", "DELETE"]))
        def use_anothers_code(self, one: Filed, other: Filed, method: str) -> None:
            """Somebody else's code shows, and deletes, nothing."""
            self.step("another's code")
            if one.code != other.code:
                self.nothing(method, one.number, other.code)

        @rule(
            one=filed,
            place=st.integers(0, 7),
            sign=st.sampled_from("2Z9AK"),
            method=st.sampled_from(["GET", "DELETE"]),
        )
        def guess(self, one: Filed, place: int, sign: str, method: str) -> None:
            """A code that is wrong in one character is as wrong as any."""
            self.step("guess")
            wrong = one.code[:place] + sign + one.code[place + 1 :]
            if wrong != one.code:
                self.nothing(method, one.number, wrong)

        @rule(
            one=filed,
            code=st.sampled_from(["", " ", "%", "*", "null", "' or 1=1 --", "\0", "AAAAAAAA", "０"]),
        )
        def try_a_trick(self, one: Filed, code: str) -> None:
            """No special word stands for a code."""
            self.step("trick")
            self.nothing("GET", one.number, code)

        @rule(
            one=filed,
            forge=st.sampled_from(
                ["next", "day", "series", "small", "wide", "blank", "zeros", "like", "cut"]
            ),
        )
        def forge_a_number(self, one: Filed, forge: str) -> None:
            """A code opens its own number alone, however another one is written."""
            self.step("forge")
            letters, day, n = one.number.split("-")
            forged = {
                "next": f"{letters}-{day}-{int(n) + 1:04d}",
                "day": f"{letters}-{int(day) - 1}-{n}",
                "series": f"{'ZZ' if letters == 'SS' else 'SS'}-{day}-{n}",
                "small": one.number.lower(),
                "wide": one.number.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
                "blank": f"{one.number}%20",
                "zeros": f"{letters}-{day}-0{n}",
                "like": f"{letters}-{day}-____",
                "cut": one.number[:-1],
            }[forge]
            self.nothing("GET", forged, one.code)

        @rule(one=filed)
        def forget(self, one: Filed) -> None:
            """The holder deletes it once; what is repeated finds nothing."""
            self.step("forget")
            told = client.delete(f"{REQUESTS}/{one.number}", params={"code": one.code})
            assert told.status_code == (404 if one.gone else 204)
            one.gone = True

        @rule(target=known)
        def ask(self) -> str:
            """An answer has an id of 32 hexadecimal digits that no other has."""
            self.step("ask")
            found = str(client.post("/api/v1/ask", json={"question": "自行车号牌的申领收费吗"}).json()["id"])
            assert re.fullmatch("[0-9a-f]{32}", found) and found not in self.ratings
            self.ratings[found] = {}
            return found

        @rule(one=known, useful=st.booleans(), reason=st.sampled_from([None, "wrong", "other"]))
        def rate(self, one: str, useful: bool, reason: str | None) -> None:
            """An answer can be rated again and again; what comes back is what was sent, never an earlier one."""
            self.step("rate")
            sent = {"useful": useful, "reason": reason}
            told = client.post(f"{ANSWERS}/{one}/rating", json=sent)
            assert told.status_code == 201 and told.json() == {"answer_id": one, **sent}

        @rule(one=known, place=st.integers(0, 31))
        def rate_a_forged_answer(self, one: str, place: int) -> None:
            """An id that is wrong in one digit is no answer, and is told like any that is absent."""
            self.step("rate forged")
            wrong = one[:place] + ("0" if one[place] != "0" else "1") + one[place + 1 :]
            for method, address in (("POST", f"{ANSWERS}/{wrong}/rating"), ("DELETE", f"{ANSWERS}/{wrong}")):
                body = {"useful": True} if method == "POST" else None
                assert _told(client.request(method, address, json=body)) == self.absent

        @rule(one=consumes(known))
        def forget_an_answer(self, one: str) -> None:
            """A deleted answer can be neither deleted again nor rated."""
            self.step("forget an answer")
            assert client.delete(f"{ANSWERS}/{one}").status_code == 204
            assert _told(client.delete(f"{ANSWERS}/{one}")) == self.absent
            assert _told(client.post(f"{ANSWERS}/{one}/rating", json={"useful": True})) == self.absent

        def nothing(self, method: str, number: str, code: str) -> None:
            """What was asked for is told exactly as what does not exist."""
            assert _told(client.request(method, f"{REQUESTS}/{number}", params={"code": code})) == self.absent

    return Machine


def _told(answer: httpx2.Response) -> tuple[int, dict[str, str], bytes]:
    """Everything that an answer tells, but how many requests are left."""
    headers = {name: value for name, value in answer.headers.items() if name not in _VARYING}
    return answer.status_code, headers, answer.content


def test_no_order_of_steps_opens_what_is_not_ones_own(client: TestClient) -> None:
    """Any mix of filing, following, guessing, forging, replaying, rating and deleting keeps to the model."""
    count, runs = Count(), 0
    while count.steps < STEPS:
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            machine(client, count),
            settings=settings(
                max_examples=max(1, STEPS // STEPS_A_RUN),
                stateful_step_count=STEPS_A_RUN,
                deadline=None,
                derandomize=runs == 0,
                suppress_health_check=list(HealthCheck),
            ),
        )
        runs += 1
    assert len(count.kinds) == 13


def test_ids_of_answers_are_128_random_bits(client: TestClient) -> None:
    """Of 120 ids every one of the 128 bits is set in some and not in others: none is fixed."""
    ids = [int(client.post("/api/v1/ask", json={"question": "号牌"}).json()["id"], 16) for _ in range(120)]
    assert len(set(ids)) == len(ids)
    ever, always = 0, (1 << 128) - 1
    for one in ids:
        ever, always = ever | one, always & one
    assert (ever, always) == ((1 << 128) - 1, 0)


def test_a_code_cannot_be_guessed_at_the_pace_that_is_allowed() -> None:
    """An address that guesses the code of one request at full pace for a year has less than one chance in ten
    thousand, a hundred addresses together less than one in a hundred."""
    year = 365 * 24 * 60
    chance = Settings().address_per_minute * year / CODE_CHARACTERS**CODE_LENGTH
    assert chance < 1 / 10_000
    assert chance * 100 < 1 / 100


@pytest.mark.parametrize("right", [True, False])
def test_who_guesses_codes_is_stopped_even_when_he_guesses_right(
    settings_of_one: Settings, right: bool
) -> None:
    """After the quota of an address 429 is told for the right code as for a wrong one."""
    with serving(create_app(settings_of_one)) as client:
        filed = client.post(REQUESTS, json={"question": "号牌"}).json()
        away = {"X-Forwarded-For": "203.0.113.9"}
        address = f"{REQUESTS}/{filed['number']}"
        told = [client.get(address, params={"code": "AAAAAAAA"}, headers=away).status_code for _ in range(20)]
        assert told[0] == 404 and told[-1] == 429 and set(told) == {404, 429}
        last = client.get(address, params={"code": filed["code"] if right else "AAAAAAAB"}, headers=away)
        assert (last.status_code, last.json()["error"]["code"]) == (429, "too-many")


@pytest.fixture
def settings_of_one(settings: Settings, tmp_path: Path) -> Settings:
    """The office with a quota of ten requests a minute for each address, and counters of its own."""
    return settings.model_copy(update={"address_per_minute": 10, "counters": tmp_path / "limits.sqlite"})
