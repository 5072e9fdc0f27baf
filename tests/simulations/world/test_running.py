"""A run: the same seed gives the same on any host, every policy meets the same world, and nothing comes of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agents.runtime.pykka_host import PykkaHost
from knowledge.auditor import audit
from knowledge.store.books import books_of
from knowledge.store.tables import OnHandRow, PromiseRow
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


def test_offers_move_with_the_market() -> None:
    trial = Trial("pc-assembler", "planner", 1, 3, (*_WARM, ("suppliers.market.every_days", 2)))
    with _world(trial) as world:
        before = world.files["offers.csv"]
        world.step(world.begin_of(3))
        assert world.files["offers.csv"] != before
        bought = world.society.plant.offers["CPU-100"][0].unit_price(1)
        assert 500 <= bought <= 1000


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
