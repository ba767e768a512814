"""The OpenAPI description holds for every identity: whatever is sent, no server error and no answer that the
description does not know.

`ZHINAN_FUZZ=350` sends as many cases as a release asks for, more than 50,000 in all; CI sends fewer.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import hypothesis
import pytest
import schemathesis
from schemathesis.specs.openapi import checks

from api.app import create_app
from api.keys import HEADER, choose_key, revoke_key
from api.sessions import open_session
from api.store import Store
from rag.settings import Settings
from tests.api.conftest import READERS
from tests.api.identities import make_account, make_key
from tests.api.served import in_thread

CASES = int(os.environ.get("ZHINAN_FUZZ", "15"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def identities(settings: Settings) -> dict[str, dict[str, str]]:
    """Headers of each identity."""
    store, now = Store(settings.database), datetime.now(UTC)
    keys = {name: {HEADER: make_key(store, name, reader)} for name, reader in READERS.items()}
    gone = make_key(store, "gone", READERS["internal"])
    name = make_account(store, "li.na", READERS["restricted"])
    with store.writing() as connection:
        revoke_key(connection, choose_key(store, gone[:8]), now)
        token = open_session(connection, name, now, 12)
    store.close()
    session = {"Cookie": f"zhinan={token}"} | SAME
    return {"anonymous": {}, **keys, "revoked": {HEADER: gone}, "session": session}


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[str]:
    """Address of a real server."""
    with in_thread(create_app(settings)) as address:
        yield address


@pytest.fixture(scope="module")
def described(server: str) -> schemathesis.BaseSchema:
    """The description that the server gives of itself."""
    return schemathesis.openapi.from_url(f"{server}/api/v1/openapi.json")


@pytest.mark.parametrize("who", ["anonymous", *READERS, "revoked", "session"])
def test_whatever_is_sent_the_description_holds(
    described: schemathesis.BaseSchema, identities: dict[str, dict[str, str]], who: str
) -> None:
    """Generated requests, right and wrong ones, to every route: no 5xx and no mismatch with the schema."""
    sent = 0
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @hypothesis.settings(
                max_examples=CASES, suppress_health_check=list(hypothesis.HealthCheck), deadline=None
            )
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def send(case: schemathesis.Case) -> None:
                nonlocal sent
                case.call_and_validate(headers=identities[who], checks=CHECKS)
                sent += 1

            try:
                send()
            except hypothesis.errors.Unsatisfiable:
                continue  # no wrong request can be made of a route without parameters
    assert sent >= 10 * CASES
