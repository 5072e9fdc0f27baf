"""A stand-in for a system with an HTTP interface, on a real socket; and a `Fetch` that reaches it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from agents.sources.fetching import Fetch, Request, Response


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the stand-in got it; names of headers are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the stand-in answers: a body that becomes JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answering(answer: Callable[[Call], Answer], authorization: str = "") -> Fetch:
    """A fetch that is answered by a function at once, without a socket; `authorization` is sent in place of its own."""

    def fetch(request: Request) -> Response:
        parts = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {**request.headers, **({"authorization": authorization} if authorization else {})}
        told = answer(Call(request.method, parts.path, query, headers, request.body))
        return Response(told.status, dict(told.headers), json.dumps(told.body).encode())

    return fetch


class StandIn:
    """A server, the calls that it got, and a fetch that takes every address for its own."""

    def __init__(self, client: httpx.Client, calls: list[Call]) -> None:
        self._client, self.calls = client, calls
        self.url = str(client.base_url).rstrip("/")

    def fetch(self, request: Request) -> Response:
        """Send a request to the stand-in, whatever host it is for."""
        parts = urlsplit(request.url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = self._client.request(request.method, path, headers=dict(request.headers), content=request.body)
        return Response(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content
        )


@contextmanager
def stand_in(answer: Callable[[Call], Answer]) -> Iterator[StandIn]:
    """A stand-in that answers by a function."""
    calls: list[Call] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 2**16  # headers and body in one packet

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            calls.append(Call(self.command, parts.path, query, headers, body))
            told = answer(calls[-1])
            data = b"" if told.status == 204 else json.dumps(told.body).encode()
            self.send_response(told.status)
            for name, value in {**told.headers, "content-length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = _handle  # noqa: N815 the server asks for these names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the server's own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with httpx.Client(base_url=url, verify=False, trust_env=False) as client:
            yield StandIn(client, calls)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
