"""The closed list of what every process counts, each with a line that says what it means."""

from collections.abc import Callable
from functools import cache
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""One broker round trip at the left, the time-out of a produce at the right."""


class Metrics:
    """One process's metrics in a registry of their own, passed as a value; a method per thing that happens.

    Labels are from closed sets (services, topics, routes, reasons): never an id, never a text.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._handled = self._counter("records_handled", "Input records handled.", "service")
        self._handling = self._counter("handler_seconds", "Seconds spent handling input records.", "service")
        self._restoring = self._gauge("restore_share", "How far a restore has come; 1 at rest.", "service")
        self._timed = self._gauge(
            "timed_states", "States, as of unread SMS, that wait for a time.", "service"
        )
        self._outputs = self._counter("outputs", "Records written by committed transactions.", "service")
        self._dead = self._counter("dead_letters", "Records that can never be handled.", "service", "reason")
        self._commits = self._counter("commits", "Transactions committed.", "service")
        self._commit_seconds = self._histogram("commit_seconds", "Seconds from begin to commit.", "service")
        self._aborts = self._counter("aborts", "Transactions aborted and done again.", "service")
        self._in_doubt = self._counter("in_doubt", "Transactions whose outcome was looked up.", "service")
        self._restored = self._counter("restore_records", "States read to restore a partition.", "service")
        self._lag = self._gauge("lag_records", "Records of a topic not yet handled.", "group", "topic")
        self._age = self._gauge(
            "lag_seconds", "Age of the newest record taken, while others wait; else 0.", "group"
        )
        self._asks = self._counter(
            "asks", "Questions asked outside, by what became of them.", "service", "outcome"
        )
        self._ready = Gauge("academy_ready", "1 while the process serves, else 0.", registry=self.registry)
        self._requests = self._counter("http_requests", "Requests answered.", "method", "route", "status")
        self._request_seconds = self._histogram("http_seconds", "Seconds to the end of an answer.", "route")
        self._produced = self._counter("ingest_produced", "Events the broker acknowledged.", "event")
        self._unpriced = self._counter(
            "unpriced_steps", "Steps of status that no reward prices.", "from", "to"
        )
        self._read = self._counter(
            "extractions", "Interactions read, by how, and why not by the model.", "status", "failure"
        )
        self._not_borne_out = self._counter(
            "extraction_dropped", "Items of a model's answers that the transcript does not bear out.", "field"
        )
        self._tokens = self._counter("model_tokens", "Tokens that the provider counted.", "kind")
        self._audited = self._counter("audit", "Readings of sealed text, by what their records met.", "end")
        self._under_way = self._gauge("under_way", "Long answers under way now: streams, exports.", "kind")
        self._rows = self._counter("projection_rows", "Rows inserted or changed in a view.", "view")

    def handled(self, service: str, records: int = 1, *, rejected: int = 0, reason: str = "rejected") -> None:
        """So many input records were handled, and so many of them set aside for a reason."""
        self._handled(service).inc(records)
        if rejected:
            self._dead(service, reason).inc(rejected)

    def worked(self, service: str, seconds: float) -> None:
        """So long the handler took for what was handled since the last time."""
        self._handling(service).inc(seconds)

    def restoring(self, service: str, share: float) -> None:
        """How far a restore has come, from 0 to 1."""
        self._restoring(service).set(share)

    def timed(self, service: str, states: int) -> None:
        """So many states wait for a moment of their own, as households do whose SMS are read together."""
        self._timed(service).set(states)

    def committed(self, service: str, seconds: float, outputs: int) -> None:
        """One transaction with so many output records."""
        self._commits(service).inc()
        self._commit_seconds(service).observe(seconds)
        self._outputs(service).inc(outputs)

    def aborted(self, service: str) -> None:
        """One transaction was given up."""
        self._aborts(service).inc()

    def in_doubt(self, service: str) -> None:
        """The outcome of one transaction was unknown, and was settled."""
        self._in_doubt(service).inc()

    def restored(self, service: str, records: int) -> None:
        """A partition's state was read back."""
        self._restored(service).inc(records)

    def lag(self, group: str, topic: str, records: int, seconds: float) -> None:
        """How far a group is behind on a topic now, in records and in time."""
        self._lag(group, topic).set(records)
        self._age(group).set(seconds)

    def asked(self, service: str, outcome: str) -> None:
        """A question to the outside is over."""
        self._asks(service, outcome).inc()

    def ready(self, *, ready: bool) -> None:
        """Whether the process serves now."""
        self._ready.set(ready)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """One HTTP request; `route` is the template, never the path."""
        self._requests(method, route, str(status)).inc()
        self._request_seconds(route).observe(seconds)

    def produced(self, event: str) -> None:
        """Ingest wrote one event of this type and the broker has it."""
        self._produced(event).inc()

    def unpriced(self, here: str, there: str) -> None:
        """A household took a step of status that the rewards do not list; counted again where a commit is redone."""
        self._unpriced(here, there).inc()

    def read(self, status: str, failure: str) -> None:
        """One interaction was read; `failure` is empty unless a model was to read it."""
        self._read(status, failure).inc()

    def not_borne_out(self, field: str, count: int) -> None:
        """So many items of a field were dropped from an answer (E2)."""
        self._not_borne_out(field).inc(count)

    def spent(self, tokens: dict[str, int]) -> None:
        """What one question to a model took, by kind of token."""
        for kind, count in tokens.items():
            self._tokens(kind).inc(count)

    def audited(self, end: Literal["written", "lost", "refused"]) -> None:
        """The broker has the record of a reading, or never will; or it could not wait, so nothing was read."""
        self._audited(end).inc()

    def under_way(self, kind: str, count: int) -> None:
        """So many answers that last, streams of changes or exports, are under way now."""
        self._under_way(kind).set(count)

    def changed(self, view: str, rows: int) -> None:
        """A projection changed so many rows of a view."""
        self._rows(view).inc(rows)

    # By labels, each looked up once: the library's own look-up takes longer than what it counts.

    def _counter(self, name: str, meaning: str, *labels: str) -> Callable[..., Counter]:
        return cache(Counter(f"academy_{name}", meaning, labels, registry=self.registry).labels)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Callable[..., Gauge]:
        return cache(Gauge(f"academy_{name}", meaning, labels, registry=self.registry).labels)

    def _histogram(self, name: str, meaning: str, *labels: str) -> Callable[..., Histogram]:
        made = Histogram(f"academy_{name}", meaning, labels, buckets=_SECONDS, registry=self.registry)
        return cache(made.labels)
