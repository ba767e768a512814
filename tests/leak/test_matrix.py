"""Default closed: every route is declared, for every identity, and what is above one is as if it were not there."""

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.office_sign_in import RETURN, START
from rag.settings import Settings
from tests.leak.judge import Judge
from tests.leak.matrix import FAILING, HOLDING, cells, lines, undeclared, unlike, wrong
from tests.leak.served import Served


def test_every_route_is_declared(whole: Served) -> None:
    """Routes, operations of the OpenAPI document and lines of the table are the same; none is left over."""
    app = whole.client.app
    assert isinstance(app, FastAPI)
    assert undeclared(app) == set()


def test_a_new_route_is_refused_until_it_is_declared(whole: Served) -> None:
    """A route that nobody declared is found, also one that the OpenAPI document does not show."""
    app = create_app(whole.settings)
    app.add_api_route("/api/v1/new", lambda: "hello", include_in_schema=False)
    assert undeclared(app) == {("GET", "/api/v1/new")}


def test_an_office_without_a_provider_has_no_route_to_one() -> None:
    """The two addresses of sign-in at a provider are the only ones that it lacks."""
    assert undeclared(create_app(Settings())) == {("GET", START), ("GET", RETURN)}


def test_every_cell_has_its_declared_status(judge: Judge) -> None:
    """Each route gives each identity exactly the status of the table, for guides of its own, above and absent."""
    asked = list(cells(judge.served))
    assert len(asked) == len(lines()) * len((*HOLDING, *FAILING))
    assert [fault for cell in asked if (fault := wrong(judge, cell))] == []


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("identity", [*HOLDING, *FAILING])
def test_what_is_above_one_is_as_if_it_were_not_there(judge: Judge, identity: str, accept: str) -> None:
    """Status, headers and body for a guide above an identity are those for a guide that does not exist."""
    assert unlike(judge, identity, accept) == []


def test_the_description_tells_the_anonymous_of_no_operators_route(judge: Judge) -> None:
    """The OpenAPI document names no metrics, keys, audit, desk or account route."""
    text = judge.served.client.get("/api/v1/openapi.json").text
    for word in ("metrics", "/keys", "audit", "/desk", "accounts", "revoke"):
        assert word not in text
