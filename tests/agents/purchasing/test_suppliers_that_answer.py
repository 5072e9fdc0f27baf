"""Suppliers that answer calls for offers by themselves: what they offer holds for a time, then they are asked again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from agents.sources.reading import Read
from knowledge.documents import DOCUMENT
from knowledge.instants import DAY, Instant, parse
from knowledge.reading import read_plant
from knowledge.store.database import Store
from knowledge.store.tables import AgentStateRow, PromiseRow, PurchaseOrderRow
from protocols.supplying import Quote
from simulations.processing import Processing
from tests.explaining import NOW, PLANT, order

BEGIN = parse(NOW)


@dataclass
class Seller:
    """Offers R for a day at a time, each day one dearer; from a day on slower, or not at all."""

    asked: list[Instant] = field(default_factory=list)
    slower_from: Instant = BEGIN + 1000 * DAY
    nothing_from: Instant = BEGIN + 1000 * DAY
    last: bool = False

    def __call__(self, supplier: str, now: Instant) -> list[Quote]:
        self.asked.append(now)
        if now >= self.nothing_from:
            return []
        day = (now - BEGIN) // DAY
        [offer] = read_plant(dict(PLANT)).offers["R"]
        changed = {"breaks": ((0, Decimal(3 + day)),), "lead_time_days": 40 if now >= self.slower_from else 20}
        until = BEGIN + (day + 1) * DAY
        return [Quote.of(offer).model_copy(update={**changed, "valid_until": now if self.last else until})]


@contextmanager
def society(seller: Seller, store: Store) -> Iterator[Processing]:
    """A society on the plant of `tests.explaining` that asks the seller."""
    processing = Processing(store, {n: t for n, t in PLANT.items() if t}, BEGIN, offering=seller)
    try:
        yield processing
    finally:
        processing.host.stop()


def ordered(processing: Processing, requested: str = "2024-03-01") -> None:
    read = Read("1", DOCUMENT.validate_python(order(requested=requested)), "", "")
    for _ in processing.run([read]):
        pass


def price(store: Store) -> list[Decimal]:
    return [Decimal(row["unit_price"]) for row in store.rows(PurchaseOrderRow)]


def test_what_is_planned_is_planned_anew_when_its_offer_runs_out() -> None:
    seller, store = Seller(), Store("sqlite://")
    with society(seller, store) as processing:
        ordered(processing)
        assert price(store) == [Decimal(3)]
        processing.host.run_until(BEGIN + 3 * DAY)
        assert price(store) == [Decimal(6)]
    assert seller.asked == [BEGIN + day * DAY for day in range(4)]


def test_a_restart_neither_forgets_when_offers_run_out_nor_asks_again_before() -> None:
    seller, store = Seller(), Store("sqlite://")
    with society(seller, store) as processing:
        ordered(processing)
        processing.host.run_until(BEGIN + DAY)
    with society(seller, store) as processing:
        processing.host.run_until(BEGIN + 2 * DAY + 1)
    assert seller.asked == [BEGIN, BEGIN + DAY, BEGIN + 2 * DAY]
    assert price(store) == [Decimal(5)]
    [kept] = [r for r in store.rows(AgentStateRow, agent="purchasing") if r["key"].startswith("until:")]
    assert kept["key"] == f"until:{BEGIN + 3 * DAY}"


def test_a_promise_that_does_not_hold_with_the_new_offers_is_made_anew_and_says_why() -> None:
    seller, store = Seller(slower_from=BEGIN + DAY), Store("sqlite://")
    with society(seller, store) as processing:
        ordered(processing, requested="2024-01-25")
        [before] = store.rows(PromiseRow)
        processing.host.run_until(BEGIN + 2 * DAY)
        [after] = store.rows(PromiseRow)
    assert before["reason"] == ""
    assert after["promised"] > before["promised"]
    assert "offers for R ran out" in after["reason"]


def test_what_nobody_offers_any_more_is_promised_no_more() -> None:
    seller, store = Seller(nothing_from=BEGIN + DAY), Store("sqlite://")
    with society(seller, store) as processing:
        ordered(processing)
        processing.host.run_until(BEGIN + 2 * DAY)
        [promise] = store.rows(PromiseRow)
    assert promise["status"] == "infeasible"
    assert "offers for R ran out" in promise["reason"]


def test_an_offer_that_has_run_out_when_it_comes_is_none() -> None:
    seller, store = Seller(last=True), Store("sqlite://")
    with society(seller, store) as processing:
        ordered(processing)
        processing.host.run_until(BEGIN + 5 * DAY)
        assert not price(store)
    assert len(seller.asked) == 1
    assert not [r for r in store.rows(AgentStateRow, agent="purchasing") if r["key"].startswith("until:")]
