"""What a source may ask of the world, and how: through a `Fetch` that the host gives it, never by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.sources.errors import FetchError


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. `url` is whole, with its query."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON. Raises FetchError where the answer was no success, or is no JSON."""
        if not 200 <= self.status < 300:
            raise FetchError(f"the answer was {self.status}: {self.body[:200].decode(errors='replace')}", self.status)
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise FetchError(f"the answer is not JSON: {self.body[:80]!r}") from error


class Fetch(Protocol):
    """Sends a request. The host waits and tries again where the other side is busy (429) or failing (5xx)."""

    def __call__(self, request: Request) -> Response:
        """The answer, whatever its status. Raises FetchError where there was none."""
