"""Rules: the first that fits holds, none means no, and a wrong file says where."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from api.accounts import is_name
from api.app import create_app
from api.commands.serving import check_sign_in
from api.oidc_rules import Granted, Rules, RulesError, granted, name_of, read_rules
from rag.access import Audience, Level, Reader
from rag.settings import Settings

TRAINERS = {"when": {"claim": "groups", "has": "trainers"}, "audience": "staff", "level": "internal"}
LEADERS = {
    "when": {"claim": "groups", "has": "leaders"},
    "audience": "leaders",
    "level": "restricted",
    "roles": ["leaders"],
}
STAFF = Reader(Audience.STAFF, Level.INTERNAL)
LEADER = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({"leaders"}))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def rules(*items: dict[str, Any]) -> Rules:
    """Rules in this order."""
    return Rules.model_validate({"rules": items})


@pytest.mark.parametrize(("order", "reader"), [((TRAINERS, LEADERS), STAFF), ((LEADERS, TRAINERS), LEADER)])
def test_the_first_fitting_rule_holds(order: tuple[dict[str, Any], ...], reader: Reader) -> None:
    """Not the highest: the order of the file decides."""
    found = granted(rules(*order), {"groups": ["leaders", "trainers"]})
    assert found is not None and found.reader == reader


@pytest.mark.parametrize("said", ["trainers", ["x", "trainers"]])
def test_a_claim_is_a_text_or_a_list(said: object) -> None:
    """Providers state one group as a text, several as a list."""
    assert granted(rules(TRAINERS), {"groups": said}) == Granted(STAFF, None)


@pytest.mark.parametrize(
    "said",
    ["trainers,x", "Trainers", " trainers", "all-trainers", "", None, True, 7, {"trainers": True}, [["trainers"]], []],
    ids=str,
)  # fmt: skip
def test_what_only_looks_like_it_fits_does_not(said: object) -> None:
    """Parts, other letters and other shapes are no match."""
    assert granted(rules(TRAINERS), {"groups": said}) is None


@given(
    claims=st.dictionaries(
        st.sampled_from(["groups", "roles", "department"]) | st.text(max_size=8), JSON, max_size=4
    )
)
def test_claims_without_the_value_give_nothing(claims: dict[str, Any]) -> None:
    """Whatever a provider states, nobody is let in who lacks the very value of a rule."""
    said = claims.get("groups")
    if said != "trainers" and not (isinstance(said, list) and "trainers" in said):
        assert granted(rules(TRAINERS), claims) is None


@pytest.mark.parametrize(
    ("unit", "claims", "found"),
    [
        (None, {}, None),
        ("data-bureau", {}, "data-bureau"),
        ({"claim": "dept"}, {"dept": "data-bureau"}, "data-bureau"),
        ({"claim": "dept"}, {}, None),
        ({"claim": "dept"}, {"dept": ["data-bureau"]}, None),
        ({"claim": "dept"}, {"dept": "数据局"}, None),
        ({"claim": "dept"}, {"dept": "../x"}, None),
    ],
)
def test_a_unit_is_named_by_the_rule_or_a_claim(
    unit: object, claims: dict[str, Any], found: str | None
) -> None:
    """What can be no unit's id is none."""
    given = granted(rules(TRAINERS | {"unit": unit}), {"groups": "trainers"} | claims)
    assert given is not None and given.unit == found


@given(said=JSON)
def test_every_person_gets_a_possible_name(said: object) -> None:
    """Whatever the provider calls somebody."""
    assert is_name(name_of({"iss": "https://id", "sub": "7", "preferred_username": said}))


def test_yaml_and_json_are_read(tmp_path: Path) -> None:
    """Both forms say the same."""
    one, other = tmp_path / "rules.yml", tmp_path / "rules.json"
    one.write_text(
        "rules:\n"
        "  - when: {claim: groups, has: trainers}\n    audience: staff\n    level: internal\n"
        "  - when: {claim: groups, has: leaders}\n    audience: leaders\n    level: restricted\n    roles: [leaders]\n"
    )
    other.write_text(json.dumps({"rules": [TRAINERS, LEADERS]}))
    assert read_rules(one) == read_rules(other) == rules(TRAINERS, LEADERS)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("rules: []\n", 1, "rules"),
        ("", 1, ""),
        ("- x\n", 1, ""),
        ("rules:\n  - audience: staff\n    level: internal\n", 2, "when"),
        ("rules:\n  - when: {claim: groups, has: x}\n    audience: staff\n    level: secret\n", 4, "level"),
        ("rules:\n  - when: {claim: groups, has: x}\n    audience: stuff\n    level: open\n", 3, "audience"),
        (
            "rules:\n  - when: {claim: g, has: x}\n    audience: staff\n    level: open\n    levle: x\n",
            5,
            "levle",
        ),
        ("rules:\n  - when: {claim: g, has: x}\n    audience: leaders\n    level: restricted\n", 2, "roles"),
        ("rules:\n  - when: {claim: g, has: 7}\n    audience: staff\n    level: open\n", 2, "has"),
        ("rules:\n  - when: {claim: g, has: ''}\n    audience: staff\n    level: open\n", 2, "has"),
        (
            "rules:\n  - when: {claim: g, has: x}\n    audience: staff\n    level: open\n    unit: 数据局\n",
            5,
            "unit",
        ),
        ("rules:\n  - when: {claim: g, has: x}\n    level: open\n    level: internal\n", 4, "level"),
        ("rules:\n  - when: [\n", 3, ""),
        ("rules: &r [*r]\n", 1, ""),
    ],
)
def test_a_wrong_file_says_where_and_how_to_mend_it(tmp_path: Path, text: str, line: int, word: str) -> None:
    """File, line and both languages; nothing is taken from a file that is partly right."""
    file = tmp_path / "rules.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        read_rules(file)
    problem = caught.value.problems[0]
    assert (problem.path, problem.line) == (file, line)
    assert word in problem.en + problem.fix_en and problem.zh and problem.fix_zh
    assert str(caught.value).startswith(f"{file}:{line}: OIDC ")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    """A missing or unreadable file lets nobody in by mistake."""
    file = tmp_path / "rules.yml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RulesError):
        read_rules(file)


def test_a_server_with_wrong_rules_does_not_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends before anything listens, with file, line and both languages."""
    file = tmp_path / "rules.yml"
    file.write_text("rules:\n  - audience: staff\n")
    settings = Settings(
        oidc_issuer="https://id.example",
        oidc_client_id="zhinan",
        oidc_client_secret=SecretStr("x"),
        oidc_rules=file,
        public_url="https://guides.example",
        secret=tmp_path / "secret.key",
    )
    with pytest.raises(RulesError):
        create_app(settings)
    with pytest.raises(typer.Exit) as ended:
        check_sign_in(settings)
    assert ended.value.exit_code == 1
    said = capsys.readouterr().err
    assert f"{file}:2: OIDC " in said and "缺少字段" in said and "is missing" in said
