"""What an issuer, or somebody in its place, must not get away with: over real HTTP, with real keys."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey

from api.accounts import list_accounts
from api.issuer_documents import ANSWER_LIMIT
from api.office_sign_in import RETURN, START
from api.oidc import Begun
from tests.api.oidc.conftest import begun_at, services
from tests.api.oidc.forgeries import (
    Make,
    by_client_secret,
    by_encryption_key,
    by_key_in_header,
    by_other_key_of_same_name,
    by_public_key_as_secret,
    by_published_secret,
    by_unknown_key,
    changed,
    honest,
    no_text,
    no_token,
    unsigned,
    unsigned_in_capitals,
    with_elliptic_key,
    with_other_access_token,
)
from tests.api.oidc.issuer import Answer, Issuer, signed
from tests.api.oidc.provider import CLIENT_ID
from tests.api.oidc.test_office_sign_in import COOKIE, accounts, events


def finished(browser: TestClient, begun: str, **other: str) -> httpx2.Response:
    """Come back from the issuer with a code."""
    state = parse_qs(urlsplit(begun).query)["state"][0]
    return browser.get(RETURN, params={"state": state, "code": "CODEQX"} | other)


def signed_in_with(browser: TestClient, issuer: Issuer, make: Make, **claims: Any) -> httpx2.Response:
    """Sign in where the issuer gives out the token that `make` makes of these claims."""
    begun = begun_at(browser)
    issuer.token = make(issuer, issuer.claims(begun, **claims))
    return finished(browser, begun)


def refused(browser: TestClient, answer: httpx2.Response, why: str) -> None:
    """Nobody is signed in, and the trail says why without a claim's value."""
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "sign-in-not-proven"), answer.text
    settings = services(browser).settings
    assert COOKIE not in browser.cookies and accounts(settings) == {}
    ((act, target, detail),) = events(settings)
    assert (act, target) == ("sign-in-failed", "office") and json.loads(detail)["why"].endswith(why)
    assert all(word not in detail for word in ("sun.li", "trainers", "ACCESSTOKENQX", "CODEQX", "evil"))


@pytest.mark.parametrize("make", [honest, with_elliptic_key])
def test_an_honest_token_signs_in(forged: TestClient, issuer: Issuer, make: Make) -> None:
    """The same way with a token as it should be opens the account: what follows is refused for its own reason."""
    assert signed_in_with(forged, issuer, make).status_code == 303
    assert list(accounts(services(forged).settings)) == ["sun.li"]


def test_a_code_is_redeemed_with_its_verifier(forged: TestClient, issuer: Issuer) -> None:
    """The provider gets code, verifier and the way back, and the client proves itself in the header alone."""
    signed_in_with(forged, issuer, honest)
    (form,) = issuer.forms
    assert form["code"] == ["CODEQX"] and len(form["code_verifier"][0]) == 64
    assert set(form) == {"code", "code_verifier", "grant_type", "redirect_uri"}


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (unsigned, "UnsupportedAlgorithmError"),
        (unsigned_in_capitals, "UnsupportedAlgorithmError"),
        (by_public_key_as_secret, "UnsupportedAlgorithmError"),
        (by_client_secret, "UnsupportedAlgorithmError"),
        (by_published_secret, "UnsupportedAlgorithmError"),
        (by_other_key_of_same_name, "BadSignatureError"),
        (by_unknown_key, "InvalidKeyIdError"),
        (by_key_in_header, "InvalidKeyIdError"),
        (by_encryption_key, "InvalidKeyIdError"),
        (changed, "BadSignatureError"),
        (no_token, "no ID token"),
        (no_text, "DecodeError"),
        (with_other_access_token, "at_hash"),
    ],
)
def test_a_token_that_the_issuer_did_not_sign_is_refused(
    forged: TestClient, issuer: Issuer, make: Make, why: str
) -> None:
    """Whatever stands in its claims."""
    refused(forged, signed_in_with(forged, issuer, make), why)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "evil"}, "aud"),
        ({"aud": ["evil"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [CLIENT_ID, "evil"]}, "azp"),
        ({"aud": [CLIENT_ID, "evil"], "azp": "evil"}, "azp"),
        ({"azp": "evil"}, "azp"),
        ({"exp": int(time.time()) - 120}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"iat": int(time.time()) + 7200, "exp": int(time.time()) + 9000}, "iat"),
        ({"iat": None}, "iat"),
        ({"nbf": int(time.time()) + 7200}, "nbf"),
        ({"nonce": "evil"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["evil"]}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": "7" * 256}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "王七"}, "sub"),
    ],
)
def test_a_token_for_another_purpose_is_refused(
    forged: TestClient, issuer: Issuer, claims: dict[str, Any], why: str
) -> None:
    """Signed by the right key, but by another issuer, for another client, time, sign-in, or nobody."""
    refused(forged, signed_in_with(forged, issuer, honest, **claims), why)


def test_a_token_of_an_earlier_sign_in_is_refused(forged: TestClient, issuer: Issuer) -> None:
    """The nonce ties a token to one sign-in of one browser."""
    issuer.token = signed(issuer.claims(begun_at(forged)), issuer.key)
    refused(forged, finished(forged, begun_at(forged)), "nonce")


@pytest.mark.parametrize("other", [{"iss": "https://evil.example"}, {"iss": ""}])
def test_an_answer_that_names_another_issuer_is_refused(
    forged: TestClient, issuer: Issuer, other: dict[str, str]
) -> None:
    """As RFC 9207 has it; the code is not even sent."""
    refused(forged, finished(forged, begun_at(forged), **other), "another issuer")
    assert issuer.forms == []


def test_where_the_issuer_always_names_itself_it_must(forged: TestClient, issuer: Issuer) -> None:
    """An answer without the name is refused, one with it is not."""
    issuer.about["authorization_response_iss_parameter_supported"] = True
    begun = begun_at(forged)
    issuer.token = signed(issuer.claims(begun), issuer.key)
    refused(forged, finished(forged, begun), "another issuer")
    begun = begun_at(forged)
    issuer.token = signed(issuer.claims(begun), issuer.key)
    assert finished(forged, begun, iss=issuer.address).status_code == 303


def test_a_new_key_of_the_issuer_is_fetched_once(forged: TestClient, issuer: Issuer) -> None:
    """After a change of keys the next sign-in works; tokens with invented keys do not make us ask on and on."""
    assert signed_in_with(forged, issuer, honest).status_code == 303
    issuer.key = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
    issuer.keys = [issuer.key]
    assert signed_in_with(forged, issuer, honest).status_code == 303
    for _ in range(5):
        assert signed_in_with(forged, issuer, by_unknown_key).status_code == 403
    assert issuer.asked.count("/keys") == 2
    assert issuer.asked.count("/.well-known/openid-configuration") == 1


def test_a_key_that_is_too_short_is_none(forged: TestClient, issuer: Issuer) -> None:
    """RSA of 1024 bits is not taken, whoever publishes it."""
    with pytest.warns(UserWarning, match="2048"):
        issuer.key = RSAKey.generate_key(1024, {"use": "sig"}, auto_kid=True)
        issuer.keys = [issuer.key]
        refused(forged, signed_in_with(forged, issuer, honest), "InvalidKeyIdError")


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
        {"token_endpoint": "https://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://127.0.0.1:99999/"},
    ],
    ids=str,
)
def test_an_issuer_that_describes_itself_wrongly_is_not_used(
    forged: TestClient, issuer: Issuer, about: dict[str, Any]
) -> None:
    """Another name, or endpoints elsewhere: sign-in is out of order, and says so calmly."""
    issuer.about = about
    answer = forged.get(START)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "sign-in-unreachable")


@contextmanager
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/elsewhere", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_no_redirect_is_followed(forged: TestClient, issuer: Issuer, path: str) -> None:
    """Wherever the issuer sends this server, it does not go: neither secret nor code leaves the origin."""
    with elsewhere() as (address, asked):
        issuer.pages[path] = (307, {"Location": address}, b"")
        answer = forged.get(START)
        if answer.status_code == 303:
            issuer.token = signed(issuer.claims(answer.headers["location"]), issuer.key)
            answer = finished(forged, answer.headers["location"])
    assert (answer.status_code, asked) == (503, [])
    assert COOKIE not in forged.cookies


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize(
    "page",
    [
        (200, {}, b'{"x": "' + b"x" * ANSWER_LIMIT + b'"}'),
        (200, {"Content-Encoding": "gzip"}, b"x"),
        (200, {}, b"[" * 60_000),
        (200, {}, b'"x"'),
        (200, {}, b'{"keys": [7], "access_token": 7}'),
        (500, {}, b"{}"),
        (200, {}, b"\xff\xfe"),
    ],
    ids=["large", "encoded", "deep", "text", "shape", "failing", "unreadable"],
)
def test_an_answer_that_cannot_be_used_ends_calmly(
    forged: TestClient, issuer: Issuer, path: str, page: Answer
) -> None:
    """Too large, encoded, nested, of another shape or broken: nobody is signed in, and nothing fails openly."""
    issuer.pages[path] = page
    answer = forged.get(START)
    if answer.status_code == 303:
        issuer.token = signed(issuer.claims(answer.headers["location"]), issuer.key)
        answer = finished(forged, answer.headers["location"])
    assert answer.status_code in (403, 503) and answer.json()["error"]["code"].startswith("sign-in-")
    assert COOKIE not in forged.cookies and list_accounts(services(forged).store) == []


def test_an_issuer_that_is_down_is_left_alone_for_a_while(forged: TestClient, issuer: Issuer) -> None:
    """Many who try at once make one attempt, and the site goes on."""
    issuer.pages["/.well-known/openid-configuration"] = (503, {}, b"")
    assert {forged.get(START).status_code for _ in range(10)} == {503}
    assert len(issuer.asked) == 1
    assert forged.get("/api/v1/guides").status_code == 200


def test_a_silent_issuer_keeps_nobody_waiting_long(forged: TestClient, issuer: Issuer) -> None:
    """An issuer that takes the connection and says nothing is given up within ten seconds."""
    silence = threading.Event()
    page = issuer.page
    issuer.page = lambda path: (silence.wait(30), page(path))[1]  # type: ignore[method-assign]
    began = time.monotonic()
    assert forged.get(START).status_code == 503
    assert time.monotonic() - began < 12
    silence.set()


def test_a_sign_in_under_way_does_not_show_itself() -> None:
    """What a log would print of it is for the browser alone."""
    assert "VERIFIERQX" not in repr(Begun("STATEQX", "NONCEQX", "VERIFIERQX"))
