"""A trace goes along with what causes what: a span for each message handled, under the one that it follows from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from agents.runtime.ledger import Ledger
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from agents.runtime.tracing import untraced
from agents.service.settings import ServiceError, settings
from agents.service.tracing import Tracing, tracing
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from protocols.supplying import Wake
from tests.agents.approvals.queueing import WANTED, answer, queue, rule
from tests.agents.runtime.chat import NOW, Stubborn, envelope, request
from tests.serving import PLANT

on_either_host = pytest.mark.parametrize("host", (SimulatedHost, PykkaHost))


def recording() -> tuple[Tracing, InMemorySpanExporter]:
    """A tracing, and what it has recorded."""
    provider, found = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(found))
    return Tracing(provider), found


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """Each span by the message that it is of."""
    found = {str((span.attributes or {})["messaging.message.id"]): span for span in spans.get_finished_spans()}
    assert len(found) == len(spans.get_finished_spans())
    return found


@on_either_host
def test_a_span_is_a_message_and_its_parent_the_message_that_caused_it(host: Callable[..., Any]) -> None:
    trace, recorded = recording()
    with queue(rule(deadline_hours="8"), partial(host, trace=trace)) as found:
        found.take(WANTED, answer("01T01:00", by="ann"))
        found.until("2024-01-02T00:00:00Z")
        rows = {row["message"]: row for row in found.store.rows(MessageRow)}
    spans = named(recorded)
    handled = {name for name, row in rows.items() if row["receiver"] != "door" and row["status"] == "handled"}
    assert set(spans) == handled
    for name, span in spans.items():
        row, attributes, context = rows[name], span.attributes or {}, span.get_span_context()
        assert context is not None
        assert attributes["messaging.message.conversation_id"] == row["conversation"]
        assert span.name == f"{row['receiver']} {row['kind']}"
        cause = spans[row["causation"]].get_span_context() if row["causation"] in spans else None
        if cause is None:
            assert span.parent is None
        elif row["due"] - row["sent"] > 60:  # what time brings about begins anew, and says after what
            assert span.parent is None
            assert [link.context for link in span.links] == [cause]
        else:
            assert (span.parent, context.trace_id) == (cause, cause.trace_id)
    order, *_ = (name for name, row in rows.items() if row["kind"] == "PlanOrder")
    assert spans[order].parent == spans[rows[order]["causation"]].get_span_context()
    assert any(span.links for span in spans.values())


@on_either_host
def test_a_handler_that_raises_marks_its_span_as_an_error(host: Callable[..., Any]) -> None:
    trace, recorded = recording()
    found = host({"stubborn": Stubborn}, Ledger(Store("sqlite://")), NOW, trace=trace)
    found.post([request("stubborn", Wake(what="a"), conversation="one")], "door")
    found.run_until(NOW)
    found.stop()
    spans = recorded.get_finished_spans()
    assert {span.status.status_code for span in spans} == {StatusCode.ERROR}
    assert [event.name for event in spans[0].events] == ["exception"]


def test_without_the_setting_nothing_is_made() -> None:
    trace, close = tracing("")
    assert trace is untraced
    assert trace(envelope(Wake(what="a")), NOW) is trace(envelope(Wake(what="b")), NOW)
    close()


def test_spans_are_sent_by_otlp_to_the_address_that_is_set() -> None:
    got: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        trace, close = tracing(f"http://127.0.0.1:{server.server_port}/v1/traces")
        with trace(envelope(Wake(what="a"), receiver="planner"), NOW):
            pass
        close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    ((path, body),) = got
    assert path == "/v1/traces"
    assert b"planner Wake" in body
    assert b"isom-agents" in body


def test_spans_are_written_to_the_standard_error_by_console(capsys: pytest.CaptureFixture[str]) -> None:
    trace, close = tracing("console")
    with trace(envelope(Wake(what="a"), receiver="planner"), NOW):
        pass
    close()
    said = capsys.readouterr()
    assert '"name": "planner Wake"' in said.err
    assert said.out == ""


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ServiceError, match="setting traces"):
        settings(None, knowledge=PLANT, db="sqlite:///plant.db", traces="collector:4317")
