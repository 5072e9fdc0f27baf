"""Queries: asked and answered by agents on either host, with nothing written, and lost without harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from agents.runtime.agent import Agent, Effects, Turn, handles
from agents.runtime.ledger import Ledger
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.questions import SilentError
from agents.runtime.simulated import SimulatedHost
from knowledge.store.database import Store
from knowledge.store.tables import AgentStateRow
from protocols.envelope import Content, Envelope, Performative
from protocols.messages import Failed
from protocols.quoting import AskOffers, OffersTold
from tests.agents.runtime.chat import NOW
from tests.stored import rows_of

Ask = Callable[..., Content]


class Front(Agent):
    """Asks `back`, and hands on what it says."""

    name = "front"

    def __init__(self) -> None:
        self.asked: dict[str, Envelope[AskOffers]] = {}

    @handles(AskOffers)
    def ask(self, turn: Turn[AskOffers]) -> Effects:
        send = turn.query("back", turn.content)
        self.asked[send.conversation] = turn.envelope
        yield send

    @handles(OffersTold, Failed)
    def told(self, turn: Turn[Content]) -> Effects:
        said = Performative.FAILURE if isinstance(turn.content, Failed) else Performative.INFORM
        yield turn.reply_to(self.asked.pop(turn.envelope.conversation), said, turn.content)


class Back(Agent):
    """Knows what is offered; stumbles over some items, and writes down others, which it may not."""

    name = "back"

    @handles(AskOffers)
    def answer(self, turn: Turn[AskOffers]) -> Effects:
        if "STUMBLE" in turn.content.items:
            raise RuntimeError("it stumbles")
        if "WRITE" in turn.content.items:
            yield turn.save(AgentStateRow, {"agent": "back", "key": "written", "body": ""})
        yield turn.inform(OffersTold(items=turn.content.items, offers=()))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture(params=["simulated", "pykka"])
def ask(request: pytest.FixtureRequest, store: Store) -> Iterator[Ask]:
    """Asks `front` about items."""
    makers = {"front": Front, "back": Back}
    if request.param == "simulated":
        simulated = SimulatedHost(makers, Ledger(store), NOW)
        yield lambda *items: simulated.ask("front", AskOffers(items=items), "door")
        return
    host = PykkaHost(makers, Ledger(store), NOW)
    yield lambda *items: host.ask("front", AskOffers(items=items), "door").result(10)
    host.stop()


def test_a_query_is_answered_through_others_and_nothing_is_written(ask: Ask, store: Store) -> None:
    before = rows_of(store)
    assert ask("SCREW", "NUT") == OffersTold(items=("SCREW", "NUT"), offers=())
    assert rows_of(store) == before


@pytest.mark.parametrize(("item", "why"), [("STUMBLE", "it stumbles"), ("WRITE", "a query may not have effects")])
def test_a_query_that_fails_or_would_write_is_answered_with_why(ask: Ask, store: Store, item: str, why: str) -> None:
    before = rows_of(store)
    failed = ask(item)
    assert isinstance(failed, Failed)
    assert why in failed.reason
    assert isinstance(ask("SCREW"), OffersTold)
    assert rows_of(store) == before


def test_who_asks_a_society_that_has_ended_is_told() -> None:
    host = PykkaHost({"front": Front, "back": Back}, Ledger(Store()), NOW)
    host.stop()
    answer: Future[Content] = host.ask("front", AskOffers(items=()), "door")
    with pytest.raises(SilentError):
        answer.result(10)
