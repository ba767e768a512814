"""Sign-in at the office's own identity provider: OpenID Connect's authorization code flow with PKCE.

Authlib asks and redeems, joserfc checks signatures; here stands what this server insists on. Who somebody is
comes from the ID token alone, and what he may read from the office's rules (oidc_rules).
"""

import asyncio
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from cryptography.fernet import Fernet, InvalidToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, RSAKey
from pydantic import SecretStr

from api.issuer_documents import (
    SECONDS,
    IssuerError,
    Metadata,
    Remembered,
    client_options,
    fetch_json,
    fetch_metadata,
)

MINUTES = 10
"""How long somebody may take at the provider."""
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
"""Signatures with a private key alone: `none` and the client's own secret (HS256) prove nothing of the issuer."""
_LEEWAY = 60
_RSA_BITS = 2048
_MAX_SUBJECT = 255
Claims = Mapping[str, Any]


class TokenError(Exception):
    """What came back does not prove who signed in; the text names the reason, never a claim."""


@dataclass(frozen=True)
class Client:
    """What the provider knows this installation by."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    scope: str
    return_to: str


@dataclass(frozen=True)
class Begun:
    """A sign-in under way, kept by the browser that began it."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


def begin() -> Begun:
    """A new sign-in: three independent secrets."""
    return Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


def seal(key: bytes, begun: Begun, now: datetime) -> str:
    """A sign-in as a cookie that nobody can read or make (Fernet)."""
    text = json.dumps(asdict(begun)).encode()
    return Fernet(urlsafe_b64encode(key)).encrypt_at_time(text, int(now.timestamp())).decode()


def unseal(key: bytes, cookie: str, now: datetime) -> Begun | None:
    """The sign-in of a cookie; None if this server did not make it, or too long ago."""
    try:
        fernet = Fernet(urlsafe_b64encode(key))
        text = fernet.decrypt_at_time(cookie.encode(), MINUTES * 60, int(now.timestamp()))
    except (InvalidToken, UnicodeEncodeError):
        return None
    return Begun(**json.loads(text))


class Provider:
    """The office's identity provider; nothing is fetched before somebody signs in."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._metadata = Remembered(lambda: fetch_metadata(client.issuer))
        self._keys = Remembered(self._fetch_keys)

    async def address(self, begun: Begun) -> str:
        """Where the browser goes to sign in."""
        metadata = await self._metadata.get()
        async with self._session(metadata) as session:
            address, _ = session.create_authorization_url(
                metadata.authorization_endpoint,
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        return str(address)

    async def check_sender(self, said: str | None) -> None:
        """Refuse an answer that names another issuer, or none where this one always does (RFC 9207)."""
        required = (await self._metadata.get()).authorization_response_iss_parameter_supported
        if said != self._client.issuer and (required or said is not None):
            raise TokenError("sent by another issuer")

    async def redeem(self, code: str, begun: Begun) -> Claims:
        """The claims of whoever got this code; TokenError if they are not proven."""
        metadata = await self._metadata.get()
        try:
            async with asyncio.timeout(SECONDS), self._session(metadata) as session:
                answer = await session.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=begun.verifier,
                )
        except OAuthError as error:
            named = error.error if re.fullmatch(r"[a-z_]{1,40}", str(error.error)) else "error"
            raise TokenError(f"code refused: {named}") from error
        except (httpx2.HTTPError, OSError, TimeoutError, ValueError, RecursionError) as error:
            raise IssuerError(f"{type(error).__name__} while redeeming a code") from error
        return await self._proven(answer, begun.nonce)

    async def _proven(self, answer: Mapping[str, Any], nonce: str) -> Claims:
        """The claims of the ID token in an answer, once signature and every claim that must be there hold."""
        text = answer.get("id_token")
        if not isinstance(text, str):
            raise TokenError("no ID token")
        try:
            try:
                token = jwt.decode(text, await self._keys.get(), algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                # The provider may have changed its keys since they were fetched.
                token = jwt.decode(text, await self._keys.get(anew=True), algorithms=ALGORITHMS)
            exact = {
                "iss": {"essential": True, "value": self._client.issuer},
                "aud": {"essential": True, "value": self._client.client_id},
            }
            given = {
                "nonce": nonce,
                "client_id": self._client.client_id,
                "access_token": answer.get("access_token"),
            }
            CodeIDToken(token.claims, token.header, exact, given).validate(leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise TokenError(f"ID token refused: {_reason(error)}") from error
        subject = token.claims["sub"]
        if not (subject.isascii() and 0 < len(subject) <= _MAX_SUBJECT):
            raise TokenError("ID token refused: sub")
        return token.claims

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        found = await fetch_json(self._client.issuer, metadata.jwks_uri)
        try:
            public = [
                key for key in found["keys"] if key.get("kty") != "oct" and key.get("use", "sig") == "sig"
            ]
            keys = [key for key in KeySet.import_key_set({"keys": public}) if not _is_weak(key)]
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise IssuerError(f"{type(error).__name__} in the issuer's keys") from error
        return KeySet(keys)

    def _session(self, metadata: Metadata) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client.client_id,
            self._client.client_secret.get_secret_value(),
            metadata.auth_method,
            scope=self._client.scope,
            redirect_uri=self._client.return_to,
            code_challenge_method="S256",
            **client_options(self._client.issuer),
        )


def _is_weak(key: object) -> bool:
    return isinstance(key, RSAKey) and key.raw_value.key_size < _RSA_BITS


def _reason(error: Exception) -> str:
    """The name of a failure and of the claim it is about, never a value."""
    return " ".join(filter(None, (type(error).__name__, str(getattr(error, "claim", "") or ""))))[:60]
