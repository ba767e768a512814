"""Faults planted in signing in at the office's own provider."""

import base64
import json
from types import SimpleNamespace

from api.oidc import ALGORITHMS
from tests.leak import gates_office as gates
from tests.leak.faults import Fault, replaced, set_to

_PROVEN = "api.oidc:Provider._proven"
_DECODED = "token = jwt.decode(text, await self._keys.get(), algorithms=ALGORITHMS)"
_UNCHECKED = "__import__('tests.leak.planted_office', fromlist=['x']).unchecked"
_FINISH = "api.routes.office_sign_in:finish"


def unchecked(text: str) -> object:
    """A token as it says itself, for a fault."""
    parts = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in text.split(".")[:2]]
    return SimpleNamespace(header=parts[0], claims=parts[1])


OFFICE_FAULTS = [
    Fault(
        "nonce not compared",
        replaced(_PROVEN, '"nonce": nonce,', '"nonce": token.claims.get("nonce"),'),
        gates.claims_gate,
    ),
    Fault(
        "issuer of a token not compared",
        replaced(_PROVEN, '"value": self._client.issuer', '"value": token.claims.get("iss")'),
        gates.claims_gate,
    ),
    Fault(
        "audience of a token not compared",
        replaced(_PROVEN, '"value": self._client.client_id', '"value": token.claims.get("aud")'),
        gates.claims_gate,
    ),
    Fault(
        "the client for which a token was made not compared",
        replaced(_PROVEN, '"client_id": self._client.client_id,', ""),
        gates.claims_gate,
    ),
    Fault(
        "expiry of a token ignored",
        replaced(_PROVEN, "leeway=_LEEWAY", "leeway=10**9"),
        gates.claims_gate,
    ),
    Fault(
        "signature of a token not checked",
        replaced(
            _PROVEN,
            _DECODED,
            f"token = {_UNCHECKED}(text)",
        ),
        gates.signature_gate,
    ),
    Fault(
        "unsigned tokens accepted",
        replaced(_PROVEN, _DECODED, f"token = {_UNCHECKED}(text) if text.endswith('.') else {_DECODED[8:]}"),
        gates.signature_gate,
    ),
    Fault(
        "tokens with a shared secret accepted",
        set_to("api.oidc:ALGORITHMS", (*ALGORITHMS, "HS256")),
        gates.algorithm_gate,
    ),
    Fault(
        "published secrets taken for keys",
        replaced("api.oidc:Provider._fetch_keys", 'key.get("kty") != "oct" and ', ""),
        gates.keys_gate,
    ),
    Fault(
        "keys for another use taken",
        replaced("api.oidc:Provider._fetch_keys", ' and key.get("use", "sig") == "sig"', ""),
        gates.keys_gate,
    ),
    Fault("short keys taken", set_to("api.oidc:_RSA_BITS", 0), gates.keys_gate),
    Fault(
        "subjects that are no name accepted",
        replaced(_PROVEN, "0 < len(subject) <= _MAX_SUBJECT", "True"),
        gates.claims_gate,
    ),
    Fault(
        "state not compared",
        replaced(
            _FINISH,
            'not hmac.compare_digest(_one(request, "state").encode(), begun.state.encode())',
            "False",
        ),
        gates.flow_gate,
    ),
    Fault(
        "whoever sends the answer not asked",
        replaced("api.oidc:Provider.check_sender", "said != self._client.issuer", "False"),
        gates.flow_gate,
    ),
    Fault(
        "verifier not sent with the code",
        replaced("api.oidc:Provider.redeem", "code_verifier=begun.verifier,", ""),
        gates.flow_gate,
    ),
    Fault(
        "no challenge sent to the provider",
        replaced("api.oidc:Provider.address", "code_verifier=begun.verifier,", ""),
        gates.flow_gate,
    ),
    Fault(
        "a sign-in goes on for ever",
        replaced("api.oidc:unseal", "MINUTES * 60", "10**9"),
        gates.flow_gate,
    ),
    Fault(
        "the way back by the request's host",
        replaced(
            "api.routes.office_sign_in:start",
            "await office.provider.address(begun)",
            '(await office.provider.address(begun)).replace("guide.example", request.headers["host"])',
        ),
        gates.address_gate,
    ),
    Fault(
        "on to wherever the address says",
        replaced(
            _FINISH,
            "response.headers.append(",
            'response.headers["Location"] = _one(request, "next")\n    response.headers.append(',
        ),
        gates.address_gate,
    ),
    Fault(
        "a description of another issuer used",
        replaced("api.issuer_documents:fetch_metadata", "metadata.issuer != issuer", "False"),
        gates.origin_of_issuer_gate,
    ),
    Fault(
        "endpoints elsewhere used",
        replaced("api.issuer_documents:fetch_metadata", "origin_of(address) != origin_of(issuer)", "False"),
        gates.origin_of_issuer_gate,
    ),
    Fault(
        "documents of another origin read",
        replaced(
            "api.issuer_documents:OneOrigin.handle_async_request",
            "origin_of(str(request.url)) != self._origin",
            "False",
        ),
        gates.origin_of_issuer_gate,
    ),
    Fault(
        "whom no rule fits admitted by the last",
        replaced(
            "api.oidc_rules:granted",
            "    return None",
            "    return Granted(Reader(rule.audience, rule.level, rule.roles), None)",
        ),
        gates.rules_gate,
    ),
    Fault(
        "the last fitting rule holds",
        replaced("api.oidc_rules:granted", "in rules.rules", "in reversed(rules.rules)"),
        gates.rules_gate,
    ),
    Fault(
        "a group fits by part of its name",
        replaced("api.oidc_rules:_fits", "else said == when.has", "else when.has in str(said)"),
        gates.rules_gate,
    ),
    Fault(
        "sessions outlive the access",
        replaced("api.routes.office_sign_in:_note", "if refused.lost_access:", "if False:"),
        gates.rules_gate,
    ),
    Fault(
        "disabled accounts admitted by the provider",
        replaced("api.accounts:admit", 'row["disabled"] is not None', "False"),
        gates.rules_gate,
    ),
]
