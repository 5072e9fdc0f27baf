"""People are told by e-mail and over HTTP, by real servers on the loopback: what they asked for, each thing once."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from agents.service.notifying import notifiers
from agents.service.running import Service
from agents.service.settings import Notify, ServiceError, settings
from knowledge.instants import HOUR
from knowledge.store.tables import MessageRow
from tests.agents.api.test_documents import post
from tests.serving import PLANT, START, eventually, order, served

POLICY = """
[[approvals]]
decision = "promise"
action = "ask"
role = "manager"
deadline_hours = 8
remind_hours = 1
on_silence = "escalate"
escalate_to = "director"
"""


class Mails:
    """What a mail server has taken: (subject, text)."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.got.append((str(mail["subject"]), mail.get_content()))
        return "250 OK"


@contextmanager
def mail_server(mails: Mails, port: int) -> Iterator[None]:
    controller = Controller(mails, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@contextmanager
def web_server(got: list[dict[str, Any]], port: int = 0) -> Iterator[int]:
    """A chat that takes JSON, on a free port or on that one; its port."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def waiting(service: Service) -> list[dict[str, Any]]:
    """What is still to be told to the boss."""
    with service.snapshot() as (snapshot, _):
        return snapshot.rows(MessageRow, receiver="notify:boss", status="waiting")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_managers_are_mailed_when_asked_and_reminded_and_operators_hear_of_what_went_wrong(tmp_path: Path) -> None:
    knowledge = Path(shutil.copytree(PLANT, tmp_path / "knowledge"))
    with (knowledge / "plant.toml").open("a") as file:
        file.write(POLICY)
    mails, hooked, port, now = Mails(), list[dict[str, Any]](), free_port(), [START]
    with web_server(hooked) as hook:
        mail = f"mailto://127.0.0.1:{port}?from=plant@example.com&to=boss@example.com&mode=insecure"
        told = [
            {"url": mail, "name": "boss", "roles": ["manager", "director"]},
            {"url": f"json://127.0.0.1:{hook}/", "kinds": ["quarantined", "dead_letter"]},
        ]
        with served(tmp_path, knowledge, lambda: now[0], notify=told) as (service, client):
            post(client, order("1"))
            eventually(lambda: [row for row in waiting(service) if row["attempts"]], 30)
            with mail_server(mails, port):
                now[0] += 60  # the mail server was away: it is tried again after a while
                eventually(lambda: mails.got, 30)
                post(client, "{not a document}")
                eventually(lambda: hooked, 30)
                now[0] = START + 7 * HOUR + 60
                eventually(lambda: len(mails.got) == 2, 30)
                now[0] = START + 8 * HOUR + 60
                eventually(lambda: len(mails.got) == 3, 30)
    titles = [subject.partition(" of ")[0] for subject, _ in mails.got]
    assert titles == [f"AP-000001 {kind}: promise t/1" for kind in ("asked", "reminder", "escalated")]
    assert "asked of manager until 2026-03-02T16:00:00+00:00, then of director" in mails.got[0][1].replace("\n", " ")
    assert len({text.rsplit("Reference: ", 1)[1] for _, text in mails.got}) == 3
    assert [(hook["type"], hook["title"].partition(":")[0]) for hook in hooked] == [("warning", "quarantined")]


def test_settings_may_name_a_bare_url_and_hide_it(tmp_path: Path) -> None:
    config = tmp_path / "society.toml"
    config.write_text(
        f'knowledge = "{PLANT}"\ndb = "sqlite:///plant.db"\nnotify = ["json://user:secret@chat.example/hook"]\n'
        "[[approvals]]\nodd = 1\n"
    )
    with pytest.raises(ServiceError, match="setting approvals"):
        settings(config)
    config.write_text(config.read_text().partition("[[")[0])
    found = settings(config)
    assert "secret" not in repr(found)
    sinks, listeners = notifiers(found.notify)
    assert list(sinks) == [each.name for each in listeners] == ["notify:1"]


def test_every_problem_of_the_listeners_is_told_at_once_without_their_secrets() -> None:
    wanted = [Notify.model_validate(url) for url in ("nonsense://secret", "json://a.example")]
    wanted += [Notify.model_validate({"url": "json://b.example", "name": "2"})]
    with pytest.raises(ServiceError) as error:
        notifiers(wanted)
    first, second = str(error.value).splitlines()
    assert first.startswith("setting notify[1].url: nothing that apprise can send to")
    assert second == "setting notify[3].name: 2 is another's name already"
    assert "secret" not in str(error.value)
    assert notifiers([]) == ({}, ())
