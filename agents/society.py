"""The society: which agents there are, how each is made, and what is said when they begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from agents.approvals.agent import ApprovalsAgent
from agents.classifier.agent import ClassifierAgent
from agents.engineering.agent import RELEASES, EngineeringAgent
from agents.intake.agent import IntakeAgent
from agents.inventory.agent import InventoryAgent
from agents.planner.agent import PlannerAgent
from agents.planner.improving.hosting import Improver
from agents.planner.records import unheard_releases
from agents.purchasing.agent import PurchasingAgent
from agents.purchasing.supplier import Offering, SupplierAgent
from agents.runtime.agent import Send
from agents.runtime.dispatch import Maker
from agents.shipping.agent import ShippingAgent
from knowledge.documents import EngineeringRelease
from knowledge.instants import Instant
from knowledge.plant import Offer, OpenOrder, OpenOrderKind, Plant
from knowledge.reading import read_plant
from knowledge.revision import revised
from knowledge.store.books import Tables
from knowledge.store.database import Store
from knowledge.store.tables import KnowledgeFile
from knowledge.supply import PurchaseRow, WorkOrder
from protocols.envelope import Content, Performative, ProtocolName
from protocols.inventory import OpeningBalance
from protocols.notices import Listeners
from protocols.supplying import TakeOpenOrders, Wake

DOOR = "door"
"""The name under which the world outside speaks to the society."""


def stored_plant(store: Tables) -> Plant:
    """The plant as the database has it: the knowledge files, and what engineering released since."""
    return with_releases(read_plant(stored_files(store)), released(store).values())


def stored_files(store: Tables) -> dict[str, str]:
    """The knowledge folder as the database has it, without what engineering released since."""
    return {row["name"]: row["text"] for row in store.rows(KnowledgeFile) if not row["name"].startswith(RELEASES)}


def released(store: Tables) -> dict[str, EngineeringRelease]:
    """What engineering released since the folder was written, by the name under which it is kept, in its order."""
    texts = {row["name"]: row["text"] for row in store.rows(KnowledgeFile) if row["name"].startswith(RELEASES)}
    return {name: EngineeringRelease.model_validate_json(texts[name]) for name in sorted(texts)}


def with_releases(plant: Plant, releases: Iterable[EngineeringRelease]) -> Plant:
    """The plant of a knowledge folder with what engineering released, one after the other."""
    for release in releases:
        plant = revised(plant, release)
    return plant


class Known:
    """The plant as stored, read anew only where engineering has released something since: another version of the
    folder comes with makers of its own. `plant` is what is stored at first."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self.store = store
        self._names: list[dict[str, Any]] | None = None
        self._plant = plant

    def __call__(self) -> Plant:
        names = self.store.rows(KnowledgeFile, "name")
        if self._names is not None and names != self._names:
            self._plant = stored_plant(self.store)
        self._names = names
        return self._plant

    def to_planner(self) -> Plant:
        """The plant that the planner has planned with: without revisions that it has still to decide on.

        What they change of it, and which groups that concerns, it sees by the plant as it was before. An item that
        is new with a release was in no plan.
        """
        unheard = unheard_releases(self.store)
        if not unheard:
            return self()
        heard = [*released(self.store).values()][::-1]
        for release in unheard:
            if release in heard:
                heard.remove(release)  # the last of several that say the same
        plant = with_releases(read_plant(stored_files(self.store)), heard[::-1])
        for release in unheard:
            if release.item not in plant.items:
                plant = revised(plant, release)
        return plant


def makers(
    plant: Plant,
    store: Store,
    now: Instant,
    *,
    approve_all: bool = False,
    seed: int = 0,
    improver: Callable[[], Improver] | None = None,
    listeners: Listeners = (),
    offering: Offering | None = None,
) -> dict[str, Maker]:
    """How to make each agent, by its name. One made again later plans with the plant as stored then.

    `plant` is what is stored when the first is made, and names the suppliers that there are agents for. `improver`
    makes what the planner improves its plan with, if it is to, and `listeners` are told what happens to approvals, and
    what is quarantined. `offering` says what suppliers offer, where they answer by themselves.
    """
    known = Known(store, plant)
    agents: dict[str, Maker] = {
        "intake": lambda: IntakeAgent(known(), listeners),
        "classifier": lambda: ClassifierAgent(known()),
        "engineering": lambda: EngineeringAgent(known()),
        "inventory": lambda: InventoryAgent(known(), revised),
        "planner": lambda: PlannerAgent(known.to_planner(), now, seed, improver() if improver else None),
        "purchasing": lambda: PurchasingAgent(known()),
        "shipping": lambda: ShippingAgent(known()),
        "approvals": lambda: ApprovalsAgent(known(), approve_all, listeners),
    }
    selling = {offer.supplier for offers in plant.offers.values() for offer in offers}
    for code in sorted(selling | set(plant.suppliers)):
        agents[f"supplier:{code}"] = _supplier(known, code, offering)
    return agents


def _supplier(known: Callable[[], Plant], code: str, offering: Offering | None) -> Maker:
    return lambda: SupplierAgent(known(), code, offering)


def opening(plant: Plant) -> Iterator[Send]:
    """What is said to a society that begins: watch each other, then the stock and open orders there are."""
    yield _say("intake", Wake(what="start"), "open.1", ProtocolName.TIMER, Performative.INFORM)
    reserved = tuple((item, customer, units) for (item, customer), units in plant.reserved.items())
    yield _say("inventory", OpeningBalance(stock=tuple(plant.stock.items()), reserved=reserved), "open.2")
    work_orders = tuple(_work_order(o) for o in plant.open_orders if o.kind is OpenOrderKind.WORK_ORDER)
    orders = TakeOpenOrders(work_orders=work_orders, purchases=tuple(_purchases(plant)))
    yield _say("planner", orders, "open.3")


def replanning(conversation: str, cause: str = "", items: tuple[str, ...] = ()) -> list[Send]:
    """What is said where the plant is not what it was: to plan with it, and to look again at what nobody could tell.

    `items` are those that it is about; none: all.
    """
    wake = Wake(what="replan", key=cause, items=items)
    planning = _say("planner", wake, f"{conversation}.1", ProtocolName.TIMER, Performative.INFORM)
    asking = _say("intake", wake, f"{conversation}.2", ProtocolName.TIMER, Performative.INFORM)
    return [planning, asking]


def improving(conversation: str) -> Send:
    """What is said to a planner that is to improve its plan now."""
    return _say("planner", Wake(what="improve"), conversation, ProtocolName.TIMER, Performative.INFORM)


def _say(
    receiver: str,
    content: Content,
    conversation: str,
    protocol: ProtocolName = ProtocolName.REQUEST,
    performative: Performative = Performative.REQUEST,
) -> Send:
    return Send(conversation, protocol, performative, receiver, content)


def _work_order(order: OpenOrder) -> WorkOrder:
    return WorkOrder(order.number, order.item, order.quantity, order.start or 0, order.due, order.status)


def _purchases(plant: Plant) -> Iterator[PurchaseRow]:
    rows: dict[str, int] = {}
    for order in plant.open_orders:
        if order.kind is OpenOrderKind.PURCHASE_ORDER:
            rows[order.number] = rows.get(order.number, 0) + 1
            yield _purchase(plant, order, rows[order.number])


def _purchase(plant: Plant, order: OpenOrder, row: int) -> PurchaseRow:
    supplier = plant.suppliers.get(order.supplier or "")
    offer = next((o for o in plant.offers.get(order.item, ()) if o.supplier == order.supplier), None)
    purchase = PurchaseRow(
        order.number,
        row,
        order.supplier or "",
        order.item,
        order.quantity,
        _open_price(plant, order, offer),
        (supplier.currency if supplier else "") or plant.currency,
        order.start or (offer.lead_time.backward(order.due) if offer else order.due),
        order.due,
        order.status,
    )
    return replace(purchase, order_by=min(purchase.order_by, purchase.due))


def _open_price(plant: Plant, order: OpenOrder, offer: Offer | None) -> Decimal:
    """What an opening purchase costs, as far as it can be told: the supplier's offer, else the item's cost."""
    if offer is not None:
        return offer.unit_price(order.quantity)
    return plant.items[order.item].unit_cost or Decimal(0)
