"""Action messages on firm supply: an item is looked at only as far as its firm supply goes, and that is enough."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.state import State
from knowledge.plant import SupplyStatus
from knowledge.supply import PurchaseRow
from tests.agents.planner.plants import NOW, bom, bought, day, drop, made, offer, place, plant, state
from tests.effort import times

PLANT = plant(
    [made("A", 1), made("B", 1), bought("R", safety=2)],
    boms=[bom("A", ("R", 1)), bom("B", ("R", 2))],
    offers=[offer("S", "R", days=1)],
)
ORDERS = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(1, 9), st.integers(3, 40), st.booleans()), min_size=1, max_size=8
)
FIRM = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 12)), min_size=1, max_size=3)


def _firm(number: int, units: int, due: int) -> PurchaseRow:
    price = PLANT.offers["R"][0].unit_price(units)
    return PurchaseRow(f"F{number}", 1, "S", "R", units, price, "EUR", NOW, day(due), SupplyStatus.RELEASED)


def _agree(planner: State) -> None:
    """What is seen of an item in part is what is seen of it in all."""
    for item, shelf in planner.book.firm.items():
        near, whole = planner._near(item), planner._all(item)
        if shelf and near is not None:
            assert near[2] == whole[2]
            assert {d: near[1].get(d) for d in shelf} == {d: whole[1].get(d) for d in shelf}


@settings(max_examples=times(40, 2000))
@given(orders=ORDERS, firm=FIRM, stock=st.integers(0, 10))
def test_needs_beyond_those_that_firm_supply_is_for_do_not_matter(
    orders: list[tuple[str, int, int, bool]], firm: list[tuple[int, int]], stock: int
) -> None:
    planner = state(PLANT, {"R": stock})
    planner.take_open_orders([], [_firm(n, units, due) for n, (units, due) in enumerate(firm)])
    _agree(planner)
    for number, (item, quantity, due, stays) in enumerate(orders, 1):
        place(planner, number, (item, quantity, day(due)))
        _agree(planner)
        if not stays:
            drop(planner, number)
            _agree(planner)
