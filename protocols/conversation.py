"""The checker: what may be said next in a conversation, decided from the tables of `protocols.interaction`.

A host asks at the delivery of every message. The answer is a value, never an exception: the message is legal, out
of sequence, or late. Nothing here is thread-safe: a host checks from one thread, or takes turns.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.interaction import CANCEL, PROTOCOLS, InteractionProtocol, ReplyBy, Role, State, Transition

FINISHED_REMEMBERED: Final = 10_000
"""How many finished conversations a registry remembers by default."""


class Ruling(StrEnum):
    """What the checker found."""

    LEGAL = "legal"
    OUT_OF_SEQUENCE = "out-of-sequence"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checker's answer about one message.

    `reason` is a sentence for people, empty for a legal message. A message out of sequence has changed nothing. A late
    one has been noted in the conversation, so that it can be answered, but is not to be acted on: whoever set the
    deadline has taken silence for the answer. `answer` is what the host says to its sender, if anything.
    """

    ruling: Ruling
    reason: str = ""
    answer: Performative | None = None

    @property
    def legal(self) -> bool:
        """Whether the message is to be handed to its receiver."""
        return self.ruling is Ruling.LEGAL

    @property
    def late(self) -> bool:
        """Whether the message answers after the deadline that it was given."""
        return self.ruling is Ruling.LATE

    @property
    def out_of_sequence(self) -> bool:
        """Whether the message may not be said here at all."""
        return self.ruling is Ruling.OUT_OF_SEQUENCE


LEGAL: Final = Verdict(Ruling.LEGAL)


def _out_of_sequence(envelope: Envelope[Content], why: str) -> Verdict:
    said = f"{envelope.sender} said {envelope.performative} ({envelope.protocol}) to {envelope.receiver}"
    return Verdict(Ruling.OUT_OF_SEQUENCE, f"{said}: {why}")


class _Party:
    """One responder: its state, that of a cancellation under way, and the deadline of the answer awaited."""

    __slots__ = ("cancellation", "over", "reply_by", "silence_ends", "state")

    def __init__(self, initial: State) -> None:
        self.state = initial
        self.cancellation = State.START
        self.reply_by: int | None = None
        self.silence_ends = False
        self.over = True  # until its first message has been found legal

    @property
    def cancelling(self) -> bool:
        return self.cancellation is not State.START

    def overdue(self, now: int) -> bool:
        """Whether the deadline of the answer awaited has passed."""
        return self.reply_by is not None and now > self.reply_by

    def describe(self) -> str:
        return f"{self.state} (being cancelled)" if self.cancelling else str(self.state)


class Conversation:
    """One conversation: its initiator, and the state of each responder.

    A conversation with several responders is finished when it is for each of those addressed so far; addressing
    another one (the second call for proposals may well be delivered after the first refusal) takes it up again.
    """

    __slots__ = ("_going_on", "_parties", "initiator", "protocol")

    def __init__(self, protocol: InteractionProtocol, initiator: str) -> None:
        self.protocol = protocol
        self.initiator = initiator
        self._parties: dict[str, _Party] = {}
        self._going_on = 0

    @classmethod
    def open(cls, first: Envelope[Content]) -> Conversation:
        """The conversation that `first` would begin, with nothing said yet: check `first` like any other message.

        A cancellation begins none of its own, and a timer none at all.
        """
        return cls(PROTOCOLS.get(first.protocol, CANCEL), first.sender)

    @property
    def finished(self) -> bool:
        """Whether it has begun, and nothing more is expected from anyone."""
        return not self._going_on and bool(self._parties)

    @property
    def states(self) -> Mapping[str, str]:
        """Where it stands with each responder, in the words of the table."""
        return {name: party.describe() for name, party in self._parties.items()}

    def check(self, envelope: Envelope[Content], now: int) -> Verdict:
        """Judge one message delivered at the instant `now`; only a legal or late one changes the conversation."""
        if envelope.sender == self.initiator:
            speaker, name = Role.INITIATOR, envelope.receiver
        elif envelope.receiver == self.initiator:
            speaker, name = Role.RESPONDER, envelope.sender
        else:
            return self._overhear(envelope)
        party = self._parties.get(name)
        if party is None or envelope.protocol != self.protocol.name:
            return self._check_unusual(envelope, now, speaker, name)
        row = self.protocol.rows.get((party.state, speaker, envelope.performative))
        if row is None:
            return self._refusal(envelope, name, party)
        return self._advance(party, row, envelope, now)

    def lapse(self, now: int) -> None:
        """Let silence take effect: where the table says so, a responder past its deadline is waited for no more."""
        for party in self._parties.values():
            self._settle(party, now)

    def _advance(self, party: _Party, row: Transition, envelope: Envelope[Content], now: int) -> Verdict:
        """Take a step of the conversation's own protocol."""
        if row.reply_by is ReplyBy.REQUIRED and envelope.reply_by is None:
            return _out_of_sequence(envelope, f"a {row.performative} has to carry reply_by, and this one does not")
        verdict = LEGAL
        if row.timed and party.overdue(now):
            reason = f"{envelope.sender} said {row.performative} at {now}, after the deadline {party.reply_by}"
            verdict = Verdict(Ruling.LATE, reason, row.late_answer)
        party.state = row.to
        party.reply_by = envelope.reply_by
        party.silence_ends = row.silence_ends
        if row.to is State.NOT_UNDERSTOOD:
            party.cancellation = State.START
        self._settle(party, now)
        return verdict

    def _settle(self, party: _Party, now: int) -> None:
        """Count again whether this responder is still waited for."""
        ended = self.protocol.is_final(party.state) and not party.cancelling
        over = ended or (party.silence_ends and party.overdue(now))
        if over is not party.over:
            self._going_on += -1 if over else 1
            party.over = over

    def _overhear(self, envelope: Envelope[Content]) -> Verdict:
        """Judge a message that the initiator neither sends nor receives."""
        if envelope.protocol == ProtocolName.TIMER:
            return LEGAL
        return _out_of_sequence(envelope, f"neither began this conversation, {self.initiator} did")

    def _check_unusual(self, envelope: Envelope[Content], now: int, speaker: Role, name: str) -> Verdict:
        """Judge what another protocol says, or what is said with a responder not addressed before."""
        if envelope.protocol == ProtocolName.TIMER:
            return LEGAL
        party = self._parties.get(name)
        if envelope.protocol == ProtocolName.CANCEL:
            return self._check_cancel(envelope, now, speaker, party)
        if envelope.protocol != self.protocol.name:
            return _out_of_sequence(envelope, f"this conversation follows {self.protocol.name}")
        return self._address(envelope, now, speaker, name)

    def _address(self, envelope: Envelope[Content], now: int, speaker: Role, name: str) -> Verdict:
        """Judge the first message between the initiator and one responder."""
        if name == self.initiator:
            return _out_of_sequence(envelope, "nobody converses with itself")
        party = _Party(self.protocol.initial)
        row = self.protocol.step(party.state, speaker, envelope.performative)
        if row is None:
            return self._refusal(envelope, name, party)
        if self._parties and not self.protocol.one_to_many:
            only = next(iter(self._parties))
            return _out_of_sequence(envelope, f"{self.protocol.name} has one responder, here {only}")
        verdict = self._advance(party, row, envelope, now)
        if verdict.legal:
            self._parties[name] = party
        return verdict

    def _check_cancel(self, envelope: Envelope[Content], now: int, speaker: Role, party: _Party | None) -> Verdict:
        """Judge a message of the cancel meta-protocol, which runs within the conversation that it cancels."""
        if party is None:
            return _out_of_sequence(envelope, "there is no conversation between them to cancel")
        row = CANCEL.step(party.cancellation, speaker, envelope.performative)
        if row is None or (self.protocol.is_final(party.state) and not party.cancelling):
            name = envelope.receiver if speaker is Role.INITIATOR else envelope.sender
            return self._refusal(envelope, name, party)
        party.cancellation = State.START if CANCEL.is_final(row.to) else row.to
        if row.to in (State.CANCELLED, State.NOT_UNDERSTOOD):
            party.state = row.to
        self._settle(party, now)
        return LEGAL

    def _refusal(self, envelope: Envelope[Content], name: str, party: _Party) -> Verdict:
        """Say in which state the message came, and what would have been legal."""
        names = {Role.INITIATOR: self.initiator, Role.RESPONDER: name}
        legal = [f"{said} by {names[by]}" for by, said in self.protocol.legal(party.state)]
        if party.cancelling or (legal and party.state is not self.protocol.initial):
            legal += [f"{said} (cancel) by {names[by]}" for by, said in CANCEL.legal(party.cancellation)]
        expected = "legal there: " + ", ".join(legal) if legal else "nothing more is said there"
        return _out_of_sequence(envelope, f"{self.protocol.name} is in state {party.describe()}; {expected}")


class Conversations:
    """Every conversation of a host, by its id.

    Those going on are as many as there is work under way. Of those finished the last `remembered` are kept to know
    what comes after the end; the oldest are forgotten. A conversation that only silence keeps open is finished
    by its deadline.
    """

    __slots__ = ("_deadlines", "_finished", "_open", "_remembered")

    def __init__(self, remembered: int = FINISHED_REMEMBERED) -> None:
        self._remembered = remembered
        self._open: dict[str, Conversation] = {}
        self._finished: OrderedDict[str, Conversation] = OrderedDict()
        self._deadlines: list[tuple[int, str]] = []

    @classmethod
    def replay(cls, envelopes: Iterable[Envelope[Content]], remembered: int = FINISHED_REMEMBERED) -> Conversations:
        """The registry rebuilt from stored messages, in the order of their delivery.

        States do not depend on when a message was delivered, so they come out as they were; silence takes effect
        at the next check or `lapse`.
        """
        conversations = cls(remembered)
        for envelope in envelopes:
            conversations.check(envelope, envelope.sent)
        return conversations

    @property
    def open_count(self) -> int:
        """How many conversations are going on."""
        return len(self._open)

    @property
    def going_on(self) -> frozenset[str]:
        """The ids of the conversations in which something is still expected."""
        return frozenset(self._open)

    def find(self, conversation: str) -> Conversation | None:
        """The conversation with this id, going on or among the finished ones remembered."""
        return self._open.get(conversation) or self._finished.get(conversation)

    def check(self, envelope: Envelope[Content], now: int) -> Verdict:
        """Judge one message delivered at the instant `now` (seconds since 1970 UTC); timers always pass."""
        if self._deadlines and self._deadlines[0][0] < now:
            self.lapse(now)
        conversation = self._open.get(envelope.conversation)
        if conversation is None:
            return self._check_not_open(envelope, now)
        verdict = conversation.check(envelope, now)
        if conversation.finished:
            del self._open[envelope.conversation]
            self._remember(envelope.conversation, conversation)
        elif envelope.reply_by is not None and verdict.legal:
            heapq.heappush(self._deadlines, (envelope.reply_by, envelope.conversation))
        return verdict

    def lapse(self, now: int) -> None:
        """Let silence take effect in every conversation with a deadline before `now`."""
        while self._deadlines and self._deadlines[0][0] < now:
            _, key = heapq.heappop(self._deadlines)
            conversation = self._open.get(key)
            if conversation is None:
                continue
            conversation.lapse(now)
            if conversation.finished:
                del self._open[key]
                self._remember(key, conversation)

    def _check_not_open(self, envelope: Envelope[Content], now: int) -> Verdict:
        """Judge a message that begins a conversation, or comes after the end of one."""
        if envelope.protocol == ProtocolName.TIMER:
            return LEGAL
        conversation = self._finished.get(envelope.conversation) or Conversation.open(envelope)
        verdict = conversation.check(envelope, now)
        if verdict.out_of_sequence:
            return verdict
        self._finished.pop(envelope.conversation, None)
        if conversation.finished:
            self._remember(envelope.conversation, conversation)
        else:
            self._take_up(envelope, conversation)
        return verdict

    def _take_up(self, envelope: Envelope[Content], conversation: Conversation) -> None:
        self._open[envelope.conversation] = conversation
        if envelope.reply_by is not None:
            heapq.heappush(self._deadlines, (envelope.reply_by, envelope.conversation))

    def _remember(self, key: str, conversation: Conversation) -> None:
        self._finished[key] = conversation
        if len(self._finished) > self._remembered:
            self._finished.popitem(last=False)
