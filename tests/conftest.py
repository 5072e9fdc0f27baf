"""Random tests take the same examples in every normal run; with `SOCIETY_TESTS=long` they look for new ones.

How long an example takes decides nothing: a busy machine is no finding. In every test the society's planner goes
through its gate: a plan that is refused fails the test. Passwords are hashed at little cost.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from agents import society
from agents.service import passwords
from tests import postgres
from tests.effort import LONG
from tests.guarding import Guarded

passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
settings.register_profile("timeless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("normal", settings.get_profile("timeless"), derandomize=True)
settings.register_profile("long", settings.get_profile("timeless"), derandomize=False)
settings.load_profile("long" if LONG else "normal")


@pytest.fixture(autouse=True, scope="session")
def memory() -> Iterator[None]:
    """Societies are made and let go of by the thousand: none of them is to keep for good what others have left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "freeze", lambda: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def gate() -> Iterator[None]:
    """Every society that a test makes has a planner behind a gate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(society, "PlannerAgent", Guarded)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """PostgreSQL for the tests that need it. Where it is missing they are skipped, or fail if nothing may be left out
    (`SOCIETY_NO_SKIPS`)."""
    if postgres.programs() is None:
        (pytest.fail if os.environ.get("SOCIETY_NO_SKIPS") else pytest.skip)(postgres.MISSING)
    with postgres.serving() as server:
        yield server


Databases = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Gives the URL of a new database at each call; the test runs once with each kind of database."""
    if request.param == "postgresql":
        server: postgres.Server = request.getfixturevalue("postgres_server")
        return server.url
    made = iter(range(100))
    return lambda: f"sqlite:///{tmp_path}/plant{next(made)}.db"


@pytest.fixture
def database(new_database: Databases) -> str:
    """The URL of one new database."""
    return new_database()
