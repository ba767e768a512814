"""Plots of the result files as SVG: readable in greyscale and on a phone, and the same bytes every time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

WIDTH = 4.2
"""Inches: about the width of a phone held upright, so that letters of 10 points stay 10 points."""

_STYLE = {
    "svg.hashsalt": "zhinan",  # or ids would be random
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "0.85",
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
}
_OURS, _THEIRS = "black", "0.45"
_LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 3)), (0, (3, 1)))
_MARKS = ("o", "s", "^", "D", "v", "x", "+", "*")

Rows = Sequence[Mapping[str, Any]]


def write_plots(folder: Path, retrieval: Rows, answers: Rows, peers: Rows, scale: Rows) -> list[str]:
    """Write the plots that there are results for; their names."""
    made = {
        "retrieval": (_retrieval, retrieval),
        "answers": (_answers, answers),
        "peers": (_peers, peers),
        "recall": (_recall, peers),
        "scale": (_scale, scale),
    }
    names = []
    with plt.rc_context(_STYLE):  # type: ignore[arg-type]  # the stubs want literal names of settings
        for name, (draw, rows) in made.items():
            if rows:
                figure = draw(rows)
                figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
                plt.close(figure)
                names.append(name)
    return names


def _retrieval(rows: Rows) -> Figure:
    """nDCG@10 of each leg by set, with intervals."""
    figure, axes = plt.subplots(figsize=(WIDTH, 0.8 + 0.55 * len(rows)))
    legs = (("lexical", "s", "white"), ("vector", "^", "white"), ("fused", "o", "black"))
    for place, row in enumerate(rows):
        for shift, (leg, mark, fill) in zip((-0.22, 0.0, 0.22), legs, strict=True):
            _point(axes, row["figures"][leg], row["intervals"][leg], place + shift, mark, fill)
    for leg, mark, fill in legs:
        axes.plot([], [], mark, color="black", markerfacecolor=fill, label=leg)
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("nDCG@10, 95 % interval")
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.12 - 0.4 / len(rows)), ncols=3, frameon=False)
    return figure


def _answers(rows: Rows) -> Figure:
    """Risk over coverage, a panel a set; the dot is where the product answers."""
    figure, panels = plt.subplots(
        len(rows), 1, figsize=(WIDTH, 1.7 * len(rows) + 0.6), squeeze=False, sharex=True, sharey=True
    )
    for axes, row in zip(panels[:, 0], rows, strict=True):
        thresholds, coverage, precision = zip(*row["curve"], strict=True)
        risk = [100 - share for share in precision]
        axes.plot(coverage, risk, color="black", linewidth=1.5)
        axes.axhline(5, color=_THEIRS, linestyle=":", linewidth=1)
        at = sum(threshold >= row["answer_at"] for threshold in thresholds) - 1
        if at >= 0:
            axes.plot(coverage[at], risk[at], "o", color="black", markersize=6, clip_on=False)
        axes.set_title(f"{row['name']}: wrong among answers, %", fontsize=10, loc="left")
    panels[0, 0].set_ylim(0, None)
    panels[-1, 0].set_xlabel("answerable questions answered, %")
    return figure


def _peers(results: Rows) -> Figure:
    """nDCG@10 of each peer, a panel a set."""
    heights = [len(result["peers"]) for result in results]
    figure, panels = plt.subplots(
        len(results), 1, figsize=(WIDTH, 0.26 * sum(heights) + 0.72 * len(results)),
        height_ratios=heights, squeeze=False,
    )  # fmt: skip
    for axes, result in zip(panels[:, 0], results, strict=True):
        for place, row in enumerate(result["peers"]):
            fill = "black" if place == 0 else "white"
            _point(axes, row["figures"], row["intervals"], place, "o", fill)
        axes.set_yticks(range(len(result["peers"])), [row["peer"] for row in result["peers"]])
        axes.set_ylim(len(result["peers"]) - 0.5, -0.5)
        axes.set_title(f"{result['name']}: nDCG@10", fontsize=10, loc="left")
    return figure


def _point(
    axes: Axes, figures: Mapping[str, float], intervals: Mapping[str, Any], y: float, mark: str, fill: str
) -> None:
    mean, (low, high) = figures["nDCG@10"], intervals["nDCG@10"]
    axes.errorbar(
        mean, y, xerr=[[mean - low], [high - mean]], fmt=mark, color="black", markerfacecolor=fill,
        markersize=5, capsize=2, linewidth=1,
    )  # fmt: skip


def _recall(results: Rows) -> Figure:
    """Recall at 1 to 10 of each peer, a panel a set; ours is the thick line."""
    figure, panels = plt.subplots(
        len(results), 1, figsize=(WIDTH, 2.3 * len(results) + 1.2), squeeze=False, sharex=True
    )
    names = list(dict.fromkeys(row["peer"] for result in results for row in result["peers"]))
    for axes, result in zip(panels[:, 0], results, strict=True):
        for row in result["peers"]:
            n = names.index(row["peer"])
            axes.plot(
                range(1, len(row["recall"]) + 1), row["recall"], linestyle=_LINES[n % len(_LINES)],
                marker=_MARKS[n % len(_MARKS)], markersize=4, color=_THEIRS if n else _OURS,
                linewidth=1 if n else 2, label=row["peer"],
            )  # fmt: skip
        axes.set_title(f"{result['name']}: recall, %", fontsize=10, loc="left")
    panels[-1, 0].set_xlabel("results looked at")
    shown = {
        label: handle
        for axes in panels[:, 0]
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(shown.values(), shown.keys(), loc="outside lower center", ncols=1, frameon=False)
    return figure


def _scale(rows: Rows) -> Figure:
    """Milliseconds, memory and index time over the number of chunks."""
    figure, (time, memory, index) = plt.subplots(3, 1, figsize=(WIDTH, 8), sharex=True)
    sizes = [row["chunks"] for row in rows]

    def line(axes: Axes, values: list[float], label: str, n: int) -> None:
        axes.plot(
            sizes, values, linestyle=_LINES[n], marker=_MARKS[n], color="black", label=label, markersize=5
        )

    for n, (kind, share) in enumerate((k, s) for k in ("ask", "search") for s in ("p50", "p95")):
        line(time, [row[f"{kind}_ms"][share] for row in rows], f"{kind} {share}", n)
    line(memory, [row["rss_serving_mib"] for row in rows], "serving", 0)
    line(memory, [row["rss_opened_mib"] for row in rows], "index opened", 1)
    line(memory, [row["rss_before_mib"] for row in rows], "before", 2)
    line(index, [row["embed_seconds_estimated"] for row in rows], "embedding (from its speed)", 0)
    line(index, [row["index_seconds"] for row in rows], "all else", 1)
    for axes, title in ((time, "milliseconds"), (memory, "memory, MiB"), (index, "index time, seconds")):
        axes.set_title(title, fontsize=10, loc="left")
        axes.legend(frameon=False)
    time.set_yscale("log")
    index.set_yscale("log")
    index.set_xscale("log")
    plain = FuncFormatter(lambda value, _: f"{value:,.0f}")
    for axes in (time, index):
        axes.yaxis.set_major_formatter(plain)
        axes.yaxis.set_minor_formatter(NullFormatter())
    index.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=45)
    index.set_xticks([], minor=True)
    index.set_xlabel("chunks")
    return figure
