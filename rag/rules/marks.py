"""M05: marks of state secrecy (密级) must not enter this system, in whatever form they are written."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from rag.problems import Problem
from rag.rules.view import Rule, View
from rag.text import fold

# What stands inside a mark and says nothing: blanks, and Markdown's emphasis, code and escapes.
_GLUE = r"[^\S\n]*+[*_~`\\]*+[^\S\n]*+"
_GRADE = rf"[绝机秘]{_GLUE}(?:\n{_GLUE})?密"
_STAR = "[★☆⭐✦-✳⋆⭑🌟]"
_TERM = "(?:[\\d〇一二三四五六七八九十百]{1,6}年|长期)"
_SECRECY = r"(?:密[^\S\n]*+级|等级|classification|classified(?: as)?|secrecy(?: level)?)"
# A mark stands with its star, after the word for it, in brackets, or alone on its line: prose about secrecy is no
# mark, nor is Markdown's bold, a list of the grades or a link.
SECRET_MARK = re.compile(
    rf"{_GRADE}级?(?:{_GLUE}{_STAR}|(?:\*\*|__?)?[^\S\n]*+\*[^\S\n]*+(?:\d|长期))"
    rf"|{_SECRECY}[^\w\n]*+[绝机秘]{_GLUE}密(?![^\S\n]*+[、,/或和与及])"
    rf"|[【\[〔]{_GLUE}[绝机秘]{_GLUE}密级?{_GLUE}{_TERM}?{_GLUE}[】\]〕](?!\()"
    rf"|^[^\w\n]*+[绝机秘]{_GLUE}密级?(?:\)|[^\w\n]*+{_TERM}?[^\w\n]*+(?:特急|加急|急件)?[^\w\n]*+$)"
    r"|内部(?:资料|文件)[^\S\n]*[,，]?[^\S\n]*注意保[存密]",
    re.MULTILINE,
)
_TAG = re.compile(r"</?[a-z][^<>\n]{0,200}>", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u(?!d[89a-f])([0-9a-f]{4})", re.IGNORECASE)
_TEXT = frozenset(
    [
        ".md",
        ".markdown",
        ".txt",
        ".yml",
        ".yaml",
        ".json",
        ".csv",
        ".tsv",
        ".html",
        ".htm",
        ".xml",
        ".svg",
        ".css",
        ".js",
        ".rst",
        ".ini",
        ".toml",
        ".log",
        ".rtf",
        ".vtt",
        ".srt",
    ]
)
_OFFICE = frozenset([".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".wps", ".ofd", ".epub"])
_MOST_PARTS = 2000
_LARGEST_PART = 20_000_000
# Paragraphs, cells and rows end a line; everything else inside a tag is markup.
_XML_BREAK = re.compile(r"</(?:\w+:)?(?:p|tr|tc|row|si|h)>|<(?:\w+:)?br\b[^>]*>")
_XML_TAG = re.compile(r"<[^<>]*>")


def secret_mark(text: str) -> re.Match[str] | None:
    """A mark of state secrecy (密级) in a text, widths and scripts folded, or None."""
    found = SECRET_MARK.search(_folded(text))
    shown = text if found else _shown(text)
    return found or (SECRET_MARK.search(_folded(shown)) if shown != text else None)


def _folded(text: str) -> str:
    return fold(text.replace("＊", "★"))


def _shown(text: str) -> str:
    """A text without its tags and with its escapes resolved, line by line as before: what a page or a YAML value
    shows."""
    plain = _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text) if "\\u" in text else text
    lines = (unescape(line).replace("\n", " ") for line in _TAG.sub("", plain).split("\n"))
    return "\n".join(lines) if "&" in plain or "<" in plain else plain


def m05_secret_mark(view: View) -> Iterator[Problem]:
    """Text marked as a state secret must not enter this system (保密法 29, 31): no file, no attachment, no name."""
    root = view.library.root
    files = sorted(root.rglob("*")) if view.is_whole else [root / guide.path for guide in view.guides]
    for file in files:
        text = _text_of(file)
        path = file.relative_to(root)
        found = secret_mark(text) or secret_mark(file.stem)
        if found:
            line = found.string.count("\n", 0, found.start()) + 1
            yield Problem("M05", path, line, "文中有密级标志，不得存入本系统",
                          "the text carries a secrecy mark and must not be stored here",
                          "立即移出文件并告知保密办", "remove the file at once and tell the secrecy office")  # fmt: skip


def _text_of(file: Path) -> str:
    """What can be read of a file: text as it is, the XML inside an office document, nothing of the rest."""
    try:
        if file.suffix.lower() in _TEXT:
            return file.read_text(encoding="utf-8", errors="replace")
        if file.suffix.lower() in _OFFICE:
            return "\n".join(_parts(file))
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        return ""  # read_library names guides that cannot be read
    return ""


def _parts(file: Path) -> Iterator[str]:
    """Texts of the parts of an office document, without tags; a part too large to be a text is left out."""
    with zipfile.ZipFile(file) as archive:
        for part in archive.infolist()[:_MOST_PARTS]:
            if part.filename.endswith(".xml") and part.file_size <= _LARGEST_PART:
                text = archive.read(part).decode("utf-8", errors="replace")
                yield _XML_TAG.sub("", _XML_BREAK.sub("\n", text))


RULES: tuple[Rule, ...] = (m05_secret_mark,)
