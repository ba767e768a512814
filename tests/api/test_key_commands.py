"""zhinan key: what each command prints and how it exits."""

import re

import pytest

from tests.api.shell import Run


def test_a_key_is_shown_once_and_can_be_stopped(run: Run) -> None:
    """create prints the key, list its beginning and state, revoke stops it."""
    made = run("key", "create", "车队系统", "--as", "organisations", "--level", "members", "--days", "30")
    text = made.stdout.strip()
    assert re.fullmatch(r"zn_[A-Za-z0-9_-]{43}", text)
    listed = run("key", "list").stdout
    assert "车队系统" in listed and text[:8] in listed and text not in listed
    run("key", "revoke", text[:8])
    assert "revoked" in run("key", "list").stdout


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["create", "x"], 2),
        (["create", "x", "--as", "staff", "--level", "top"], 2),
        (["create", "x", "--as", "staff", "--level", "open", "--days", "0"], 2),
        (["revoke", "zn_xxxxx"], 1),
    ],
)
def test_a_wrong_use_of_key_fails(run: Run, args: list[str], code: int) -> None:
    """Whom a key stands for must be said in full; an unknown key cannot be revoked."""
    run("key", *args, code=code)


def test_a_key_is_rotated(run: Run) -> None:
    """The new key is shown once, and the old one ends within the overlap."""
    made = run(
        "key", "create", "轮换", "--as", "organisations", "--level", "members", "--scope", "ask"
    ).stdout
    rotated = run("key", "rotate", made[:8], "--overlap", "0").stdout
    assert rotated.startswith("zn_") and rotated != made
    assert "expired" in run("key", "list").stdout
    assert "has ended" in run("key", "rotate", made[:8], code=1).stderr


def test_a_key_that_ends_soon_is_marked(run: Run) -> None:
    """Within 30 days of its end the list says so, so that its holder can be told."""
    for name, days in (("soon", "29"), ("later", "31")):  # the list is in the order in which keys were made
        run("key", "create", name, "--as", "organisations", "--level", "members", "--days", days)
    table = run("key", "list").stdout
    assert table.count("ends") == 1
    assert table.index("soon") < table.index("ends") < table.index("later")


def test_an_unknown_scope_is_a_usage_error(run: Run) -> None:
    """Exit 2, and the scopes that there are."""
    said = run("key", "create", "x", "--as", "public", "--level", "open", "--scope", "all", code=2).stderr
    assert "requests" in said
