"""Random walks through the tables: whatever they allow is accepted, whatever they do not changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.conversation import Conversation, Conversations
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.interaction import CANCEL, PROTOCOLS, InteractionProtocol, Role, State

NEVER = 10**10
"""A deadline far after every walk."""

Speech = tuple[ProtocolName, Role, Performative]

EVERY_SPEECH: list[Speech] = [
    (protocol, role, performative) for protocol in PROTOCOLS for role in Role for performative in Performative
]

protocols = st.sampled_from([protocol for name, protocol in PROTOCOLS.items() if name != ProtocolName.CANCEL])


@dataclass
class Walker:
    """One responder's way through a table and the cancellation beside it, kept apart from the checker's own."""

    protocol: InteractionProtocol
    name: str
    state: State = State.START
    cancellation: State = State.START

    @property
    def ended(self) -> bool:
        """Whether nothing more may be said."""
        return self.protocol.is_final(self.state) and self.cancellation == State.START

    def legal(self) -> list[Speech]:
        """Everything that may be said next."""
        own = [(self.protocol.name, *speech) for speech in self.protocol.legal(self.state)]
        begun = self.state != State.START
        if self.cancellation == State.CANCELLING or (begun and not self.protocol.is_final(self.state)):
            own += [(ProtocolName.CANCEL, *speech) for speech in CANCEL.legal(self.cancellation)]
        return own

    def take(self, speech: Speech) -> None:
        """Go on to the state that this leads to."""
        name, role, performative = speech
        if name == self.protocol.name:
            row = self.protocol.step(self.state, role, performative)
            assert row is not None
            self.state = row.to
        else:
            row = CANCEL.step(self.cancellation, role, performative)
            assert row is not None
            self.cancellation = State.CANCELLING if row.to == State.CANCELLING else State.START
            self.state = row.to if row.to in (State.CANCELLED, State.NOT_UNDERSTOOD) else self.state
        if self.state == State.NOT_UNDERSTOOD:
            self.cancellation = State.START

    def ending(self) -> Speech:
        """A legal speech that ends the conversation, or its cancellation, without resorting to not-understood."""
        for name, role, performative in self.legal():
            row = PROTOCOLS[name].step(
                self.state if name == self.protocol.name else self.cancellation, role, performative
            )
            if row and PROTOCOLS[name].is_final(row.to) and performative != Performative.NOT_UNDERSTOOD:
                return name, role, performative
        raise AssertionError(f"no way out of {self.state}")


@dataclass
class Walk:
    """A conversation with its walkers, and the messages said so far."""

    protocol: InteractionProtocol
    about: str
    walkers: list[Walker]
    said: list[Envelope[Content]] = field(default_factory=list)

    def say(self, walker: Walker, speech: Speech) -> Envelope[Content]:
        """The message that says this between the initiator and the walker, at the instant of its number."""
        protocol, role, performative = speech
        ways = {Role.INITIATOR: ("planner", walker.name), Role.RESPONDER: (walker.name, "planner")}
        sender, receiver = ways[role]
        envelope = Envelope[Content](
            id=f"{self.about}-{len(self.said)}",
            conversation=self.about,
            protocol=protocol,
            performative=performative,
            sender=sender,
            receiver=receiver,
            sent=len(self.said),
            reply_by=NEVER,
            content=Content(),
        )
        self.said.append(envelope)
        return envelope


@st.composite
def walks(draw: st.DrawFn, about: str = "order 1") -> Walk:
    protocol = draw(protocols)
    count = draw(st.integers(1, 3)) if protocol.one_to_many else 1
    return Walk(protocol, about, [Walker(protocol, f"agent {number}") for number in range(count)])


def legal_steps(data: st.DataObject, walk: Walk, most: int = 12) -> Iterator[tuple[Walker, Speech]]:
    """At most so many legal steps at random, then whatever ends the conversation with everyone addressed."""
    for _ in range(data.draw(st.integers(1, most), label="steps")):
        going_on = [walker for walker in walk.walkers if not walker.ended]
        if not going_on:
            return
        walker = data.draw(st.sampled_from(going_on), label="responder")
        legal = walker.legal()
        understood = [speech for speech in legal if speech[2] != Performative.NOT_UNDERSTOOD]
        yield walker, data.draw(st.sampled_from(understood) | st.sampled_from(legal), label="speech")
    for walker in walk.walkers:
        while not walker.ended and walker.state != State.START:
            yield walker, walker.ending()


@settings(max_examples=80, deadline=None)
@given(walk=walks(), data=st.data())
def test_a_legal_walk_is_always_accepted_and_ends_finished(walk: Walk, data: st.DataObject) -> None:
    conversations = Conversations()
    for walker, speech in legal_steps(data, walk):
        envelope = walk.say(walker, speech)
        assert conversations.check(envelope, envelope.sent).legal
        walker.take(speech)
    conversation = conversations.find(walk.about)
    assert conversation is not None
    assert conversation.finished
    assert conversations.open_count == 0


@settings(max_examples=40, deadline=None)
@given(walk=walks(), data=st.data())
def test_whatever_else_is_said_at_any_step_is_a_verdict_and_changes_nothing(walk: Walk, data: st.DataObject) -> None:
    conversation: Conversation | None = None
    for walker, speech in legal_steps(data, walk, most=6):
        envelope = walk.say(walker, speech)
        conversation = conversation or Conversation.open(envelope)
        for other in walk.walkers:
            assert_nothing_else_is_legal(conversation, walk, other)
        assert conversation.check(envelope, 0).legal
        walker.take(speech)
    assert conversation is not None
    assert conversation.finished


def assert_nothing_else_is_legal(conversation: Conversation, walk: Walk, walker: Walker) -> None:
    before = dict(conversation.states), conversation.finished
    for speech in EVERY_SPEECH:
        if speech not in walker.legal():
            verdict = conversation.check(walk.say(walker, speech), 0)
            assert verdict.out_of_sequence
            assert verdict.reason
            assert (dict(conversation.states), conversation.finished) == before


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_registry_rebuilt_from_stored_messages_equals_the_one_that_lived(data: st.DataObject) -> None:
    live, stored, now = Conversations(), list[Envelope[Content]](), 0
    running = [data.draw(walks(about=f"order {number}")) for number in range(3)]
    for _ in range(data.draw(st.integers(1, 25), label="messages")):
        walk = data.draw(st.sampled_from(running), label="conversation")
        walker = data.draw(st.sampled_from(walk.walkers), label="responder")
        speech = data.draw(st.sampled_from(walker.legal() or EVERY_SPEECH) | st.sampled_from(EVERY_SPEECH))
        now += data.draw(st.integers(0, 5), label="delay")
        envelope = walk.say(walker, speech).model_copy(update={"sent": now, "reply_by": now + 3})
        verdict = live.check(envelope, now + data.draw(st.integers(0, 5), label="delivered after"))
        if not verdict.out_of_sequence and speech in walker.legal():
            walker.take(speech)
        stored.append(envelope)
    rebuilt = Conversations.replay(stored)
    for conversations in (live, rebuilt):
        conversations.lapse(now + 10)
    assert rebuilt.open_count == live.open_count
    for walk in running:
        one, other = live.find(walk.about), rebuilt.find(walk.about)
        assert (one and (dict(one.states), one.finished)) == (other and (dict(other.states), other.finished))
