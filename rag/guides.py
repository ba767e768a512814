"""Reading guides: files become frozen values, or problems with file and line. Nothing is guessed.

A folder of guides holds units.yml, params.yml and <lang>/<audience>/[level/]<id>.md.
`{{ group.name }}` in a guide stands for the value of that name in params.yml.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from rag.access import Level
from rag.problems import Problem
from rag.schema import FrontMatter, Strict, Text

LANG_FOLDERS = {"zh": "zh-Hans", "en": "en"}
AUDIENCE_FOLDERS = ("leaders", "staff", "organisations", "public")
LEVEL_FOLDERS = ("members", "internal", "restricted")
_PARAM = re.compile(r"\{\{\s*([^{}\n]*?)\s*\}\}")
_LONGEST_INT = 18

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

    def restricted(self) -> dict[str, frozenset[str]]:
        """Roles of each restricted guide id."""
        return {g.id: g.readers for g in self.guides if g.meta.level is Level.RESTRICTED}

    @property
    def platform(self) -> UnitOffice | None:
        """The office that runs the assistant, marked `platform: true`; else the first one."""
        marked = [unit for unit in self.units.values() if unit.platform]
        return next(iter(marked or self.units.values()), None)


def read_library(root: Path) -> tuple[Library, list[Problem]]:
    """Read every guide below `root`; files that cannot be read as guides are left out and named."""
    problems: list[Problem] = []
    params, _, found = _read_yaml(root / "params.yml", root)
    problems += found
    units, found = _read_units(root, params)
    problems += found
    guides: list[Guide] = []
    for file in guide_files(root):
        guide, found = read_guide(file, root, params)
        problems += found
        if guide:
            guides.append(guide)
    return Library(root, tuple(guides), units), problems


def guide_files(root: Path) -> Iterator[Path]:
    """Markdown files that are guides: everything in an audience folder of a language."""
    for lang in LANG_FOLDERS:
        for audience in AUDIENCE_FOLDERS:
            yield from sorted((root / lang / audience).rglob("*.md"))


def read_guide(file: Path, root: Path, params: Params) -> tuple[Guide | None, list[Problem]]:
    """One file as a guide, or the problems that keep it from being one."""
    path = file.relative_to(root)
    if file.is_symlink():
        return None, [_problem("M01", path, 1, "指南不能是链接文件", "a guide may not be a symbolic link",
                               "放入真实文件", "put the real file here")]  # fmt: skip
    raw, problems = _read_text(file, path)
    if raw is None:
        return None, problems
    text, problems = substitute(raw, params, path)
    front, body, body_line = _split(text)
    if front is None:
        return None, [*problems, _problem("M01", path, 1, "没有以 --- 开头和结尾的文件头",
                      "no front matter between two --- lines",
                      "在文件开头写文件头", "begin the file with front matter")]  # fmt: skip
    data, lines, found = _parse_yaml(front, path, offset=1)
    problems += found
    if data is None:
        return None, problems
    try:
        meta = FrontMatter.model_validate(data)
    except ValidationError as error:
        return None, problems + [_schema_problem(e, path, lines) for e in error.errors()]
    return Guide(path, path.parts[1], meta, body, body_line, lines), problems


def _read_text(file: Path, path: Path) -> tuple[str | None, list[Problem]]:
    try:
        return file.read_text(encoding="utf-8"), []
    except UnicodeDecodeError as error:
        return None, [_problem("M01", path, 1, f"文件不是 UTF-8 编码（第{error.start}字节）",
                               f"the file is not UTF-8 (byte {error.start})",
                               "另存为 UTF-8", "save it as UTF-8")]  # fmt: skip
    except OSError as error:
        return None, [_problem("M01", path, 1, f"文件读不出来：{error.strerror}",
                               f"the file cannot be read: {error.strerror}",
                               "放入可读的文件", "put a readable file here")]  # fmt: skip


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
    return _problem("M01", path, line, f"params.yml 中没有 {name}", f"params.yml has no value {name}",
                    "改正名称或在 params.yml 中补充", "mend the name or add it to params.yml")  # fmt: skip


class _Loader(yaml.SafeLoader):
    """Plain YAML: no aliases, which can repeat a value without end, and no numbers too long to be printed."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="*alias", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception as error:  # a value that is none of its tag: ValueError, KeyError, AttributeError…
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        if len(node.value) > _LONGEST_INT:
            raise yaml.MarkedYAMLError(problem="number too long", problem_mark=node.start_mark)
        return super().construct_yaml_int(node)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def _split(text: str) -> tuple[str | None, str, int]:
    """Front matter, body and the line on which the body begins."""
    match = re.match(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", text, re.DOTALL | re.MULTILINE)
    if not match:
        return None, text, 1
    return match[1], text[match.end() :], text.count("\n", 0, match.end()) + 1


def _parse_yaml(
    text: str, path: Path, offset: int = 0
) -> tuple[dict[str, Any] | None, dict[str, int], list[Problem]]:
    """A YAML mapping with the line of each key; duplicate keys and broken YAML are problems."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = mark.line if mark else text.count("\n", 0, getattr(error, "position", 0))
        line = offset + at + 1
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        return None, {}, [_problem("M01", path, line, f"YAML 写错了：{what}", f"broken YAML: {what}",
                                   "检查缩进、冒号和引号", "check indent, colons and quotes")]  # fmt: skip
    if not isinstance(data, dict):
        return None, {}, [_problem("M01", path, offset + 1, "文件头应是“键: 值”", "expected `key: value` lines",
                                   "每行写一个键和值", "write one key and value a line")]  # fmt: skip
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    _note_lines(node, (), offset, lines, problems, path)
    return data, lines, problems


def _note_lines(
    node: yaml.Node | None,
    at: tuple[str, ...],
    offset: int,
    lines: dict[str, int],
    problems: list[Problem],
    path: Path,
) -> None:
    """Fill `lines` with dotted key → line, and report keys written twice (YAML would keep the last)."""
    children: list[tuple[str, yaml.Node, int]] = []
    if isinstance(node, yaml.MappingNode):
        children = [(str(k.value), v, k.start_mark.line) for k, v in node.value]
    elif isinstance(node, yaml.SequenceNode):
        children = [(str(i), v, v.start_mark.line) for i, v in enumerate(node.value)]
    for key, child, line in children:
        dotted = ".".join((*at, key))
        if dotted in lines:
            problems.append(_problem("M01", path, line + offset + 1, f"键 {key} 写了两次", f"key {key} stands twice",
                                     "删去一个", "remove one"))  # fmt: skip
        lines[dotted] = line + offset + 1
        _note_lines(child, (*at, key), offset, lines, problems, path)


def _read_yaml(file: Path, root: Path) -> tuple[dict[str, Any], dict[str, int], list[Problem]]:
    if not file.is_file():
        return {}, {}, []
    path = file.relative_to(root)
    text, problems = _read_text(file, path)
    if text is None:
        return {}, {}, problems
    data, lines, problems = _parse_yaml(text, path)
    return data or {}, lines, problems


def _read_units(root: Path, params: Params) -> tuple[dict[str, UnitOffice], list[Problem]]:
    """Offices by id; a value of params.yml with two languages becomes a value with two languages."""
    path = Path("units.yml")
    if not (root / path).is_file():
        return {}, [_problem("M17", path, 1, "缺少 units.yml", "units.yml is missing",
                             "列出负责指南的单位", "list the offices that own guides")]  # fmt: skip
    data, lines, problems = _read_yaml(root / path, root)
    units: dict[str, UnitOffice] = {}
    for unit_id, entry in data.items():
        entry = _resolve(entry, params)
        for match in _PARAM.finditer(str(entry)):
            problems.append(_unknown_param(match[1], path, lines.get(str(unit_id), 1)))
        try:
            units[str(unit_id)] = UnitOffice.model_validate(entry)
        except ValidationError as error:
            problems += [_schema_problem(e, path, lines, (str(unit_id),)) for e in error.errors()]
    return units, problems


def _resolve(value: Any, params: Params) -> Any:
    """A YAML value whose strings that are one placeholder take the parameter itself."""
    if isinstance(value, dict):
        return {key: _resolve(item, params) for key, item in value.items()}
    match = _PARAM.fullmatch(value) if isinstance(value, str) else None
    found = _param(match[1], params) if match else None
    return value if found is None else found


_KINDS = {
    "missing": ("缺少字段 {key}", "field {key} is missing", "补上 {key}", "add {key}"),
    "extra_forbidden": (
        "未知字段 {key}",
        "unknown field {key}",
        "改正字段名或删去",
        "mend the name or remove it",
    ),
}


def _schema_problem(error: Any, path: Path, lines: Mapping[str, int], at: tuple[str, ...] = ()) -> Problem:
    """A pydantic error as a problem a trainer can act on; `at` is where the checked value stands."""
    loc = [*at, *(str(part) for part in error["loc"])]
    key = ".".join(loc)
    line = next((lines[k] for n in range(len(loc), 0, -1) if (k := ".".join(loc[:n])) in lines), 2)
    zh, en, fix_zh, fix_en = _KINDS.get(
        error["type"],
        (
            "字段 {key} 的值不对",
            "field {key} has a wrong value",
            "写成允许的值：{msg}",
            "use an allowed value: {msg}",
        ),
    )
    words = {"key": key, "msg": error["msg"]}
    zh, en, fix_zh, fix_en = (text.format(**words) for text in (zh, en, fix_zh, fix_en))
    return Problem("M01", path, line, zh, en, fix_zh, fix_en)


def _problem(code: str, path: Path, line: int, zh: str, en: str, fix_zh: str, fix_en: str) -> Problem:
    return Problem(code, path, line, zh, en, fix_zh, fix_en)
