"""Random tests take the same examples in every normal run; with `SOCIETY_TESTS=long` they look for new ones.

How long an example takes decides nothing: a busy machine is no finding. In every test the society's planner goes
through its gate: a plan that is refused fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from agents import society
from tests.effort import LONG
from tests.guarding import Guarded

settings.register_profile("timeless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("normal", settings.get_profile("timeless"), derandomize=True)
settings.register_profile("long", settings.get_profile("timeless"), derandomize=False)
settings.load_profile("long" if LONG else "normal")


@pytest.fixture(autouse=True, scope="session")
def gate() -> Iterator[None]:
    """Every society that a test makes has a planner behind a gate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(society, "PlannerAgent", Guarded)
        yield
