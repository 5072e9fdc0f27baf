"""What an agent does in a handler comes out as effects, in order, and nothing happens besides."""

from __future__ import annotations

from agents.runtime.agent import Send, Turn
from knowledge.store.database import Write
from knowledge.store.tables import AgentStateRow
from protocols.envelope import Performative, ProtocolName
from protocols.messages import Failed, NotUnderstood
from protocols.orders import WatchAgreed
from protocols.supplying import ReportRefused, ReportTaken, Wake
from tests.agents.runtime.chat import NOW, Echo, envelope


def test_a_handler_is_found_by_the_type_of_the_content() -> None:
    effects = list(Echo().handle(envelope(Wake(what="hello")), NOW))
    assert [type(effect) for effect in effects] == [Write, Send]


def test_an_agent_that_inherits_handles_what_its_parent_handles() -> None:
    class Loud(Echo):
        name = "loud"

    assert len(list(Loud().handle(envelope(Wake(what="hello")), NOW))) == 2


def test_a_message_that_nobody_can_read_is_not_understood() -> None:
    (answer,) = Echo().handle(envelope(WatchAgreed()), NOW)
    assert isinstance(answer, Send)
    assert (answer.performative, answer.receiver) == (Performative.NOT_UNDERSTOOD, "door")
    assert answer.content == NotUnderstood(reason="echo cannot read WatchAgreed")


def test_an_explanation_is_never_answered() -> None:
    for content in (NotUnderstood(reason="what?"), Failed(reason="oh")):
        assert list(Echo().handle(envelope(content, performative=Performative.REJECT_PROPOSAL), NOW)) == []


def test_a_reply_stays_in_its_conversation_and_on_its_subject() -> None:
    turn = Turn(envelope(Wake(what="hello")), NOW)
    for send, said in (
        (turn.inform(ReportTaken()), Performative.INFORM),
        (turn.refuse(ReportRefused(reason="no")), Performative.REFUSE),
        (turn.reply(Performative.AGREE, WatchAgreed()), Performative.AGREE),
    ):
        assert (send.conversation, send.receiver, send.subject) == ("talk", "door", "manual/1")
        assert (send.performative, send.protocol) == (said, ProtocolName.REQUEST)


def test_every_conversation_that_a_turn_opens_is_a_new_one() -> None:
    turn = Turn(envelope(Wake(what="hello")), NOW)
    sends = [turn.request("a", ReportTaken()), turn.request("b", ReportTaken()), turn.timer(NOW, "echo", ReportTaken())]
    assert [send.conversation for send in sends] == ["m00000001.1", "m00000001.2", "m00000001.3"]


def test_a_request_is_about_what_the_message_was_about_unless_it_says_otherwise() -> None:
    turn = Turn(envelope(Wake(what="hello")), NOW)
    assert turn.request("a", ReportTaken()).subject == "manual/1"
    assert turn.request("a", ReportTaken(), subject="PO-1").subject == "PO-1"


def test_a_timer_never_rings_in_the_past() -> None:
    turn = Turn(envelope(Wake(what="hello")), NOW)
    assert turn.timer(NOW - 5, "echo", Wake(what="late")).at == NOW
    assert turn.timer(NOW + 5, "echo", Wake(what="soon")).at == NOW + 5


def test_records_are_saved_and_removed_by_their_key() -> None:
    turn = Turn(envelope(Wake(what="hello")), NOW)
    row = {"agent": "echo", "key": "a", "body": "1"}
    assert turn.save(AgentStateRow, row) == Write(AgentStateRow, row)
    assert turn.remove(AgentStateRow, {"agent": "echo", "key": "a"}).remove


def test_an_agent_gives_nothing_up_unless_it_says_so() -> None:
    assert list(Echo().abandon(envelope(Wake(what="hello")), NOW)) == []
