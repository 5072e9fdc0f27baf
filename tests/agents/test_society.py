"""Which agents a plant has, what they are told when they begin, and what is kept of a knowledge folder."""

from __future__ import annotations

from decimal import Decimal

from agents.engineering.agent import RELEASES
from agents.loading import prepared
from agents.runtime.agent import Agent
from agents.society import DOOR, makers, opening, replanning, stored_plant
from knowledge.documents import BomRow, EngineeringRelease
from knowledge.plant import Plant, SupplyStatus
from knowledge.reading import read_plant
from knowledge.store.database import Store, Write
from knowledge.store.tables import KnowledgeFile
from protocols.envelope import ProtocolName
from protocols.inventory import OpeningBalance
from protocols.supplying import TakeOpenOrders, Wake
from tests.agents.runtime.chat import NOW

FILES = {
    "items.csv": "item,kind,supply,unit_cost\nPUMP,finished,make,\nSEAL,raw,buy,2.50\nBOLT,raw,buy,\n",
    "bom.csv": "parent,component,quantity\nPUMP,SEAL,2\n",
    "suppliers.csv": "supplier,currency\nACE,USD\nIDLE,\n",
    "rates.csv": "currency,rate\nUSD,0.9\n",
    "offers.csv": "supplier,item,price_from,unit_price,lead_time_days\nACE,SEAL,0,3.00,5\nACE,SEAL,100,2.00,5\n",
    "stock.csv": "item,quantity\nSEAL,7\n",
    "open_orders.csv": (
        "kind,number,item,quantity,start,due,supplier,status\n"
        "purchase_order,PO-1,SEAL,100,,2027-02-01,ACE,released\n"
        "purchase_order,PO-1,BOLT,10,,2027-02-02,ACE,planned\n"
        "work_order,WO-1,PUMP,4,2027-02-03,2027-02-05,,firm\n"
    ),
}


def _stored() -> tuple[Store, Plant]:
    store = Store()
    store.write(prepared(store, FILES).writes)
    return store, read_plant(FILES)


def test_there_is_an_agent_for_every_role_and_for_every_supplier() -> None:
    store, plant = _stored()
    roles = {"intake", "classifier", "engineering", "inventory", "planner", "purchasing", "shipping", "approvals"}
    made = {name: make() for name, make in makers(plant, store, NOW).items()}
    assert set(made) == roles | {"supplier:ACE", "supplier:IDLE"}
    assert all(isinstance(agent, Agent) and agent.name == name for name, agent in made.items())
    assert DOOR not in made


def test_every_time_an_agent_is_made_it_is_a_new_one() -> None:
    store, plant = _stored()
    make = makers(plant, store, NOW)["planner"]
    assert make() is not make()


def test_a_society_begins_with_its_watchers_then_its_stock_then_its_open_orders() -> None:
    watch, stock, orders = opening(read_plant(FILES))
    assert watch.content == Wake(what="start")
    assert stock.content == OpeningBalance(stock=(("SEAL", 7),))
    assert isinstance(orders.content, TakeOpenOrders)
    assert [send.receiver for send in (watch, stock, orders)] == ["intake", "inventory", "planner"]
    assert len({send.conversation for send in (watch, stock, orders)}) == 3


def _orders() -> TakeOpenOrders:
    *_, last = opening(read_plant(FILES))
    assert isinstance(last.content, TakeOpenOrders)
    return last.content


def test_open_purchases_of_one_number_are_rows_of_one_order() -> None:
    rows = _orders().purchases
    assert [(row.number, row.row, row.item, row.quantity) for row in rows] == [
        ("PO-1", 1, "SEAL", 100),
        ("PO-1", 2, "BOLT", 10),
    ]


def test_an_open_purchase_costs_what_its_supplier_offers_or_what_the_item_costs_or_nothing() -> None:
    seal, bolt = _orders().purchases
    assert (seal.unit_price, seal.currency) == (Decimal("2.00"), "USD")
    assert bolt.unit_price == Decimal(0)


def test_an_open_purchase_was_ordered_its_lead_time_before_it_is_due() -> None:
    seal, bolt = _orders().purchases
    assert seal.due - seal.order_by == 5 * 86400
    assert bolt.due == bolt.order_by


def test_open_work_orders_keep_their_dates_and_their_status() -> None:
    (order,) = _orders().work_orders
    assert (order.number, order.quantity, order.status) == ("WO-1", 4, SupplyStatus.FIRM)
    assert order.finish - order.start == 2 * 86400


def test_where_the_plant_has_changed_the_planner_and_intake_are_woken() -> None:
    planner, intake = replanning("again", "item BOLT was changed")
    assert {send.protocol for send in (planner, intake)} == {ProtocolName.TIMER}
    assert planner.content == intake.content == Wake(what="replan", key="item BOLT was changed")
    assert (planner.receiver, intake.receiver) == ("planner", "intake")


def test_only_what_differs_from_what_is_known_is_written() -> None:
    store, _ = _stored()
    assert prepared(store, FILES).writes == ()
    changed = {**FILES, "stock.csv": "item,quantity\nSEAL,8\n"}
    del changed["rates.csv"], changed["suppliers.csv"]
    writes = [write for write in prepared(store, changed).writes if write.table is KnowledgeFile]
    assert sorted((write.row["name"], write.remove) for write in writes) == [
        ("rates.csv", True),
        ("stock.csv", False),
        ("suppliers.csv", True),
    ]


def _release(store: Store) -> None:
    bom = (BomRow(component="BOLT", quantity=Decimal(3)),)
    release = EngineeringRelease(item="PUMP", revision="B", bom=bom)
    store.write([Write(KnowledgeFile, {"name": f"{RELEASES}000001.json", "text": release.model_dump_json()})])


def test_the_stored_plant_is_the_knowledge_folder_and_what_engineering_released_since() -> None:
    store, plant = _stored()
    assert stored_plant(store).boms == plant.boms
    _release(store)
    assert [part.item for part in stored_plant(store).boms["PUMP"].components] == ["BOLT"]


def test_a_knowledge_folder_does_not_take_back_what_engineering_released() -> None:
    store, _ = _stored()
    _release(store)
    assert prepared(store, FILES).writes == ()
