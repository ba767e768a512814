"""What both descriptions of guides as linked data share: the form of a node, durations, names of topics."""

from typing import Any

from rag.guides import Library
from rag.schema import Duration, Unit
from rag.yaml_files import read_yaml

Node = dict[str, Any]
CURRENCY = "CNY"
# Working days and hours are missing: how long they last depends on the calendar, and ISO 8601 cannot say it.
_ISO_UNITS = {
    Unit.YEAR: "P{}Y",
    Unit.MONTH: "P{}M",
    Unit.DAY: "P{}D",
    Unit.HOUR: "PT{}H",
    Unit.MINUTE: "PT{}M",
}


def filled(node: Node) -> Node:
    """The node without properties that have no value; 0 and False are values."""
    return {key: value for key, value in node.items() if value not in (None, "", [], {})}


def iso_duration(limit: Duration) -> str | None:
    """`P15D`, `PT48H`; None for working days and hours."""
    form = _ISO_UNITS.get(limit.unit)
    return form.format(limit.n) if form else None


def topic_names(library: Library) -> dict[str, Any]:
    """Names of the topics in topics.yml by folder language; a topic that is not there is its own name."""
    return read_yaml(library.root / "topics.yml", library.root)[0]
