"""zhinan user: what each command prints and how it exits."""

import re

import pytest

from tests.api.shell import Run


def test_an_account_is_added_listed_changed_and_removed(run: Run) -> None:
    """Each command says what it did, and the first gives the link with which the owner signs in."""
    added = run(
        "user", "add", "Wang.Wei", "--as", "staff", "--level", "internal", "--role", "trainer", "--unit", "u1"
    )
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/link\?token=[\w-]{43}\n", added.stdout)
    assert "wang.wei" in run("user", "list").stdout
    run("user", "change", "wang.wei", "--as", "staff", "--level", "members")
    assert "members" in run("user", "list").stdout
    assert "token=" in run("user", "link", "wang.wei").stdout
    run("user", "sign-out", "wang.wei")
    run("user", "disable", "wang.wei")
    assert "disabled" in run("user", "list").stdout
    run("user", "enable", "wang.wei")
    run("user", "delete", "wang.wei")
    assert "wang.wei" not in run("user", "list").stdout


@pytest.mark.parametrize(
    "args",
    [("add", "Wang Wei", "--as", "staff", "--level", "open"), ("change", "nobody", "--as", "staff", "--level", "open"),
     ("link", "nobody"), ("disable", "nobody"), ("delete", "nobody"), ("sign-out", "nobody")],
)  # fmt: skip
def test_a_wrong_account_is_a_clear_error(run: Run, args: tuple[str, ...]) -> None:
    """Exit 1 and the reason in both languages."""
    said = run("user", *args, code=1).stderr
    assert re.search("[\u4e00-\u9fff].* / .*[a-z]", said)
