"""What the checker of conversations lets pass, and what it says about the rest."""

import itertools
from collections.abc import Iterable

import pytest

from protocols.conversation import LEGAL, Conversation, Conversations, Verdict
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.interaction import PROTOCOLS, State

DEADLINE = 100
IN_TIME = 50
TOO_LATE = 101

REQUEST = ProtocolName.REQUEST
CONTRACT_NET = ProtocolName.CONTRACT_NET
PROPOSE = ProtocolName.PROPOSE
SUBSCRIBE = ProtocolName.SUBSCRIBE
CANCEL = ProtocolName.CANCEL
TIMER = ProtocolName.TIMER

ONE_TO_ONE = [REQUEST, PROPOSE]
ONE_TO_MANY = [CONTRACT_NET, SUBSCRIBE]

numbers = itertools.count()


def message(
    protocol: ProtocolName, performative: Performative, way: str, reply_by: int | None = None, about: str = "order 1"
) -> Envelope[Content]:
    """A message of the conversation `about`, on its `way` as in "planner > inventory", sent at the instant 0."""
    sender, receiver = way.split(" > ")
    return Envelope[Content](
        id=f"m{next(numbers)}",
        conversation=about,
        protocol=protocol,
        performative=performative,
        sender=sender,
        receiver=receiver,
        sent=0,
        reply_by=reply_by,
        content=Content(),
    )


def first(protocol: ProtocolName, way: str = "planner > inventory", about: str = "order 1") -> Envelope[Content]:
    """The message that begins a conversation of this protocol, with a deadline."""
    ((_, performative),) = PROTOCOLS[protocol].legal(State.START)
    return message(protocol, performative, way, DEADLINE, about)


def request(performative: Performative, way: str = "inventory > planner") -> Envelope[Content]:
    return message(REQUEST, performative, way)


def net(performative: Performative, way: str, reply_by: int | None = None) -> Envelope[Content]:
    return message(CONTRACT_NET, performative, way, reply_by)


def cancel(performative: Performative, way: str) -> Envelope[Content]:
    return message(CANCEL, performative, way)


def check(conversations: Conversations, envelopes: Iterable[Envelope[Content]], now: int = IN_TIME) -> list[Verdict]:
    return [conversations.check(envelope, now) for envelope in envelopes]


def states(conversations: Conversations, about: str = "order 1") -> dict[str, str]:
    conversation = conversations.find(about)
    return dict(conversation.states) if conversation else {}


def test_a_request_may_be_agreed_to_before_its_result() -> None:
    conversations = Conversations()
    verdicts = check(conversations, [first(REQUEST), request(Performative.AGREE), request(Performative.INFORM)])
    assert verdicts == [LEGAL] * 3
    assert conversations.open_count == 0


def test_a_quick_result_needs_no_agreement() -> None:
    conversations = Conversations()
    assert check(conversations, [first(REQUEST), request(Performative.INFORM)]) == [LEGAL] * 2
    assert states(conversations) == {"inventory": "done"}


def test_an_accepted_proposal_ends_with_its_result() -> None:
    conversations = Conversations()
    script = [
        first(CONTRACT_NET),
        net(Performative.PROPOSE, "inventory > planner"),
        net(Performative.ACCEPT_PROPOSAL, "planner > inventory"),
        net(Performative.INFORM, "inventory > planner"),
    ]
    assert check(conversations, script) == [LEGAL] * 4
    assert conversations.open_count == 0


def test_a_subscriber_is_told_until_it_cancels() -> None:
    conversations = Conversations()
    telling = [message(SUBSCRIBE, Performative.INFORM, "inventory > planner") for _ in range(3)]
    agreeing = message(SUBSCRIBE, Performative.AGREE, "inventory > planner")
    ending = [cancel(Performative.CANCEL, "planner > inventory"), cancel(Performative.INFORM, "inventory > planner")]
    assert check(conversations, [first(SUBSCRIBE), agreeing, *telling, *ending]) == [LEGAL] * 7
    assert states(conversations) == {"inventory": "cancelled"}
    assert check(conversations, telling[:1])[0].out_of_sequence


def test_nothing_is_told_to_a_subscriber_before_the_agreement() -> None:
    conversations = Conversations()
    verdicts = check(conversations, [first(SUBSCRIBE), message(SUBSCRIBE, Performative.INFORM, "inventory > planner")])
    assert verdicts[1].out_of_sequence


def test_a_message_out_of_sequence_says_what_came_in_which_state_and_what_would_have_been_legal() -> None:
    conversations = Conversations()
    verdict = check(conversations, [first(CONTRACT_NET), net(Performative.INFORM, "inventory > planner")])[1]
    assert verdict.reason == (
        "inventory said inform (contract-net) to planner: contract-net is in state called; "
        "legal there: refuse by inventory, propose by inventory, not-understood by planner, "
        "not-understood by inventory, cancel (cancel) by planner"
    )
    assert verdict.answer is None


def test_a_message_out_of_sequence_changes_nothing() -> None:
    conversations = Conversations()
    script = [first(REQUEST), request(Performative.PROPOSE), request(Performative.AGREE, "planner > inventory")]
    assert [verdict.legal for verdict in check(conversations, script)] == [True, False, False]
    assert states(conversations) == {"inventory": "requested"}


@pytest.mark.parametrize("protocol", ONE_TO_ONE + ONE_TO_MANY)
def test_only_its_first_performative_opens_a_conversation(protocol: ProtocolName) -> None:
    opening = first(protocol).performative
    for performative in set(Performative) - {opening}:
        conversations = Conversations()
        envelope = message(protocol, performative, "planner > inventory", DEADLINE)
        verdict = conversations.check(envelope, IN_TIME)
        assert verdict.out_of_sequence
        assert f"{opening} by planner" in verdict.reason
        assert conversations.open_count == 0
        assert Conversation.open(envelope).check(envelope, IN_TIME) == verdict


def test_the_first_message_decides_protocol_and_initiator() -> None:
    envelope = first(CONTRACT_NET)
    conversation = Conversation.open(envelope)
    assert not conversation.finished
    assert conversation.check(envelope, IN_TIME).legal
    assert (conversation.protocol.name, conversation.initiator) == (CONTRACT_NET, "planner")
    assert conversation.states == {"inventory": "called"}
    assert not conversation.finished


def test_a_message_of_another_protocol_is_out_of_sequence() -> None:
    conversations = Conversations()
    verdict = check(conversations, [first(REQUEST), message(PROPOSE, Performative.PROPOSE, "planner > inventory")])[1]
    assert verdict.out_of_sequence
    assert "this conversation follows request" in verdict.reason


@pytest.mark.parametrize("protocol", ONE_TO_ONE + ONE_TO_MANY)
def test_strangers_cannot_speak_in_a_conversation(protocol: ProtocolName) -> None:
    conversations = Conversations()
    conversations.check(first(protocol), IN_TIME)
    for way in ["shipping > planner", "shipping > inventory", "inventory > shipping", "inventory > inventory"]:
        for performative in Performative:
            assert conversations.check(message(protocol, performative, way, DEADLINE), IN_TIME).out_of_sequence
    assert list(states(conversations)) == ["inventory"]


def test_nobody_converses_with_itself() -> None:
    assert Conversations().check(first(REQUEST, "planner > planner"), IN_TIME).out_of_sequence


@pytest.mark.parametrize("way", ["planner > planner", "inventory > inventory", "planner > inventory"])
def test_timers_always_pass_and_are_no_conversation(way: str) -> None:
    conversations = Conversations()
    timer = message(TIMER, Performative.INFORM, way)
    assert conversations.check(timer, IN_TIME).legal
    assert conversations.open_count == 0
    check(conversations, [first(REQUEST), timer, request(Performative.INFORM)])
    assert conversations.check(timer, IN_TIME).legal
    assert Conversation.open(timer).check(timer, IN_TIME).legal
    assert states(conversations) == {"inventory": "done"}


@pytest.mark.parametrize("protocol", ONE_TO_ONE + ONE_TO_MANY)
@pytest.mark.parametrize("way", ["planner > inventory", "inventory > planner"])
def test_not_understood_ends_a_conversation_from_either_side(protocol: ProtocolName, way: str) -> None:
    conversations = Conversations()
    script = [first(protocol), cancel(Performative.CANCEL, "planner > inventory")]
    check(conversations, script)
    assert conversations.check(message(protocol, Performative.NOT_UNDERSTOOD, way), IN_TIME).legal
    assert states(conversations) == {"inventory": "not-understood"}
    assert conversations.open_count == 0


def test_a_proposal_at_the_deadline_is_in_time() -> None:
    conversations = Conversations()
    script = [first(CONTRACT_NET), net(Performative.PROPOSE, "inventory > planner")]
    assert check(conversations, script, DEADLINE) == [LEGAL] * 2


def test_a_late_proposal_is_to_be_rejected_and_its_rejection_is_legal() -> None:
    conversations = Conversations()
    check(conversations, [first(CONTRACT_NET)])
    verdict = conversations.check(net(Performative.PROPOSE, "inventory > planner"), TOO_LATE)
    assert verdict.late
    assert not verdict.legal
    assert verdict.answer == Performative.REJECT_PROPOSAL
    assert verdict.reason == "inventory said propose at 101, after the deadline 100"
    assert conversations.open_count == 1
    assert conversations.check(net(Performative.REJECT_PROPOSAL, "planner > inventory"), TOO_LATE).legal
    assert conversations.open_count == 0


def test_silence_past_the_deadline_excludes_and_finishes() -> None:
    conversations = Conversations()
    check(conversations, [first(CONTRACT_NET), first(CONTRACT_NET, "planner > shipping")])
    check(conversations, [net(Performative.REFUSE, "shipping > planner")])
    conversations.lapse(DEADLINE)
    assert conversations.open_count == 1
    conversations.check(first(REQUEST, about="order 2"), TOO_LATE)
    assert conversations.find("order 2") is not None
    assert conversations.open_count == 1, "only order 2"


def test_a_call_for_proposals_without_a_deadline_is_out_of_sequence() -> None:
    conversations = Conversations()
    verdict = conversations.check(net(Performative.CFP, "planner > inventory"), IN_TIME)
    assert verdict.out_of_sequence
    assert "reply_by" in verdict.reason
    assert conversations.open_count == 0


def test_a_further_call_without_a_deadline_addresses_nobody() -> None:
    conversations = Conversations()
    script = [first(CONTRACT_NET), net(Performative.CFP, "planner > shipping")]
    assert check(conversations, script)[1].out_of_sequence
    assert states(conversations) == {"inventory": "called"}


def test_silence_in_a_later_round_finishes_at_the_deadline_of_that_round() -> None:
    conversations = Conversations()
    again = net(Performative.CFP, "planner > inventory", reply_by=200)
    check(conversations, [first(CONTRACT_NET), net(Performative.PROPOSE, "inventory > planner"), again])
    conversations.lapse(now=200)
    assert conversations.open_count == 1
    conversations.lapse(now=201)
    assert conversations.open_count == 0


@pytest.mark.parametrize("decision", [Performative.ACCEPT_PROPOSAL, Performative.REJECT_PROPOSAL])
def test_a_decision_after_the_deadline_of_an_offer_is_late(decision: Performative) -> None:
    conversations = Conversations()
    conversations.check(first(PROPOSE), IN_TIME)
    verdict = conversations.check(message(PROPOSE, decision, "inventory > planner"), TOO_LATE)
    assert verdict.late
    assert verdict.answer is None
    assert conversations.open_count == 0


def test_a_request_is_agreed_to_late_but_its_result_is_never_late() -> None:
    conversations = Conversations()
    conversations.check(first(REQUEST), IN_TIME)
    assert conversations.open_count == 1
    assert conversations.check(request(Performative.AGREE), TOO_LATE).late
    assert conversations.check(request(Performative.INFORM), TOO_LATE).legal


def test_each_responder_has_a_state_of_its_own() -> None:
    conversations = Conversations()
    script = [first(CONTRACT_NET, f"planner > {name}") for name in ("inventory", "purchasing", "shipping")]
    script += [net(Performative.PROPOSE, "purchasing > planner"), net(Performative.REFUSE, "shipping > planner")]
    assert check(conversations, script) == [LEGAL] * 5
    assert states(conversations) == {"inventory": "called", "purchasing": "proposed", "shipping": "refused"}
    assert check(conversations, [net(Performative.ACCEPT_PROPOSAL, "planner > inventory")])[0].out_of_sequence


def test_some_are_accepted_some_rejected_and_some_asked_again() -> None:
    conversations = Conversations()
    names = ["inventory", "purchasing", "shipping"]
    check(conversations, [first(CONTRACT_NET, f"planner > {name}") for name in names])
    check(conversations, [net(Performative.PROPOSE, f"{name} > planner") for name in names])
    second_round = [
        net(Performative.ACCEPT_PROPOSAL, "planner > inventory"),
        net(Performative.REJECT_PROPOSAL, "planner > purchasing"),
        net(Performative.CFP, "planner > shipping", reply_by=200),
    ]
    assert check(conversations, second_round) == [LEGAL] * 3
    answers = [net(Performative.INFORM, "inventory > planner"), net(Performative.PROPOSE, "shipping > planner")]
    assert check(conversations, answers, now=150) == [LEGAL] * 2, "the second round has a deadline of its own"
    assert states(conversations) == {"inventory": "done", "purchasing": "rejected", "shipping": "proposed"}


@pytest.mark.parametrize("protocol", ONE_TO_MANY)
def test_a_responder_may_be_addressed_after_the_others_have_ended(protocol: ProtocolName) -> None:
    conversations = Conversations()
    check(conversations, [first(protocol), message(protocol, Performative.REFUSE, "inventory > planner")])
    assert conversations.open_count == 0
    assert conversations.check(first(protocol, "planner > shipping"), IN_TIME).legal
    assert conversations.open_count == 1


@pytest.mark.parametrize("protocol", ONE_TO_ONE)
def test_a_second_responder_is_out_of_sequence_in_a_conversation_of_two(protocol: ProtocolName) -> None:
    conversations = Conversations()
    verdict = check(conversations, [first(protocol), first(protocol, "planner > shipping")])[1]
    assert verdict.out_of_sequence
    assert "one responder, here inventory" in verdict.reason


def test_a_call_to_one_may_be_cancelled_while_the_others_go_on() -> None:
    conversations = Conversations()
    check(conversations, [first(CONTRACT_NET), first(CONTRACT_NET, "planner > shipping")])
    script = [cancel(Performative.CANCEL, "planner > shipping"), cancel(Performative.INFORM, "shipping > planner")]
    assert check(conversations, script) == [LEGAL] * 2
    assert states(conversations) == {"inventory": "called", "shipping": "cancelled"}
    assert conversations.open_count == 1


@pytest.mark.parametrize("protocol", ONE_TO_ONE + ONE_TO_MANY)
def test_only_the_initiator_cancels(protocol: ProtocolName) -> None:
    conversations = Conversations()
    verdicts = check(conversations, [first(protocol), cancel(Performative.CANCEL, "inventory > planner")])
    assert verdicts[1].out_of_sequence


def test_there_is_nothing_to_cancel_before_a_conversation_or_after_its_end() -> None:
    conversations = Conversations()
    script = [cancel(Performative.CANCEL, "planner > inventory"), first(REQUEST), request(Performative.INFORM)]
    before, *_, after = check(conversations, [*script, script[0]])
    assert before.out_of_sequence
    assert after.out_of_sequence
    assert conversations.open_count == 0


def test_after_a_failed_cancellation_the_conversation_goes_on() -> None:
    conversations = Conversations()
    asking = cancel(Performative.CANCEL, "planner > inventory")
    check(conversations, [first(REQUEST), asking])
    assert states(conversations) == {"inventory": "requested (being cancelled)"}
    assert check(conversations, [asking])[0].out_of_sequence
    assert check(conversations, [cancel(Performative.FAILURE, "inventory > planner"), asking]) == [LEGAL] * 2


def test_a_result_may_cross_the_cancellation_which_is_then_still_answered() -> None:
    conversations = Conversations()
    script = [first(REQUEST), cancel(Performative.CANCEL, "planner > inventory"), request(Performative.INFORM)]
    assert check(conversations, script) == [LEGAL] * 3
    assert conversations.open_count == 1
    assert check(conversations, [cancel(Performative.FAILURE, "inventory > planner")]) == [LEGAL]
    assert states(conversations) == {"inventory": "done"}
    assert conversations.open_count == 0


def test_after_the_end_everything_is_out_of_sequence() -> None:
    conversations = Conversations()
    check(conversations, [first(REQUEST), request(Performative.REFUSE)])
    for protocol, performative, way in itertools.product(
        [REQUEST, PROPOSE, CANCEL], Performative, ["planner > inventory", "inventory > planner", "planner > shipping"]
    ):
        assert conversations.check(message(protocol, performative, way), IN_TIME).out_of_sequence
    assert "nothing more is said there" in conversations.check(request(Performative.INFORM), IN_TIME).reason


def test_the_oldest_of_the_finished_conversations_are_forgotten() -> None:
    conversations = Conversations(remembered=2)
    for about in ["a", "b", "c"]:
        refusal = message(REQUEST, Performative.REFUSE, "inventory > planner", about=about)
        check(conversations, [first(REQUEST, about=about), refusal])
    assert [about for about in "abc" if conversations.find(about)] == ["b", "c"]
    late = message(REQUEST, Performative.INFORM, "inventory > planner", about="a")
    assert conversations.check(late, IN_TIME).out_of_sequence, "forgotten, but it opens nothing"
    assert conversations.check(first(REQUEST, about="b"), IN_TIME).out_of_sequence
    assert conversations.check(first(REQUEST, about="a"), IN_TIME).legal


def test_a_conversation_taken_up_again_counts_as_finished_last() -> None:
    conversations = Conversations(remembered=2)
    for about, name in [("a", "inventory"), ("b", "inventory"), ("a", "shipping"), ("c", "inventory")]:
        refusal = message(CONTRACT_NET, Performative.REFUSE, f"{name} > planner", about=about)
        assert check(conversations, [first(CONTRACT_NET, f"planner > {name}", about), refusal]) == [LEGAL] * 2
    assert [about for about in "abc" if conversations.find(about)] == ["a", "c"]
