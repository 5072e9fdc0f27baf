"""Torture looks at every plan itself, so its societies have the planner as it is; their log stays unread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from agents import society
from agents.planner.agent import PlannerAgent
from simulations.torture.searching import be_quiet


@pytest.fixture(autouse=True)
def as_in_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(society, "PlannerAgent", PlannerAgent)
    before = structlog.get_config()
    be_quiet()
    yield
    structlog.configure(**before)
