"""What a plan costs, in the plant's currency: purchases, work, shipments, and delivering late."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from knowledge.documents import CustomerOrder, OrderLine
from knowledge.instants import DAY, HOUR
from knowledge.plant import Customer, Plant
from knowledge.quantities import round_money
from simulations.report.reading import readable
from simulations.report.records import Purchase
from simulations.what_if.promises import CANCELLED, lines_of
from simulations.what_if.values import Costs, Part, State


def costs_of(state: State) -> Costs:
    """The costs of all that is open or done; what is cancelled costs nothing."""
    return _Reckoning(state).costs()


@dataclass(slots=True)
class _Reckoning:
    state: State
    plant: Plant = field(init=False)
    unpriced: int = 0

    def __post_init__(self) -> None:
        self.plant = self.state.books.plant

    def costs(self) -> Costs:
        """All of it."""
        lateness, hours = self._lateness()
        return Costs(
            purchases=round_money(self._purchases()),
            ordering=round_money(self._ordering()),
            work=round_money(self._work()),
            shipments=round_money(self._shipments()),
            lateness=round_money(_decimal(lateness)),
            late_hours=hours,
            unpriced=self.unpriced,
        )

    # -- supply

    def _purchases(self) -> Decimal:
        bought = (row for row in self.state.records.purchases if row.status != CANCELLED)
        return sum((self._outlay(row) for row in bought), Decimal(0))

    def _outlay(self, row: Purchase) -> Decimal:
        if row.value is None:
            self.unpriced += 1
            return Decimal(0)
        return self._ours(row.value, row.currency)

    def _ordering(self) -> Decimal:
        """One order cost for each purchase order."""
        orders = {row.number: row.supplier for row in self.state.books.purchases if row.status != CANCELLED}
        return sum((self._order_cost(supplier) for supplier in orders.values()), Decimal(0))

    def _order_cost(self, code: str) -> Decimal:
        supplier = self.plant.suppliers.get(code)
        return self._ours(supplier.order_cost, supplier.currency) if supplier else Decimal(0)

    def _work(self) -> Decimal:
        """The minutes of all operations at the hourly rates of their work centres."""
        total = Decimal(0)
        for order in self.state.books.work_orders:
            if order.status != CANCELLED:
                for slot in order.operations:
                    centre = self.plant.work_centres.get(slot.work_centre)
                    total += slot.minutes * (centre.cost_per_hour if centre else Decimal(0)) / 60
        return total

    def _ours(self, amount: Decimal, currency: str) -> Decimal:
        rate = self.plant.rate(currency)
        if rate is None:
            self.unpriced += 1
            return Decimal(0)
        return amount * rate

    # -- deliveries

    def _shipments(self) -> Decimal:
        shipments = {row.number: row.customer for row in self.state.records.shipments if row.status != CANCELLED}
        return sum((self._customer(code).cost_per_shipment for code in shipments.values()), Decimal(0))

    def _customer(self, code: str) -> Customer:
        return self.plant.customer(code) or Customer(code)

    def _lateness(self) -> tuple[Fraction, Fraction]:
        """What late parts of lines cost, and their weighted hours."""
        orders = {readable(f"{row['source']}/{row['number']}"): row for row in self.state.books.orders}
        cost, hours = Fraction(0), Fraction(0)
        for (order, line), parts in lines_of(self.state).items():
            seconds = _late_seconds(parts)
            if seconds and order in orders:
                customer = self._customer(orders[order]["customer"])
                hours += seconds / HOUR * Fraction(customer.lateness_weight)
                if customer.late_cost_per_day_percent:
                    value = Fraction(self._value(orders[order], line))
                    cost += seconds / DAY * Fraction(customer.late_cost_per_day_percent) / 100 * value
        return cost, hours

    def _value(self, row: Mapping[str, Any], number: str) -> Decimal:
        """What a line of an order is worth."""
        order = CustomerOrder.model_validate(json.loads(row["document"])["document"])
        line = next((each for each in order.lines if readable(each.line) == number), None)
        if line is None or line.unit_price is None:
            self.unpriced += 1
            return Decimal(0)
        return self._ours(_ordered(line) * line.unit_price, order.currency or "")


def _ordered(line: OrderLine) -> Decimal:
    """How much is ordered, in the unit of the price."""
    if line.quantity is not None:
        return line.quantity
    return sum((each.quantity for each in line.schedule or ()), Decimal(0))


def _late_seconds(parts: Iterable[Part]) -> Fraction:
    """How late a line is: each part by its share of the quantity."""
    live = [part for part in parts if part.status != CANCELLED]
    total = sum((Fraction(part.quantity) for part in live), Fraction(0))
    return sum((part.late_seconds * Fraction(part.quantity) / total for part in live), Fraction(0)) if total else total


def _decimal(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)
