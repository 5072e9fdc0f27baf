"""How the requests of sources are sent: https, within a time, again where the other side is busy or failing."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

import httpx2

from agents.sources.errors import FetchError
from agents.sources.fetching import Request, Response

SECONDS = 20.0
"""How long an answer may take."""

LARGEST = 64 * 2**20
"""Bytes of an answer at most."""

TRIES = 4
LONGEST_WAIT = 30.0
"""Seconds that are waited within one request; whoever wants to be asked later still is asked at the next poll."""


class Asking:
    """Sends requests, from one thread. `stopping` ends a wait."""

    def __init__(self, stopping: Event | None = None, sleep: Callable[[float], None] | None = None) -> None:
        self._client = httpx2.Client(timeout=SECONDS, follow_redirects=False, headers={"User-Agent": "society/1"})
        self._stopping = stopping or Event()
        self._sleep = sleep or self._wait

    def close(self) -> None:
        """Let go of all connections."""
        self._client.close()

    def _wait(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise FetchError("the service is stopping")

    def __call__(self, request: Request) -> Response:
        """The answer, after some tries where the other side was busy. Raises FetchError where there was none."""
        wait = 1.0
        for left in reversed(range(TRIES)):
            try:
                found = self._once(request)
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                if not left or not isinstance(error, httpx2.TransportError):
                    raise FetchError(
                        f"{_place(request.url)} cannot be reached: {error or type(error).__name__}"
                    ) from error
            else:
                if not left or (found.status != 429 and found.status < 500):
                    return found
                wait = max(wait, _asked_wait(found))
                if wait > LONGEST_WAIT:
                    return found
            self._sleep(wait)
            wait *= 2
        raise AssertionError("unreachable")

    def _once(self, request: Request) -> Response:
        with self._client.stream(
            request.method, request.url, headers=dict(request.headers), content=request.body or None
        ) as answer:
            body, begin = bytearray(), time.monotonic()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise FetchError(f"the answer of {_place(request.url)} is larger than {LARGEST // 2**20} MiB")
                if time.monotonic() - begin > 10 * SECONDS:
                    raise FetchError(f"the answer of {_place(request.url)} takes too long")
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status_code, headers, bytes(body))


def _asked_wait(answer: Response) -> float:
    """The seconds that a Retry-After names; 0 where it names none."""
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isdecimal() and len(said) < 6 else 0.0


def _place(url: str) -> str:
    """An address without what may be secret in it."""
    return url.partition("?")[0]
