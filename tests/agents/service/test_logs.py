"""What the service logs, where nobody reads it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
import structlog

from agents.service.logs import configure_logs
from agents.service.settings import LogFormat


@pytest.fixture
def as_before() -> Iterator[None]:
    before, handlers, level = structlog.get_config(), logging.getLogger().handlers[:], logging.getLogger().level
    yield
    structlog.configure(**before)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize("form", list(LogFormat))
def test_a_log_that_nobody_reads_any_more_stops_nothing(form: LogFormat) -> None:
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w", buffering=1)
    configure_logs(form, "info", stream)
    structlog.get_logger("society").info("read")
    assert b"read" in os.read(reading, 1000)
    os.close(reading)
    structlog.get_logger("society").error("stopping", signal="SIGTERM")
    logging.getLogger("library").error("gone")
    with pytest.raises(BrokenPipeError):
        stream.close()
