"""What the product is made of: known packages alone, none with a known hole, and no secret among its files."""

import math
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from rag.settings import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
_PIN = re.compile(r"^([A-Za-z0-9][\w.\-]*)(?:\[[\w,\-]+\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?=\s|$)")
_BINARY = frozenset([".npz", ".png", ".woff2", ".ico", ".mo", ".pyc", ".zip", ".sqlite"])
_SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}"),
    "a key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w\-]{35}\b|\bLTAI[0-9A-Za-z]{16,24}\b"),
    "a token of a forge": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22,}|\bglpat-[\w\-]{20}"),
    "a token of a service": re.compile(r"\bxox[abprs]-[\w\-]{10,}|\bsk-[A-Za-z0-9_\-]{20,}|\bhf_[A-Za-z0-9]{30,}"),
    "a token of a registry": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgE[\w\-]{20,}"),
    "a signed token": re.compile(r"\beyJ[\w\-]{10,}\.eyJ[\w\-]{10,}\.[\w\-]{10,}"),
    "a password in an address": re.compile(r"\b[a-z]{3,}://[^\s/:@\"'{}<>]+:[^\s/@\"'{}<>$]{6,}@(?!127\.0\.0\.1|localhost|\[)[\w.\-]+\.[a-z]{2,}"),
}  # fmt: skip
_NAMED = re.compile(
    r"(?i)\b\w*(?:secret|token|passw(?:or)?d|api_?key|private_?key)\w*[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/=_\-]{20,})[\"']"
)
_PERSONS_PATH = re.compile(
    r"(?<![\w.$}])/(?:home|Users)/[A-Za-z][\w.\-]*/|(?<![\w.])/root/[\w.]|(?i:\b[a-z]:\\\\?Users\\)"
)
_RANDOM_BITS = 3.7
"""Bits a character from which on a string looks drawn by chance; words and names stay below."""


def pinned(lock: str) -> dict[str, tuple[str, int]]:
    """Version and number of hashes of each requirement of a lock file; every line must be understood."""
    found: dict[str, tuple[str, int]] = {}
    whole = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in (line for line in whole.splitlines() if line.strip() and not line.lstrip().startswith("#")):
        pin = _PIN.match(line)
        assert pin, line[:80]
        found[canonicalize_name(pin[1])] = (pin[2], len(_HASH.findall(line)))
    return found


def advisories() -> dict[str, list[dict[str, Any]]]:
    """The list kept by hand."""
    return tomllib.loads((ROOT / "tests/data/advisories.toml").read_text(encoding="utf-8"))


def own_files() -> list[Path]:
    """Files that belong to the project, whether or not it is a git checkout; what .gitignore names does not."""
    ignored = {
        line.strip("/") for line in (ROOT / ".gitignore").read_text().split() if not line.startswith("*")
    }
    return [
        file
        for file in sorted(ROOT.rglob("*"))
        if file.is_file()
        and file.suffix not in _BINARY
        and not {".git", *ignored} & set(file.relative_to(ROOT).parts)
        and not any(part.endswith(".egg-info") for part in file.parts)
    ]


def entropy(text: str) -> float:
    """Bits a character, as often as each stands in the text."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_its_hashes(lock: str) -> None:
    """No version is left open and no file is taken that has not the hash that was looked at."""
    found = pinned(lock)
    assert len(found) > 90
    assert [name for name, (_, hashes) in found.items() if not hashes] == []


def test_what_serves_is_what_is_tested() -> None:
    """Every package of the server has the same version where it is tested."""
    serves, tests = map(pinned, LOCKS)
    assert {name: version for name, (version, _) in serves.items() if tests[name][0] != version} == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_no_pinned_version_has_a_known_hole(lock: str) -> None:
    """No version of a lock file is among those of the list of advisories."""
    found = pinned(lock)
    listed = advisories()["advisory"]
    assert len({entry["package"] for entry in listed} & found.keys()) > 8
    holes = [entry["id"] for entry in listed if _is_bad(entry, found.get(entry["package"], ("", 0))[0])]
    assert holes == []


def test_no_installed_version_has_a_known_hole() -> None:
    """Nor is any that is really installed where this runs."""
    installed = {canonicalize_name(one.metadata["Name"]): one.version for one in distributions()}
    assert [e["id"] for e in advisories()["advisory"] if _is_bad(e, installed.get(e["package"], ""))] == []


def test_a_bad_version_is_known_as_bad() -> None:
    """The comparison tells the last bad version from the first good one."""
    listed = {entry["package"]: entry for entry in advisories()["advisory"]}
    assert _is_bad(listed["starlette"], "0.49.0") and not _is_bad(listed["starlette"], "0.49.1")
    assert _is_bad(listed["python-multipart"], "99.0")


def _is_bad(entry: dict[str, Any], version: str) -> bool:
    if not version:
        return False
    return entry["bad"] == "*" or Version(version) in SpecifierSet(entry["bad"], prereleases=True)


def test_no_module_with_a_hole_is_loaded() -> None:
    """Neither the app nor a build imports a module that the list forbids; the code names none of them."""
    names = [entry["name"] for entry in advisories()["module"]]
    code = "import sys, api.app, api.cli, rag.index, rag.build, rag.embed; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    loaded = run.stdout.split()
    assert run.returncode == 0 and "chromadb" in loaded
    assert [module for module in loaded if module.startswith(tuple(names))] == []
    sources = [file for folder in ("rag", "api") for file in (ROOT / folder).rglob("*.py")]
    assert [str(file) for file in sources if any(name in file.read_text() for name in names)] == []


def test_no_file_holds_a_secret() -> None:
    """No file of the project holds a key, token or password, known by its shape or by chance where a name says so."""
    found = []
    for file in own_files():
        text = file.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{file.relative_to(ROOT)}: {kind}" for kind, shape in _SECRETS.items() if shape.search(text)
        ]
        for value in _NAMED.findall(text):
            if entropy(value) > _RANDOM_BITS and re.search(r"\d", value) and file.suffix != ".lock":
                found.append(f"{file.relative_to(ROOT)}: {value[:4]}…")
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG", "AKIA" + "ABCDEFGHIJKLMNOP", "ghp_" + "a1B2" * 9,
        "sk-" + "a1B2c3D4e5F6" * 2, "postgresql://zhinan:" + "geheim99@db.office.example", "eyJ" + "hbGciOiJIUzI1.eyJ" + "zdWIiOiIxMjM0.abcdefghijkl",
    ],
)  # fmt: skip
def test_a_secret_would_be_found(text: str) -> None:
    """A secret of each shape is recognised, so that finding none proves something."""
    assert [kind for kind, shape in _SECRETS.items() if shape.search(f"x = {text}\n")]


def test_a_secret_without_a_shape_would_be_found() -> None:
    """Chance letters behind a telling name are recognised; words are not."""
    value = "q7Zp2Lx9" + "Vb4Tn8Wd1Ks6"
    assert _NAMED.findall(f'client_secret = "{value}"') == [value] and entropy(value) > _RANDOM_BITS
    assert entropy("correct-horse-battery-staple-aaaa") < _RANDOM_BITS


def test_no_file_names_a_place_on_a_developers_machine() -> None:
    """No path of somebody's home stands in a file of the project."""
    assert _PERSONS_PATH.search("see /home/" + "li/zhinan/x.py")
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in own_files()
        if (match := _PERSONS_PATH.search(file.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []
