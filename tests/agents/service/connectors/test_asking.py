from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agents.service.connectors import asking
from agents.service.connectors.asking import Asking
from agents.sources.errors import FetchError
from agents.sources.fetching import Request


@contextmanager
def system(answers: list[tuple[int, dict[str, str]]]) -> Iterator[tuple[str, list[str]]]:
    """A system that answers with these one after the other, then with 200; its address, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers = answers.pop(0) if answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b'{"ok": true}')

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_busy_or_failing_system_is_asked_again_after_the_time_that_it_names() -> None:
    waits: list[float] = []
    with system([(429, {"Retry-After": "7"}), (503, {})]) as (place, asked), closing(Asking(sleep=waits.append)) as ask:
        assert ask(Request(f"{place}/orders?x=1")).json() == {"ok": True}
    assert waits == [7.0, 14.0]
    assert asked == ["/orders?x=1"] * 3


def test_a_system_that_wants_to_be_left_alone_for_long_is_left_alone() -> None:
    waits: list[float] = []
    with system([(429, {"Retry-After": "3600"})]) as (place, _), closing(Asking(sleep=waits.append)) as ask:
        assert ask(Request(place)).status == 429
    assert waits == []


def test_a_refusal_is_an_answer_and_is_not_asked_again() -> None:
    with system([(401, {})]) as (place, asked), closing(Asking(sleep=lambda _: None)) as ask:
        answer = ask(Request(f"{place}/orders?token=secret"))
        with pytest.raises(FetchError, match="the answer was 401"):
            answer.json()
    assert len(asked) == 1


def test_nobody_there_is_told_without_what_may_be_secret() -> None:
    waits: list[float] = []
    with closing(Asking(sleep=waits.append)) as ask, pytest.raises(FetchError) as caught:
        ask(Request("http://127.0.0.1:9/orders?token=secret"))
    assert "127.0.0.1:9/orders cannot be reached" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(waits) == asking.TRIES - 1


def test_an_answer_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LARGEST", 4)
    with system([]) as (place, _), closing(Asking()) as ask, pytest.raises(FetchError, match="is larger than"):
        ask(Request(place))


def test_no_redirect_is_followed_for_it_could_lead_anywhere() -> None:
    with system([(302, {"Location": "http://169.254.169.254/"})]) as (place, asked), closing(Asking()) as ask:
        assert ask(Request(place)).status == 302
    assert len(asked) == 1
