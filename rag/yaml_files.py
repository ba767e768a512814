"""YAML as trainers write it: mappings with the line of each key, or problems with file and line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from rag.problems import Problem

_LONGEST_INT = 18


def read_yaml(file: Path, root: Path) -> tuple[dict[str, Any], dict[str, int], list[Problem]]:
    if not file.is_file():
        return {}, {}, []
    path = file.relative_to(root)
    text, problems = read_text(file, path)
    if text is None:
        return {}, {}, problems
    data, lines, problems = parse_yaml(text, path)
    return data or {}, lines, problems


def read_text(file: Path, path: Path) -> tuple[str | None, list[Problem]]:
    try:
        return file.read_text(encoding="utf-8"), []
    except UnicodeDecodeError as error:
        return None, [Problem("M01", path, 1, f"文件不是 UTF-8 编码（第{error.start}字节）",
                               f"the file is not UTF-8 (byte {error.start})",
                               "另存为 UTF-8", "save it as UTF-8")]  # fmt: skip
    except OSError as error:
        return None, [Problem("M01", path, 1, f"文件读不出来：{error.strerror}",
                               f"the file cannot be read: {error.strerror}",
                               "放入可读的文件", "put a readable file here")]  # fmt: skip


def parse_yaml(
    text: str, path: Path, offset: int = 0
) -> tuple[dict[str, Any] | None, dict[str, int], list[Problem]]:
    """A YAML mapping with the line of each key; duplicate keys and broken YAML are problems."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = mark.line if mark else text.encode()[: getattr(error, "position", 0)].count(b"\n")
        line = offset + at + 1
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        return None, {}, [Problem("M01", path, line, f"YAML 写错了：{what}", f"broken YAML: {what}",
                                   "检查缩进、冒号和引号", "check indent, colons and quotes")]  # fmt: skip
    if not isinstance(data, dict):
        return None, {}, [Problem("M01", path, offset + 1, "文件头应是“键: 值”", "expected `key: value` lines",
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
            problems.append(Problem("M01", path, line + offset + 1, f"键 {key} 写了两次", f"key {key} stands twice",
                                     "删去一个", "remove one"))  # fmt: skip
        lines[dotted] = line + offset + 1
        _note_lines(child, (*at, key), offset, lines, problems, path)


class _Loader(Composer, CParser, SafeConstructor, Resolver):
    """Plain YAML: no aliases, which can repeat a value without end, and no numbers too long to be printed.

    libyaml parses, five times faster than Python; composing stays in Python, where aliases can be refused.
    """

    def __init__(self, stream: str) -> None:
        CParser.__init__(self, stream)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()
            raise yaml.MarkedYAMLError(problem="*alias", problem_mark=event.start_mark)
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


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)  # type: ignore[type-var]  # the stubs name the loaders they know


_KINDS = {
    "missing": ("缺少字段 {key}", "field {key} is missing", "补上 {key}", "add {key}"),
    "extra_forbidden": (
        "未知字段 {key}",
        "unknown field {key}",
        "改正字段名或删去",
        "mend the name or remove it",
    ),
}


def schema_problem(error: Any, path: Path, lines: Mapping[str, int], at: tuple[str, ...] = ()) -> Problem:
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
    # A date that is none is M08, as the authoring rules count; everything else is M01.
    code = "M08" if error["type"].startswith("date_") or error["type"] == "iso_date" else "M01"
    return Problem(code, path, line, zh, en, fix_zh, fix_en)
