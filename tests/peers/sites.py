"""A site's own search as its readers get it: Material's built-in one, and ours. Both run their own scripts in Node."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from rag.settings import ROOT
from tests.peers.peer import Document

SCRIPT = Path(__file__).with_name("search_page.mjs")
OWN_SEARCH = ROOT / "docs" / "assets" / "search.js"


def node() -> str | None:
    """Where Node is, if it is installed."""
    return shutil.which("node")


class _Page:
    """A search page in a Node process, which lives as long as this object."""

    def __init__(self, *arguments: str) -> None:
        found = node()
        if found is None:
            raise FileNotFoundError("node is not installed")
        self._process = subprocess.Popen(
            [found, str(SCRIPT), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        if self._line().strip() != "ready":
            raise RuntimeError("the search page did not start")

    def __call__(self, query: str) -> list[str]:
        """Addresses of pages, best first."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(query) + "\n")
        self._process.stdin.flush()
        pages: list[str] = json.loads(self._line())
        return [page.strip("/").rpartition("/")[2] for page in pages]

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    @property
    def pid(self) -> int:
        """Its process, to ask how much memory it takes."""
        return self._process.pid

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class _SiteSearch:
    """Ranks pages; a page stands for its first document."""

    page: _Page

    def rank(self, query: str, k: int) -> list[str]:
        """First documents of the pages found."""
        return [self._first[page] for page in self.page(query) if page in self._first][:k]

    def _remember(self, documents: Sequence[Document]) -> None:
        self._first: dict[str, str] = {}
        for document in documents:
            self._first.setdefault(document.page, document.id)

    def close(self) -> None:
        """End the Node process."""
        self.page.close()


class OwnSite(_SiteSearch):
    """Our search page over the search data that a build writes beside it."""

    name = "site search, ours"

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def index(self, documents: Sequence[Document]) -> None:
        """Hand the build's data to the page's own script; `documents` are the sections in it."""
        self._remember(documents)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "search-data.json"
            file.write_text(json.dumps(self._data, ensure_ascii=False), encoding="utf-8")
            self.page = _Page("own", str(OWN_SEARCH), str(file))


class MaterialSite(_SiteSearch):
    """MkDocs Material's search plugin with its defaults; for Chinese it cuts words with jieba at build time."""

    name = "site search, Material"

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def index(self, documents: Sequence[Document]) -> None:
        """Build a site of one page for each page of the documents, and load its search."""
        self._remember(documents)
        with TemporaryDirectory() as folder:
            data = _material_site(Path(folder), documents, self._lang) / "search" / "search_index.json"
            self.page = _Page("material", str(_material_scripts()), str(data))


def _material_scripts() -> Path:
    spec = find_spec("material")
    assert spec and spec.submodule_search_locations, "mkdocs-material is not installed"
    return Path(spec.submodule_search_locations[0]) / "templates" / "assets" / "javascripts"


def _material_site(folder: Path, documents: Sequence[Document], lang: str) -> Path:
    """Build Markdown pages with MkDocs Material; the folder of the site."""
    pages: dict[str, list[str]] = {}
    for document in documents:
        lines = pages.setdefault(document.page, [f"# {escape(document.title)}"])
        lines += [f"## {escape(document.section)}"] * bool(document.section)
        lines += [escape(line) for line in (*document.aliases, *document.text.split("\n"))]
    (folder / "docs").mkdir()
    for page, lines in pages.items():
        (folder / "docs" / f"{page}.md").write_text("\n\n".join(lines), encoding="utf-8")
    config = {
        "site_name": "peer",
        "theme": {"name": "material", "language": lang, "font": False},
        "plugins": ["search"],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(folder / "mkdocs.yml")]
    subprocess.run(command, check=True, capture_output=True, env={"NO_MKDOCS_2_WARNING": "1", "PATH": ""})
    return folder / "site"
