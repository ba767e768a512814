"""ID tokens as an issuer should make them, and as somebody in its place would."""

from collections.abc import Callable
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from tests.api.oidc.issuer import Issuer, encoded, signed, with_secret
from tests.api.oidc.provider import CLIENT_SECRET

Make = Callable[[Issuer, dict[str, Any]], str | None]
"""Makes a token of these claims, and may change what the issuer publishes."""


def honest(issuer: Issuer, claims: dict[str, Any]) -> str:
    """As it should be."""
    return signed(claims, issuer.key)


def with_elliptic_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    """With a key of another kind that the issuer has published."""
    key = ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True)
    issuer.keys.append(key)
    return signed(claims, key, "ES256")


def unsigned(issuer: Issuer, claims: dict[str, Any]) -> str:
    """Algorithm "none"."""
    return f"{encoded({'alg': 'none', 'kid': issuer.key.kid})}.{encoded(claims)}."


def unsigned_in_capitals(issuer: Issuer, claims: dict[str, Any]) -> str:
    """Algorithm "NONE", with a signature that is none."""
    return f"{encoded({'alg': 'NONE', 'kid': issuer.key.kid})}.{encoded(claims)}.{encoded(b'x')}"


def by_public_key_as_secret(issuer: Issuer, claims: dict[str, Any]) -> str:
    """HS256, the published key taken for a shared secret."""
    return with_secret(claims, issuer.key.as_pem(private=False), issuer.key.kid)


def by_client_secret(issuer: Issuer, claims: dict[str, Any]) -> str:
    """HS256 with the client's secret, which others may know."""
    return with_secret(claims, CLIENT_SECRET.encode(), issuer.key.kid)


def by_published_secret(issuer: Issuer, claims: dict[str, Any]) -> str:
    """HS256 with a secret that stands among the issuer's keys."""
    _, _, keys = issuer.page("/keys")
    extra = b'{"kty": "oct", "kid": "s", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}, '
    issuer.pages["/keys"] = (200, {}, keys.replace(b"[", b"[" + extra, 1))
    return with_secret(claims, b"secretsecretsecretsecret", "s")


def by_other_key_of_same_name(issuer: Issuer, claims: dict[str, Any]) -> str:
    """Another key under the name of the published one."""
    return signed(claims, RSAKey.generate_key(2048, {"kid": issuer.key.kid}))


def by_unknown_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    """A key that the issuer has not published."""
    return signed(claims, RSAKey.generate_key(2048, auto_kid=True))


def by_key_in_header(issuer: Issuer, claims: dict[str, Any]) -> str:
    """A key that the token itself brings along."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    return signed(claims, key, "ES256", jwk=key.as_dict(private=False))


def by_encryption_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    """A published key that is not for signatures."""
    key = RSAKey.generate_key(2048, {"use": "enc"}, auto_kid=True)
    issuer.keys.append(key)
    return signed(claims, RSAKey.import_key(key.as_dict(private=True) | {"use": "sig"}))


def changed(issuer: Issuer, claims: dict[str, Any]) -> str:
    """Claims changed after they were signed."""
    head, _, seal = signed(claims, issuer.key).split(".")
    return f"{head}.{encoded(claims | {'groups': ['leaders']})}.{seal}"


def no_token(issuer: Issuer, claims: dict[str, Any]) -> None:
    """An answer without an ID token."""


def no_text(issuer: Issuer, claims: dict[str, Any]) -> str:
    """What is no token at all."""
    return "x.y"


def with_other_access_token(issuer: Issuer, claims: dict[str, Any]) -> str:
    """Made for another access token than the one that comes with it."""
    return signed(claims | {"at_hash": encoded(b"0" * 16)}, issuer.key)
