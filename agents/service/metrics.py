"""What the service measures, for Prometheus. One registry a service, so that two in a process do not mix."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.documents = self._counter("documents", "Documents by what became of them", "outcome")
        self.refused = self._counter("documents_refused", "Documents that were sent back with 429")
        self.requests = self._counter("http_requests", "Requests by route and status", "method", "route", "status")
        self.dead_letters = self._counter("dead_letters", "Messages given up since the service started")
        self.gave_way = self._counter("plans_refused", "Facts to which promises gave way: a defect of the planner")
        self.sign_ins = self._counter("sign_ins", "Sign-ins with a password", "outcome")
        self.rows = self._counter("rows_written", "Rows written to the database")
        self.promise_seconds = self._histogram("promise_seconds", "From a document's arrival to its promise, durable")
        self.commit_seconds = self._histogram("commit_seconds", "How long commits take")
        self.request_seconds = self._histogram("http_request_seconds", "How long requests take", "route")
        self.approvals_waiting = Gauge("society_approvals_waiting", "Approvals that wait", registry=self.registry)
        self.audit_records = Gauge("society_audit_records", "Records of the audit log", registry=self.registry)
        self.under_way = Gauge("society_documents_under_way", "Documents at the desk", registry=self.registry)
        self.inbox = Gauge("society_inbox_depth", "Messages that wait for an agent", ["agent"], registry=self.registry)

    def page(self, under_way: int, depths: Callable[[], dict[str, int]]) -> bytes:
        """Everything in Prometheus' text format."""
        self.under_way.set(under_way)
        for agent, depth in depths().items():
            self.inbox.labels(agent).set(depth)
        return generate_latest(self.registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"society_{name}", told, labels, registry=self.registry)

    def _histogram(self, name: str, told: str, *labels: str) -> Histogram:
        return Histogram(f"society_{name}", told, labels, registry=self.registry, buckets=_SECONDS)
