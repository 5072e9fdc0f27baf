"""Laws of the whole society through random histories: orders, and facts about whatever there is at that moment.

A history is made step by step: time passes, or a document comes that speaks of supply, stock and shipments as they
stand then. The laws of one state are the auditor's; here are those that compare the states before and after a step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from knowledge.instants import from_datetime
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from knowledge.store.tables import (
    AgentStateRow,
    MessageRow,
    OperationRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from simulations.processing import Processing
from simulations.torture.documents import (
    DAY_MINUTES,
    START,
    cancel,
    change,
    confirmation,
    count,
    downtime,
    order,
    receipt,
    report,
    revision,
    shipment,
)
from simulations.torture.laws import (
    Ordered,
    changed_by_nobody,
    late_without_a_reason,
    stock_that_came_from_nowhere,
    without_cause,
)
from simulations.torture.moments import ISSUED, OPEN, TABLES, Moment, instant, minutes_of, moment, was_taken
from tests.effort import LONG, times
from tests.random_plants import DAYS, Case, items_of, plants
from tests.test_properties import society, take


def pass_time(processing: Processing, minutes: int) -> None:
    """Let the clock go on to a time at which no document comes."""
    processing.now = max(processing.now, instant(minutes))
    processing.host.run_until(processing.now)


class Histories(RuleBasedStateMachine):
    """A society, and everything that may happen to it next."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[dict[str, Any]] = []
        self.ordered = Ordered()
        self.minutes = 0
        self.orders = 0
        self.revisions = 0
        self.restarted = False
        self.broken = False

    @initialize(files=plants(frozen=(0, 0, 3)))
    def begin(self, files: dict[str, str]) -> None:
        """The plant, before anything has happened."""
        self.files = files
        self.store = Store()
        self.processing = Processing(self.store, files, from_datetime(START))
        self.now = moment(self.processing, 0)
        self._demand(self.now.found)

    # -- time

    @rule(gap=st.sampled_from([1, 60, DAY_MINUTES, 5 * DAY_MINUTES]))
    def time_passes(self, gap: int) -> None:
        """No document for a while."""
        self._wait(self.minutes + gap)

    @rule(data=st.data(), later=st.sampled_from([0, 0, 1]))
    def time_comes(self, data: st.DataObject, later: int) -> None:
        """No document until something is due."""
        ahead = {row[key] for row in self.now.of(WorkOrderRow, *OPEN) for key in ("start", "finish")}
        ahead |= {row[key] for row in self.now.of(PurchaseOrderRow, *OPEN) for key in ("order_by", "due")}
        ahead |= {row["ship"] for row in self.now.of(ShippingOrderRow, *OPEN)}
        minutes = sorted(m for m in {minutes_of(time) for time in ahead} if self.minutes < m)
        if minutes:
            self._wait(data.draw(st.sampled_from(minutes)) + later)

    def _wait(self, minutes: int) -> None:
        self.minutes = minutes
        pass_time(self.processing, minutes)
        self._compare(None)

    @rule()
    def it_stops_and_goes_on(self) -> None:
        """The society ends, and another goes on from its database."""
        self.processing.host.stop()
        before = {model: self.store.rows(model) for model in TABLES}
        outcome = self.processing.outcome
        self.processing = Processing(self.store, self.files, from_datetime(START), outcome=outcome)
        pass_time(self.processing, self.minutes)
        self._demand([f"restart: {m.__name__}" for m in TABLES if self.store.rows(m) != before[m]])
        self.restarted = True

    # -- customers

    @rule(
        customer=st.sampled_from(["ANY", "WHOLE", "FEW"]),
        lines=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 25), DAYS), min_size=1, max_size=2),
    )
    def order(self, customer: str, lines: list[tuple[int, int, int | None]]) -> None:
        items = items_of(self.files)
        today = self.minutes // DAY_MINUTES
        wanted = [(items[n % len(items)], units, None if day is None else today + day) for n, units, day in lines]
        self.orders += 1
        self._take(order(str(self.orders), customer, wanted, self.minutes))

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 9), line=st.sampled_from("1112"), quantity=st.integers(0, 25), day=DAYS)
    def change(self, which: int, line: str, quantity: int, day: int | None) -> None:
        """Another quantity; on a cancelled order it reopens the line."""
        day = None if day is None else self.minutes // DAY_MINUTES + day
        self._take(change(str(which % self.orders + 1), line, quantity, day, self.minutes))

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        self._take(cancel(str(which % self.orders + 1), self.minutes))

    # -- suppliers

    @precondition(lambda self: self.now.rows[PurchaseOrderRow])
    @rule(
        data=st.data(),
        days=st.sampled_from([None, -3, -1, 0, 1, 4, 15]),
        share=st.sampled_from([None, 0, 0.5, 1, 1.5]),
    )
    def confirm(self, data: st.DataObject, days: int | None, share: float | None) -> None:
        """A supplier says another date or quantity, or the same."""
        row = self._purchase(data)
        due = None if days is None else minutes_of(row["due"]) + days * DAY_MINUTES
        quantity = None if share is None else math.ceil(row["quantity"] * share)
        self._take(confirmation(row["purchase_order"], row["item"], quantity, due, self.minutes))

    @precondition(lambda self: self.now.rows[PurchaseOrderRow])
    @rule(data=st.data(), share=st.sampled_from([0.5, 1, 1, 1, 1.5]))
    def receive(self, data: st.DataObject, share: float) -> None:
        """A part, all or more of what is to come."""
        row = self._purchase(data)
        left = max(1, row["quantity"] - row["received"])
        self._take(receipt(row["purchase_order"], row["item"], math.ceil(left * share), self.minutes))

    def _purchase(self, data: st.DataObject) -> dict[str, Any]:
        issued = self.now.of(PurchaseOrderRow, *ISSUED)
        return data.draw(st.sampled_from(issued or self.now.rows[PurchaseOrderRow]))

    # -- the floor

    @precondition(lambda self: self.now.rows[WorkOrderRow])
    @rule(
        data=st.data(),
        share=st.sampled_from([0, 0.5, 1, 1, 1, 1.2]),
        scrap=st.sampled_from([0, 0, 0, 1, 5]),
        finished=st.sampled_from([None, None, 0, -60, -DAY_MINUTES, 90]),
        complete=st.booleans(),
    )
    def report(self, data: st.DataObject, share: float, scrap: int, finished: int | None, complete: bool) -> None:
        """Progress of a work order or a step of it, whichever, early or late."""
        released = self.now.of(WorkOrderRow, "released")
        row = data.draw(st.sampled_from(released or self.now.rows[WorkOrderRow]))
        steps = [s["step"] for s in self.now.rows[OperationRow] if s["work_order"] == row["work_order"]]
        step = data.draw(st.sampled_from([None, *sorted(steps)]))
        good = math.ceil(max(0, row["quantity"] - row["made"]) * share)
        done = None if finished is None else self.minutes + finished
        self._take(
            report(row["work_order"], step, good, scrap, self.minutes, finished=done, complete=complete),
        )

    @rule(
        centre=st.sampled_from(["W0", "W1"]),
        start=st.sampled_from([-60, 0, 600, 3 * DAY_MINUTES]),
        length=st.sampled_from([60, DAY_MINUTES, 6 * DAY_MINUTES]),
    )
    def stop(self, centre: str, start: int, length: int) -> None:
        """Machines are down, or will be."""
        start += self.minutes
        self._take(downtime(centre, start, start + length, self.minutes))

    @rule(data=st.data(), bom=st.booleans(), route=st.sampled_from([(), (), ((10, "W0"),), ((10, "W1"), (20, "W0"))]))
    def revise(self, data: st.DataObject, bom: bool, route: tuple[tuple[int, str], ...]) -> None:
        """Engineering releases another BOM or route of an item that is made."""
        items = items_of(self.files)
        item = data.draw(st.sampled_from([code for code in items if code in self.now.plant.boms]))
        deeper = [code for code in items if code > item and code[:2] != item[:2]]
        parts = data.draw(st.lists(st.tuples(st.sampled_from(deeper), st.integers(1, 3)), max_size=2)) if bom else []
        if parts or route:
            self.revisions += 1
            self._take(revision(item, f"R{self.revisions}", dict(parts).items(), route, self.minutes))

    # -- the warehouse

    @precondition(lambda self: self.now.rows[ShippingOrderRow])
    @rule(data=st.data())
    def ship(self, data: st.DataObject) -> None:
        """Something has left, whether its time has come or not."""
        known = self.now.of(ShippingOrderRow, *OPEN) or self.now.rows[ShippingOrderRow]
        self._take(shipment(data.draw(st.sampled_from(known))["shipping_order"], self.minutes))

    @rule(which=st.integers(0, 9), difference=st.sampled_from([-100, -5, -1, 0, 1, 8]))
    def count(self, which: int, difference: int) -> None:
        """There is less, or more, on the shelf than everybody thought."""
        items = items_of(self.files)
        item = items[which % len(items)]
        self._take(count(item, max(0, self.now.stock.get(item, 0) + difference), self.minutes))

    # -- errors of others

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 99))
    def again(self, which: int) -> None:
        """A document that was taken before comes once more."""
        self._take(self.documents[which % len(self.documents)], again=True)

    @rule(kind=st.integers(0, 5))
    def of_something_unknown(self, kind: int) -> None:
        """A report on a number that nobody has given."""
        now = self.minutes
        unknown = (
            confirmation("PO-X", None, 5, None, now),
            receipt("PO-X", None, 5, now),
            report("WO-X", None, 5, 0, now),
            shipment("SH-X", now),
            count("NOTHING", 5, now),
            cancel("X", now),
        )
        self._take(unknown[kind], unknown=True)

    # -- what holds after every step

    def _take(self, document: dict[str, Any], *, again: bool = False, unknown: bool = False) -> None:
        """Let a document be processed, and compare before and after."""
        again = again or document in self.documents
        take(self.processing, document)
        self.documents.append(document)
        before, now = self._compare(document)
        accepted, duplicate, refused = (b - a for a, b in zip(before.counts, now.counts, strict=True))
        problems = []
        if accepted + duplicate + refused != 1:
            problems.append(f"exit: {now.counts} after {before.counts}")
        if again and not duplicate:
            problems.append(f"exit: the same document again was taken: {document}")
        quarantined = now.quarantined - before.quarantined
        if quarantined > 1 or (refused and not quarantined) or (duplicate and quarantined):
            problems.append(f"exit: {quarantined} quarantined, {document}")
        if unknown and not quarantined and not duplicate:
            problems.append(f"exit: a report on what is not known was taken: {document}")
        if was_taken(before, now):
            self.ordered.take(document)
        else:
            problems.extend(
                f"changed by what was not taken: {model.__name__}: {document}"
                for model in TABLES
                if before.rows[model] != now.rows[model]
            )
        problems.extend(self.ordered.lost(now))
        self._demand(problems)

    def _compare(self, document: dict[str, Any] | None) -> tuple[Moment, Moment]:
        before, self.now = self.now, moment(self.processing, self.minutes)
        found = [text for text in self.now.found if not text.startswith("overdue") or self._planned(before, document)]
        found.extend(self._unanswered())
        documents = [] if document is None else [document]
        found.extend(without_cause(before, self.now, documents))
        found.extend(changed_by_nobody(before, self.now, documents))
        found.extend(stock_that_came_from_nowhere(before, self.now, documents))
        found.extend(late_without_a_reason(self.now))
        self._demand(found)
        return before, self.now

    def _planned(self, before: Moment, document: dict[str, Any] | None) -> bool:
        """Whether the planner had something to do on account of a document, so that nothing overdue may be left."""
        if document is None or document["type"] == "order_cancel":
            return False
        return was_taken(before, self.now)

    def _unanswered(self) -> Iterator[str]:
        """Messages of the past that nobody has handled, and documents that nobody has answered."""
        now = instant(self.minutes)
        for row in self.store.rows(MessageRow, status="waiting"):
            if row["due"] <= now:
                yield f"waiting: {row['kind']}"
        for row in self.store.rows(AgentStateRow, agent="intake"):
            if row["key"].startswith("pending:"):
                yield f"pending: {row['body']}"

    def _demand(self, problems: list[str]) -> None:
        if problems:
            self.broken = True
            note(str(Case(self.files, tuple(self.documents))))
        assert not problems, problems

    def teardown(self) -> None:
        """A society that never stopped has the same tables in the end."""
        if self.restarted and not self.broken:
            case = Case(self.files, tuple(self.documents))
            other = society(case)
            for document in case.documents:
                take(other, document)
            pass_time(other, self.minutes)
            assert differences(tables_of(other), tables_of(self.processing)) == []


def tables_of(processing: Processing) -> dict[str, Rows]:
    """The tables as they are now."""
    return export(processing.store, processing.plant_now(), processing.now)


def differences(one: dict[str, Rows], other: dict[str, Rows]) -> list[str]:
    """Rows that only one of two societies has."""
    return [
        f"{name}: {row} {where}"
        for name in one
        for rows, others, where in ((one[name], other[name], "unless stopped"), (other[name], one[name], "if stopped"))
        for row in rows
        if row not in others
    ]


def test_a_society_keeps_its_laws_through_any_history() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=times(50, 3000),
            stateful_step_count=times(20, 40),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target] + ([Phase.shrink] if LONG else []),
        ),
    )
