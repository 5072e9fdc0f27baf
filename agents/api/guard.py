"""What happens around every request: its id, its place in the log and the metrics, and what is not let in at all."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog

from agents.api.access import SAFE
from agents.api.problems import ProblemError, answer
from agents.service.running import Service

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

LIVE = "/health/live"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load and do: nothing from elsewhere, no script that stands in a page. Charts place their parts by
attributes of style."""

_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "content-security-policy": CONTENT,
    "cache-control": "no-store",
}
_HTTPS_ONLY = ("strict-transport-security", "max-age=31536000")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger("api")


class Guard:
    """ASGI middleware. A browser must not be led to the service by somebody else's page.

    A `Host` that the service is not known by (a name rebound to its address) is answered with 421, and a change that
    another site's page asks for with 403. Without accounts only the loopback's names are known, whatever is set. While
    another process writes the database there is nothing to answer with: 503.
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
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request.encode())]
                _add_headers(message, https=scope["scheme"] == "https")
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
        known = self._hosts()
        if host is None or (host not in known and "*" not in known):
            return answer(421, f"this service answers to {', '.join(known)} only (setting allowed_hosts)")
        if scope["method"] not in SAFE and _is_foreign(headers):
            return answer(403, "changes are not taken from pages of other sites")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.body_limit:
            return answer(413, self._too_large)
        if not self.service.opened and scope["path"] != LIVE:
            return answer(503, f"standing by: {self.service.standing_by}", headers={"Retry-After": "2"})
        return None

    def _hosts(self) -> tuple[str, ...]:
        """The names of the service, in lower case."""
        if not self.service.opened or self.service.gate.open:
            return LOOPBACK
        settings = self.service.settings
        return (*LOOPBACK, settings.host.lower(), *(name.lower() for name in settings.allowed_hosts))

    @property
    def _too_large(self) -> str:
        return f"the body is larger than {self.body_limit} bytes: send it in pieces"

    def _note(self, scope: Message, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "none"
        self.metrics.requests.labels(scope["method"], route, str(status)).inc()
        self.metrics.request_seconds.labels(route).observe(seconds)
        log.info("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))


def _is_foreign(headers: dict[str, str]) -> bool:
    """Whether a browser says that another site's page asks."""
    origin = headers.get("origin")
    other = origin is not None and origin.partition("://")[2] != headers["host"]
    return other or headers.get("sec-fetch-site") in ("cross-site", "same-site")


def _add_headers(message: Message, *, https: bool) -> None:
    """Headers that every answer has; one that says otherwise by itself keeps what it says."""
    said = {name.lower() for name, _ in message["headers"]}
    added = {**_HEADERS, **dict([_HTTPS_ONLY] if https else [])}
    message["headers"] += [(n.encode(), v.encode()) for n, v in added.items() if n.encode() not in said]


def _is_host(text: str) -> bool:
    try:
        return bool(urlsplit(f"//{text}").hostname)
    except ValueError:
        return False
