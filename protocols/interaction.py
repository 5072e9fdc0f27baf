"""FIPA interaction protocols as transition tables: pure data, and the questions that can be asked of it.

The checker of conversations, the diagrams of the documentation and the generated tests all read these tables,
so there is one place to change when a protocol changes. Two rules hold in every table and are not repeated in
its rows: *not-understood* may be said by either side once the conversation has begun and ends it, and the
initiator may *cancel* it (a table of its own) as long as it has not ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from protocols.envelope import Performative, ProtocolName


class Role(StrEnum):
    """Who speaks: the one who began the conversation, or the one who was addressed."""

    INITIATOR = "initiator"
    RESPONDER = "responder"


class State(StrEnum):
    """Where a conversation stands between its initiator and one responder. Not every table uses every state."""

    START = "start"
    REQUESTED = "requested"
    AGREED = "agreed"
    CALLED = "called"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    SUBSCRIBED = "subscribed"
    CANCELLING = "cancelling"
    REFUSED = "refused"
    REJECTED = "rejected"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_UNDERSTOOD = "not-understood"


class ReplyBy(StrEnum):
    """What a message's `reply_by` means: nothing, a deadline if there is one, or a deadline that must be there."""

    IGNORED = "ignored"
    OPTIONAL = "optional"
    REQUIRED = "required"


ENDS_EVERYWHERE: Final = frozenset({State.CANCELLED, State.NOT_UNDERSTOOD})
"""States that end a conversation of any protocol, though no row of its table leads there."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: in `state`, `speaker` may say `performative`, which leads to the state `to`.

    `reply_by` says whether the message sets a deadline for its answer. The last instant at which the answer is
    in time is the deadline itself. With `silence_ends`, silence past it ends the conversation with this responder.
    A `timed` row is an answer which is late after that deadline, and `late_answer` what a late one is answered with.
    An answer that is not timed is a fact (a result, say), which holds whenever it comes.
    """

    state: State
    speaker: Role
    performative: Performative
    to: State
    reply_by: ReplyBy = ReplyBy.IGNORED
    silence_ends: bool = False
    timed: bool = False
    late_answer: Performative | None = None


@dataclass(frozen=True)
class InteractionProtocol:
    """A protocol as a table. `one_to_many` lets the initiator address several responders in one conversation.

    Each responder then has a state of its own. `source` is the document that defines the protocol.
    """

    name: ProtocolName
    title: str
    source: str
    final: frozenset[State]
    transitions: tuple[Transition, ...]
    initial: State = State.START
    one_to_many: bool = False

    @cached_property
    def states(self) -> tuple[State, ...]:
        """Every state that a row names, the initial one first, otherwise in the order of the rows."""
        named = [self.initial]
        for row in self.transitions:
            named += [row.state, row.to]
        return tuple(dict.fromkeys(named))

    @cached_property
    def rows(self) -> Mapping[tuple[State, Role, Performative], Transition]:
        """Every legal step by what it depends on, *not-understood* included."""
        begun = [state for state in self.states if state != self.initial and not self.is_final(state)]
        anywhere = [
            Transition(state, role, Performative.NOT_UNDERSTOOD, State.NOT_UNDERSTOOD)
            for state in begun
            for role in Role
        ]
        return {(row.state, row.speaker, row.performative): row for row in (*self.transitions, *anywhere)}

    def step(self, state: State, speaker: Role, performative: Performative) -> Transition | None:
        """The row for this speaker saying this in this state; none when that is out of sequence."""
        return self.rows.get((state, speaker, performative))

    def legal(self, state: State) -> tuple[tuple[Role, Performative], ...]:
        """Who may say what in this state, in the order of the table; nothing in a final one."""
        return tuple((speaker, performative) for at, speaker, performative in self.rows if at == state)

    def is_final(self, state: State) -> bool:
        """Whether nothing more is said in this state."""
        return state in self.final or state in ENDS_EVERYWHERE

    @cached_property
    def deadlines(self) -> tuple[Transition, ...]:
        """The rows whose message expects its answer by a deadline, always or when it carries one."""
        return tuple(row for row in self.transitions if row.reply_by != ReplyBy.IGNORED)


def _by_initiator(
    state: State,
    performative: Performative,
    to: State,
    *,
    reply_by: ReplyBy = ReplyBy.IGNORED,
    silence_ends: bool = False,
    timed: bool = False,
) -> Transition:
    return Transition(state, Role.INITIATOR, performative, to, reply_by, silence_ends, timed)


def _by_responder(
    state: State,
    performative: Performative,
    to: State,
    *,
    timed: bool = False,
    late_answer: Performative | None = None,
) -> Transition:
    return Transition(state, Role.RESPONDER, performative, to, timed=timed, late_answer=late_answer)


REQUEST: Final = InteractionProtocol(
    name=ProtocolName.REQUEST,
    title="Request",
    source="FIPA SC00026H",
    final=frozenset({State.REFUSED, State.DONE, State.FAILED}),
    transitions=(
        _by_initiator(State.START, Performative.REQUEST, State.REQUESTED, reply_by=ReplyBy.OPTIONAL),
        _by_responder(State.REQUESTED, Performative.REFUSE, State.REFUSED, timed=True),
        _by_responder(State.REQUESTED, Performative.AGREE, State.AGREED, timed=True),
        _by_responder(State.REQUESTED, Performative.INFORM, State.DONE),
        _by_responder(State.REQUESTED, Performative.FAILURE, State.FAILED),
        _by_responder(State.AGREED, Performative.INFORM, State.DONE),
        _by_responder(State.AGREED, Performative.FAILURE, State.FAILED),
    ),
)
"""Ask for something to be done. A quick answer may skip the *agree*."""

CONTRACT_NET: Final = InteractionProtocol(
    name=ProtocolName.CONTRACT_NET,
    title="Contract net, iterated",
    source="FIPA SC00029H, iterated as in FIPA SC00030H",
    final=frozenset({State.REFUSED, State.REJECTED, State.DONE, State.FAILED}),
    one_to_many=True,
    transitions=(
        _by_initiator(State.START, Performative.CFP, State.CALLED, reply_by=ReplyBy.REQUIRED, silence_ends=True),
        _by_responder(State.CALLED, Performative.REFUSE, State.REFUSED, timed=True),
        _by_responder(
            State.CALLED,
            Performative.PROPOSE,
            State.PROPOSED,
            timed=True,
            late_answer=Performative.REJECT_PROPOSAL,
        ),
        _by_initiator(State.PROPOSED, Performative.REJECT_PROPOSAL, State.REJECTED),
        _by_initiator(State.PROPOSED, Performative.ACCEPT_PROPOSAL, State.ACCEPTED),
        _by_initiator(State.PROPOSED, Performative.CFP, State.CALLED, reply_by=ReplyBy.REQUIRED, silence_ends=True),
        _by_responder(State.ACCEPTED, Performative.INFORM, State.DONE),
        _by_responder(State.ACCEPTED, Performative.FAILURE, State.FAILED),
    ),
)
"""Call several for proposals, in rounds, and accept some. Silence past the deadline excludes."""

PROPOSE: Final = InteractionProtocol(
    name=ProtocolName.PROPOSE,
    title="Propose",
    source="FIPA SC00036H",
    final=frozenset({State.ACCEPTED, State.REJECTED}),
    transitions=(
        _by_initiator(State.START, Performative.PROPOSE, State.PROPOSED, reply_by=ReplyBy.OPTIONAL, silence_ends=True),
        _by_responder(State.PROPOSED, Performative.ACCEPT_PROPOSAL, State.ACCEPTED, timed=True),
        _by_responder(State.PROPOSED, Performative.REJECT_PROPOSAL, State.REJECTED, timed=True),
    ),
)
"""Offer to do something if the other accepts. Silence past the deadline is an outcome, too."""

SUBSCRIBE: Final = InteractionProtocol(
    name=ProtocolName.SUBSCRIBE,
    title="Subscribe",
    source="FIPA SC00035H",
    final=frozenset({State.REFUSED, State.FAILED}),
    one_to_many=True,
    transitions=(
        _by_initiator(State.START, Performative.SUBSCRIBE, State.SUBSCRIBED, reply_by=ReplyBy.OPTIONAL),
        _by_responder(State.SUBSCRIBED, Performative.REFUSE, State.REFUSED, timed=True),
        _by_responder(State.SUBSCRIBED, Performative.AGREE, State.AGREED, timed=True),
        _by_responder(State.AGREED, Performative.INFORM, State.AGREED),
        _by_responder(State.AGREED, Performative.FAILURE, State.FAILED),
    ),
)
"""Ask to be told of every change, until cancelled. Nothing is told before the *agree*."""

CANCEL: Final = InteractionProtocol(
    name=ProtocolName.CANCEL,
    title="Cancel (meta-protocol)",
    source="FIPA SC00026H, and alike in the other protocols",
    final=frozenset({State.CANCELLED, State.FAILED}),
    transitions=(
        _by_initiator(State.START, Performative.CANCEL, State.CANCELLING),
        _by_responder(State.CANCELLING, Performative.INFORM, State.CANCELLED),
        _by_responder(State.CANCELLING, Performative.FAILURE, State.FAILED),
    ),
)
"""End another conversation, within which it runs. After a *failure* that one goes on as if nothing had been said."""

INFORM: Final = InteractionProtocol(
    name=ProtocolName.INFORM,
    title="Inform",
    source="FIPA SC00037J, the act by itself",
    final=frozenset({State.DONE}),
    transitions=(_by_initiator(State.START, Performative.INFORM, State.DONE),),
)
"""Tell something once, and expect nothing: a notice to a person."""

QUERY: Final = InteractionProtocol(
    name=ProtocolName.QUERY,
    title="Query",
    source="FIPA SC00027H",
    final=frozenset({State.REFUSED, State.DONE, State.FAILED}),
    transitions=(
        _by_initiator(State.START, Performative.QUERY_REF, State.REQUESTED),
        _by_responder(State.REQUESTED, Performative.REFUSE, State.REFUSED),
        _by_responder(State.REQUESTED, Performative.INFORM, State.DONE),
        _by_responder(State.REQUESTED, Performative.FAILURE, State.FAILED),
    ),
)
"""Ask what is, or would be. Nothing changes for it and nothing is kept of it, so it may as well be lost."""

PROTOCOLS: Final[Mapping[ProtocolName, InteractionProtocol]] = {
    protocol.name: protocol for protocol in (REQUEST, CONTRACT_NET, PROPOSE, SUBSCRIBE, CANCEL, INFORM, QUERY)
}
"""Every table by its name. Timers are messages to oneself, not conversations, and have none."""
