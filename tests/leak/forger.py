"""A browser that signs in at an issuer of the tests' own, which states and signs what a gate wants."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc.jwk import RSAKey

from api.deps import Services
from api.office_sign_in import RETURN, START, office_sign_in
from tests.api.oidc.forgeries import Make, honest
from tests.api.oidc.issuer import Issuer
from tests.leak.judge import Judge
from tests.leak.own import new_name
from tests.leak.served import office_sign_in_at

CODE = "CODEQX"


@dataclass(frozen=True)
class Forger:
    """The issuer, and browsers that come from it."""

    judge: Judge
    issuer: Issuer

    def begin(self, **headers: str) -> Any:
        """The response that sends a browser to the issuer; the client keeps its cookie."""
        self.judge.served.client.cookies.clear()
        return self.judge.served.client.get(START, headers=headers)

    def finish(self, begun: str, **other: str) -> Any:
        """The response to the browser that comes back from this address of the issuer, with a code."""
        client = self.judge.served.client
        state = parse_qs(urlsplit(begun).query)["state"][0]
        try:
            return client.get(RETURN, params={"state": state, "code": CODE} | other)
        finally:
            client.cookies.clear()

    def sign_in(self, make: Make = honest, name: str | None = None, **claims: Any) -> Any:
        """The response to a browser for which the issuer gives out the token that `make` makes of the claims of
        somebody, whom nobody has seen yet unless he is named."""
        return self.come_back(self.begin().headers["location"], make, name, **claims)

    def come_back(
        self,
        begun: str,
        make: Make = honest,
        name: str | None = None,
        params: Mapping[str, str] | None = None,
        **claims: Any,
    ) -> Any:
        """The same from this address of the issuer on, with parameters changed."""
        name = name or new_name()
        own = {"sub": name, "preferred_username": name} | claims
        self.issuer.token = make(self.issuer, self.issuer.claims(begun, **own))
        return self.finish(begun, **(params or {}))


@contextmanager
def forging(judge: Judge) -> Iterator[Forger]:
    """Meanwhile the office's staff sign in at that issuer."""
    with Issuer(_key()) as issuer, TemporaryDirectory() as folder:
        settings = judge.served.settings.model_copy(update=office_sign_in_at(issuer.address, Path(folder)))
        with serving_with(judge, office=office_sign_in(settings)):
            yield Forger(judge, issuer)


@contextmanager
def serving_with(judge: Judge, **changed: Any) -> Iterator[Services]:
    """Meanwhile the application serves with some of its services changed."""
    state = judge.served.client.app.state  # type: ignore[attr-defined]  # an ASGI app; ours has a state
    before = judge.served.services
    state.services = replace(before, **changed)
    try:
        yield state.services
    finally:
        state.services = before


@cache
def _key() -> RSAKey:
    """A key pair, made once: it costs a tenth of a second."""
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
