"""What a site gives away whole: all its guides as one page to print, and the site as a zip to read offline.

Both are made from the built pages of one circle and language, so they hold what that circle may read and no
more. The templates mark what belongs on paper (`<!--print-->`) and what needs a server (`<!--online-->`).
"""

import json
import posixpath
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

OFFLINE = "offline.zip"
_PRINT = Path("print", "index.html")
_PLACE = "<!--pack-->"
_ON_PAPER = re.compile(r"<!--print-->(.*?)<!--/print-->", re.DOTALL)
_ONLINE = re.compile(r"<!--online-->.*?<!--/online-->", re.DOTALL)
_ID = re.compile(r'(?<=\s)(id|for|aria-labelledby|aria-describedby)="([^"]+)"')
_HREF = re.compile(r'(?<=\shref=)"([^"]*)"')
_HEADING = re.compile(r"(</?h)([1-5])(?=[\s>])")
# Forty-five landmarks of one name would tell a screen reader nothing; their headings stay.
_LANDMARK = re.compile(r"<section(?=[^>]* aria-labelledby)[^>]*")
_KEPT = {".html", ".css", ".svg", ".png", ".webp", ".jpg"}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""One date for every file of a zip, so that the same site makes the same bytes."""


def write_packs(site: Path, folder: str) -> None:
    """Fill the print page of a built site and put the offline zip beside it; `folder` names the zip's root."""
    urls = _guide_urls(site)
    page = site / _PRINT
    articles = [_article(site, url, urls) for url in urls]
    page.write_text(page.read_text(encoding="utf-8").replace(_PLACE, "".join(articles)), encoding="utf-8")
    write_offline(site, site / OFFLINE, folder)


def _guide_urls(site: Path) -> list[str]:
    """Addresses of the guides, in the order of the search data; journeys and lists are no guides."""
    entries = json.loads((site / "search-data.json").read_text(encoding="utf-8"))["entries"]
    pages = dict.fromkeys(entry["url"].partition("#")[0] for entry in entries)
    return [url for url in pages if not url.startswith("journeys/")]


def _article(site: Path, url: str, urls: Iterable[str]) -> str:
    """One guide for the print page: headings one deeper, anchors of its own, links within the page."""
    name, known = _name(url), frozenset(urls)
    html = "".join(_ON_PAPER.findall((site / url / "index.html").read_text(encoding="utf-8")))
    html = _ID.sub(lambda m: f'{m[1]}="{" ".join(f"{name}--{one}" for one in m[2].split())}"', html)
    html = _LANDMARK.sub("<section", html)
    html = _HREF.sub(lambda m: f'"{_within(m[1], url, known)}"', html)
    html = _HEADING.sub(lambda m: f"{m[1]}{int(m[2]) + 1}", html).replace("<details", "<details open")
    return f'<article class="zn-pack" id="{name}">{html}</article>\n'


def _name(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _within(href: str, url: str, known: frozenset[str]) -> str:
    """A link of a guide as it stands on the print page: to a part of it where the guide is there too."""
    if href.startswith("#"):
        return f"#{_name(url)}--{href[1:]}"
    if ":" in href.partition("/")[0]:
        return href
    path, _, anchor = href.partition("#")
    target = posixpath.normpath(posixpath.join(url, path)).removeprefix("./") + "/"
    if target in known:
        return f"#{_name(target)}--{anchor}" if anchor else f"#{_name(target)}"
    return f"../{target}#{anchor}" if anchor else f"../{target}"


def write_offline(site: Path, target: Path, folder: str) -> None:
    """The pages, styles and pictures of a site as a zip that any browser reads from a disk."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for file in sorted(site.rglob("*")):
            if not file.is_file() or file.suffix not in _KEPT or file.name == "404.html":
                continue
            name = zipfile.ZipInfo(f"{folder}/{file.relative_to(site).as_posix()}", _LONG_AGO)
            name.compress_type = zipfile.ZIP_DEFLATED
            content = file.read_bytes()
            if file.suffix == ".html":
                content = offline(content.decode("utf-8")).encode("utf-8")
            packed.writestr(name, content)


def offline(html: str) -> str:
    """A page without what needs a server, whose links name files instead of folders."""
    return _HREF.sub(lambda match: f'"{_file(match[1])}"', _ONLINE.sub("", html))


def _file(href: str) -> str:
    """An address as a file beside this one: a folder becomes the index.html inside it."""
    path, sign, anchor = href.partition("#")
    if not path or ":" in path.partition("/")[0]:
        return href
    if path.endswith("/") or posixpath.basename(path) in (".", ".."):
        path = posixpath.join(path, "index.html")
    return path + sign + anchor
