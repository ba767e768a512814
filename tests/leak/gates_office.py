"""Gates over signing in at the office's own provider: what an issuer, or somebody in its place, must not get away with.

Each tells nobody in from somebody by the session that he gets, over real HTTP and with real keys.
"""

import base64
import hashlib
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from api.accounts import disable_account
from api.issuer_documents import IssuerError, fetch_json
from api.office_sign_in import RETURN
from api.oidc import Begun, Provider, TokenError, begin, seal, unseal
from tests.api.oidc.forgeries import (
    Make,
    by_client_secret,
    by_other_key_of_same_name,
    by_published_secret,
    changed,
    unsigned,
)
from tests.api.oidc.issuer import Issuer, with_secret
from tests.api.oidc.provider import CLIENT_ID, CLIENT_SECRET
from tests.leak.forger import CODE, Forger, forging
from tests.leak.judge import Judge
from tests.leak.own import new_name, run_apart, store_of
from tests.leak.served import PUBLIC_URL

_EVIL = "evil.example"
_FORGERIES: dict[str, Make] = {
    "no signature": unsigned,
    "the client's secret": by_client_secret,
    "a published secret": by_published_secret,
    "another key": by_other_key_of_same_name,
    "changed claims": changed,
}
_CLAIMS: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": f"https://{_EVIL}"},
    # Without the second claim the token would be refused for want of it.
    "for another client": {"aud": "evil", "azp": CLIENT_ID},
    "by another client's leave": {"azp": "evil"},
    "nobody": {"sub": ""},
}


def signature_gate(judge: Judge) -> list[str]:
    """A token that the issuer did not sign signs nobody in."""
    with forging(judge) as forger:
        right = forger.sign_in().status_code
        tried = {name: forger.sign_in(make) for name, make in _FORGERIES.items()}
    return _admitted(tried) + [f"an honest token: {right}"] * (right != 303)


def claims_gate(judge: Judge) -> list[str]:
    """Nor does one that it signed for another sign-in, client, time or issuer, or of nobody."""
    now = int(time.time())
    old, young = {"exp": now - 120}, {"iat": now + 86_400, "exp": now + 90_000}
    with forging(judge) as forger:
        claims = _CLAIMS | {"expired": old, "of tomorrow": young}
        return _admitted({name: forger.sign_in(**other) for name, other in claims.items()})


def algorithm_gate(judge: Judge) -> list[str]:
    """Where a secret that others know were among the keys, a token made with it would still prove nothing."""
    with forging(judge) as forger:
        provider, begun = _provider(judge), begin()
        secret, claims = CLIENT_SECRET.encode(), forger.issuer.claims(f"?nonce={begun.nonce}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joserfc warns of such a secret
            keys = KeySet([OctKey.import_key(secret, {"kid": "s", "use": "sig"})])
        provider._keys = _Held(keys)  # type: ignore[assignment]  # what a broken layer before would have found
        forger.issuer.token = with_secret(claims, secret, "s")
        return ["accepted"] * (not _refuses(lambda: provider.redeem(CODE, begun)))


def keys_gate(judge: Judge) -> list[str]:
    """Of what an issuer publishes neither a secret, a key for another use nor a short one is a key."""
    with forging(judge) as forger, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc warns of short keys
        short = RSAKey.generate_key(1024, {"use": "sig", "kid": "short"})
        other = ECKey.generate_key("P-256", {"use": "enc", "kid": "other use"})
        secret = OctKey.import_key(b"s" * 32, {"kid": "secret"})
        forger.issuer.keys += [short, other]
        page = forger.issuer.page

        def with_a_secret(path: str) -> Any:
            """The published keys, with a secret among them."""
            status, headers, body = page(path)
            held = str(secret.as_dict(private=True)).replace("'", '"').encode()
            return status, headers, body.replace(b'"keys": [', b'"keys": [' + held + b", ")

        forger.issuer.page = with_a_secret  # type: ignore[method-assign]
        found = run_apart(_provider(judge)._fetch_keys())
    names = {str(key.kid) for key in found.keys}
    return sorted(names - {str(forger.issuer.key.kid)}) + ["not the issuer's own"] * (
        str(forger.issuer.key.kid) not in names
    )


def flow_gate(judge: Judge) -> list[str]:
    """Another's state, another issuer's answer and a sign-in of an hour ago end in nothing; each sign-in has its own
    challenge, whose verifier goes with the code."""
    wrong = []
    with forging(judge) as forger:
        tried = {}
        for name, other in (
            ("another state", {"state": "x"}),
            ("another sender", {"iss": f"https://{_EVIL}"}),
        ):
            begun = forger.begin().headers["location"]
            tried[name] = forger.come_back(begun, params=other)
        forger.issuer.forms.clear()
        begun = forger.begin().headers["location"]
        forger.come_back(begun)
        verifier = forger.issuer.forms[-1].get("code_verifier", [""])[0]
    asked = parse_qs(urlsplit(begun).query)
    wrong += ["no challenge"] * (asked.get("code_challenge_method") != ["S256"])
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    wrong += ["the verifier is not the challenge's"] * (asked.get("code_challenge") != [challenge])
    now, kept = datetime.now(UTC), Begun("s", "n", "v")
    cookie = seal(b"k" * 32, kept, now - timedelta(hours=1))
    return _admitted(tried) + wrong + ["an hour later"] * (unseal(b"k" * 32, cookie, now) is not None)


def address_gate(judge: Judge) -> list[str]:
    """No host that a request names becomes an address: neither that of the way back nor that of the desk."""
    headers = {"Host": _EVIL, "X-Forwarded-Host": _EVIL, "Forwarded": f"host={_EVIL}"}
    with forging(judge) as forger:
        begun = forger.begin(**headers).headers["location"]
        back = parse_qs(urlsplit(begun).query)["redirect_uri"]
        begun = forger.begin().headers["location"]
        lures = {"next": f"//{_EVIL}/", "return_to": f"https://{_EVIL}/"}
        to = forger.come_back(begun, params=lures).headers.get("location")
    return [f"back to {back}"] * (back != [PUBLIC_URL + RETURN]) + [f"on to {to}"] * (to != "/desk")


def origin_of_issuer_gate(judge: Judge) -> list[str]:
    """A description of another issuer, or with an endpoint elsewhere, is not used, and no document of another origin
    is read."""
    elsewhere: list[dict[str, Any]] = [
        {"issuer": f"https://{_EVIL}"},
        {"authorization_endpoint": f"https://{_EVIL}/authorize"},
    ]
    wrong = []
    for about in elsewhere:
        with forging(judge) as forger:
            forger.issuer.about = about
            status = forger.begin().status_code
            wrong += [f"{about}: {status}"] * (status != 503)
    with forging(judge) as forger, Issuer(forger.issuer.key) as other:
        fetch = fetch_json(forger.issuer.address, f"{other.address}/keys")
        wrong += ["a document of another origin"] * (not _refuses(lambda: fetch))
    return wrong


def rules_gate(judge: Judge) -> list[str]:
    """Whom no rule fits has no access, whom several fit has the first one's, and who loses it is out at once."""
    with forging(judge) as forger:
        unknown = {
            "nobody's group": forger.sign_in(groups=["canteen"]),
            "part of a group's name": forger.sign_in(groups="old trainers"),
            "no group": forger.sign_in(groups=None),
        }
        wrong = _admitted(unknown)
        name = new_name()
        several = _session(forger, name, groups=["partners", "trainers"])
        guides = judge.served.client.get("/api/v1/guides", headers=several).text
        internal = next(s for s in judge.served.subjects if not s.roles and s.id.startswith("stf-"))
        wrong += ["not the first rule"] * (f'"{internal.id}"' not in guides)
        forger.sign_in(name=name, groups=[])
        status = judge.served.client.get("/api/v1/guides", headers=several).status_code
        wrong += [f"a session goes on: {status}"] * (status != 401)
        _session(forger, name)
        with store_of(judge).writing() as connection:
            disable_account(connection, name, datetime.now(UTC))
        return wrong + _admitted({"disabled": forger.sign_in(name=name)})


# -- means -------------------------------------------------------------------------------------------------


def _admitted(tried: dict[str, Any]) -> list[str]:
    """Which of these responses let somebody in."""
    return [name for name, r in tried.items() if r.status_code < 400 or "zhinan=" in str(r.headers)]


def _session(forger: Forger, name: str, **claims: Any) -> dict[str, str]:
    """The cookie of somebody whom the issuer has proven."""
    response = forger.sign_in(name=name, **claims)
    cookies = [c.partition(";")[0] for c in response.headers.get_list("set-cookie")]
    return {"Cookie": next((c for c in cookies if c.startswith("zhinan=")), "zhinan=none")}


def _provider(judge: Judge) -> Provider:
    office = judge.served.services.office
    assert office is not None
    return office.provider


class _Held:
    """Keys that stand already, as `Remembered` gives them."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    async def get(self, anew: bool = False) -> KeySet:
        """The keys."""
        return self._keys


def _refuses(ask: Callable[[], Any]) -> bool:
    """Whether what is asked for is refused for want of proof."""

    async def asked() -> None:
        await ask()

    try:
        run_apart(asked())
    except (TokenError, IssuerError):
        return True
    return False
