"""The log: structlog, a line for people or a JSON object, with what is bound to the request (its id above all)."""

from __future__ import annotations

import logging
import sys
from typing import TextIO, cast

import structlog

from agents.service.settings import LogFormat


class Heedless:
    """A stream to write to whose reader may have gone: what nobody reads any more stops nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; its length."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError):  # the other end of a pipe, or the stream itself, is closed
            return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return


def configure_logs(form: LogFormat, level: str, stream: TextIO | None = None) -> None:
    """Send all logs, those of libraries too, to one stream (standard error) in one form."""
    stream = cast(TextIO, Heedless(stream or sys.stderr))
    is_json = form is LogFormat.JSON
    # Plain tracebacks: those of the renderer's own choice show variables, which may be secrets.
    renderer = (
        structlog.processors.JSONRenderer()
        if is_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if is_json:
        shared.append(structlog.processors.format_exc_info)
    least = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(least, logging.WARNING))
