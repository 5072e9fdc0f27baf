"""Small agents that talk about nothing much, and a ledger to do it in."""

from __future__ import annotations

from typing import Any

from agents.runtime.agent import Agent, Effects, Records, Send, Turn, handles
from agents.runtime.dispatch import Maker
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from knowledge.instants import Instant
from knowledge.store.database import Store
from knowledge.store.tables import AgentStateRow
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.orders import Acknowledged, WatchAgreed
from protocols.supplying import NoOffer, Offers, QuoteItems, Wake

NOW: Instant = 1_800_000_000


def request(receiver: str, content: Content, conversation: str = "talk", subject: str = "") -> Send:
    """A request from outside."""
    return Send(conversation, ProtocolName.REQUEST, Performative.REQUEST, receiver, content, subject)


def call(receiver: str, conversation: str = "call", reply_by: Instant = NOW + 60) -> Send:
    """A call for proposals from outside."""
    content = QuoteItems(items=("SCREW",))
    return Send(conversation, ProtocolName.CONTRACT_NET, Performative.CFP, receiver, content, "", reply_by)


def timer(receiver: str, at: Instant, what: str = "later") -> Send:
    """A timer, as an agent would set it."""
    return Send(f"timer.{at}", ProtocolName.TIMER, Performative.INFORM, receiver, Wake(what=what), "", None, at)


def envelope(
    content: Content, *, performative: Performative = Performative.REQUEST, number: int = 1, receiver: str = "echo"
) -> Envelope[Any]:
    """A message as a host hands it to an agent."""
    return Envelope[Any](
        id=f"m{number:08d}",
        conversation="talk",
        protocol=ProtocolName.REQUEST,
        performative=performative,
        sender="door",
        receiver=receiver,
        sent=NOW,
        subject="manual/1",
        content=content,
    )


class Echo(Agent):
    """Counts what it hears in its records, and says so; `stumbles` are the counts at which it raises, once each."""

    name = "echo"

    def __init__(self, stumbles: list[int] | None = None) -> None:
        self.heard = 0
        self.stumbles = [] if stumbles is None else stumbles

    def restore(self, records: Records) -> None:
        for row in records.rows(AgentStateRow, agent=self.name):
            self.heard = int(row["body"])

    @handles(Wake)
    def hear(self, turn: Turn[Wake]) -> Effects:
        self.heard += 1
        yield turn.save(AgentStateRow, {"agent": self.name, "key": "heard", "body": str(self.heard)})
        if self.heard in self.stumbles:
            self.stumbles.remove(self.heard)
            raise RuntimeError(f"stumbled at {self.heard}")
        if turn.envelope.protocol is ProtocolName.REQUEST:
            yield turn.inform(Acknowledged(name=turn.content.what, outcome=f"{self.heard} at {turn.now - NOW}"))


class Relay(Agent):
    """Passes what it hears on to the echo, and the answer back to whoever asked."""

    name = "relay"

    def __init__(self) -> None:
        self.asked: dict[str, Envelope[Any]] = {}

    @handles(Wake)
    def pass_on(self, turn: Turn[Wake]) -> Effects:
        send = turn.request("echo", turn.content)
        self.asked[send.conversation] = turn.envelope
        yield send

    @handles(Acknowledged)
    def pass_back(self, turn: Turn[Acknowledged]) -> Effects:
        yield turn.reply_to(self.asked.pop(turn.envelope.conversation), Performative.INFORM, turn.content)


class Stubborn(Agent):
    """Raises whatever it is told."""

    name = "stubborn"

    @handles(Wake, QuoteItems)
    def refuse_to_work(self, turn: Turn[Any]) -> Effects:
        yield turn.inform(WatchAgreed())
        raise RuntimeError("no")


class Sleeper(Agent):
    """Sets a timer for what it is asked, and answers when it rings."""

    name = "sleeper"

    def __init__(self) -> None:
        self.order: list[str] = []

    @handles(Wake)
    def sleep(self, turn: Turn[Wake]) -> Effects:
        self.order.append(f"{turn.content.what} {turn.now - NOW}")
        if turn.envelope.protocol is ProtocolName.REQUEST:
            yield turn.timer(turn.now + int(turn.content.key), self.name, turn.content)
            yield turn.inform(WatchAgreed())


class Offerer(Agent):
    """Offers something the first time it is called, nothing after that."""

    name = "offerer"

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.offered = False

    @handles(QuoteItems)
    def offer(self, turn: Turn[QuoteItems]) -> Effects:
        if self.offered:
            yield turn.refuse(NoOffer(items=turn.content.items))
            return
        self.offered = True
        yield turn.reply(Performative.PROPOSE, Offers(items=turn.content.items, offers=()))


class Hearing:
    """Small agents for a host, what is asked of them, and what they tell the world."""

    host: PykkaHost | SimulatedHost

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self.told: list[str] = []
        self.sleeper = Sleeper()

    def makers(self, **echo: Any) -> dict[str, Maker]:
        """How to make them."""
        return {"echo": lambda: Echo(**echo), "relay": Relay, "sleeper": lambda: self.sleeper}

    def hear(self, envelope: Envelope[Any]) -> None:
        """Note what the world is told."""
        if isinstance(envelope.content, Acknowledged):
            self.told.append(f"{envelope.content.name}: {envelope.content.outcome}")

    def ask(self, receiver: str, *words: str, key: str = "") -> None:
        """Ask something of an agent."""
        sends = [request(receiver, Wake(what=word, key=key), f"{receiver} {word}") for word in words]
        self.host.post(sends, "door")
