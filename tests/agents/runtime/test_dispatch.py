"""What every host does with a message: never twice, never out of sequence, never lost, never for ever."""

from __future__ import annotations

from typing import Any

import pytest

from agents.runtime.agent import Agent, Effects, Send
from agents.runtime.dispatch import MOST_ATTEMPTS, Dispatcher
from agents.runtime.ledger import Ledger
from agents.runtime.simulated import SimulatedHost
from knowledge.instants import Instant
from knowledge.store.database import Store
from knowledge.store.tables import AgentStateRow, MessageRow
from protocols.envelope import Envelope, Performative, ProtocolName
from protocols.messages import Failed
from protocols.supplying import Offers, Wake
from tests.agents.runtime.chat import NOW, Echo, Offerer, Stubborn, call, request, timer

HELLO = Wake(what="hello")


class Heard(list[Envelope[Any]]):
    """What was said to the world outside."""

    def said(self) -> list[Performative]:
        return [envelope.performative for envelope in self]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def _dispatcher(heard: Heard, *agents: type[Agent], store: Store | None = None) -> Dispatcher:
    return Dispatcher({agent.name: agent for agent in agents}, Ledger(store or Store()), heard.append)


def _post(dispatcher: Dispatcher, send: Send, sender: str = "door") -> Envelope[Any]:
    dispatcher.ledger.post([send], sender, NOW)
    ((envelope, _),) = dispatcher.commit(NOW)
    return envelope


def _statuses(dispatcher: Dispatcher) -> list[tuple[str, str]]:
    dispatcher.ledger.flush()
    return [(row["performative"], row["status"]) for row in dispatcher.ledger.store.rows(MessageRow)]


def test_a_message_that_is_delivered_twice_is_handled_once(heard: Heard) -> None:
    dispatcher = _dispatcher(heard, Echo)
    envelope = _post(dispatcher, request("echo", HELLO))
    assert dispatcher.admit(envelope, NOW)
    dispatcher.done(envelope, [], NOW)
    assert not dispatcher.admit(envelope, NOW)


def test_a_message_out_of_sequence_is_put_aside_with_the_reason_and_not_answered(heard: Heard) -> None:
    dispatcher = _dispatcher(heard, Echo)
    said = Send("nothing", ProtocolName.CONTRACT_NET, Performative.ACCEPT_PROPOSAL, "echo", HELLO)
    assert not dispatcher.admit(_post(dispatcher, said), NOW)
    assert _statuses(dispatcher) == [("accept-proposal", "handled")]
    assert "legal there: cfp by door" in dispatcher.ledger.store.rows(MessageRow)[0]["error"]
    assert dispatcher.commit(NOW) == []
    assert heard == []


def test_a_late_proposal_is_answered_with_reject_proposal(heard: Heard) -> None:
    dispatcher = _dispatcher(heard, Echo, Offerer)
    cfp = _post(dispatcher, call("offerer", reply_by=NOW + 60), "echo")
    assert dispatcher.admit(cfp, NOW)
    dispatcher.done(cfp, Offerer().handle(cfp, NOW), NOW)
    ((proposal, _),) = dispatcher.commit(NOW)
    assert isinstance(proposal.content, Offers)
    assert not dispatcher.admit(proposal, NOW + 61)
    ((answer, _),) = dispatcher.commit(NOW + 61)
    assert (answer.performative, answer.sender, answer.receiver) == (Performative.REJECT_PROPOSAL, "echo", "offerer")
    assert dispatcher.admit(answer, NOW + 61)


def test_conversations_go_on_after_a_restart_where_they_stood(heard: Heard) -> None:
    store = Store()
    dispatcher = _dispatcher(heard, Echo, Offerer, store=store)
    cfp = _post(dispatcher, call("offerer"), "echo")
    dispatcher.admit(cfp, NOW)
    dispatcher.done(cfp, Offerer().handle(cfp, NOW), NOW)
    dispatcher.commit(NOW)
    again = _dispatcher(heard, Echo, Offerer, store=store)
    ((proposal, _),) = again.waiting(NOW)
    assert again.admit(proposal, NOW)
    assert not again.admit(_post(again, call("offerer"), "offerer"), NOW)


def test_an_agent_that_is_made_anew_has_what_was_recorded_just_before(heard: Heard) -> None:
    dispatcher = _dispatcher(heard, Echo)
    envelope = _post(dispatcher, request("echo", HELLO))
    dispatcher.done(envelope, Echo().handle(envelope, NOW), NOW)
    agent, again = dispatcher.crashed(envelope, RuntimeError("oh"), NOW)
    assert again
    assert isinstance(agent, Echo)
    assert agent.heard == 1


def test_a_message_gets_so_many_attempts_and_is_then_a_dead_letter(heard: Heard) -> None:
    dispatcher = _dispatcher(heard, Stubborn)
    envelope = _post(dispatcher, request("stubborn", HELLO))
    assert dispatcher.admit(envelope, NOW)
    tries = [dispatcher.crashed(envelope, RuntimeError("no"), NOW)[1] for _ in range(MOST_ATTEMPTS)]
    assert tries == [True] * (MOST_ATTEMPTS - 1) + [False]
    dispatcher.commit(NOW)
    assert _statuses(dispatcher)[0] == ("request", "dead")
    assert heard[0].content == Failed(reason="RuntimeError: no")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (request("stubborn", HELLO), [Performative.FAILURE]),
        (call("stubborn"), [Performative.REFUSE]),
        (timer("stubborn", NOW), []),
        (Send("p", ProtocolName.PROPOSE, Performative.PROPOSE, "stubborn", HELLO), [Performative.REJECT_PROPOSAL]),
    ],
)
def test_whoever_waits_for_an_answer_is_told_of_a_dead_letter(
    heard: Heard, said: Send, told: list[Performative]
) -> None:
    host = SimulatedHost({"stubborn": Stubborn}, Ledger(Store()), NOW, heard.append)
    host.post([said], "door")
    host.settle()
    assert heard.said() == told
    assert host.ledger.buried == 1


class Quitter(Stubborn):
    """Tells the world when it has to give something up."""

    def abandon(self, envelope: Envelope[Any], now: Instant) -> Effects:
        yield request("world", Wake(what="given up"), "sorry")


class Hopeless(Stubborn):
    """Cannot even give up."""

    def abandon(self, envelope: Envelope[Any], now: Instant) -> Effects:
        raise RuntimeError("not even that")


def test_an_agent_may_give_up_what_a_dead_letter_was_about(heard: Heard) -> None:
    host = SimulatedHost({"stubborn": Quitter}, Ledger(Store()), NOW, heard.append)
    host.post([request("stubborn", HELLO)], "door")
    host.settle()
    assert heard.said() == [Performative.REQUEST, Performative.FAILURE]


def test_an_agent_that_cannot_even_give_up_stops_nobody(heard: Heard) -> None:
    host = SimulatedHost({"stubborn": Hopeless, "echo": Echo}, Ledger(Store()), NOW, heard.append)
    host.post([request("stubborn", HELLO), request("echo", HELLO, "other")], "door")
    host.settle()
    assert sorted(heard.said()) == [Performative.FAILURE, Performative.INFORM]


def test_the_world_hears_only_what_is_durable(heard: Heard) -> None:
    dispatcher = _dispatcher(heard, Echo)
    envelope = _post(dispatcher, request("echo", HELLO))
    dispatcher.admit(envelope, NOW)
    dispatcher.done(envelope, Echo().handle(envelope, NOW), NOW)
    assert heard == []
    dispatcher.commit(NOW)
    assert heard.said() == [Performative.INFORM]
    assert [row["body"] for row in dispatcher.ledger.store.rows(AgentStateRow)] == ["1"]


def test_the_world_hears_again_what_it_may_not_have_heard_before_a_crash(heard: Heard) -> None:
    store = Store()
    dispatcher = _dispatcher(heard, Echo, store=store)
    envelope = _post(dispatcher, request("echo", HELLO))
    dispatcher.done(envelope, Echo().handle(envelope, NOW), NOW)
    dispatcher.commit(NOW)  # and here the process ends, before it has noted that the world has heard
    assert _dispatcher(heard, Echo, store=store).waiting(NOW) == []
    assert heard.said() == [Performative.INFORM] * 2
