"""The site over HTTP: the variant of the reader, nothing outside it."""

import os
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.routes.site import find
from tests.api.conftest import OPENS
from tests.api.library import CANARIES

PAGES = {
    "members": "/organisations/members/org-bike-fleet/",
    "internal": "/staff/internal/stf-bike-audit/",
    "restricted": "/leaders/restricted/off-bike-theft/",
}


def test_open_pages_are_there_for_everybody(client: TestClient) -> None:
    """The front page, a guide and its English twin are HTML."""
    for path in ("/", "/public/pub-bike-tag/", "/en/public/pub-bike-tag/"):
        response = client.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("reader", list(OPENS))
def test_each_reader_gets_the_pages_of_his_levels_only(
    client: TestClient, keys: dict[str, dict[str, str]], reader: str
) -> None:
    """A page above the reader is absent, in the same words as one that never was."""
    absent = client.get("/staff/internal/no-such-guide/", headers=keys[reader])
    for level, path in PAGES.items():
        response = client.get(path, headers=keys[reader])
        if level in OPENS[reader]:
            assert response.status_code == 200 and CANARIES[level] in response.text
        else:
            assert (response.status_code, response.text) == (404, absent.text)


def test_a_folder_without_its_slash_is_sent_there(client: TestClient) -> None:
    """The redirect is relative, so no host or prefix can be smuggled in; the query stays."""
    response = client.get("/public/pub-bike-tag?q=1", headers={"Host": "evil.example"})
    assert response.status_code == 307
    assert response.headers["location"] == "./pub-bike-tag/?q=1"


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/", "/%2f%2fevil.example", "/public//pub-bike-tag"]
)
def test_doubled_slashes_lead_nowhere(client: TestClient, path: str) -> None:
    """No redirect can be made to another host."""
    assert client.get(f"http://testserver{path}").status_code == 404


def test_people_get_the_sites_own_404_page(client: TestClient) -> None:
    """A browser gets HTML, a program the error shape; both with status 404."""
    page = client.get("/nothing", headers={"Accept": "text/html,*/*"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert client.get("/nothing").json()["error"]["code"] == "not-found"


def test_an_unchanged_page_is_not_sent_again(client: TestClient) -> None:
    """The tag of a page answers 304, another tag the page."""
    first = client.get("/public/pub-bike-tag/")
    tag = first.headers["etag"]
    again = client.get("/public/pub-bike-tag/", headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert client.get("/public/pub-bike-tag/", headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_tag_of_one_circle_is_none_of_another(client: TestClient, keys: dict[str, dict[str, str]]) -> None:
    """The same address has another tag for another circle, and only open pages may be kept by all."""
    path = "/public/pub-bike-tag/"
    open_page, internal = client.get(path), client.get(path, headers=keys["internal"])
    assert open_page.headers["etag"] != internal.headers["etag"]
    assert open_page.headers["cache-control"] == "public, no-cache"
    assert internal.headers["cache-control"] == "private, no-cache"


def test_head_has_the_headers_without_the_page(client: TestClient) -> None:
    """HEAD answers as GET does, without a body."""
    got, asked = client.get("/"), client.head("/")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "/%2e%2e/manifest.json",
        "/..%2fmanifest.json",
        "/%2e%2e%2f%2e%2e%2fmanifest.json",
        "/public/%2e%2e/%2e%2e/manifest.json",
        "/..%5cmanifest.json",
        "/..%c0%af..%c0%afetc/passwd",
        "/%00",
        "/index.html%00.txt",
        "/C:/windows/win.ini",
        "/.git/config",
        "/.%68tpasswd",
        "/%ef%bc%8e%ef%bc%8e/manifest.json",
        "/" + "a" * 5000,
        "/index.html/",
        "/%ed%a0%80",
    ],
)
def test_no_path_leads_out_of_the_site(client: TestClient, path: str) -> None:
    """Dots, encoded dots, backslashes, NUL, drives, dotfiles, long and half-encoded names are 404."""
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/a/../../secret.txt", "/./a", "/a/.", "/..", "/\ud800", "secret\0"]
)
def test_find_stays_below_its_root(tmp_path: Path, path: str) -> None:
    """The search itself refuses what a server in front may not have cleaned."""
    (tmp_path / "secret.txt").write_text("x")
    root = tmp_path / "site"
    (root / "a").mkdir(parents=True)
    assert find(root, path) is None


def test_links_dotfiles_and_pipes_are_absent(tmp_path: Path) -> None:
    """What a careless build may leave behind is not served: links to files and folders, dotfiles, pipes."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("x")
    root = tmp_path / "site"
    root.mkdir()
    (root / "page.html").write_text("x")
    (root / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / ".hidden").write_text("x")
    os.mkfifo(root / "pipe")
    assert find(root, "/page.html") == root / "page.html"
    hidden = ("/link.txt", "/folder", "/folder/secret.txt", "/.hidden", "/pipe", "/none")
    assert [find(root, path) for path in hidden] == [None] * len(hidden)


def test_types_are_named_exactly(client: TestClient, built: Path) -> None:
    """Scripts, styles and data have the types that `nosniff` demands."""
    expected = {
        ".js": "text/javascript",
        ".css": "text/css",
        ".json": "application/json",
        ".svg": "image/svg+xml",
    }
    root = next((built / "out").glob("*/circles/open/site"))
    for suffix, kind in expected.items():
        for file in list(root.rglob(f"*{suffix}"))[:1]:
            response = client.get(f"/{file.relative_to(root)}")
            assert response.headers["content-type"].split(";")[0] == kind
