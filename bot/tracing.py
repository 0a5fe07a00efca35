"""Traces for OpenTelemetry, where `OTLP_ENDPOINT` names a collector.

with tracing.span("engine", channel="portal") as note:
    ...
    note(outcome="filed")

Without the setting a span does nothing, and OpenTelemetry is not even imported. Attributes are numbers and names of
ours, never words of anybody: an error is told by its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot import request_ids
from bot.log_lines import plain

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer

Note = Callable[..., None]
"""Adds attributes to a span."""

_PREFIX = "assistant."
_tracer: Tracer | None = None


def install(process: str, endpoint: str) -> None:
    """From now on spans of this process go to the collector, in batches, by a thread; nothing waits for them.

    `endpoint`: the collector's address for OTLP over HTTP, without `/v1/traces`. Empty: does nothing.
    """
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    send_to(process, BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))


def send_to(process: str, processor: SpanProcessor) -> TracerProvider:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    global _tracer  # one for the whole process, as the log is
    # Not the provider of all libraries: spans of Rasa's SDK hold ids of conversations, by which these can be read.
    provider = TracerProvider(resource=Resource.create({"service.name": f"assistant-{process}"}))
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("assistant")
    return provider


def uninstall() -> None:
    global _tracer
    _tracer = None


@contextmanager
def span(name: str, **attributes: object) -> Iterator[Note]:
    if _tracer is None:
        yield _note_nothing
        return
    from opentelemetry.trace import Status, StatusCode

    told = {"request_id": request_ids.current(), **attributes}
    # An exception is not recorded, since its message may quote a citizen.
    with _tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as opened:

        def note(**more: object) -> None:
            opened.set_attributes({f"{_PREFIX}{key}": plain(value) or "" for key, value in more.items()})

        note(**{key: value for key, value in told.items() if value not in ("", None)})
        try:
            yield note
        except BaseException as error:
            opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def as_headers() -> dict[str, str]:
    """What to send along, so that spans of the next process belong to the current one."""
    if _tracer is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    headers: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(headers)
    return headers


def take_over(headers: Mapping[str, str]) -> None:
    """Spans of this task belong to the span that the headers name, until the next call."""
    if _tracer is None:
        return
    from opentelemetry.context import Context, attach
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    attach(TraceContextTextMapPropagator().extract(headers, context=Context()))


def _note_nothing(**_: object) -> None:
    pass
