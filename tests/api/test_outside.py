"""Whatever name is asked for over the wire, nothing from outside the reader's site comes back."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.generation import current
from tests.api.conftest import settings_in
from tests.api.library import CANARIES
from tests.api.served import Served, served
from tests.api.site_names import SECRET, names, plant


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the built office with traps in the folder of its open site, which is returned."""
    folder = tmp_path_factory.mktemp("traps") / "built"
    shutil.copytree(built, folder)
    generation = folder / "out" / str(current(folder / "out"))
    return next(generation.glob("circles/open/site"))


@pytest.fixture(scope="module")
def traps(site: Path) -> list[str]:
    """Addresses of the traps."""
    return plant(site, site.parents[5] / "outside")


@pytest.fixture(scope="module")
def server(site: Path, traps: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The real server on that copy, so that no client library tidies an address."""
    store = tmp_path_factory.mktemp("store")
    with served(settings_in(store, site.parents[4]), store) as running:
        yield running


def told(server: Served, address: str) -> tuple[int, bytes]:
    """Status and whole answer to an address sent as it stands."""
    answer = server.get(address)
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    assert status, answer[:80]
    return int(status[1]), answer


def test_the_site_itself_is_there(server: Served) -> None:
    """The same server, asked in the same way, does give the pages of the site."""
    assert told(server, "/public/pub-bike-tag/")[0] == 200
    assert told(server, "/index.html")[0] == 200


def test_no_generated_name_gives_a_byte_from_outside(server: Served, site: Path) -> None:
    """500 names with dots, slashes and escapes of every kind: each is refused, and nothing outside is shown."""
    asked = names(500)
    own = {file.read_bytes() for file in site.rglob("*.html") if file.is_file() and not file.is_symlink()}
    forbidden = [SECRET.encode(), b"root:", b'"model"', *(canary.encode() for canary in CANARIES.values())]
    with ThreadPoolExecutor(4) as pool:
        answers = dict(zip(asked, pool.map(lambda name: told(server, name), asked), strict=True))
    assert [name for name, (_, said) in answers.items() if any(word in said for word in forbidden)] == []
    assert {status for status, _ in answers.values()} <= {200, 307, 400, 404, 431}
    shown = {
        name: said.partition(b"\r\n\r\n")[2] for name, (status, said) in answers.items() if status == 200
    }
    assert [name for name, body in shown.items() if body not in own] == []
    away = [said for status, said in answers.values() if status == 307]
    assert all(
        re.search(rb"\r\nlocation: \./[^/\\\r\n]+/(\?[^\r\n]*)?\r\n", said, re.IGNORECASE) for said in away
    )


def test_no_trap_in_the_folder_is_sprung(server: Served, traps: list[str]) -> None:
    """Links to files and folders, pipes, dotfiles and odd names in the site's own folder are absent."""
    assert {trap: told(server, trap)[0] for trap in traps} == dict.fromkeys(traps, 404)
