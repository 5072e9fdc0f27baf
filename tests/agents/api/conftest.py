"""One service for all tests of the API that only add to it; each names its orders by itself."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from agents.service.running import Service
from tests.serving import served


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, httpx.Client]]:
    with served(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def service(running: tuple[Service, httpx.Client]) -> Service:
    return running[0]


@pytest.fixture
def client(running: tuple[Service, httpx.Client]) -> httpx.Client:
    return running[1]
