"""Two planners and one inventory: both want the same pieces at the same time."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from agents.inventory.agent import InventoryAgent
from agents.planner.agent import PlannerAgent
from agents.runtime.agent import Agent, Effects, Send, Turn, handles
from agents.runtime.ledger import Ledger
from agents.runtime.simulated import SimulatedHost
from knowledge.instants import DAY
from knowledge.plant import Item, Plant, Replenishment, SupplyStatus
from knowledge.revision import revised
from knowledge.store.database import Store
from knowledge.store.tables import InventoryEventRow, MessageRow
from knowledge.supply import PurchaseRow
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.inventory import OpeningBalance
from protocols.orders import LineClass, LineFacts, OrderFacts, OrderPlanned, PlanOrder, WatchPromises
from protocols.supplying import (
    ArrangeReleases,
    PlacePurchases,
    PurchasesPlaced,
    QuoteItems,
    Quotes,
    ReleasesArranged,
    TakeOpenOrders,
)

NOW = 1_800_000_000
PLANT = Plant(items={"PIN": Item("PIN", supply=Replenishment.STOCK)})


class Second(PlannerAgent):
    """Another planner, for other orders."""

    name = "second"


class Obliging(Agent):
    """Purchasing and shipping, who say yes to everything."""

    def __init__(self, name: str) -> None:
        self.name = name

    @handles(QuoteItems)
    def quote(self, turn: Turn[QuoteItems]) -> Effects:
        yield turn.inform(Quotes(items=turn.content.items, offers=()))

    @handles(PlacePurchases)
    def place(self, turn: Turn[PlacePurchases]) -> Effects:
        yield turn.inform(PurchasesPlaced())

    @handles(ArrangeReleases)
    def arrange(self, turn: Turn[ArrangeReleases]) -> Effects:
        yield turn.inform(ReleasesArranged())


class Rivals:
    """Two planners, `planner` and `second`, with one inventory; hears what each answers."""

    def __init__(self, stock: int) -> None:
        self.store = Store()
        self.heard: dict[str, Content] = {}
        self.said = 0
        agents: dict[str, Any] = {
            "inventory": lambda: InventoryAgent(PLANT, revised),
            "planner": lambda: PlannerAgent(PLANT, NOW),
            "second": lambda: Second(PLANT, NOW),
            "purchasing": lambda: Obliging("purchasing"),
            "shipping": lambda: Obliging("shipping"),
        }
        self.host = SimulatedHost(agents, Ledger(self.store), NOW, self._hear)
        for planner in ("planner", "second"):
            self.say((planner, WatchPromises(), ProtocolName.SUBSCRIBE, Performative.SUBSCRIBE))
        self.say(("inventory", OpeningBalance(stock=(("PIN", stock),))))

    def say(self, *messages: tuple[Any, ...]) -> None:
        """Say something to agents at one instant, and let them settle it."""
        sends = []
        for receiver, content, *more in messages:
            self.said += 1
            protocol, performative = more or (ProtocolName.REQUEST, Performative.REQUEST)
            sends.append(Send(f"door.{self.said}", protocol, performative, receiver, content))
        self.host.post(sends, "door")
        self.host.settle()

    def order(self, planner: str, units: int) -> tuple[str, PlanOrder]:
        """An order of PIN for a planner, wanted at once."""
        line = LineFacts(line="1", item="PIN", description="", ordered=str(units), wants=((units, NOW),))
        facts = OrderFacts(
            order=f"t/{planner}",
            sequence=1,
            source="t",
            number=planner,
            customer="A",
            currency="EUR",
            ship_to="",
            received=NOW,
            lines=(line,),
        )
        return planner, PlanOrder(order=facts, classes=(LineClass(line="1", classified_as="stock"),))

    def promised(self, planner: str) -> list[tuple[int, int | None, str]]:
        """(units, days from now, status) of each part of the planner's order."""
        planned = self.heard[f"t/{planner}"]
        assert isinstance(planned, OrderPlanned)
        days = [None if p.promised is None else (p.promised - NOW) // DAY for p in planned.parts]
        return [(p.quantity, d, p.status) for p, d in zip(planned.parts, days, strict=True)]

    def _hear(self, envelope: Envelope[Any]) -> None:
        if isinstance(envelope.content, OrderPlanned):
            self.heard[envelope.content.order] = envelope.content

    def booked(self) -> dict[str, int]:
        """Units by document and owner in inventory's records."""
        return {f"{r['owner']}: {r['document']}": r["quantity"] for r in self.store.rows(InventoryEventRow)}

    def refusals(self) -> int:
        """How often inventory has refused."""
        return len(self.store.rows(MessageRow, "message", sender="inventory", performative="refuse"))


def test_one_gets_the_pieces_and_the_other_promises_what_is_left() -> None:
    rivals = Rivals(stock=10)
    rivals.say(rivals.order("planner", 8), rivals.order("second", 8))
    assert rivals.promised("planner") == [(8, 0, "promised")]
    assert rivals.promised("second") == [(2, 0, "promised"), (6, None, "infeasible")]
    assert rivals.refusals() == 1
    assert rivals.booked() == {"planner: t/planner/1": -8, "second: t/second/1": -2}


def test_the_other_promises_from_what_comes_later_as_the_staircase_says() -> None:
    rivals = Rivals(stock=10)
    coming = PurchaseRow("PO-1", 1, "S", "PIN", 5, Decimal(1), "EUR", NOW, NOW + 9 * DAY, SupplyStatus.RELEASED)
    rivals.say(("planner", TakeOpenOrders(work_orders=(), purchases=(coming,))))
    rivals.say(rivals.order("planner", 8), rivals.order("second", 7))
    assert rivals.promised("planner") == [(8, 0, "promised")]
    assert rivals.promised("second") == [(2, 0, "promised"), (5, 9, "promised")]


def test_two_that_both_fit_both_get_what_they_ask_for() -> None:
    rivals = Rivals(stock=10)
    rivals.say(rivals.order("planner", 4), rivals.order("second", 6))
    assert rivals.promised("planner") == [(4, 0, "promised")]
    assert rivals.promised("second") == [(6, 0, "promised")]
    assert rivals.refusals() == 0
