"""The office's rules: who of those that its identity provider knows may read what here.

The first rule that fits holds, in the order of the file; whoever no rule fits has no account here.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from api.accounts import is_name
from rag.access import Audience, Level, Reader
from rag.problems import Problem
from rag.schema import Strict, Text
from rag.yaml_files import parse_yaml, read_text, schema_problem

_UNIT = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


class When(Strict):
    """A condition: a claim that is this text, or a list that holds it."""

    claim: Text
    has: Text


class FromClaim(Strict):
    """A value that the provider states."""

    claim: Text


class Rule(Strict):
    """What those may read whose claims fit."""

    when: When
    audience: Audience
    level: Level
    roles: frozenset[Text] = frozenset()
    unit: Text | FromClaim | None = None

    @field_validator("unit")
    @classmethod
    def _is_unit(cls, unit: str | FromClaim | None) -> str | FromClaim | None:
        if isinstance(unit, str) and not _UNIT.fullmatch(unit):
            raise PydanticCustomError(
                "unit", "单位编号用小写字母、数字和 - / the id of a unit: small letters, digits and -"
            )
        return unit

    @model_validator(mode="after")
    def _restricted_names_roles(self) -> "Rule":
        if self.level is Level.RESTRICTED and not self.roles:
            raise PydanticCustomError(
                "roles", "级别 restricted 必须写 roles / level restricted opens nothing without roles"
            )
        return self


class Rules(Strict):
    """The whole file."""

    rules: tuple[Rule, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Granted:
    """What the claims of one person come to."""

    reader: Reader
    unit: str | None


class RulesError(Exception):
    """A file of rules that cannot be used; `problems` says why, with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_rules(file: Path) -> Rules:
    """The rules of a YAML or JSON file; RulesError names every place that is wrong."""
    text, problems = read_text(file, file)
    data: dict[str, Any] | None = None
    if text is not None:
        data, lines, problems = parse_yaml(text, file)
    if data is not None and not problems:
        try:
            return Rules.model_validate(data)
        except ValidationError as error:
            problems = [schema_problem(item, file, lines) for item in error.errors()]
    # The checks of guides number their rules; this is none of them.
    raise RulesError([replace(problem, code="OIDC") for problem in problems])


def granted(rules: Rules, claims: Mapping[str, Any]) -> Granted | None:
    """What the first fitting rule gives, or None."""
    for rule in rules.rules:
        if _fits(rule.when, claims):
            return Granted(Reader(rule.audience, rule.level, rule.roles), _unit(rule.unit, claims))
    return None


def subject_of(claims: Mapping[str, Any]) -> str:
    """Who this is for good: issuer and subject; every other claim may change or pass to somebody else."""
    return f"{claims['iss']}#{claims['sub']}"


def name_of(claims: Mapping[str, Any]) -> str:
    """What a new account is called: the provider's name for the person, if it can be one here."""
    name = claims.get("preferred_username")
    if isinstance(name, str) and is_name(name.lower()):
        return name.lower()
    return "office-" + hashlib.sha256(subject_of(claims).encode()).hexdigest()[:12]


def _fits(when: When, claims: Mapping[str, Any]) -> bool:
    said = claims.get(when.claim)
    return when.has in said if isinstance(said, list) else said == when.has


def _unit(unit: str | FromClaim | None, claims: Mapping[str, Any]) -> str | None:
    """The rule's unit; one that a claim names only if it can be the id of a unit."""
    if not isinstance(unit, FromClaim):
        return unit
    said = claims.get(unit.claim)
    return said if isinstance(said, str) and _UNIT.fullmatch(said) else None
