"""The desk: bounded, all or nothing, and nothing that was taken is lost when it closes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import count

import pytest

from agents.opening import Driver
from agents.runtime.agent import Send
from agents.service.desk import Desk, DeskClosedError, DeskFullError, Outcome, Ticket
from agents.service.durable import Durable
from agents.sources.reading import Read
from knowledge.documents import OrderCancel
from knowledge.instants import Instant

READ = Read("a", OrderCancel(source="t", number="1"), "", "")


class Slow:
    """A host that takes what it is given as long as nobody holds it."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.batches: list[list[str]] = []
        self.times: list[Instant] = []

    def post(self, sends: Sequence[Send], sender: str) -> None:
        self.batches.append([send.conversation for send in sends])

    def run_until(self, time: Instant) -> None:
        if self.batches:
            assert self.free.wait(10)
        self.times.append(time)

    def stop(self) -> None: ...


class Failing(Slow):
    def run_until(self, time: Instant) -> None:
        raise RuntimeError("the ledger is gone")


def desk_of(host: Driver, limit: int = 5, batch: int = 2) -> Desk:
    times = count(100)
    desk = Desk(host, Durable(None), 50, lambda: next(times), limit=limit, batch=batch)
    desk.start()
    return desk


@pytest.fixture
def host() -> Iterator[Slow]:
    host = Slow()
    yield host
    host.free.set()


def submit(desk: Desk, *names: str) -> list[Ticket]:
    return desk.submit([READ] * len(names), names)


def test_more_than_the_limit_is_sent_back_whole_with_a_time_to_come_again(host: Slow) -> None:
    desk = desk_of(host)
    submit(desk, "a", "b", "c", "d")
    with pytest.raises(DeskFullError) as caught:
        submit(desk, "e", "f")
    assert caught.value.retry_after >= 1
    assert desk.under_way == 4
    submit(desk, "e")
    host.free.set()
    assert desk.stop(10)
    assert sorted(name for batch in host.batches for name in batch) == ["a", "b", "c", "d", "e"]


def test_a_desk_that_closes_finishes_what_it_has_and_takes_nothing_more(host: Slow) -> None:
    desk = desk_of(host)
    tickets = submit(desk, "a", "b", "c")
    desk.close()
    with pytest.raises(DeskClosedError):
        submit(desk, "d")
    host.free.set()
    assert desk.stop(10)
    for ticket in tickets:
        ticket.settled.result(10)
    assert all(len(batch) <= 2 for batch in host.batches)
    assert host.times == sorted(host.times)


def test_when_the_society_fails_whoever_waits_hears_of_it() -> None:
    host = Failing()
    desk = Desk(host, Durable(None), 50, lambda: 51, limit=5, batch=2)
    ticket = submit_unstarted(desk)
    desk.start()
    with pytest.raises(DeskClosedError, match="the ledger is gone"):
        ticket.acknowledged.result(10)
    with pytest.raises(DeskClosedError):
        submit(desk, "b")


def submit_unstarted(desk: Desk) -> Ticket:
    ticket = Ticket("a", READ)
    desk.tickets["a"] = ticket
    return ticket


def test_a_ticket_is_settled_once_every_line_has_an_answer() -> None:
    ticket = Ticket("a", READ, unanswered={"1", "2"})
    assert not ticket.answered({"line": "1", "part": 0})
    assert not ticket.answered({"line": "1", "part": 0})
    assert not ticket.settled.done()
    assert ticket.answered({"line": "2", "part": 0})
    assert ticket.settled.done()
    assert not ticket.answered({"line": "2", "part": 0})


def test_a_quarantined_document_has_nothing_to_wait_for() -> None:
    ticket = Ticket("a", READ)
    ticket.acknowledge(Outcome.QUARANTINED, "no")
    assert ticket.settled.done()
