"""What a plan costs, reckoned by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from knowledge.plant import SupplyStatus
from simulations.what_if.costs import costs_of
from tests.simulations.what_if.states import Known, Made, order_row, promise, purchase, shipment, state


def test_purchases_are_quantity_times_price_in_the_plants_currency() -> None:
    rows = [
        purchase("PO-1", 5, "", quantity=7),
        purchase("PO-2", 5, "", quantity=10, supplier="D", currency="USD", unit_price="3"),
        purchase("PO-3", 5, "", status="cancelled"),
    ]
    assert costs_of(state(purchase_orders=rows)).purchases == Decimal("29.00")  # 7 × 2 + 10 × 3 × 0.5


def test_each_purchase_order_costs_its_order_cost_once() -> None:
    known = Known(bought=[("PO-1", "S"), ("PO-1", "S"), ("PO-2", "D")])
    assert costs_of(state(known)).ordering == Decimal("25.00")  # 20 + 10 USD


def test_work_is_minutes_at_the_rates_of_the_work_centres() -> None:
    known = Known(made=[Made("WO-1", {"SAW": 90, "MILL": 30}), Made("WO-2", {"SAW": 60}, SupplyStatus.CANCELLED)])
    assert costs_of(state(known)).work == Decimal("75.00")  # 1.5 h × 30 + 0.5 h × 60


def test_each_shipping_order_costs_what_its_customer_costs() -> None:
    rows = [
        shipment("SH-1", "1/1", 5),
        shipment("SH-1", "1/2", 5),
        shipment("SH-2", "2/1", 5),
        shipment("SH-3", "3/1", 5, customer="SMALL"),
        {**shipment("SH-4", "4/1", 5), "status": "cancelled"},
    ]
    assert costs_of(state(shipping_orders=rows)).shipments == Decimal("30.00")


def test_lateness_costs_its_percentage_of_the_lines_value_a_day_by_the_share_that_is_late() -> None:
    """5 at 100 EUR; 2 of them are 3 days late at 2 % a day: 500 × 0.02 × 3 × 2/5."""
    rows = [promise("1/1", 3, 9, 9), promise("1/1", 2, 9, 12)]
    costs = costs_of(state(Known(orders=[order_row("1", "BIG", "100", "5")]), promises=rows))
    assert costs.lateness == Decimal("12.00")
    assert costs.late_hours == Fraction(3 * 72 * 2, 5)


def test_a_line_in_another_currency_is_worth_its_rate() -> None:
    known = Known(orders=[order_row("1", "BIG", "100", "5", currency="USD")])
    assert costs_of(state(known, promises=[promise("1/1", 5, 9, 10)])).lateness == Decimal("5.00")


def test_what_is_not_promised_is_not_late() -> None:
    known = Known(orders=[order_row("1", "BIG", "100", "5")])
    costs = costs_of(state(known, promises=[promise("1/1", 5, 9, None, "infeasible")]))
    assert costs.lateness == 0
    assert costs.late_hours == 0


def test_what_nobody_knows_the_price_of_is_counted() -> None:
    rows = [purchase("PO-1", 5, "", unit_price=""), purchase("PO-2", 5, "", currency="GBP")]
    costs = costs_of(state(purchase_orders=rows))
    assert costs.purchases == 0
    assert costs.unpriced == 2
