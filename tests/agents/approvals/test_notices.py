"""Who is told what of an approval, when, and that nobody is told twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agents.runtime.ledger import Ledger
from agents.runtime.outbox import BackOff
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from knowledge.instants import iso
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from protocols.envelope import Envelope
from protocols.notices import Listener, Notice, NoticeKind
from protocols.supplying import Wake
from tests.agents.approvals.queueing import WANTED, answer, queue, rule
from tests.agents.runtime.chat import NOW, Stubborn, request

on_either_host = pytest.mark.parametrize("host", (SimulatedHost, PykkaHost))

ESCALATES = rule(deadline_hours="8", remind_hours="[4, 1]", on_silence='"escalate"', escalate_to='"director"')
Hosting = Callable[..., Any]


class Mailbox:
    """A sink that keeps what it is told, and is away as often as is said."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.got: list[tuple[str, str]] = []
        self.notices: list[Notice] = []

    def deliver(self, envelope: Envelope[Any], key: str) -> None:
        if self.away:
            self.away -= 1
            raise ConnectionError("nobody answers")
        content = envelope.content
        assert isinstance(content, Notice)
        self.notices.append(content)
        self.got.append((iso(envelope.sent)[11:16], f"{content.kind} {content.role}"))


@on_either_host
def test_each_is_told_when_asked_reminded_and_passed_over_at_its_time(host: Hosting) -> None:
    box = Mailbox()
    with queue(ESCALATES, host, sinks={"box": box}, listeners=(Listener("box"),)) as found:
        found.take(WANTED)
        found.until("2024-01-02T00:00:00Z")
    assert box.got == [
        ("00:00", "asked manager"),
        ("04:00", "reminder manager"),
        ("07:00", "reminder manager"),
        ("08:00", "escalated director"),
        ("12:00", "reminder director"),
        ("15:00", "reminder director"),
        ("16:00", "decided director"),
    ]
    first, last = box.notices[0], box.notices[-1]
    assert first.title == "AP-000001 asked: promise t/1"
    assert "asked of manager until 2024-01-01T08:00:00+00:00, then of director" in first.text
    assert last.text.endswith("rejected by silence: nobody answered by 2024-01-01T16:00:00+00:00")


@on_either_host
def test_who_has_answered_is_not_reminded(host: Hosting) -> None:
    box = Mailbox()
    with queue(ESCALATES, host, sinks={"box": box}, listeners=(Listener("box"),)) as found:
        found.take(WANTED, answer("01T03:00", by="ann"))
        found.until("2024-01-02T00:00:00Z")
    assert [said for _, said in box.got] == ["asked manager", "decided manager"]


def test_a_listener_hears_only_of_the_kinds_and_roles_that_it_asked_for() -> None:
    listeners = (
        Listener("urgent", kinds=frozenset({NoticeKind.ESCALATED, NoticeKind.DECIDED})),
        Listener("director", roles=frozenset({"director"})),
        Listener("ann", roles=frozenset({"ann"})),
    )
    boxes = {each.name: Mailbox() for each in listeners}
    hand_over = {
        "type": "approval_delegation",
        "received": "2024-01-01T08:30:00Z",
        "role": "director",
        "to": "ann",
        "until": "2024-01-01T13:00:00Z",
    }
    with queue(ESCALATES, SimulatedHost, sinks=boxes, listeners=listeners) as found:
        found.take(WANTED, hand_over)
        found.until("2024-01-02T00:00:00Z")
    said = {name: [time for time, _ in box.got] for name, box in boxes.items()}
    assert said == {"urgent": ["08:00", "16:00"], "director": ["08:00", "12:00", "15:00", "16:00"], "ann": ["12:00"]}


def test_advice_is_told_where_nothing_waits() -> None:
    box = Mailbox()
    with queue(rule(action='"advise"'), SimulatedHost, sinks={"box": box}, listeners=(Listener("box"),)) as found:
        found.take(WANTED)
        assert [said for _, said in box.got] == ["advised manager"]
        assert found.promises == [("promised", "2024-01-13")]


@on_either_host
def test_what_could_not_be_delivered_is_delivered_once_after_a_restart(host: Hosting) -> None:
    store, listeners, away, box = Store("sqlite://"), (Listener("box"),), Mailbox(away=1), Mailbox()
    with queue(ESCALATES, host, store=store, sinks={"box": away}, listeners=listeners) as found:
        found.take(WANTED)
    with queue(
        ESCALATES, host, store=store, sinks={"box": box}, listeners=listeners, now="2024-01-01T01:00:00Z"
    ) as found:
        found.until("2024-01-01T02:00:00Z")
    assert [said for _, said in (*away.got, *box.got)] == ["asked manager"]


def test_nothing_is_said_and_kept_where_nobody_listens() -> None:
    with queue(ESCALATES, SimulatedHost) as found:
        found.take(WANTED)
        found.until("2024-01-02T00:00:00Z")
        assert found.store.rows(MessageRow, kind="Notice") == []


@on_either_host
def test_a_message_that_is_given_up_is_told_but_not_that_the_telling_was(host: Hosting) -> None:
    store, box = Store("sqlite://"), Mailbox()
    found = host({"stubborn": Stubborn}, Ledger(store), NOW, sinks={"box": box}, listeners=(Listener("box"),))
    found.post([request("stubborn", Wake(what="a"), conversation="one")], "door")
    found.run_until(NOW)
    found.stop()
    (notice,) = box.notices
    assert notice.title == "given up: message m00000001, Wake to stubborn"
    assert notice.text.endswith("about nothing in particular: RuntimeError: no")

    away = Mailbox(away=99)
    silent = BackOff(attempts_most=1)
    found = host(
        {"stubborn": Stubborn}, Ledger(store), NOW, sinks={"box": away}, listeners=(Listener("box"),), back_off=silent
    )
    found.post([request("stubborn", Wake(what="a"), conversation="two")], "door")
    found.run_until(NOW + 60)
    found.stop()
    assert len(store.rows(MessageRow, kind="Notice")) == 2
    assert [row["kind"] for row in store.rows(MessageRow, status="dead")] == ["Wake", "Wake", "Notice"]
