"""The command line: what each command prints and how it exits."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api.shapes import AnswerOut
from rag.generation import current
from rag.settings import Settings
from tests.api.library import CANARIES, ROLE, TITLES, write_library
from tests.api.shell import Run, environment, wait_for

QUESTION = "自行车号牌的申领收费吗"


# -- help ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [[], *([name] for name in ("check", "build", "serve", "ask", "search", "rollback", "eval", "key", "user", "audit")),
     ["eval", "cases"], ["eval", "retrieval"], ["eval", "answers"], ["key", "create"], ["key", "list"], ["key", "revoke"],
     *(["key", name] for name in ("rotate",)), *(["audit", name] for name in ("verify", "list")),
     *(["user", name] for name in ("add", "list", "change", "link", "disable", "enable", "sign-out", "delete"))],
)  # fmt: skip
def test_every_command_explains_itself_in_both_languages(run: Run, args: list[str]) -> None:
    """--help says in Chinese and English what a command does."""
    said = run(*args, "--help").stdout
    assert re.search("[\u4e00-\u9fff]", said) and " / " in said


def test_help_and_checks_load_nothing_heavy() -> None:
    """Importing the command line loads no web framework, vector store or model runtime."""
    heavy = "{'fastapi', 'chromadb', 'llama_index', 'onnxruntime', 'sqlalchemy', 'numpy'}"
    code = f"import sys, api.cli, rag.checks; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_is_utf_8_in_any_terminal(settings: Settings) -> None:
    """A terminal set to ASCII gets the same bytes."""
    env = os.environ | environment(settings) | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-m", "api.cli", "check"], capture_output=True, env=env)
    assert done.returncode == 0
    assert "错误0处" in done.stderr.decode("utf-8")


# -- check, build, rollback ------------------------------------------------------------------------------


def broken(root: Path) -> Path:
    """A folder of guides of which one has an unknown level."""
    write_library(root)
    guide = root / "zh" / "public" / "pub-bike-tag.md"
    guide.write_text(guide.read_text().replace('level: "open"', 'level: "opne"'))
    return guide


def test_clean_guides_pass(run: Run) -> None:
    """No problem: exit 0 and a count."""
    assert "错误0处" in run("check").stderr


def test_problems_are_printed_with_place_and_fix(run: Run, tmp_path: Path) -> None:
    """file:line: CODE in Chinese, below it in English; exit 1."""
    guide = broken(tmp_path)
    said = run("check", "--docs", str(tmp_path), code=1).stdout
    assert re.search(rf"{re.escape(str(guide))}:\d+: M01 .* · ", said)
    assert "wrong value" in said


def test_problems_are_json_for_programs(run: Run, tmp_path: Path) -> None:
    """--json gives counts and the problems with their fields."""
    broken(tmp_path)
    report = json.loads(run("check", "--json", "--docs", str(tmp_path), code=1).stdout)
    assert report["errors"] == len(report["problems"]) >= 1
    assert {"code", "path", "line", "zh", "en", "fix_zh", "fix_en"} <= set(report["problems"][0])


def test_only_the_given_paths_are_reported(run: Run, tmp_path: Path) -> None:
    """A path is checked within its folder of guides, and only its own problems are printed."""
    guide = broken(tmp_path)
    run("check", str(guide), code=1)
    run("check", str(tmp_path / "en"), code=0)
    run("check", str(tmp_path / "zh" / "public"), str(tmp_path / "en"), code=1)


@pytest.mark.parametrize("path", ["/nonexistent", "/"])
def test_a_path_without_guides_is_a_usage_error(run: Run, path: str) -> None:
    """A path that is not there, or lies in no folder of guides, exits 2."""
    run("check", path, code=2)


def test_a_failed_build_leaves_the_old_generation(run: Run, settings: Settings, tmp_path: Path) -> None:
    """Broken guides: exit 1, the problem is printed, the pointer has not moved, nothing is left behind."""
    broken(tmp_path)
    before = (current(settings.out), sorted(settings.out.iterdir()))
    said = run("build", "--docs", str(tmp_path), code=1).stderr
    assert "M01" in said and f"继续使用 {before[0]}" in said
    assert (current(settings.out), sorted(settings.out.iterdir())) == before


def test_a_build_switches_and_a_rollback_goes_back(run: Run, settings: Settings, tmp_path: Path) -> None:
    """build makes a new generation the current one, rollback the one before; a second rollback goes forth."""
    out = tmp_path / "out"
    shutil.copytree(settings.out, out)
    first = current(out)
    built = run("build", "--out", str(out))
    second = current(out)
    assert second != first and str(second) in built.stdout
    assert "site" in built.stderr
    assert str(first) in run("rollback", "--out", str(out)).stdout
    assert current(out) == first


def test_nothing_to_go_back_to(run: Run, tmp_path: Path) -> None:
    """A rollback without another generation exits 1 and says so."""
    assert "nothing to go back to" in run("rollback", "--out", str(tmp_path), code=1).stderr


# -- ask, search -----------------------------------------------------------------------------------------


def test_an_answer_reads_as_text(run: Run) -> None:
    """Text first, then sources, then how it ended and the label."""
    said = run("ask", QUESTION).stdout
    assert said.index("不收费") < said.index("来源 / Sources") < said.index("answered")
    assert "/public/pub-bike-tag/" in said


def test_an_answer_as_json_is_the_contract(run: Run) -> None:
    """--json prints exactly the Answer."""
    answer = json.loads(run("ask", QUESTION, "--json").stdout)
    AnswerOut.model_validate(answer, extra="forbid")
    assert answer["outcome"] == "answered"


def test_explain_adds_what_was_found(run: Run) -> None:
    """--explain lists hits with the rank in each leg."""
    assert "lexical #1" in run("ask", QUESTION, "--explain").stdout
    assert json.loads(run("ask", QUESTION, "--json", "--explain").stdout)["explain"][0]["why"]


def test_the_operator_names_the_reader(run: Run) -> None:
    """Level and role decide what is found; the default reader is the anonymous public."""
    question = f"{TITLES['restricted']}收费吗"
    reader = ("--as", "leaders", "--level", "restricted")
    canary = CANARIES["restricted"]
    assert canary not in run("ask", question).stdout
    assert canary not in run("ask", question, *reader, "--role", "other").stdout
    assert canary in run("ask", question, *reader, "--role", ROLE).stdout


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["x", "--level", "secret"],
        ["x", "--as", "everybody"],
        ["x", "--batch", __file__],
        ["x" * 501],
        ["--batch", "/nonexistent"],
        ["x", "y"],
    ],
)
def test_a_wrong_use_of_ask_exits_2(run: Run, args: list[str]) -> None:
    """Unknown levels and audiences are errors, never a default."""
    run("ask", *args, code=2)


def test_a_batch_answers_line_by_line(run: Run, tmp_path: Path) -> None:
    """One line out for each line in, in order; a bad line is an error with its number and the rest goes on."""
    lines = [
        {"question": QUESTION, "id": "my own note"},
        {"question": "x", "level": "secret"},
        {"question": f"{TITLES['internal']}收费吗", "audience": "staff", "level": "internal"},
        {"question": "那收费吗", "history": [{"role": "user", "text": "自行车号牌的申领"}]},
        {"level": "open"},
    ]
    file = tmp_path / "questions.jsonl"
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_bytes(text.encode() + b"\n\n{broken\n\xff\n" + b'"text"\n')
    out = [json.loads(line) for line in run("ask", "--batch", str(file)).stdout.splitlines()]
    assert [answer.get("outcome", "error") for answer in out] == [
        "answered", "error", "answered", "answered", "error", "error", "error", "error",
    ]  # fmt: skip
    assert [answer["error"]["line"] for answer in out if "error" in answer] == [2, 5, 7, 8, 9]
    assert CANARIES["internal"] in out[2]["text"]
    assert out[3]["citations"][0]["guide"] == "pub-bike-tag"


def test_a_batch_may_come_from_standard_input(run: Run) -> None:
    """--batch - reads standard input, a byte order mark included."""
    line = "\ufeff" + json.dumps({"question": QUESTION}) + "\n"
    assert json.loads(run("ask", "--batch", "-", stdin=line.encode()).stdout)["outcome"] == "answered"


def test_search_prints_a_list_with_reasons(run: Run) -> None:
    """--json is the ranked list, best first, of the named reader's index only."""
    hits = json.loads(run("search", TITLES["internal"], "--json", "--limit", "3").stdout)
    assert 1 <= len(hits) <= 3
    assert {hit["guide"] for hit in hits} == {"pub-bike-tag"}
    staff = json.loads(
        run("search", TITLES["internal"], "--json", "--level", "internal", "--as", "staff").stdout
    )
    assert staff[0]["guide"] == "stf-bike-audit"
    assert "lexical #" in run("search", TITLES["internal"]).stdout


def test_without_a_generation_the_way_out_is_named(run: Run, tmp_path: Path) -> None:
    """Asking before the first build exits 1 and names the command to run."""
    assert "zhinan build" in run("ask", "x", "--out", str(tmp_path), code=1).stderr
    assert "zhinan build" in run("search", "x", "--out", str(tmp_path), code=1).stderr


# -- serve -----------------------------------------------------------------------------------------------


def test_serve_runs_two_workers_with_the_given_settings(settings: Settings) -> None:
    """Both processes serve the same generation, log no query, and stop when asked."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | environment(settings) | {"ZHINAN_OUT": "/nonexistent"}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--workers", "2"]
    server = subprocess.Popen(
        [*command, "--out", str(settings.out)], env=env, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        assert current(settings.out) in wait_for(f"http://127.0.0.1:{port}/readyz", server)
        wait_for(f"http://127.0.0.1:{port}/api/v1/search?q=CANARYQUERY", server)
    finally:
        server.terminate()
        log = server.communicate(timeout=30)[1]
    assert "GET /api/v1/search 200" in log
    assert "CANARYQUERY" not in log
    assert f"http://127.0.0.1:{port}" in log


# -- eval ------------------------------------------------------------------------------------------------


def test_eval_cases_passes_and_fails_by_its_thresholds(run: Run, tmp_path: Path) -> None:
    """Right answers exit 0 with figures; a wrong one under the threshold exits 1 and is named."""
    file = tmp_path / "cases.jsonl"
    case = {"question": QUESTION, "outcome": "answered", "guide": "pub-bike-tag", "facts": ["不收费"]}
    file.write_text(json.dumps(case), encoding="utf-8")
    assert json.loads(run("eval", "cases", str(file), "--json").stdout)["accuracy"] == 1
    file.write_text(json.dumps(case | {"outcome": "refused"}), encoding="utf-8")
    assert QUESTION in run("eval", "cases", str(file), code=1).stdout


def test_eval_cases_asks_variants(run: Run, tmp_path: Path) -> None:
    """With --variants each question is asked in so many other ways, reported beside it."""
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps({"question": QUESTION, "outcome": "answered"}), encoding="utf-8")
    report = json.loads(run("eval", "cases", str(file), "--variants", "2", "--json").stdout)
    assert report["cases"] == 1 and len(report["by_variant"]) == 2
    assert all(of["as_written"]["share"] == 1 for of in report["by_variant"].values())


def test_eval_cases_names_a_broken_line(run: Run, tmp_path: Path) -> None:
    """A line that is no case exits 2 with file and line."""
    file = tmp_path / "cases.jsonl"
    file.write_text("{}\n", encoding="utf-8")
    assert f"{file}:1" in run("eval", "cases", str(file), code=2).stderr


def test_eval_retrieval_measures_each_leg(run: Run, tmp_path: Path) -> None:
    """A folder in BEIR layout gives figures for lexical, vector and fused."""
    texts = {"d1": "居住证由派出所办理", "d2": "自行车号牌当场发放"}
    corpus = [json.dumps({"_id": name, "title": text, "text": text}) for name, text in texts.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(corpus), encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "号牌"}), encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td2\t1\n", encoding="utf-8")
    report = json.loads(run("eval", "retrieval", str(tmp_path), "--json").stdout)
    assert {leg: row["R@1"] for leg, row in report["figures"].items()} == {
        "lexical": 100.0,
        "vector": 100.0,
        "fused": 100.0,
    }


# -- the audit trail ----------------------------------------------------------------------------------


def test_every_privileged_command_is_in_the_trail(run: Run) -> None:
    """Account, key and trail commands leave an event each, in order, and the trail verifies."""
    before = len(json.loads(run("audit", "list", "--json").stdout))
    run("user", "add", "zhao", "--as", "staff", "--level", "internal")
    key = run("key", "create", "k", "--as", "public", "--level", "open").stdout
    run("key", "revoke", key[:8])
    run("user", "delete", "zhao")
    events = json.loads(run("audit", "list", "--json", "--after", str(before)).stdout)
    assert [event["act"] for event in events] == [
        "trail-read", "account-added", "key-created", "key-revoked", "account-deleted",
    ]  # fmt: skip
    assert {event["actor"].partition(":")[0] for event in events} == {"cli"}
    assert key.strip() not in str(events)
    assert "whole" in run("audit", "verify").stdout


def test_a_level_that_a_build_changes_is_in_the_trail(run: Run, settings: Settings, tmp_path: Path) -> None:
    """Which generation serves, and each guide whose level is another than before."""
    docs, out = tmp_path / "docs", tmp_path / "out"
    write_library(docs)
    run("build", "--docs", str(docs), "--out", str(out))
    changed = docs / "zh" / "organisations" / "members" / "org-bike-fleet.md"
    changed.unlink()
    run("build", "--docs", str(docs), "--out", str(out))
    events = json.loads(run("audit", "list", "--json").stdout)[-3:]
    assert [event["act"] for event in events][:2] == ["generation-switched", "level-changed"] or [
        event["act"] for event in events
    ][1:] == ["generation-switched", "level-changed"]
    assert any(event["target"] == "org-bike-fleet" for event in events)
