"""The tables of the interaction protocols are sound, and say what FIPA says."""

from collections.abc import Collection

import pytest

from protocols.envelope import Performative, ProtocolName
from protocols.interaction import (
    CANCEL,
    CONTRACT_NET,
    ENDS_EVERYWHERE,
    PROPOSE,
    PROTOCOLS,
    REQUEST,
    SUBSCRIBE,
    InteractionProtocol,
    ReplyBy,
    Role,
    State,
)

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=lambda protocol: protocol.name)


def reachable(protocol: InteractionProtocol, start: State) -> set[State]:
    """Every state that some sequence of the table's own rows leads to, `start` included."""
    found, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        steps = {row.to for row in protocol.transitions if row.state == state}
        waiting += steps - found
        found |= steps
    return found


def said(protocol: InteractionProtocol, state: State, role: Role) -> Collection[Performative]:
    """What this role may say, *not-understood* aside."""
    legal = {performative for speaker, performative in protocol.legal(state) if speaker == role}
    return legal - {Performative.NOT_UNDERSTOOD}


def test_every_protocol_but_the_timer_has_a_table() -> None:
    assert set(PROTOCOLS) == set(ProtocolName) - {ProtocolName.TIMER}


@every_protocol
def test_every_state_can_be_reached(protocol: InteractionProtocol) -> None:
    assert reachable(protocol, protocol.initial) == set(protocol.states)


@every_protocol
def test_every_final_state_is_named_by_a_row(protocol: InteractionProtocol) -> None:
    assert protocol.final <= set(protocol.states)


@every_protocol
def test_every_state_that_is_not_final_has_a_way_to_a_final_one(protocol: InteractionProtocol) -> None:
    for state in protocol.states:
        assert any(protocol.is_final(to) for to in reachable(protocol, state)), state


@every_protocol
def test_no_row_stands_twice(protocol: InteractionProtocol) -> None:
    keys = [(row.state, row.speaker, row.performative) for row in protocol.transitions]
    assert len(keys) == len(set(keys))


@every_protocol
def test_nothing_is_legal_in_a_final_state(protocol: InteractionProtocol) -> None:
    for state in (*protocol.final, *ENDS_EVERYWHERE):
        assert protocol.is_final(state)
        assert protocol.legal(state) == ()


@every_protocol
def test_only_the_initiator_begins(protocol: InteractionProtocol) -> None:
    assert said(protocol, protocol.initial, Role.RESPONDER) == set()
    assert len(said(protocol, protocol.initial, Role.INITIATOR)) == 1


@every_protocol
def test_not_understood_is_legal_from_either_side_once_it_has_begun(protocol: InteractionProtocol) -> None:
    for state in protocol.states:
        for role in Role:
            row = protocol.step(state, role, Performative.NOT_UNDERSTOOD)
            if state == protocol.initial or protocol.is_final(state):
                assert row is None
            else:
                assert row is not None
                assert row.to == State.NOT_UNDERSTOOD


@every_protocol
def test_what_is_legal_is_what_has_a_step(protocol: InteractionProtocol) -> None:
    for state in State:
        for role in Role:
            for performative in Performative:
                has_step = protocol.step(state, role, performative) is not None
                assert has_step == ((role, performative) in protocol.legal(state))


@every_protocol
def test_an_answer_is_timed_exactly_where_a_deadline_was_set(protocol: InteractionProtocol) -> None:
    awaiting = {row.to for row in protocol.deadlines}
    assert {row.state for row in protocol.transitions if row.timed} == awaiting
    for row in protocol.transitions:
        if row.to in awaiting:
            assert row in protocol.deadlines, "every way into a state that awaits an answer sets the deadline"


@every_protocol
def test_a_late_answer_is_answered_with_what_the_table_allows_next(protocol: InteractionProtocol) -> None:
    for row in protocol.transitions:
        if row.late_answer is not None:
            assert row.timed
            assert protocol.step(row.to, Role.INITIATOR, row.late_answer) is not None


def test_silence_ends_only_what_has_a_deadline() -> None:
    ending = {protocol.name for protocol in PROTOCOLS.values() for row in protocol.transitions if row.silence_ends}
    assert ending == {ProtocolName.CONTRACT_NET, ProtocolName.PROPOSE}
    for protocol in PROTOCOLS.values():
        assert all(row in protocol.deadlines for row in protocol.transitions if row.silence_ends)


def test_a_request_is_refused_agreed_or_answered_at_once() -> None:
    assert said(REQUEST, State.REQUESTED, Role.RESPONDER) == {
        Performative.REFUSE,
        Performative.AGREE,
        Performative.INFORM,
        Performative.FAILURE,
    }
    assert said(REQUEST, State.AGREED, Role.RESPONDER) == {Performative.INFORM, Performative.FAILURE}
    assert said(REQUEST, State.REQUESTED, Role.INITIATOR) == set()


def test_every_call_for_proposals_carries_a_deadline_and_one_may_call_again() -> None:
    calls = [row for row in CONTRACT_NET.transitions if row.performative == Performative.CFP]
    assert [row.state for row in calls] == [State.START, State.PROPOSED]
    assert all(row.reply_by == ReplyBy.REQUIRED and row.silence_ends for row in calls)


def test_a_late_proposal_is_rejected() -> None:
    proposing = CONTRACT_NET.step(State.CALLED, Role.RESPONDER, Performative.PROPOSE)
    assert proposing is not None
    assert proposing.timed
    assert proposing.late_answer == Performative.REJECT_PROPOSAL


def test_only_an_accepted_proposal_has_a_result() -> None:
    informing = {row.state for row in CONTRACT_NET.transitions if row.performative == Performative.INFORM}
    assert informing == {State.ACCEPTED}


def test_an_offer_is_accepted_or_rejected() -> None:
    assert said(PROPOSE, State.PROPOSED, Role.RESPONDER) == {
        Performative.ACCEPT_PROPOSAL,
        Performative.REJECT_PROPOSAL,
    }


def test_a_subscriber_is_told_nothing_before_the_agreement_and_any_number_of_times_after() -> None:
    assert said(SUBSCRIBE, State.SUBSCRIBED, Role.RESPONDER) == {Performative.REFUSE, Performative.AGREE}
    telling = SUBSCRIBE.step(State.AGREED, Role.RESPONDER, Performative.INFORM)
    assert telling is not None
    assert telling.to == State.AGREED


def test_a_cancellation_is_done_or_fails() -> None:
    assert said(CANCEL, State.CANCELLING, Role.RESPONDER) == {Performative.INFORM, Performative.FAILURE}


def test_calls_for_proposals_and_subscriptions_have_several_responders() -> None:
    several = {protocol.name for protocol in PROTOCOLS.values() if protocol.one_to_many}
    assert several == {ProtocolName.CONTRACT_NET, ProtocolName.SUBSCRIBE}
