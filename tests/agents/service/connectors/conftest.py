from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import beside


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A third-party source, installed."""
    return beside.install(tmp_path_factory.mktemp("beside"))


@pytest.fixture
def hermes(package: Path) -> Iterator[str]:
    """The kind of a third-party source that the society finds."""
    with beside.on_path(package):
        yield beside.KIND
