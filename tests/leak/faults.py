"""Planted faults: each breaks one protection in our own code and names the gate that must then turn red.

Most are a piece of source replaced in a function; one whose piece is no longer there cannot be planted and fails,
so that the list stays as true as the code. The lists are in planted_*.py.
"""

import inspect
import linecache
import textwrap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from types import FunctionType
from typing import Any

import pytest

from tests.leak.gates import Gate

Apply = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Fault:
    """What is broken, how, and the gate that must see it."""

    name: str
    apply: Apply
    gate: Gate


class NotPlantedError(Exception):
    """The source that a fault replaces is not there: the fault must follow the code."""


def replaced(target: str, old: str, new: str) -> Apply:
    """Replace a piece of the source of `module:function` or `module:Class.method`.

    The function stays the same object with other code, so whoever imported it by name has the fault too.
    """

    def apply(patch: pytest.MonkeyPatch) -> None:
        function = _found(target)
        source = textwrap.dedent(inspect.getsource(function))
        if old not in source:
            raise NotPlantedError(f"{target} has no {old!r}")
        patch.setattr(function, "__code__", _compiled(function, source.replace(old, new)))

    return apply


def _found(target: str) -> FunctionType:
    module, _, path = target.partition(":")
    found: Any = import_module(module)
    for name in path.split("."):
        found = inspect.getattr_static(found, name)
    found = found.fget if isinstance(found, property) else found
    found = found.func if isinstance(found, cached_property) else found
    # A decorator such as contextmanager keeps the function that it was given.
    found = inspect.unwrap(found)
    assert isinstance(found, FunctionType), target
    return found


def _compiled(function: FunctionType, source: str) -> Any:
    """The code of a function's source, compiled among the names of its module."""
    body = source[source.index("async def" if _is_async(function) else "def ") :]
    if around := function.__code__.co_freevars:
        # What the function takes from around it, such as the class that `super()` means, stays where it was.
        inner = textwrap.indent(body, "    ")
        body = f"def around({', '.join(around)}):\n{inner}\n    return {function.__name__}\n"
    name = f"<fault in {function.__qualname__}>"
    linecache.cache[name] = (len(body), None, body.splitlines(True), name)
    made: dict[str, Any] = {}
    exec(
        compile("from __future__ import annotations\n" + body, name, "exec"), dict(function.__globals__), made
    )
    changed = made["around"](*around) if around else made[function.__name__]
    return changed.__code__


def _is_async(function: FunctionType) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def set_to(target: str, value: Any) -> Apply:
    """Give a name of a module another value."""
    module, _, name = target.partition(":")
    return lambda patch: patch.setattr(import_module(module), name, value)


def quietly(act: Callable[..., object], *args: object, **named: object) -> None:
    """Do something and go on where it fails: what no privileged act may do."""
    with suppress(Exception):
        act(*args, **named)


QUIETLY = "__import__('tests.leak.faults', fromlist=['x']).quietly"
"""Source of it, for a fault."""
