"""Traces for OpenTelemetry (the extra `traces`): a span for each message handled, under the one that caused it.

Business time may pass for days between cause and effect: what a timer brings about later begins a trace of its own,
with a link to what set the timer. So does what goes on after a restart, for spans live in memory.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from agents.runtime.dispatch import timer
from agents.runtime.tracing import Trace, untraced
from agents.service.settings import ServiceError
from knowledge.instants import Instant
from protocols.envelope import Envelope

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Link, SpanContext

CONSOLE: Final = "console"

_REMEMBERED: Final = 20_000
"""Messages handled of which the spans are known, for those that follow from them."""

_SOON_S: Final = 60
"""A timer that fires within so many seconds goes on with what set it."""


class Tracing:
    """Makes spans with a provider of OpenTelemetry's kit. Used from many threads, for one message at a time each."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._api = import_module("opentelemetry.trace")
        self._tracer = provider.get_tracer("isom-agents")
        self._spans: OrderedDict[str, SpanContext] = OrderedDict()

    @contextmanager
    def __call__(self, envelope: Envelope[Any], now: Instant) -> Iterator[object]:
        """The span of a message while it is handled; it tells of an error that is raised meanwhile."""
        api, cause = self._api, self._spans.get(envelope.causation)
        context = api.set_span_in_context(api.INVALID_SPAN)
        links: tuple[Link, ...] = ()
        if cause is not None and timer(envelope) and now - envelope.sent > _SOON_S:
            links = (api.Link(cause),)
        elif cause is not None:
            context = api.set_span_in_context(api.NonRecordingSpan(cause))
        name = f"{envelope.receiver} {type(envelope.content).__name__}"
        with self._tracer.start_as_current_span(
            name, context=context, kind=api.SpanKind.CONSUMER, links=links, attributes=_attributes(envelope)
        ) as span:
            self._spans[envelope.id] = span.get_span_context()
            if len(self._spans) > _REMEMBERED:
                self._spans.popitem(last=False)
            yield span

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def tracing(place: str) -> tuple[Trace, Callable[[], None]]:
    """How to trace, and how to end that: `console`, to the standard error, or by OTLP to a URL; nothing where empty.

    Raises ServiceError where the extra is not installed.
    """
    if not place:
        return untraced, lambda: None
    try:
        kit = import_module("opentelemetry.sdk.trace")
        export = import_module("opentelemetry.sdk.trace.export")
        resources = import_module("opentelemetry.sdk.resources")
        otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError as error:
        raise ServiceError(
            "setting traces: traces need the extra `traces`: python -m pip install"
            " 'opentelemetry-sdk<2' 'opentelemetry-exporter-otlp-proto-http<2'"
        ) from error
    provider = kit.TracerProvider(resource=resources.Resource.create({"service.name": "isom-agents"}))
    exporter = export.ConsoleSpanExporter(out=sys.stderr) if place == CONSOLE else otlp.OTLPSpanExporter(endpoint=place)
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    found = Tracing(provider)
    return found, found.close


def _attributes(envelope: Envelope[Any]) -> dict[str, str]:
    """In the words of OpenTelemetry's conventions for messages, where they have one."""
    return {
        "messaging.system": "isom-agents",
        "messaging.operation.type": "process",
        "messaging.message.id": envelope.id,
        "messaging.message.conversation_id": envelope.conversation,
        "messaging.destination.name": envelope.receiver,
        "society.sender": envelope.sender,
        "society.protocol": envelope.protocol.value,
        "society.performative": envelope.performative.value,
        "society.subject": envelope.subject,
    }
