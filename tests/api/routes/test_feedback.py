"""Ratings and requests over HTTP."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.store import Store
from rag.settings import Settings
from tests.api.conftest import serving, settings_in
from tests.api.identities import everything_stored

REQUESTS = "/api/v1/requests"


def rating_of(client: TestClient) -> str:
    """Address of the rating of a fresh answer."""
    answer = client.post("/api/v1/ask", json={"question": "自行车号牌的申领收费吗"}).json()
    return f"/api/v1/answers/{answer['id']}/rating"


def test_an_answer_can_be_rated_and_rated_again(client: TestClient) -> None:
    """The first rating and the one that replaces it are both 201."""
    address = rating_of(client)
    first = client.post(address, json={"useful": True})
    second = client.post(address, json={"useful": False, "reason": "wrong"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.json()["useful"], second.json()["reason"]) == (False, "wrong")


def test_an_unknown_answer_cannot_be_rated(client: TestClient) -> None:
    """A rating of no answer is 404."""
    assert client.post("/api/v1/answers/nothing/rating", json={"useful": True}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"useful": "yes"}, {"useful": 1}, {"useful": False, "reason": "bad"}, {"useful": True, "text": "x"}],
)
def test_a_rating_outside_the_contract_is_422(client: TestClient, body: dict[str, object]) -> None:
    """`useful` is true or false, the reason one of four, and there is nothing else."""
    assert client.post(rating_of(client), json=body).status_code == 422


def test_a_request_can_be_followed_with_its_code(client: TestClient) -> None:
    """Filing gives number, code, state, due day and whom to call; number and code show the state."""
    filed = client.post(REQUESTS, json={"question": "号牌丢了怎么办", "contact": "微信 bike"})
    assert filed.status_code == 201
    told = filed.json()
    assert set(told) == {"number", "code", "state", "due", "contact"}
    assert told["number"].startswith("SS-") and told["state"] == "new"
    assert (told["contact"]["name"], told["contact"]["phone"]) == ("自行车管理处", "000-0000-0101")
    followed = client.get(f"{REQUESTS}/{told['number']}", params={"code": told["code"]}).json()
    assert (followed["state"], followed["due"]) == ("new", told["due"])
    assert "code" not in followed and "question" not in followed


def test_organisations_have_their_own_series(client: TestClient, keys: dict[str, dict[str, str]]) -> None:
    """A key of an organisation files under ZZ."""
    filed = client.post(REQUESTS, json={"question": "车队登记"}, headers=keys["members"]).json()
    assert filed["number"].startswith("ZZ-")


def test_wrong_code_and_unknown_number_look_the_same(client: TestClient) -> None:
    """Nobody learns by trying which numbers exist."""
    number = client.post(REQUESTS, json={"question": "号牌丢了"}).json()["number"]
    tried = [(number, "22222222"), ("SS-20200101-0001", "22222222"), ("x", "22222222"), (number, "")]
    responses = [client.get(f"{REQUESTS}/{name}", params={"code": code}) for name, code in tried]
    assert {response.status_code for response in responses} == {404}
    assert len({response.text for response in responses}) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": " "},
        {"question": "x" * 501},
        {"question": "x", "contact": "x" * 201},
        {"question": "x", "answer_id": "../../x"},
        {"question": "x", "state": "closed"},
    ],
)
def test_a_request_outside_the_contract_is_422(client: TestClient, body: dict[str, object]) -> None:
    """Lengths and keys are checked; nobody sets the state from outside."""
    assert client.post(REQUESTS, json=body).status_code == 422


def test_a_request_sent_twice_is_filed_once(client: TestClient) -> None:
    """The second try of a request whose reply was lost gets that reply; the key of one is no key for another."""
    sent, key = {"question": "号牌丢了", "contact": "办公室"}, {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (client.post(REQUESTS, json=sent, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = client.post(REQUESTS, json={"question": "号牌坏了"}, headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "sent-otherwise")
    assert first.json()["code"] not in other.text


@pytest.mark.parametrize("key", ["", "1", "x" * 21, "x" * 129, "0123456789 0123456789 01"])
def test_a_key_that_can_be_guessed_is_422(client: TestClient, key: str) -> None:
    """Too short, too long and with blanks: refused rather than filed twice."""
    told = client.post(REQUESTS, json={"question": "号牌丢了"}, headers={"Idempotency-Key": key})
    assert told.status_code == 422


def test_nothing_personal_is_kept_of_a_request(built: Path, tmp_path: Path) -> None:
    """Mobile and identity number of question and contact appear in no byte of the store."""
    with serving(create_app(settings_in(tmp_path, built))) as client:
        said = {"question": "我的身份证11010519491231002X办不了号牌", "contact": "打13800138000"}
        assert client.post(REQUESTS, json=said).status_code == 201
        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"11010519491231002X" not in stored and b"13800138000" not in stored


def test_twenty_people_at_once_get_twenty_numbers(client: TestClient) -> None:
    """Numbers filed at the same moment over HTTP are all different."""
    with ThreadPoolExecutor(20) as pool:
        filed = list(pool.map(lambda n: client.post(REQUESTS, json={"question": f"第{n}件"}), range(20)))
    assert {response.status_code for response in filed} == {201}
    assert len({response.json()["number"] for response in filed}) == 20


def test_a_store_that_fails_is_said_plainly(built: Path, tmp_path: Path) -> None:
    """A request that was not stored is 503: no number is given for nothing."""
    with serving(create_app(settings_in(tmp_path, built))) as client:
        (tmp_path / "store.sqlite").chmod(0o600)
        for file in tmp_path.iterdir():
            file.unlink(missing_ok=True)
        # Only now: what else looks at the store would open the old file again.
        client.app.state.services.store.close()  # type: ignore[attr-defined]  # client.app is typed as any ASGI app
        response = client.post(REQUESTS, json={"question": "号牌丢了"})
        assert (response.status_code, response.json()["error"]["code"]) == (503, "not-stored")


@pytest.mark.parametrize("field", ["question", "contact"])
def test_a_text_marked_secret_is_refused_and_not_kept(
    client: TestClient, settings: Settings, field: str
) -> None:
    """A request with a secrecy marking is 422, and neither it nor a question so marked stands in the store."""
    marked = "机密★5年 某项安排CANARYSECRET"
    sent = {"question": "号牌丢了", "contact": "一楼"} | {field: marked}
    reply = client.post("/api/v1/requests", json=sent)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "secret-text")
    assert client.post("/api/v1/ask", json={"question": marked}).json()["outcome"] == "refused"
    store = Store(settings.database)
    assert "CANARYSECRET" not in everything_stored(store)
    store.close()
