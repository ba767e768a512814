"""The identity provider as a process, an issuer that forges, and apps that send people to them."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey

from api.app import create_app
from api.audit import Audit
from api.deps import Services
from api.office_sign_in import RETURN, START, office_sign_in
from api.store import Store
from rag.settings import ROOT, Settings
from tests.api.conftest import serving, settings_in
from tests.api.library import ROLE
from tests.api.oidc.issuer import Issuer
from tests.api.oidc.provider import CLIENT_ID, CLIENT_SECRET, PASSWORD

RULES = f"""
rules:
  - when: {{claim: groups, has: leaders}}
    audience: leaders
    level: restricted
    roles: [{ROLE}]
  - when: {{claim: groups, has: trainers}}
    audience: staff
    level: internal
    roles: [trainers]
    unit: {{claim: department}}
  - when: {{claim: groups, has: partners}}
    audience: organisations
    level: members
"""


@dataclass(frozen=True)
class Running:
    """The provider that runs, and the address of the app it knows."""

    folder: Path
    issuer: str
    public_url: str
    app_socket: socket.socket

    def put_into(self, name: str, *groups: str) -> None:
        """Change somebody's groups, as the provider's administrator would."""
        _provider(self.folder, "groups", name, *groups).check_returncode()

    def sign_in(self, address: str, name: str) -> str:
        """What a person does there; the path to which the provider sends the browser back."""
        with httpx2.Client(trust_env=False) as browser:
            page = browser.get(address, follow_redirects=True)
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
            assert token, page.text
            form = {"csrfmiddlewaretoken": token[1], "username": name, "password": PASSWORD}
            answer = browser.post(page.url, data=form)
            for _ in range(5):
                to = answer.headers["location"]
                if to.startswith(self.public_url):
                    parts = urlsplit(to)
                    return f"{parts.path}?{parts.query}"
                answer = browser.get(answer.url.join(to))
        raise AssertionError(f"the provider did not send {name} back")


@contextmanager
def running_provider(folder: Path) -> Iterator[Running]:
    """A provider with people, groups and our client, while it runs."""
    with socket.create_server(("127.0.0.1", 0)) as app_socket:
        app = f"http://127.0.0.1:{app_socket.getsockname()[1]}"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "tests.api.oidc.provider",
            str(folder),
            "serve",
            str(port),
            app + RETURN,
        ]
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as process,
        ):
            issuer = f"http://127.0.0.1:{port}/o"
            _await(issuer, process, folder / "log")
            yield Running(folder, issuer, app, app_socket)
            process.terminate()


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One provider for all tests."""
    with running_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


def _await(issuer: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            httpx2.get(issuer + "/.well-known/openid-configuration", trust_env=False)
            return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def _provider(folder: Path, *words: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "tests.api.oidc.provider", str(folder), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True)


def office_settings(base: Settings, folder: Path, issuer: str, public_url: str) -> Settings:
    """These settings, with sign-in at an issuer."""
    rules = folder / "rules.yml"
    rules.write_text(RULES, encoding="utf-8")
    office = {
        "public_url": public_url,
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_rules": rules,
    }
    return Settings(**(base.model_dump() | office))


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, built: Path, provider: Running) -> Iterator[TestClient]:
    """A client of one app that signs in at the provider: opening a generation for each test takes too long."""
    folder = tmp_path_factory.mktemp("office")
    settings = office_settings(settings_in(folder, built), folder, provider.issuer, provider.public_url)
    with serving(create_app(settings)) as opened:
        yield opened


def services(client: TestClient) -> Services:
    """What the app behind a client holds open."""
    found = client.app.state.services  # type: ignore[attr-defined]  # client.app is typed as any ASGI app
    assert isinstance(found, Services)
    return found


@contextmanager
def configured(client: TestClient, settings: Settings) -> Iterator[TestClient]:
    """The app with other settings of sign-in."""
    before = services(client)
    store = Store(settings.database)
    changed = {"store": store, "audit": Audit(store, settings.secret), "office": office_sign_in(settings)}
    client.app.state.services = replace(before, settings=settings, **changed)  # type: ignore[attr-defined]
    client.cookies.clear()
    yield client
    client.app.state.services = before  # type: ignore[attr-defined]
    store.close()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without rows, to copy: its migrations run once."""
    file = tmp_path_factory.mktemp("empty") / "store.sqlite"
    Store(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def browser(app: TestClient, empty_store: Path, tmp_path: Path) -> Iterator[TestClient]:
    """A browser without cookies, at the app with an empty store."""
    shutil.copy(empty_store, tmp_path)
    own = {"database": f"sqlite:///{tmp_path / 'store.sqlite'}", "secret": tmp_path / "secret.key"}
    with configured(app, Settings(**(services(app).settings.model_dump() | own))) as client:
        yield client


@pytest.fixture
def office(browser: TestClient) -> Settings:
    """Settings of that app."""
    return services(browser).settings


@pytest.fixture(scope="session")
def issuer_key() -> RSAKey:
    """A key pair, made once."""
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


@pytest.fixture
def issuer(issuer_key: RSAKey) -> Iterator[Issuer]:
    """An issuer of the test's own, which signs what the test wants."""
    with Issuer(issuer_key) as running:
        yield running


@pytest.fixture
def forged(browser: TestClient, office: Settings, issuer: Issuer) -> Iterator[TestClient]:
    """A browser at the app, which signs in at that issuer."""
    with configured(browser, Settings(**(office.model_dump() | {"oidc_issuer": issuer.address}))) as client:
        yield client


def begun_at(browser: TestClient) -> str:
    """Begin to sign in; the provider's address to which the browser is sent."""
    answer = browser.get(START)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])
