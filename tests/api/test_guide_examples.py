"""The examples of the API guides, run as a reader would run them, against our own server on loopback."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from api.store import Store
from rag.access import Audience, Level, Reader
from rag.build import build
from rag.guides import Guide, read_library
from rag.settings import ROOT, Settings
from tests.api.identities import make_key
from tests.api.served import in_thread

_FENCE = re.compile(r"^```(bash|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SITE = "https://guide.shili.example"
_SECRET_PROMPT = "read -rs"
"""The example that asks a person to paste the key; the tests set the variable instead."""


def _examples() -> list[tuple[str, str, str]]:
    """Guide, language of the example and its text, for each example of the API guides in both languages."""
    guides = [guide for guide in read_library(ROOT / "docs")[0].guides if guide.id.startswith("org-api-")]
    found = [
        (_name(guide, n), *match.groups())
        for guide in guides
        for n, match in enumerate(_FENCE.finditer(guide.body), 1)
    ]
    return [one for one in found if _SECRET_PROMPT not in one[2]]


def _name(guide: Guide, n: int) -> str:
    return f"{guide.lang}-{guide.id}-{n}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a server of this repository's guides, and an organisation's key."""
    folder = tmp_path_factory.mktemp("examples")
    settings = Settings(
        docs=ROOT / "docs",
        out=folder / "out",
        cache=folder / "vectors.sqlite",
        database=f"sqlite:///{folder / 'store.sqlite'}",
        embedder="tests.fakes:HashEmbedding",
    )
    build(settings)
    reader = Reader(Audience.ORGANISATIONS, Level.MEMBERS)
    key = make_key(Store(settings.database), "examples", reader)
    with in_thread(create_app(settings)) as address:
        yield address, key


def test_both_guides_show_examples_in_both_languages() -> None:
    """The same examples stand in the Chinese and the English guide, and there are some."""
    names = {name for name, _, _ in _examples()}
    assert len(names) >= 20
    assert {name.removeprefix("zh-") for name in names if name.startswith("zh")} == {
        name.removeprefix("en-") for name in names if name.startswith("en")
    }


@pytest.mark.parametrize(("name", "language", "text"), _examples(), ids=[name for name, _, _ in _examples()])
def test_the_example_runs(
    server: tuple[str, str], tmp_path: Path, name: str, language: str, text: str
) -> None:
    """Copied from the guide and run against our server, the example ends well and shows no error."""
    address, key = server
    shell = shutil.which("bash") if language == "bash" else sys.executable
    if not shutil.which("curl") and language == "bash":
        if os.environ.get("CI"):
            pytest.fail("no curl: install Debian's package curl")
        pytest.skip("no curl")
    assert shell
    file = tmp_path / "example"
    file.write_text(text.replace(_SITE, address), encoding="utf-8")
    env = {
        "PATH": os.environ["PATH"],
        "ZHINAN_KEY": key,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "no_proxy": "*",
    }
    done = subprocess.run(
        [shell, str(file)], env=env, capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert '"error"' not in done.stdout
