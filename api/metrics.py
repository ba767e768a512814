"""Counters for monitoring: one registry an app, and no label that a person could fill with text."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """What one process has served since it started."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "zhinan_requests", "Requests served", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "zhinan_request_seconds", "Time to the end of a response", ["route"], registry=self._registry
        )
        self._answers = Counter(
            "zhinan_answers", "Answers given", ["outcome", "lang", "writer"], registry=self._registry
        )
        self._store_failures = Counter(
            "zhinan_store_failures", "Answers given but not recorded", registry=self._registry
        )

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is the template of its address, never the address."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, outcome: str, lang: str, writer: str) -> None:
        """Count one answer."""
        self._answers.labels(outcome, lang, writer).inc()

    def store_failed(self) -> None:
        """Count one answer that could not be recorded."""
        self._store_failures.inc()

    def text(self) -> bytes:
        """Everything counted, in Prometheus' text format."""
        return generate_latest(self._registry)
