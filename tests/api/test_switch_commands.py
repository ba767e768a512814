"""withdraw, stop and start on the command line, and two servers that follow them within a second."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.store import Store
from api.switches import read_switches
from rag.settings import Settings
from tests.api.shell import Run, environment, wait_for
from tests.library import guide, service, write_guide, write_office

TAG, QUESTION = "pub-bike-tag", "自行车号牌的申领收费吗"


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs commands with the settings of the tiny office; at the end everything is on again."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    run = Run()
    yield run
    store = Store(settings.database)
    left = [switch.target for switch in read_switches(store).off]
    store.close()
    for target in left:
        run(
            *(
                ["withdraw", target.guide, "--undo"]
                if target.what == "guide"
                else ["start", *filter(None, [target.guide])]
            )
        )


def _events(run: Run) -> list[tuple[str, str, str]]:
    """Act, target and reason of the audit trail."""
    events = json.loads(run("audit", "list", "--json").stdout)
    acts = {"withdrawn", "withdrawal-ended", "stopped", "started"}
    return [
        (event["act"], event["target"], json.loads(event["detail"]).get("reason", ""))
        for event in events
        if event["act"] in acts
    ]


def test_every_act_is_told_in_both_languages_listed_and_recorded(run: Run) -> None:
    """Each command says what it did, `stop --list` shows what is off and why, and the audit trail holds each act."""
    before = len(_events(run))
    assert (
        f"已撤下 {TAG}" in (said := run("withdraw", TAG, "--reason", "写错了 费用").stdout)
        and "withdrew" in said
    )
    assert "stopped" in run("stop", "--reason", "出错").stdout
    assert TAG in run("stop", TAG, "--reason", "过时").stdout
    listed = run("stop", "--list").stdout
    for word in (
        "助手停用",
        "assistant stopped",
        "撤下",
        "withdrawn",
        TAG,
        "写错了 费用",
        "出错",
        "过时",
        "cli:",
    ):
        assert word in listed
    assert "back" in run("withdraw", TAG, "--undo").stdout
    run("start")
    run("start", TAG)
    assert TAG not in run("stop", "--list").stdout
    assert _events(run)[before:] == [
        ("withdrawn", f"guide:{TAG}", "写错了 费用"),
        ("stopped", "assistant", "出错"),
        ("stopped", f"answers:{TAG}", "过时"),
        ("withdrawal-ended", f"guide:{TAG}", ""),
        ("started", "assistant", ""),
        ("started", f"answers:{TAG}", ""),
    ]
    assert "whole" in run("audit", "verify").stdout


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["withdraw", "pub-never-was"], 1, "没有指南 pub-never-was / there is no guide pub-never-was"),
        (["stop", "pub-never-was", "--reason", "x"], 1, "there is no guide"),
        (["stop"], 2, "give a reason"),
        (["stop", TAG, "--reason", " "], 2, "a reason has"),
        (["withdraw", TAG, "--reason", "长" * 401], 2, "a reason has"),
        (["withdraw", TAG, "--undo"], 1, "is not stopped or withdrawn"),
        (["start"], 1, "is not stopped or withdrawn"),
    ],
)
def test_a_wrong_use_switches_nothing(run: Run, args: list[str], code: int, said: str) -> None:
    """An unknown guide, a missing reason and undoing nothing end with a clear message, and nothing is off."""
    before = _events(run)
    assert said in run(*args, code=code).stderr
    assert _events(run) == before
    assert TAG not in run("stop", "--list").stdout


def test_a_withdrawal_needs_no_time_for_a_reason(run: Run) -> None:
    """`withdraw ID` alone works at once and records that it was an emergency."""
    run("withdraw", TAG)
    assert _events(run)[-1] == ("withdrawn", f"guide:{TAG}", "紧急撤下 / emergency withdrawal")


def test_ask_and_search_go_by_the_switches(run: Run, tmp_path: Path) -> None:
    """The command line answers, explains and searches as the server would."""
    run("stop", TAG, "--reason", "x")
    assert TAG not in run("ask", QUESTION, "--json", "--explain").stdout
    run("withdraw", TAG)
    assert TAG not in run("search", QUESTION, "--json").stdout
    run("stop", "--reason", "x")
    batch = tmp_path / "asked.jsonl"
    batch.write_text(json.dumps({"question": QUESTION}), encoding="utf-8")
    assert json.loads(run("ask", "--batch", str(batch)).stdout)["reason"] == "stopped"


def test_without_the_store_nothing_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who cannot know what is withdrawn gets no answer, no hit and no export."""
    (tmp_path / "store.sqlite").write_text(
        "no database, but long enough to be taken for one" * 40, encoding="utf-8"
    )
    monkeypatch.setenv("ZHINAN_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    for args in (["ask", QUESTION], ["search", QUESTION], ["export"]):
        result = run(*args, code=1)
        assert "cannot be read" in result.stderr and not result.stdout


def test_an_export_leaves_the_withdrawn_guide_out(run: Run, tmp_path: Path) -> None:
    """Neither vocabulary holds the guide or a reference to it."""
    docs = write_office(tmp_path / "docs")
    for meta in (
        service(TAG, title="自行车号牌的申领", related=["pub-plate"]),
        service("pub-plate", related=[TAG]),
        guide("pub-rules", part_of=[TAG]),
    ):
        write_guide(docs, meta)
    run("withdraw", TAG)
    for form in ("cpsv-ap", "schema-org"):
        said = run("export", form, "--docs", str(docs)).stdout
        assert "pub-plate" in said and TAG not in said and "号牌的申领" not in said


# -- servers -----------------------------------------------------------------------------------------------


@contextmanager
def _servers(settings: Settings, count: int) -> Iterator[list[str]]:
    """So many servers of one process each, so that each process can be asked by its address."""
    ports, running = [], []
    env = os.environ | environment(settings)
    try:
        for _ in range(count):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                ports.append(free.getsockname()[1])
            command = [sys.executable, "-m", "api.cli", "serve", "--port", str(ports[-1]), "--workers", "1"]
            running.append(subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL, text=True))
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        for address, server in zip(addresses, running, strict=True):
            wait_for(f"{address}/readyz", server)
        yield addresses
    finally:
        for server in running:
            server.terminate()
        for server in running:
            server.wait(30)


def _reason(address: str) -> str:
    """Why a question ended as it did, over a connection of its own."""
    body = json.dumps({"question": QUESTION}).encode()
    asked = urllib.request.Request(f"{address}/api/v1/ask", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as response:
        return str(json.load(response)["reason"])


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(f"{address}/public/{TAG}/", timeout=60) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_every_process_follows_within_a_second(settings: Settings, run: Run) -> None:
    """One second after a command has returned, no server process answers, or shows the page, any more; nor does one
    go on refusing when the command was undone."""
    with _servers(settings, 2) as addresses:

        def seen() -> list[tuple[str, int]]:
            return [(_reason(address), _status(address)) for address in addresses]

        assert seen() == [("evidence", 200)] * 2
        for args, expected in (
            (["stop", "--reason", "x"], ("stopped", 200)),
            (["start"], ("evidence", 200)),
            (["withdraw", TAG], ("no-guide", 404)),
            (["withdraw", TAG, "--undo"], ("evidence", 200)),
        ):
            run(*args)
            time.sleep(1)
            assert seen() == [expected] * 2, args
