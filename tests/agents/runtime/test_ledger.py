"""Store and forward: durable first, heard after that, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from agents.runtime.ledger import Ledger, envelope_of
from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow, MessageRow
from protocols.envelope import Envelope
from protocols.supplying import Wake
from tests.agents.runtime.chat import NOW, request, timer


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(Store())


def _posted(ledger: Ledger, *words: str) -> list[Envelope[Any]]:
    ledger.post([request("echo", Wake(what=word), conversation=word) for word in words], "door", NOW)
    return [envelope for envelope, _ in ledger.commit()]


def _state(value: str) -> Write:
    return Write(AgentStateRow, {"agent": "echo", "key": "heard", "body": value})


def test_messages_are_numbered_in_the_order_in_which_they_are_said(ledger: Ledger) -> None:
    assert [envelope.id for envelope in _posted(ledger, "a", "b")] == ["m00000001", "m00000002"]
    assert [envelope.id for envelope in _posted(Ledger(ledger.store), "c")] == ["m00000003"]


def test_nothing_is_durable_before_the_commit_that_delivers_it(ledger: Ledger) -> None:
    ledger.post([request("echo", Wake(what="a"))], "door", NOW)
    assert ledger.store.rows(MessageRow) == []
    assert len(ledger.commit()) == 1
    assert [row["status"] for row in ledger.store.rows(MessageRow)] == ["waiting"]
    assert ledger.commit() == []


def test_a_message_its_effects_and_its_being_handled_are_one_transaction(ledger: Ledger) -> None:
    (asked,) = _posted(ledger, "a")
    ledger.record(asked, [_state("1"), request("relay", Wake(what="b"))], NOW)
    assert ledger.store.rows(AgentStateRow) == []
    ((said, due),) = ledger.commit()
    assert (said.sender, said.causation, due) == ("echo", asked.id, NOW)
    assert [row["status"] for row in ledger.store.rows(MessageRow)] == ["handled", "waiting"]
    assert [row["body"] for row in ledger.store.rows(AgentStateRow)] == ["1"]


def test_what_is_flushed_is_durable_and_still_to_be_delivered(ledger: Ledger) -> None:
    ledger.post([request("echo", Wake(what="a"))], "door", NOW)
    ledger.flush()
    assert len(ledger.store.rows(MessageRow)) == 1
    assert len(ledger.commit()) == 1


def test_messages_that_were_not_handled_are_sent_again_after_a_restart(ledger: Ledger) -> None:
    first, second = _posted(ledger, "a", "b")
    ledger.record(first, [], NOW)
    ledger.commit()
    assert Ledger(ledger.store).waiting() == [(second, NOW)]


def test_a_stored_message_is_read_as_it_was_said(ledger: Ledger) -> None:
    (said,) = _posted(ledger, "a")
    (row,) = ledger.store.rows(MessageRow)
    assert envelope_of(row) == said


def test_a_timer_is_due_later_than_it_was_set(ledger: Ledger) -> None:
    ledger.post([timer("echo", NOW + 9)], "echo", NOW)
    ((ring, due),) = ledger.commit()
    assert (ring.sent, due) == (NOW, NOW + 9)
    assert Ledger(ledger.store).waiting()[0][1] == NOW + 9


def test_a_message_is_open_until_it_is_handled(ledger: Ledger) -> None:
    (said,) = _posted(ledger, "a")
    assert ledger.open(said)
    ledger.record(said, [], NOW)
    assert not ledger.open(said)


def test_a_dead_letter_keeps_its_attempts_and_its_traceback(ledger: Ledger) -> None:
    (said,) = _posted(ledger, "a")
    ledger.bury(said, 3, "Traceback: oh")
    ledger.commit()
    (row,) = ledger.store.rows(MessageRow)
    assert (row["status"], row["attempts"], row["error"]) == ("dead", 3, "Traceback: oh")
    assert ledger.buried == 1


def test_what_was_delivered_can_be_replayed_without_what_still_waits(ledger: Ledger) -> None:
    first, second, third = _posted(ledger, "a", "b", "c")
    ledger.record(first, [], NOW)
    ledger.ignore(third, "out of sequence")
    ledger.commit()
    assert [said.conversation for said in ledger.delivered()] == [first.conversation, third.conversation]
    assert second.conversation == "b"


def test_rows_from_outside_go_with_the_messages_of_the_same_commit(ledger: Ledger) -> None:
    ledger.keep([_state("7")])
    ledger.post([request("echo", Wake(what="a"))], "door", NOW)
    ledger.commit()
    assert len(ledger.store.rows(AgentStateRow)) == len(ledger.store.rows(MessageRow)) == 1
