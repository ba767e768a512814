"""Reading guides: files become frozen values, or problems with file and line. Nothing is guessed.

A folder of guides holds units.yml, params.yml and <lang>/<audience>/[level/]<id>.md.
`{{ group.name }}` in a guide stands for the value of that name in params.yml.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from rag.access import Level
from rag.problems import Problem
from rag.schema import FrontMatter, Strict, Text
from rag.yaml_files import parse_yaml, read_text, read_yaml, schema_problem

LANG_FOLDERS = {"zh": "zh-Hans", "en": "en"}
AUDIENCE_FOLDERS = ("leaders", "staff", "organisations", "public")
LEVEL_FOLDERS = ("members", "internal", "restricted")
_PARAM = re.compile(r"\{\{\s*+((?:[^{}\n]*[^{}\s])?)\s*+\}\}")

Params = Mapping[str, Any]


class UnitOffice(Strict):
    """An office of units.yml."""

    name: dict[str, Text] = Field(min_length=1)
    phone: Text | None = None
    complaint: Text | None = None
    hotline: Text | None = None
    hours: dict[str, Text] | Text | None = None
    address: dict[str, Text] | Text | None = None
    platform: bool = False

    def said(self, lang: str) -> str:
        """Its name in a folder language (`zh` or `en`), or whatever name there is."""
        return self.name.get(lang) or next(iter(self.name.values()))


@dataclass(frozen=True)
class Guide:
    """One guide in one language: its front matter, its body, and where each part stands in the file."""

    path: Path
    folder: str
    meta: FrontMatter
    body: str
    body_line: int
    lines: Mapping[str, int] = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """Its id, the same in every language."""
        return self.meta.id

    @cached_property
    def lang(self) -> str:
        """`zh` or `en`, the folder it lies in."""
        return self.path.parts[0]

    @property
    def readers(self) -> frozenset[str]:
        """Roles that may read it when it is restricted."""
        return frozenset(self.meta.readers)

    @property
    def url(self) -> str:
        """Address of its page below the site's root; Chinese stands at the root, English below /en/."""
        parts = self.path.with_suffix("").parts
        below = parts[1:] if self.lang == "zh" else parts
        return "/" + "/".join(below) + "/"

    def line_of(self, *keys: object) -> int:
        """Line of a front-matter key; of the nearest parent where the key itself is absent."""
        for end in range(len(keys), 0, -1):
            if line := self.lines.get(".".join(str(key) for key in keys[:end])):
                return line
        return 1


@dataclass(frozen=True)
class Library:
    """All guides of one folder, with the offices that own them."""

    root: Path
    guides: tuple[Guide, ...]
    units: Mapping[str, UnitOffice]
    site: str = ""
    """Address of the office's site (`site` of params.yml) without a closing slash; '' where it names none."""

    def restricted(self) -> dict[str, frozenset[str]]:
        """Roles of each restricted guide id."""
        return {g.id: g.readers for g in self.guides if g.meta.level is Level.RESTRICTED}

    def without(self, ids: Collection[str]) -> "Library":
        """The same without the guides of these ids."""
        return replace(self, guides=tuple(guide for guide in self.guides if guide.id not in ids))

    @property
    def platform(self) -> UnitOffice | None:
        """The office that runs the assistant, marked `platform: true`; else the first one."""
        marked = [unit for unit in self.units.values() if unit.platform]
        return next(iter(marked or self.units.values()), None)


def read_library(root: Path) -> tuple[Library, list[Problem]]:
    """Read every guide below `root`; files that cannot be read as guides are left out and named."""
    problems: list[Problem] = []
    params, _, found = read_yaml(root / "params.yml", root)
    problems += found
    units, found = _read_units(root, params)
    problems += found
    guides: list[Guide] = []
    for file in guide_files(root):
        guide, found = read_guide(file, root, params)
        problems += found
        if guide:
            guides.append(guide)
    site = params.get("site")
    address = site.rstrip("/") if isinstance(site, str) else ""
    return Library(root, tuple(guides), units, address), problems


def guide_files(root: Path) -> Iterator[Path]:
    """Markdown files that are guides: everything in an audience folder of a language."""
    for lang in LANG_FOLDERS:
        for audience in AUDIENCE_FOLDERS:
            yield from sorted((root / lang / audience).rglob("*.md"))


def read_guide(file: Path, root: Path, params: Params) -> tuple[Guide | None, list[Problem]]:
    """One file as a guide, or the problems that keep it from being one."""
    path = file.relative_to(root)
    if file.is_symlink():
        return None, [Problem("M01", path, 1, "指南不能是链接文件", "a guide may not be a symbolic link",
                               "放入真实文件", "put the real file here")]  # fmt: skip
    raw, problems = read_text(file, path)
    if raw is None:
        return None, problems
    text, problems = substitute(raw, params, path)
    front, body, body_line = _split(text)
    if front is None:
        return None, [*problems, Problem("M01", path, 1, "没有以 --- 开头和结尾的文件头",
                      "no front matter between two --- lines",
                      "在文件开头写文件头", "begin the file with front matter")]  # fmt: skip
    data, lines, found = parse_yaml(front, path, offset=1)
    problems += found
    if data is None:
        return None, problems
    try:
        meta = FrontMatter.model_validate(data)
    except ValidationError as error:
        return None, problems + [schema_problem(e, path, lines) for e in error.errors()]
    return Guide(path, path.parts[1], meta, body, body_line, lines), problems


def substitute(text: str, params: Params, path: Path) -> tuple[str, list[Problem]]:
    """Text with each {{ name }} replaced by its value in the language of `path`."""
    lang = path.parts[0] if path.parts[0] in LANG_FOLDERS else "zh"
    problems: list[Problem] = []

    def value(match: re.Match[str]) -> str:
        found = _param(match[1], params)
        if isinstance(found, Mapping):
            found = found.get(lang)
        if found is None:
            problems.append(_unknown_param(match[1], path, text.count("\n", 0, match.start()) + 1))
            return match[0]
        return str(found)

    return _PARAM.sub(value, text), problems


def _param(name: str, params: Params) -> Any:
    """The value of a dotted name, or None."""
    found: Any = params
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _unknown_param(name: str, path: Path, line: int) -> Problem:
    return Problem("M01", path, line, f"params.yml 中没有 {name}", f"params.yml has no value {name}",
                    "改正名称或在 params.yml 中补充", "mend the name or add it to params.yml")  # fmt: skip


def _split(text: str) -> tuple[str | None, str, int]:
    """Front matter, body and the line on which the body begins."""
    match = re.match(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", text, re.DOTALL | re.MULTILINE)
    if not match:
        return None, text, 1
    return match[1], text[match.end() :], text.count("\n", 0, match.end()) + 1


def _read_units(root: Path, params: Params) -> tuple[dict[str, UnitOffice], list[Problem]]:
    """Offices by id; a value of params.yml with two languages becomes a value with two languages."""
    path = Path("units.yml")
    if not (root / path).is_file():
        return {}, [Problem("M17", path, 1, "缺少 units.yml", "units.yml is missing",
                             "列出负责指南的单位", "list the offices that own guides")]  # fmt: skip
    data, lines, problems = read_yaml(root / path, root)
    units: dict[str, UnitOffice] = {}
    for unit_id, entry in data.items():
        entry = _resolve(entry, params)
        for match in _PARAM.finditer(str(entry)):
            problems.append(_unknown_param(match[1], path, lines.get(str(unit_id), 1)))
        try:
            units[str(unit_id)] = UnitOffice.model_validate(entry)
        except ValidationError as error:
            problems += [schema_problem(e, path, lines, (str(unit_id),)) for e in error.errors()]
    return units, problems


def _resolve(value: Any, params: Params) -> Any:
    """A YAML value whose strings that are one placeholder take the parameter itself."""
    if isinstance(value, dict):
        return {key: _resolve(item, params) for key, item in value.items()}
    match = _PARAM.fullmatch(value) if isinstance(value, str) else None
    found = _param(match[1], params) if match else None
    return value if found is None else found
