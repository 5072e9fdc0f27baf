"""What happens around every request: its id, its place in the log and the metrics, and what is not let in at all."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog

from agents.api.problems import ProblemError, answer
from agents.service.running import Service

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

LIVE = "/health/live"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SAFE = ("GET", "HEAD", "OPTIONS")

log = structlog.get_logger("api")


class Guard:
    """ASGI middleware. The service has no accounts yet, so a browser must not be led to it by somebody else's page.

    A `Host` that is not the loopback's (a name rebound to it) is answered with 421, and a change that another site's
    page asks for with 403. While another process writes the database there is nothing to answer with: 503.
    """

    def __init__(self, app: Application, service: Service) -> None:
        self.app, self.service = app, service
        self.metrics, self.body_limit, self.new_id = service.metrics, service.settings.body_limit, service.new_id

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get("x-request-id", "")
        request = given if _ID.fullmatch(given) else self.new_id()
        with structlog.contextvars.bound_contextvars(request=request):
            await self._serve(scope, headers, receive, send, request)

    async def _serve(self, scope: Message, headers: dict[str, str], receive: Receive, send: Send, request: str) -> None:
        begin, status, size = time.perf_counter(), 500, 0

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = list(message.get("headers", ()))
                may_be_kept = any(name == b"cache-control" for name, _ in own)
                message["headers"] = [
                    *own,
                    (b"x-request-id", request.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    *([] if may_be_kept else [(b"cache-control", b"no-store")]),
                ]
            await send(message)

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.body_limit:
                raise ProblemError(413, self._too_large)
            return message

        refused = self._refused(scope, headers)
        try:
            await (refused or self.app)(scope, counted, told)
        finally:
            self._note(scope, status, time.perf_counter() - begin)

    def _refused(self, scope: Message, headers: dict[str, str]) -> Any:
        host = urlsplit(f"//{headers.get('host', '')}").hostname if _is_host(headers.get("host", "")) else None
        if host not in LOOPBACK:
            return answer(421, "this service answers to localhost, 127.0.0.1 and [::1] only")
        origin = headers.get("origin")
        if scope["method"] not in _SAFE and origin is not None and urlsplit(origin).netloc != headers["host"]:
            return answer(403, "changes are not taken from pages of other sites")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.body_limit:
            return answer(413, self._too_large)
        if not self.service.opened and scope["path"] != LIVE:
            return answer(503, f"standing by: {self.service.standing_by}", headers={"Retry-After": "2"})
        return None

    @property
    def _too_large(self) -> str:
        return f"the body is larger than {self.body_limit} bytes: send it in pieces"

    def _note(self, scope: Message, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "none"
        self.metrics.requests.labels(scope["method"], route, str(status)).inc()
        self.metrics.request_seconds.labels(route).observe(seconds)
        log.info("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))


def _is_host(text: str) -> bool:
    try:
        return bool(urlsplit(f"//{text}").hostname)
    except ValueError:
        return False
