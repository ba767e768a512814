"""What a retrieval evaluation reports: trec_eval's metrics with confidence intervals, on what they were measured.

An interval is the 95 % percentile interval of a seeded bootstrap over queries: what another draw of such
queries may give. It says nothing of another haystack or of judgements that are missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.measured import Measured

if TYPE_CHECKING:
    from rich.table import Table

METRICS = {"recall_1": "R@1", "recall_5": "R@5", "recall_10": "R@10", "recip_rank": "MRR@10", "ndcg_cut_10": "nDCG@10"}  # fmt: skip
DEPTH = 10
SEED, RESAMPLES = 20_260, 2_000

Run = Mapping[str, Sequence[str]]
"""The documents found for each query, best first."""
Relevant = Mapping[str, Mapping[str, int]]
"""The relevant documents of each query with their grades."""


@dataclass(frozen=True)
class Figures:
    """Means over queries in percent, their 95 % intervals, by metric; and recall at 1, 2, … DEPTH."""

    means: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    recall: list[float]


@dataclass(frozen=True, kw_only=True)
class RetrievalReport(Measured):
    """Figures per leg in percent, with what was measured on what, and how long it took.

    `index_seconds` is the whole; `index_seconds_by` tells embedding from the rest. Vectors come from a cache
    where it has them, so `windows_per_second` is that of windows embedded in this run.
    """

    windows: int
    queries: int
    embedder: str
    index_seconds: float
    figures: dict[str, dict[str, float]]
    ms_per_query: dict[str, float]
    intervals: dict[str, dict[str, tuple[float, float]]]
    recall: dict[str, list[float]]
    latency_ms: dict[str, dict[str, float]]
    index_seconds_by: dict[str, float]
    windows_embedded: int
    windows_per_second: float
    peak_memory_mib: float

    def table(self) -> "Table":
        """One row a leg, each figure with its interval."""
        from rich.table import Table

        title = f"{self.name} {self.split}: {self.queries} queries, {self.documents} documents"
        times = ", ".join(f"{part} {seconds:.1f} s" for part, seconds in self.index_seconds_by.items())
        rate = f"{self.windows_per_second:.0f} windows/s, peak {self.peak_memory_mib:.0f} MiB"
        table = Table(title=title, caption=f"indexed: {times}; {rate}; {self.embedder}")
        for column in ("leg", *METRICS.values(), "ms/query"):
            table.add_column(column, justify="right")
        for leg, row in self.figures.items():
            ranges = self.intervals[leg]
            cells = [f"{row[m]:.1f}\n{ranges[m][0]:.1f}–{ranges[m][1]:.1f}" for m in METRICS.values()]
            table.add_row(leg, *cells, f"{self.ms_per_query[leg]:.2f}")
        return table


def figures_of(run: Run, relevant: Relevant) -> Figures:
    """Metrics of a run over its queries."""
    import pytrec_eval

    judged = {query: dict(relevant[query]) for query in run}
    # trec_eval breaks ties by id: give each place a score of its own.
    scored = {
        query: {document: float(len(best) - place) for place, document in enumerate(best)}
        for query, best in run.items()
    }
    places = range(1, DEPTH + 1)
    measures = {f"recall.{','.join(map(str, places))}", "recip_rank", f"ndcg_cut.{DEPTH}"}
    rows = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(scored)
    # trec_eval leaves out a query for which nothing was found: it counts as nothing found.
    names = [*METRICS, *(f"recall_{place}" for place in places)]
    found = np.array([[rows.get(query, {}).get(name, 0.0) for name in names] for query in run])
    table, recall = found[:, : len(METRICS)], found[:, len(METRICS) :]
    low, high = intervals_of(table)
    percent = [[round(100 * float(value), 2) for value in line] for line in (table.mean(axis=0), low, high)]
    shown = list(METRICS.values())
    return Figures(
        dict(zip(shown, percent[0], strict=True)),
        dict(zip(shown, zip(percent[1], percent[2], strict=True), strict=True)),
        [round(100 * float(value), 2) for value in recall.mean(axis=0)],
    )


def intervals_of(table: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper ends of the 95 % intervals of the column means of (queries, metrics)."""
    count = len(table)
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    means = drawn @ table / count
    low, high = np.percentile(means, (2.5, 97.5), axis=0)
    return low, high
