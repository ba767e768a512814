"""A small issuer over real HTTP with real keys, which answers as a test tells it to."""

import base64
import hashlib
import hmac
import json
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.api.oidc.provider import CLIENT_ID

Answer = tuple[int, dict[str, str], bytes]


def encoded(value: Any) -> str:
    """A part of a token."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: dict[str, Any], key: RSAKey | ECKey, alg: str = "RS256", **header: Any) -> str:
    """A token signed with a private key."""
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, algorithms=[alg])


def with_secret(claims: dict[str, Any], secret: bytes, kid: str | None) -> str:
    """A token "signed" with a secret (HS256)."""
    text = f"{encoded({'alg': 'HS256', 'kid': kid})}.{encoded(claims)}"
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), hashlib.sha256))}"


class Issuer:
    """The issuer while it runs. `token` is the ID token it gives out next; `pages` replaces whole answers."""

    def __init__(self, key: RSAKey) -> None:
        self.key = key
        self.keys: list[Any] = [key]
        self.token: str | None = None
        self.about: dict[str, Any] = {}
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.forms: list[dict[str, list[str]]] = []

    def __enter__(self) -> Self:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                self.reply(*issuer.pages.get(self.path, issuer.page(self.path)))

            def do_POST(self) -> None:
                issuer.asked.append(self.path)
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                issuer.forms.append(parse_qs(body))
                self.reply(*issuer.pages.get(self.path, issuer.redeemed()))

            def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Half a second to end would be most of what a test takes.
        serve = partial(self._server.serve_forever, poll_interval=0.02)
        threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Its name and address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def page(self, path: str) -> Answer:
        """Its description or its keys."""
        if path == "/keys":
            return _json({"keys": [key.as_dict(private=False) for key in self.keys]})
        named = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }
        return _json(named | self.about)

    def redeemed(self) -> Answer:
        """What it gives for a code."""
        given = {"access_token": "ACCESSTOKENQX", "token_type": "Bearer"}
        return _json(given | ({"id_token": self.token} if self.token is not None else {}))

    def claims(self, begun: str, **other: Any) -> dict[str, Any]:
        """Claims of a sign-in that began with this address; None leaves a claim out."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.address,
            "sub": "7",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": parse_qs(urlsplit(begun).query)["nonce"][0],
            "groups": ["trainers"],
            "preferred_username": "sun.li",
        }
        return {name: value for name, value in (claims | other).items() if value is not None}


def _json(value: Any) -> Answer:
    return 200, {}, json.dumps(value).encode()
