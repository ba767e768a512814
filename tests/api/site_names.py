"""Generated names that try to leave the site's folder, or to reach what a careless build left in it."""

import os
import random
from pathlib import Path

SECRET = "OUTSIDE-OF-THE-SITE"
"""Stands in every file that no request may reach."""
_UP = (
    "..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "%25252e%25252e", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "..%00", "..;",
    "%ef%bc%8e%ef%bc%8e", "．．", "․․", "…", "..%20", "..%09", "..%0d%0a", "%u002e%u002e", "....", "..%23", "..%3f", "~", "$HOME",
)  # fmt: skip
_BETWEEN = (
    "/", "//", "/./", "\\", "%5c", "%2f", "%252f", "%255c", "%c0%af", "%e0%80%af", "%ef%bc%8f", "／", "∕", "%00/", ";/", "/%20/",
)  # fmt: skip
_BEFORE = (
    "/",
    "//",
    "/public/",
    "/en/",
    "/assets/",
    "/public/pub-bike-tag/",
    "/%2f",
    "/\\",
    "/file:///",
    "/C:/",
    "/./",
)
_WANTED = (
    "outside.txt", "manifest.json", "CURRENT", "etc/passwd", "store.sqlite", "secret.key", "index/chunks.jsonl",
    "internal/site/index.html", "windows/win.ini", "proc/self/environ", "units.yml",
)  # fmt: skip
_AFTER = ("", "", "", "/", "%00", "%00.html", "?", "#", ";.css", ".", "%20", "::$DATA", "/index.html", "/..")


def plant(root: Path, outside: Path) -> list[str]:
    """Put into a site what must not be served, or must not lead out; the addresses of it."""
    outside.mkdir()
    secret = outside / "outside.txt"
    secret.write_text(SECRET)
    (root / "linked.txt").symlink_to(secret)
    (root / "linked.html").symlink_to(os.path.relpath(secret, root))
    (root / "folder").symlink_to(outside)
    (root / "public" / "linked").symlink_to(outside, target_is_directory=True)
    (root / "loop").symlink_to(root)
    (root / "dangling").symlink_to(outside / "nothing")
    os.mkfifo(root / "pipe.html")
    (root / ".env").write_text(SECRET)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text(SECRET)
    (root / "with\\slash.txt").write_text(SECRET)
    (root / "with:colon.txt").write_text(SECRET)
    names = (
        "linked.txt", "linked.html", "folder", "folder/", "folder/outside.txt", "public/linked/outside.txt", "loop/index.html",
        "loop/loop/index.html", "dangling", "pipe.html", "pipe.html/", ".env", ".git/config", "%2eenv",
        "%2egit/config", "with%5cslash.txt", "with%3acolon.txt", "LINKED.TXT", "public/../linked.txt",
    )  # fmt: skip
    return [f"/{name}" for name in names]


def names(count: int, seed: int = 20261123) -> list[str]:
    """So many different addresses, put together from what is tried in the world."""
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        steps = chance.randint(1, 9)
        way = "".join(chance.choice(_UP) + chance.choice(_BETWEEN) for _ in range(steps))
        name = chance.choice(_BEFORE) + way + chance.choice(_WANTED) + chance.choice(_AFTER)
        if chance.random() < 0.1:
            name += "/" + "x" * chance.choice((255, 256, 4096, 9000))
        if chance.random() < 0.1:
            name = name.swapcase()
        found[name] = None
    return list(found)
