"""Other answers to an order, found on a planner's own book and leaving it as it was."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.candidates import alternatives_of, trial
from agents.planner.delta import delta_of
from agents.planner.state import State
from knowledge.calendars import LeadTime
from knowledge.instants import Instant
from knowledge.plant import Customer, Plant, WorkCentre
from protocols.supplying import Alternative
from tests.agents.planner.plants import (
    bom,
    bought,
    day,
    facts,
    made,
    offer,
    place,
    plant,
    promised,
    route,
    state,
    supply,
    with_customer,
)
from tests.effort import times

SUPPLIERS = plant([bought("R")], offers=[offer("FAST", "R", 9, days=1), offer("SLOW", "R", 2, days=20)])
SHOP = plant(
    [made("F"), bought("R")],
    boms=[bom("F", ("R", 1))],
    routes=[route("F", ("M", 60))],
    centres=[WorkCentre("M")],
    offers=[offer("S", "R", 2, days=2), offer("T", "R", 1, days=9)],
)


def found(of: State, number: int = 1) -> dict[str, Alternative]:
    """The alternatives of an order by each of their names."""
    return {label: a for a in alternatives_of(of, of.orders[f"t/{number}"].facts) for label in a.labels}


def goes(alternative: Alternative) -> list[tuple[int, Instant]]:
    """(quantity, delivery) of every release."""
    return [(release.quantity, release.delivery) for release in alternative.releases]


def snapshot(of: State) -> Any:
    """All that a decision may change."""
    book = of.book
    kept = book.on_hand, book.firm, book.commitments, book.places, book.versions, book.changed, book.fragile, book.turns
    more = of.planned, of.releases, of.orders, of.messages, of.counters, of.needed, of.used, of.looked, of.due
    log = [(id(where), key, value) for where, key, value in book.journal.log]
    plans = [(name, g, id(p)) for name, of_ in named_plans(of) for g, p in of_.items()]
    return deepcopy((kept, more)), log, plans


def named_plans(of: State) -> Iterable[tuple[str, dict[int, Any]]]:
    return [("plans", of.plans), ("checked", of.checked), ("lives", of.lives)]


def test_a_dear_supplier_on_the_date_stands_beside_a_cheap_one_later() -> None:
    of = state(SUPPLIERS)
    place(of, 1, ("R", 10, day(5)))
    alternatives = found(of)
    assert alternatives["as planned"] is alternatives["on the date"] is alternatives["earliest"]
    assert alternatives["as planned"].purchases == 90
    cheap = alternatives["cheapest"]
    assert (cheap.purchases, goes(cheap)) == (Decimal(20), [(10, day(20))])


def test_lateness_that_costs_more_than_the_cheap_supplier_saves_is_not_offered() -> None:
    customer = Customer("C", late_cost_per_day_percent=Decimal(10))
    of = state(with_customer(SUPPLIERS, customer))
    place(of, 1, ("R", 10, day(5)), price="100")
    assert [a.labels[0] for a in alternatives_of(of, of.orders["t/1"].facts)] == ["as planned"]


def test_releases_stand_beside_one_shipment() -> None:
    customer = Customer("C", cost_per_shipment=Decimal(40))
    of = state(with_customer(plant([bought("R")], offers=[offer("S", "R", days=8)]), customer), {"R": 4})
    place(of, 1, ("R", 10, day(5)))
    assert promised(of, 1) == [(4, day(5)), (6, day(8))]
    alternatives = found(of)
    assert alternatives["as planned"].shipping == 80
    assert alternatives["fewest shipments"] is alternatives["cheapest"]
    assert (goes(alternatives["cheapest"]), alternatives["cheapest"].shipping) == ([(10, day(8))], Decimal(40))


def test_lines_of_an_order_may_go_in_one_shipment() -> None:
    of = state(plant([bought("R"), bought("Q")], offers=[offer("S", "R"), offer("S", "Q")]))
    place(of, 1, ("R", 1, day(5)), ("Q", 2, day(9)))
    one = found(of)["fewest shipments"]
    assert {release.ship for release in one.releases} == {day(9)}
    assert {release.line for release in one.releases} == {"1", "2"}


def test_a_customer_who_takes_no_parts_is_offered_none() -> None:
    of = state(with_customer(SUPPLIERS, Customer("C", partial_shipments=False)))
    place(of, 1, ("R", 10, day(5)), ("R", 5, day(7)))
    assert all(a.shipments == 1 for a in alternatives_of(of, of.orders["t/1"].facts))
    assert goes(found(of)["cheapest"]) == [(10, day(20)), (5, day(20))]


def test_a_cheaper_supplier_stays_in_time_while_people_think() -> None:
    of = state(SUPPLIERS)
    place(of, 1, ("R", 10, day(5)))
    thought = alternatives_of(of, of.orders["t/1"].facts, patience=2 * 86400)
    assert [goes(a) for a in thought] == [[(10, day(5))], [(10, day(22))]]


def test_what_cannot_be_supplied_has_no_alternatives() -> None:
    of = state(plant([bought("R")]))
    place(of, 1, ("R", 10, day(5)))
    assert alternatives_of(of, of.orders["t/1"].facts) == []


def test_transit_and_what_has_left_are_reckoned_with() -> None:
    customer = Customer("C", transit_days=Decimal(2), most_releases=2)
    of = state(with_customer(SUPPLIERS, customer), {"R": 4})
    place(of, 1, ("R", 4, day(2)), ("R", 10, day(7)))
    of.begin(of.now)
    of.ship("t/1/1")
    alternatives = found(of)
    assert all({release.line for release in a.releases} == {"2"} for a in alternatives.values())
    assert goes(alternatives["as planned"]) == [(10, day(7))]
    assert goes(alternatives["cheapest"]) == [(10, day(22))]


@settings(max_examples=times(25, 400), deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 12),
)
def test_looking_for_alternatives_changes_nothing(orders: list[tuple[int, int]], partial: bool, stock: int) -> None:
    of = state(with_customer(SHOP, Customer("C", partial_shipments=partial)), {"F": stock})
    for number, (quantity, due) in enumerate(orders, 1):
        place(of, number, ("F", quantity, day(due)), ("F", 1, day(due + 1)))
    before, told = snapshot(of), delta_of(of)
    given_ = alternatives_of(of, of.orders[f"t/{len(orders)}"].facts)
    assert snapshot(of) == before
    assert delta_of(of) == told
    assert given_
    place(of, 99, ("F", 3, day(4)))
    twin = state(with_customer(SHOP, Customer("C", partial_shipments=partial)), {"F": stock})
    for number, (quantity, due) in enumerate(orders, 1):
        place(twin, number, ("F", quantity, day(due)), ("F", 1, day(due + 1)))
    place(twin, 99, ("F", 3, day(4)))
    assert supply(of) == supply(twin)


@settings(max_examples=times(25, 400), deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 12),
)
def test_every_alternative_can_be_planned_as_it_was_offered(
    orders: list[tuple[int, int]], partial: bool, stock: int
) -> None:
    shop = with_customer(SHOP, Customer("C", partial_shipments=partial))
    for chosen in range(4):
        of = state(shop, {"F": stock})
        for number, (quantity, due) in enumerate(orders, 1):
            place(of, number, ("F", quantity, day(due)), ("F", 1, day(due + 1)))
        last = f"t/{len(orders)}"
        others = {n: promised(of, n) for n in range(1, len(orders))}
        given_ = alternatives_of(of, of.orders[last].facts)
        if chosen >= len(given_):
            return
        of.begin(of.now)
        of.choose(last, given_[chosen], "boss")
        planned = sorted((r.line, r.quantity, r.delivery) for r in of.releases.values() if r.order == last)
        assert planned == sorted((r.line, r.quantity, r.delivery) for r in given_[chosen].releases)
        assert {n: promised(of, n) for n in range(1, len(orders))} == others


def test_a_chosen_answer_is_planned_with_its_supplier_and_its_reason() -> None:
    of = state(SUPPLIERS)
    place(of, 1, ("R", 10, day(5)))
    cheap = found(of)["cheapest"]
    of.begin(of.now)
    of.choose("t/1", cheap, "boss")
    assert promised(of, 1) == [(10, day(20))]
    assert [row[1:] for row in supply(of).values()] == [(10, day(0), day(20))]
    assert of.releases["t/1/1"].reason == "cheapest, chosen by boss"


def test_a_chosen_answer_that_has_become_impossible_is_planned_as_early_after_it_as_can_be() -> None:
    of = state(SUPPLIERS)
    place(of, 1, ("R", 10, day(5)))
    cheap = found(of)["cheapest"]
    slower: Plant = replace(
        SUPPLIERS, offers={"R": tuple(replace(o, lead_time=LeadTime(30)) for o in SUPPLIERS.offers["R"])}
    )
    of.set_plant(slower)
    of.begin(of.now)
    of.choose("t/1", cheap, "boss")
    assert promised(of, 1) == [(10, day(30))]


def test_a_trial_can_be_inside_another() -> None:
    of = state(SUPPLIERS, {"R": 3})
    place(of, 1, ("R", 3, day(5)))
    before = snapshot(of)
    with trial(of):
        of.book.remove("t/1/1")
        with trial(of):
            of.set_on_hand("R", 9)
        assert of.book.on_hand["R"] == 3
        assert of.book.find("t/1/1") is None
    assert snapshot(of) == before
    assert facts(1, ("R", 3, day(5))) == of.orders["t/1"].facts
