"""A run: the same seed gives the same on any host, every policy meets the same world, and nothing comes of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from agents.runtime.pykka_host import PykkaHost
from knowledge.auditor import audit
from knowledge.instants import DAY, MINUTE
from knowledge.store.books import books_of
from knowledge.store.tables import AgentStateRow, DeliveryRow, OnHandRow, PromiseRow, PurchaseOrderRow
from protocols.supplying import Quote, Quotes
from simulations.policies.rewriting import rows_of
from simulations.world.running import Trial, World, run_trial

_WARM = (("warm_up_days", 0),)
_TRIAL = Trial("tutorial", "planner", 3, 4, _WARM)


@contextmanager
def _world(trial: Trial, **more: object) -> Iterator[World]:
    world = World(trial, **more)  # type: ignore[arg-type]
    try:
        yield world
    finally:
        world.close()


def test_the_same_trial_gives_the_same_run() -> None:
    assert run_trial(_TRIAL) == run_trial(_TRIAL)


def test_threads_give_the_same_run_as_one_thread() -> None:
    trial = Trial("tutorial", "planner", 3, 3, _WARM)
    with _world(trial, make_host=PykkaHost) as world:
        world.step(world.begin_of(3))
        assert world.result() == run_trial(trial)


@pytest.mark.parametrize("policy", ["edd", "nearest"])
def test_policies_meet_the_same_orders(policy: str) -> None:
    ordered = []
    for name in ("planner", policy):
        with _world(Trial("tutorial", name, 3, 4, _WARM)) as world:
            world.step(world.begin_of(4))
            ordered.append([(o.document, o.received, sorted(o.lines)) for o in world.book.orders.values()])
    assert ordered[0] == ordered[1]
    assert len(ordered[0]) > 20


def test_what_the_society_believes_to_be_in_stock_is_there_and_every_law_holds() -> None:
    with _world(Trial("tutorial", "planner", 5, 9, _WARM)) as world:
        for day in range(1, 10):
            world.step(world.begin_of(day))
            believed = {row["item"]: row["quantity"] for row in world.store.rows(OnHandRow)}
            assert {item: units for item, units in world.scene.shelf.on_hand.items() if units} == {
                item: units for item, units in believed.items() if units
            }
        assert world.observe().sums["quarantined"] == 0
        assert not audit(books_of(world.store, world.society.plant_now(), world.now))
        assert sum(order.complete for order in world.book.orders.values()) > 10


def _offered(world: World) -> dict[tuple[str, str], Quote]:
    """What the planner plans with, by supplier and item."""
    rows = world.store.rows(AgentStateRow, agent="planner")
    told = [Quotes.model_validate_json(row["body"]) for row in rows if row["key"].startswith("quotes:")]
    return {(quote.supplier, quote.item): quote for quotes in told for quote in quotes.offers}


_MARKET = (
    *_WARM,
    *((f"customers.{segment}.share", 0.02) for segment in ("low", "mid", "high")),
    ("suppliers.market.every_days", 2),
)


def test_suppliers_of_a_market_answer_by_themselves_and_are_asked_again_when_their_offers_run_out() -> None:
    with _world(Trial("pc-assembler", "planner", 1, 7, _MARKET)) as world:
        loaded, seen = world.society.plant.offers, []
        for day in range(1, 8):
            world.step(world.begin_of(day))
            seen.append(_offered(world))
        assert world.society.plant.offers == loaded
        for day, offered in enumerate(seen, start=1):
            ends = {quote.valid_until for quote in offered.values()}
            assert ends == {world.begin_of((day + 1) // 2 * 2) + MINUTE}
        prices = [offered["PINTEL", "CPU-100"].breaks[0][1] for offered in seen]
        assert all(500 <= price <= 1000 for price in prices)
        assert len(set(prices)) == 4
        said = {supplier: _told_of(world.offered, supplier) for supplier, _ in seen[-1]}
        assert all(quote.breaks[0][1] == said[key[0]][key[1]] for key, quote in seen[-1].items() if key[1] == "CPU-100")
        assert not world.society.outcome.dead


def _told_of(files: dict[str, str], supplier: str) -> dict[str, Decimal]:
    rows = rows_of(files, "offers.csv")
    return {row["item"]: Decimal(row["unit_price"]) for row in rows if row["supplier"] == supplier}


def test_who_may_be_asked_is_loaded_where_a_policy_chooses_another() -> None:
    with _world(Trial("pc-assembler", "cheapest", 1, 7, _MARKET)) as world:
        asked = []
        for day in range(1, 8):
            world.step(world.begin_of(day))
            asked.append({(supplier, item) for supplier, item in _offered(world)})
            rows = rows_of(world.files, "offers.csv")
            assert asked[-1] <= {(row["supplier"], row["item"]) for row in rows}
        assert len({frozenset(pairs) for pairs in asked}) > 1


def test_scarce_suppliers_say_that_they_are_slower_and_are() -> None:
    slow = (*_MARKET, ("suppliers.market.slower_days", 6), ("suppliers.market.others", 1))
    with _world(Trial("pc-assembler", "planner", 1, 20, slow)) as world:
        world.step(world.begin_of(20))
        quotes = _offered(world)
        assert {quote.lead_time_days for quote in quotes.values()} == {10}
        ordered = {r["purchase_order"]: r for r in world.store.rows(PurchaseOrderRow) if r["status"] == "done"}
        came = [r for r in world.store.rows(DeliveryRow) if r["came"] and r["purchase_order"] in ordered]
        took = [(r["came"] - ordered[r["purchase_order"]]["order_by"]) / DAY for r in came]
        assert took
        assert min(took) >= 10


def test_a_world_is_stepped_a_day_at_a_time() -> None:
    with _world(_TRIAL) as world:
        for day in range(1, 4):
            world.step(world.begin_of(day))
            assert world.now == world.begin_of(day)
            assert world.observe().day == day


def test_deliveries_of_one_instant_are_taken_together_though_work_waits_for_all_of_them() -> None:
    """What one brings is told before what the other ends: neither counts twice, and nothing is given up for it."""
    with _world(Trial("late-suppliers", "planner", 1, 26, (("warm_up_days", 0),))) as world:
        world.step(world.begin_of(26))
        assert {row["status"] for row in world.store.rows(PromiseRow)} == {"promised"}
        assert not world.society.outcome.dead
        assert not audit(books_of(world.store, world.society.plant_now(), world.now))
