"""Benchmark `planner`: the planner's decisions alone, without messages and ledger, on whole order books.

Each book is promised order by order; then single new orders are promised on top of it. Tardiness is that of the
promises against the requested dates, weighted by customer, and by quantity where an order goes in several releases.
What is planned in the end is shown to the validator, so that no promise is counted that the plan does not keep.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from agents.planner.delta import delta_of
from agents.planner.state import State
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.whole import validate
from knowledge.instants import HOUR, UTC, Instant, iso, parse
from knowledge.plant import OpenOrder, Plant, SupplyStatus
from knowledge.reading import load_plant
from knowledge.supply import PurchaseRow
from protocols.orders import LineClass, LineFacts, OrderFacts
from tests.bench.plant import generate
from tests.bench.results import Result, percentile

ONE_MORE = 60
"""Single orders that are promised on top of a book."""


@dataclass(frozen=True, slots=True)
class Book:
    """A plant and its order book. What peers reach on it is from their own runs on the same plants, in CPU seconds of
    another machine: late orders, weighted tardiness in hours, one more order's p95 in ms, the whole book in seconds."""

    name: str
    orders: int
    families: int
    load: float
    splits: bool = False
    together: bool = False
    days: int = 180
    peer_tardiness: float | None = None
    peer_late: int | None = None


BOOKS = (
    Book("calm", 1000, 5, 0.7, peer_tardiness=192, peer_late=1),
    Book("tight", 1000, 5, 0.95, peer_tardiness=20_523, peer_late=39),
    Book("overloaded, splits", 1000, 5, 1.15, splits=True, peer_tardiness=127_169, peer_late=123),
    Book("overloaded, together", 1000, 5, 1.15, splits=True, together=True, peer_tardiness=127_169, peer_late=123),
)
BUSY = Book("one busy plant", 10_000, 5, 0.9, peer_tardiness=231_321, peer_late=1_261)
GROWTH = tuple(
    Book(f"{orders:,} open orders", orders, max(1, orders // 200), 0.7) for orders in (1_000, 10_000, 100_000)
)


@dataclass(slots=True)
class Planned:
    """A planner with a book promised, and CPU seconds of each decision."""

    state: State
    seconds: list[float] = field(default_factory=list)
    more: list[float] = field(default_factory=list)


def run() -> list[Result]:
    """The books that take seconds."""
    return [result for book in BOOKS for result in measured(book, "make bench planner")]


def busy() -> list[Result]:
    """The book that takes a minute."""
    return measured(BUSY, "make bench busy")


def growth() -> list[Result]:
    """One more order as the number of open orders grows at the same load; a hundred thousand take some minutes."""
    results = []
    for book in GROWTH:
        more = planned(book).more
        results.append(Result(f"{book.name}, one more p50", percentile(more, 50) * 1000, "CPU ms", "make bench growth"))
        results.append(Result(f"{book.name}, one more p95", percentile(more, 95) * 1000, "CPU ms", "make bench growth"))
    return results


def measured(book: Book, command: str) -> list[Result]:
    """The figures of one book."""
    done = planned(book)
    late, tardiness = tardiness_of(done.state, last=book.orders)
    broken = len(validate(whole_of(done.state)))
    of_peer = None if not book.peer_tardiness else tardiness / book.peer_tardiness
    peer = "frePPLe 9.18"
    few = None if not book.peer_late else late / book.peer_late
    return [
        Result(f"{book.name}: weighted tardiness", tardiness, "h", command, peer, of_peer),
        Result(f"{book.name}: late orders", late, "orders", command, peer, few),
        Result(f"{book.name}: what the validator refuses", broken, "findings", command),
        Result(f"{book.name}: whole book", sum(done.seconds), "CPU s", command),
        Result(f"{book.name}: one more order, p50", percentile(done.more, 50) * 1000, "CPU ms", command),
        Result(f"{book.name}: one more order, p95", percentile(done.more, 95) * 1000, "CPU ms", command),
    ]


def planned(book: Book) -> Planned:
    """Promise a whole book, then some orders more."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        generate(
            folder,
            orders=book.orders,
            families=book.families,
            load=book.load,
            splits=book.splits,
            together=book.together,
            days=book.days,
        )
        plant = load_plant(folder / "knowledge")
        orders = [json.loads(line) for line in (folder / "orders.jsonl").read_text(encoding="utf-8").splitlines()]
    done = Planned(begun(plant, orders))
    for facts in facts_of(plant, orders, book.together):
        done.seconds.append(decided(done.state, facts))
    for facts in list(facts_of(plant, more_orders(orders), False)):
        done.more.append(decided(done.state, facts))
    return done


def begun(plant: Plant, orders: Sequence[dict[str, Any]]) -> State:
    """A planner that knows the plant, its stock and what is on order."""
    now = parse(str(orders[0]["received"]), UTC)
    state = State(plant, now)
    state.begin(now)
    for item, units in plant.stock.items():
        state.set_on_hand(item, units)
    state.take_open_orders([], [_row(plant, order, now) for order in plant.open_orders])
    return state


def _row(plant: Plant, order: OpenOrder, now: Instant) -> PurchaseRow:
    supplier = order.supplier or ""
    quantity, price = order.quantity, Decimal(1)
    return PurchaseRow(
        order.number, 1, supplier, order.item, quantity, price, plant.currency, now, order.due, SupplyStatus.RELEASED
    )


def facts_of(plant: Plant, orders: Sequence[dict[str, Any]], together: bool) -> Iterator[OrderFacts]:
    """The orders in the order in which the planner takes them."""
    found = [_facts(number, order) for number, order in enumerate(orders, 1)]
    if together:
        found.sort(key=lambda f: (_priority(plant, f.customer), f.lines[0].requested or 0, f.sequence))
    yield from found


def _priority(plant: Plant, customer: str) -> int:
    known = plant.customer(customer)
    return known.priority if known else 5


def _facts(sequence: int, order: dict[str, Any]) -> OrderFacts:
    line = order["lines"][0]
    requested, quantity = parse(line["requested"], UTC), int(line["quantity"])
    number = str(order["number"])
    return OrderFacts(
        order=f"bench/{number}",
        sequence=sequence,
        source="bench",
        number=number,
        customer=str(order["customer"]),
        currency="EUR",
        ship_to="",
        received=parse(str(order["received"]), UTC),
        lines=(
            LineFacts(
                line="1",
                item=line["item"],
                description="",
                ordered=line["quantity"],
                wants=((quantity, requested),),
                requested=requested,
                unit_price=line["unit_price"],
            ),
        ),
    )


def more_orders(orders: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some orders like those of the book, received a second apart after it."""
    rng = random.Random(1)
    last = parse(str(orders[-1]["received"]), UTC)
    chosen = rng.sample(list(orders), min(ONE_MORE, len(orders)))
    return [
        {**order, "number": f"M{number:06d}", "received": iso(last + number, UTC)}
        for number, order in enumerate(chosen, 1)
    ]


def decided(state: State, facts: OrderFacts) -> float:
    """CPU seconds of one decision: the promise, the plan, and what all of it has changed.

    What is due to be issued before is issued at its time, as a timer does in service.
    """
    while (due := state.next_release()) is not None and due < facts.received:
        _issue(state, max(due, state.now))
    begin = time.process_time()
    state.begin(facts.received)
    state.plan_order(facts, [LineClass(line="1", classified_as="make")])
    groups, _ = state.release_due()
    if groups:
        state.adopt(groups)
    delta_of(state)
    return time.process_time() - begin


def _issue(state: State, now: Instant) -> None:
    state.begin(now)
    groups, _ = state.release_due()
    if groups:
        state.adopt(groups)
    delta_of(state)


def tardiness_of(state: State, last: int) -> tuple[int, float]:
    """(orders promised late, hours late weighted by customer and share of the quantity) of the first orders."""
    late: set[str] = set()
    total = 0.0
    for release in state.releases.values():
        planned_order = state.orders[release.order]
        if planned_order.facts.sequence > last or release.order.startswith("bench/M"):
            continue
        customer = state.plant.customer(release.customer)
        assert customer is not None
        assert release.requested is not None
        hours = (release.delivery - release.requested) / HOUR
        if hours > 0:
            late.add(release.order)
            ordered = sum(units for line in planned_order.facts.lines for units, _ in line.wants)
            total += hours * float(customer.lateness_weight) * release.quantity / ordered
    return len(late), total
