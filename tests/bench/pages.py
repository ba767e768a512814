"""The trainers' pages of measurements, in both languages, from the result files alone."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.rerank import RANKER
from rag.settings import ROOT
from tests.bench.plots import write_plots
from tests.bench.results import read
from tests.bench.words import ALTS, ENDS, HEADS, TURNS, WORDS

PAGE = Path("trainers") / "measurements.md"
_LEGS = ("lexical", "vector", "fused")
DECIDED = {
    "auroc": 3,
    "auroc_undisputed": 3,
    "calibration_error": 3,
    "coverage_at_95": 1,
    "over_refusal": 1,
    "wrongly_answered": 1,
}
"""Figures of the decision to answer, and digits behind the point."""
SHOWN = ("citation_right", "gold_shown", "gold_shown_right", "gold_in_right")
"""Figures of what is cited and shown."""

_ENDED = ("answered", "partial", "abstained", "handover", "refused")

Row = Mapping[str, Any]


def write_pages(folder: Path, docs: Path = ROOT / "docs") -> list[Path]:
    """Draw the plots beside the results and write both pages; the files written."""
    retrieval, peers = read(folder, "retrieval-"), read(folder, "peers-")
    answers, turns = read(folder, "answers-"), read(folder, "turns-")
    scale = [row for result in read(folder, "scale") for row in result["rows"]]
    drawn = write_plots(folder, retrieval, answers, peers, scale)
    written = [folder / f"{name}.svg" for name in drawn]
    for n, lang in enumerate(("zh", "en")):
        page = docs / lang / PAGE
        parts = [f"# {WORDS['title'][n]}", WORDS["made"][n], WORDS["how"][n]]
        parts += _retrieval(retrieval, n) if retrieval else []
        parts += _answers(answers, n) if answers else []
        parts += _turns(turns, n) if turns else []
        parts += _peers(peers, n) if peers else []
        parts += _latency(folder, n)
        parts += _scale(scale, n) if scale else []
        parts += [f"## {WORDS['where_head'][n]}", WORDS["where"][n], *_where(folder, n)]
        page.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
        written.append(page)
    return written


def _retrieval(rows: Sequence[Row], n: int) -> list[str]:
    head = [HEADS["set"][n], HEADS["documents"][n], HEADS["queries"][n]]
    head += [f"{HEADS[leg][n]} nDCG@10" for leg in _LEGS]
    head += [f"{HEADS['fused'][n]} R@1", "R@5", HEADS["ms"][n], HEADS["windows_s"][n]]
    body = [
        [row["name"], f"{row['documents']:,}", f"{row['queries']:,}"]
        + [_interval(row["figures"][leg], row["intervals"][leg], "nDCG@10") for leg in _LEGS]
        + [
            _interval(row["figures"]["fused"], row["intervals"]["fused"], measure)
            for measure in ("R@1", "R@5")
        ]
        + [_times(row["latency_ms"]["fused"]), f"{row['windows_per_second']:.0f}"]
        for row in rows
    ]
    head_line = f"## {WORDS['retrieval_head'][n]}"
    shown = [head_line, WORDS["retrieval"][n], _picture("retrieval", n), _table(head, body)]
    return [*shown, WORDS["fitted"][n], _fitted(n)]


def _fitted(n: int) -> str:
    """nDCG@10 of the reranking stage on what it was fitted on, by trees that did not know it."""
    card = json.loads(RANKER.read_text(encoding="utf-8"))["ndcg_10"]
    head = [HEADS["set"][n], HEADS["queries"][n], HEADS["other_folds"][n], HEADS["other_sets"][n]]
    return _table(
        head,
        [[name, f"{row['questions']:,}", *(f"{row[k]:.1f}" for k in ("other_folds", "other_sets"))]
         for name, row in card.items()],
    )  # fmt: skip


def _answers(rows: Sequence[Row], n: int) -> list[str]:
    head = [HEADS[name][n] for name in ("set", "answerable", "unanswerable", "disputed")]
    decided = [
        [row["name"], *(f"{row[kind]:,}" for kind in ("answerable", "unanswerable", "disputed"))]
        + [_given(row, figure, digits) for figure, digits in DECIDED.items()]
        for row in rows
    ]
    shown = [[row["name"], *(_given(row, figure, 1) for figure in SHOWN)] for row in rows]
    ended = [[row["name"], *(str(row["ends"].get(end, 0)) for end in ENDS)] for row in rows]
    return [
        f"## {WORDS['answers_head'][n]}",
        WORDS["answers"][n],
        _picture("answers", n),
        _table([*head, *(HEADS[figure][n] for figure in DECIDED)], decided),
        WORDS["shown"][n],
        _table([HEADS["set"][n], *(HEADS[figure][n] for figure in SHOWN)], shown),
        WORDS["ended"][n],
        _table([HEADS["set"][n], *(said[n] for said in ENDS.values())], ended),
    ]


def _given(row: Row, figure: str, digits: int) -> str:
    """A figure with its interval, or a dash where the data cannot give it."""
    if figure not in row["figures"]:
        return "–"
    low, high = row["intervals"][figure]
    return f"{row['figures'][figure]:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def _turns(rows: Sequence[Row], n: int) -> list[str]:
    measures = ("R@1", "R@5", "R@10", "nDCG@10")
    body, ended = [], []
    for row in rows:
        for way in ("alone", "talk", "standalone"):
            shares = [_interval(row["figures"][way], row["intervals"][way], measure) for measure in measures]
            sure, right = row["cited"][way]["sure"], row["cited"][way]["sure_right"]
            body.append(
                [row["name"], WORDS[f"turn_{way}"][n], f"{row['queries']:,}", *shares, f"{right} / {sure}"]
            )
        ratio = [
            f"{mean / 100:.2f} ({low / 100:.2f}–{high / 100:.2f})"
            for mean, low, high in row["ratio"].values()
        ]
        body.append([row["name"], WORDS["turn_ratio"][n], "", *ratio, "", ""])
        for group, counts in row["ends"].items():
            said = [str(counts.get(kind, 0)) for kind in ("all", "clarify", "choices", *_ENDED)]
            ended.append([row["name"], TURNS[group][n], *said])
    head = [HEADS["set"][n], HEADS["asked_as"][n], HEADS["queries"][n], *measures, HEADS["sure_right"][n]]
    heads = [HEADS[name][n] for name in ("set", "turn", "queries", "clarify", "choices", *_ENDED)]
    shown = [f"## {WORDS['turns_head'][n]}", WORDS["turns"][n], _table(head, body)]
    return [*shown, WORDS["turns_ended"][n], _table(heads, ended)] if ended else shown


def _peers(results: Sequence[Row], n: int) -> list[str]:
    head = [HEADS["peer"][n], "R@1", "R@5", "nDCG@10", HEADS["ms"][n], HEADS["index_s"][n]]
    head += [HEADS["embedding_s"][n], HEADS["memory"][n]]
    parts = [f"## {WORDS['peers_head'][n]}", WORDS["peers"][n], _picture("peers", n), _picture("recall", n)]
    for result in results:
        body = [
            [row["peer"]]
            + [_interval(row["figures"], row["intervals"], m) for m in ("R@1", "R@5", "nDCG@10")]
            + [_times(row["ms"]), f"{row['index_seconds']:.1f}"]
            + [f"{row['embedding_seconds_estimated']:.0f}" if row["embedded"] else "–"]
            + [_memory(row)]
            for row in result["peers"]
        ]
        counts = WORDS["counts"][n].format(**result)
        parts += [f"### {result['name']}", counts, _table(head, body)]
    return parts


def _memory(row: Row) -> str:
    """What a peer added to the process, or the whole of its own Node process."""
    own = row["memory_mib"] - row["memory_before_mib"]
    return f"{own:.0f}" if own >= 0 else f"{row['memory_mib']:.0f} (Node)"


def _latency(folder: Path, n: int) -> list[str]:
    parts = []
    for result in read(folder, "latency"):
        rows = [
            [WORDS[call][n], str(result[call]["calls"])]
            + [f"{result[call][share]:.1f}" for share in ("p50", "p95", "p99")]
            for call in ("search", "ask", "retrieved")
        ]
        head = [HEADS["call"][n], HEADS["calls"][n], "p50 ms", "p95 ms", "p99 ms"]
        parts += [f"## {WORDS['latency_head'][n]}", WORDS["latency"][n].format(**result), _table(head, rows)]
    for result in read(folder, "clients"):
        rows = [
            [str(row["workers"]), str(row["clients"]), f"{row['asks_per_second']:.0f}"]
            + [f"{row['ms'][share]:.0f}" for share in ("p50", "p95", "p99")]
            + [str(row["failed"])]
            for row in result["rows"]
        ]
        head = [HEADS[name][n] for name in ("workers", "clients", "asks_s")]
        head += ["p50 ms", "p95 ms", "p99 ms", HEADS["failed"][n]]
        parts += [f"## {WORDS['clients_head'][n]}", WORDS["clients"][n], _table(head, rows)]
    return parts


def _scale(rows: Sequence[Row], n: int) -> list[str]:
    head = [HEADS[name][n] for name in ("chunks", "search_ms", "ask_ms", "first_s", "open_s")]
    head += [HEADS[name][n] for name in ("index_s", "share", "rss")]
    body = [_growth(row) for row in rows]
    return [f"## {WORDS['scale_head'][n]}", WORDS["scale"][n], _picture("scale", n), _table(head, body)]


def _growth(row: Row) -> list[str]:
    seconds = [f"{row[name]:.1f}" for name in ("first_ask_seconds", "open_seconds", "index_seconds")]
    times = [_times(row["search_ms"]), _times(row["ask_ms"])]
    return [
        f"{row['chunks']:,}",
        *times,
        *seconds,
        f"{100 * row['embed_share']:.0f} %",
        f"{row['rss_serving_mib']:,.0f}",
    ]


def _where(folder: Path, n: int) -> list[str]:
    """The circumstances of the results, each kind once."""
    seen = {}
    for result in read(folder, ""):
        machine, configuration = result["machine"], result["configuration"]
        cards = ", ".join(f"{name} {digest}" for name, digest in configuration["cards"].items())
        seen[
            f"- {result['date']}: {machine['processor']}, {machine['cores']} × CPU, {machine['memory_gib']} GiB, "
            f"Python {machine['python']}, {machine['platform']}; Zhinan {configuration['version']} "
            f"(code {configuration['code']}; {cards}), {configuration['embedder']}"
        ] = None
    return ["\n".join(seen)]


def _interval(figures: Mapping[str, float], intervals: Mapping[str, Sequence[float]], measure: str) -> str:
    low, high = intervals[measure]
    return f"{figures[measure]:.1f} ({low:.1f}–{high:.1f})"


def _times(ms: Mapping[str, float]) -> str:
    return f"{ms['p50']:.1f} / {ms['p95']:.1f}"


def _picture(name: str, n: int) -> str:
    return f"![{ALTS[name][n]}](../../measurements/{name}.svg)"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
