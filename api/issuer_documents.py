"""What the server reads from the office's identity provider: over HTTP to its one origin, and remembered.

No redirect is followed, no answer may be large, encoded or slow, and nothing goes to any other address.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

ANSWER_LIMIT = 256 * 1024
SECONDS = 10.0
"""How long one exchange with the provider may take altogether."""
_KEPT = 3600.0
_REST = 10.0
"""Seconds without another attempt after one that failed or was asked for out of turn."""
Document = TypeVar("Document")


class IssuerError(Exception):
    """The provider cannot be reached or is not what the settings say; the text holds nothing it sent."""


class Metadata(BaseModel):
    """What is used of the provider's description of itself (OpenID Connect Discovery 1.0, section 3)."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: frozenset[str] = frozenset({"client_secret_basic"})
    authorization_response_iss_parameter_supported: bool = False

    @property
    def auth_method(self) -> str:
        """How the client proves itself when it redeems a code."""
        basic, post = "client_secret_basic", "client_secret_post"
        known = self.token_endpoint_auth_methods_supported
        return post if post in known and basic not in known else basic


class OneOrigin(httpx2.AsyncBaseTransport):
    """The way to one origin alone; each answer is read whole, up to a limit."""

    def __init__(self, origin: tuple[str, str, int]) -> None:
        self._origin = origin
        # The system's certificates, or those that SSL_CERT_FILE names: offices often have their own authority.
        self._inner = httpx2.AsyncHTTPTransport(verify=ssl.create_default_context())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and read what comes back."""
        if origin_of(str(request.url)) != self._origin:
            raise IssuerError("an address outside the issuer's origin")
        request.headers["Accept-Encoding"] = "identity"
        response = await self._inner.handle_async_request(request)
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise IssuerError("an encoded answer")
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > ANSWER_LIMIT:
                    raise IssuerError("an answer that is too large")
        finally:
            await response.aclose()
        return httpx2.Response(response.status_code, headers=response.headers, content=bytes(body))

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._inner.aclose()


def origin_of(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; IssuerError for one that has none."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        raise IssuerError("an address that cannot be read") from None
    if not parts.hostname or not port or parts.username is not None:
        raise IssuerError("an address that cannot be used")
    return parts.scheme, parts.hostname, port


def client_options(issuer: str) -> dict[str, Any]:
    """How every client of this issuer is set up."""
    # Without the environment: a proxy set for other programs would be another host.
    return {
        "transport": OneOrigin(origin_of(issuer)),
        "follow_redirects": False,
        "trust_env": False,
        "timeout": SECONDS / 2,
    }


async def fetch_json(issuer: str, address: str) -> Any:
    """The JSON that the issuer has at an address; IssuerError if it does not come whole and in time."""
    try:
        async with asyncio.timeout(SECONDS), httpx2.AsyncClient(**client_options(issuer)) as client:
            response = await client.get(address, headers={"Accept": "application/json"})
            if response.status_code != 200:
                raise IssuerError(f"status {response.status_code} for a document")
            return response.json()
    except (httpx2.HTTPError, OSError, TimeoutError, ValueError, RecursionError) as error:
        raise IssuerError(f"{type(error).__name__} while fetching a document") from error


async def fetch_metadata(issuer: str) -> Metadata:
    """The issuer's description of itself, checked against the setting."""
    found = await fetch_json(issuer, issuer.rstrip("/") + "/.well-known/openid-configuration")
    try:
        metadata = Metadata.model_validate(found)
    except ValidationError as error:
        raise IssuerError("a description that lacks what sign-in needs") from error
    if metadata.issuer != issuer:
        raise IssuerError("a description of another issuer")
    for address in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
        if origin_of(address) != origin_of(issuer):
            raise IssuerError("an endpoint outside the issuer's origin")
    return metadata


class Remembered(Generic[Document]):
    """A document fetched when it is first needed, by one request at a time, and again after an hour."""

    def __init__(self, fetch: Callable[[], Awaitable[Document]]) -> None:
        self._fetch = fetch
        self._found: Document | None = None
        self._since = self._rest_until = 0.0
        self._lock = asyncio.Lock()

    async def get(self, anew: bool = False) -> Document:
        """The document; `anew` asks for a newer one, which is not heard too often."""
        async with self._lock:
            now = time.monotonic()
            if self._found is not None and not anew and now - self._since < _KEPT:
                return self._found
            if now < self._rest_until:
                if self._found is None:
                    raise IssuerError("an issuer that could not be reached a moment ago")
                return self._found
            self._rest_until = now + _REST
            self._found = await self._fetch()
            self._since = now
            if not anew:
                self._rest_until = now
            return self._found
