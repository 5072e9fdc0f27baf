"""Net change: what is planned stays where it serves, what is short is bought besides, what is never needed goes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.covering import Covering
from agents.planner.net_change import NetChange
from agents.planner.netting import Need
from agents.planner.purchases import Buyer, units_of
from knowledge.instants import HOUR, Instant
from knowledge.plant import LotRule, Offer
from tests.agents.planner.plants import book, bought, day, offer, plant

LOTS = LotRule(minimum=50, multiple=10)


def needs_of(*wanted: tuple[str, int, int]) -> list[Need]:
    """Needs: (document, units, hours from the first day on that purchases can come)."""
    return sorted(Need(day(10) + hours * HOUR, 1, units, document) for document, units, hours in wanted)


def buyer_of(*offers: Offer, safety_stock: int = 0) -> Buyer:
    item = replace(bought("R"), safety_stock=safety_stock)
    shop = plant([item], offers=offers or (offer("S", "R", days=2, lot=LOTS),))
    return Buyer(book(shop), ["R"])


def netted(
    needs: list[Need],
    kept: Mapping[str, int] | None = None,
    buyer: Buyer | None = None,
    safety_from: Instant | None = None,
) -> NetChange:
    """A run over needs, with nothing on the shelf."""
    buyer = buyer or buyer_of()
    net = NetChange(buyer, buyer.book.shop.plant.items["R"], needs, 0, (), kept or {}, {}, safety_from)
    net.run()
    return net


def test_what_is_planned_stays_though_a_need_comes_in_before_it() -> None:
    kept = {"a": 50, "b": 50}
    assert netted(needs_of(("a", 45, 0), ("new", 5, 30), ("b", 45, 48)), kept).bought == kept


def test_what_is_short_is_bought_besides_and_no_later_lot_changes() -> None:
    wanted = [("a", 50, 0), ("b", 50, 48), ("c", 50, 96), ("d", 50, 144)]
    kept = {"a": 50, "b": 50, "c": 50, "d": 50}
    assert netted(needs_of(*wanted, ("new", 5, 30)), kept).bought == {**kept, "new": 50}


def test_what_is_short_is_bought_with_what_is_bought_for_the_same_day() -> None:
    assert netted(needs_of(("a", 50, 2), ("new", 5, 4)), {"a": 50}).bought == {"a": 60}
    assert netted(needs_of(("new", 5, 1), ("a", 50, 2)), {"a": 50}).bought == {"new": 60}


def test_less_than_a_lot_too_much_stays_and_a_lot_is_given_back_where_it_is_never_needed() -> None:
    kept = {"a": 60, "b": 60, "c": 60}
    few = needs_of(("a", 20, 0), ("b", 50, 48), ("c", 61, 96))
    assert netted(few, kept).bought == kept
    fewer = needs_of(("a", 20, 0), ("b", 50, 48), ("c", 50, 96))
    assert netted(fewer, kept).bought == {"a": 60, "b": 50, "c": 50}
    assert netted(needs_of(("a", 20, 0), ("c", 10, 96)), {"a": 60, "c": 50}).bought == {"a": 60}


def test_what_was_planned_for_a_need_that_is_gone_goes() -> None:
    assert netted(needs_of(("b", 50, 48)), {"a": 50, "b": 50}).bought == {"b": 50}


def test_what_cannot_be_bought_in_time_any_more_is_bought_of_who_can_bring_it() -> None:
    buyer = buyer_of(offer("SLOW", "R", 1, days=15), offer("FAST", "R", 2, days=2))
    net = netted(needs_of(("a", 20, 0), ("b", 20, 240)), {"a": 20, "b": 20}, buyer)
    sold = {document: [chosen[0].supplier for chosen in cover.chosen] for document, cover in net.covers.items()}
    assert sold == {"a": ["FAST"], "b": ["SLOW"]}


def test_a_need_that_nobody_can_bring_in_time_says_when_it_could_be() -> None:
    buyer = buyer_of(offer("S", "R", days=12))
    net = netted(needs_of(("a", 20, 0), ("b", 20, 240)), {}, buyer)
    violation = net.covers["a"].violation
    assert violation is not None
    assert (violation.quantity, violation.earliest) == (20, day(12))
    assert net.bought == {"b": 20}


def test_safety_stock_is_bought_from_when_it_can_be_had() -> None:
    buyer = buyer_of(offer("S", "R", days=2), safety_stock=7)
    net = netted(needs_of(("a", 5, 0)), {}, buyer, buyer.safe_from(buyer.book.shop.plant.items["R"]))
    assert net.bought == {"safety_stock": 7, "a": 5}


def _offers(rng: random.Random) -> tuple[Offer, ...]:
    lots = [LotRule(), LotRule(minimum=5), LotRule(minimum=10, multiple=5), LotRule(multiple=4)]
    return tuple(
        offer(f"S{n}", "R", rng.choice([1, 2]), days=rng.choice([1, 4]), lot=rng.choice(lots)) for n in range(2)
    )


@given(st.integers(0, 2**32))
def test_nothing_is_ever_short_and_what_was_planned_last_is_planned_again(seed: int) -> None:
    rng = random.Random(seed)
    buyer = buyer_of(*_offers(rng))
    wanted = {str(n): (rng.randint(1, 30), rng.randint(0, 400)) for n in range(rng.randint(1, 12))}
    kept: Mapping[str, int] = {}
    for change in range(10):
        if rng.random() < 0.3 and len(wanted) > 1:
            del wanted[rng.choice(sorted(wanted))]
        else:
            wanted[f"new {change}"] = rng.randint(1, 30), rng.randint(0, 400)
        needs = needs_of(*((document, units, hours) for document, (units, hours) in wanted.items()))
        net = netted(needs, kept, buyer)
        balance, lot = 0, min(entry.offer.lot.raise_to(1) for entry in buyer.offers("R"))
        for need in needs:
            balance += net.bought.get(need.document, 0) - need.quantity
            assert balance >= 0
        largest = max(need.quantity for need in needs)
        assert balance < lot + largest + 10
        kept = net.bought
        assert kept == {document: units_of(cover.chosen) for document, cover in net.covers.items() if cover.chosen}
        assert netted(needs, kept, buyer).bought == kept


def test_one_need_more_changes_few_purchases_where_lot_for_lot_changes_most() -> None:
    rng = random.Random(1)
    buyer, item = buyer_of(), bought("R")
    wanted = [(str(n), rng.randint(5, 40), n * 20 + rng.randint(0, 19)) for n in range(200)]
    kept = netted(needs_of(*wanted), {}, buyer).bought
    more = netted(needs_of(*wanted, ("new", 7, 100)), kept, buyer).bought
    assert len(set(more.items()) ^ set(kept.items())) <= 4

    def lot_for_lot(*needs: tuple[str, int, int]) -> set[tuple[str, int]]:
        covering = Covering(buyer.book, item, needs_of(*needs), buyer)
        covering.run()
        return {(document, units_of(cover.chosen)) for document, cover in covering.covers.items()}

    assert len(lot_for_lot(*wanted) ^ lot_for_lot(*wanted, ("new", 7, 100))) > 20
