"""What happens next, by chance: documents about whatever there is at that moment, right ones and wrong ones."""

from __future__ import annotations

import math
from collections import deque
from random import Random
from typing import Any

from knowledge.store.tables import (
    ApprovalRow,
    OperationRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from simulations.torture import documents as say
from simulations.torture.case import HARMLESS, Fault, Kind, Step
from simulations.torture.documents import DAY_MINUTES
from simulations.torture.moments import ISSUED, OPEN, Moment, minutes_of
from simulations.torture.plants import CUSTOMERS, items_of, plant, version

Document = dict[str, Any]

ORDERS = 20
"""At least so many orders come."""

FAULTS = 5
"""At least so many faults are to happen."""

_OTHERS = {
    "orders": 2,
    "change": 5,
    "cancel": 2,
    "confirm": 4,
    "receive": 5,
    "report": 6,
    "ship": 4,
    "count": 3,
    "stop": 2,
    "revise": 2,
    "draw": 2,
    "answer": 3,
    "again": 2,
    "unknown": 2,
    "load": 1,
}
"""How often each kind of document comes beside orders."""

_SECONDS = (1, 30, 600)


class Story:
    """A seed's plant and all that happens to it: `next` invents the following step from how things stand then.

    In half of the stories nothing goes wrong that may change what is decided, and nothing happens at one instant with
    something else, so that the same must come of them as if nothing had gone wrong.
    """

    def __init__(self, seed: int) -> None:
        self.dice = dice = Random(f"torture {seed}")
        self.files = plant(dice)
        self.items = items_of(self.files)
        self.orders = 0
        self.custom: list[str] = []
        self.told: list[Document] = []
        self.number = 0
        self.harmless = dice.random() < 0.5
        kinds = ["order"] * dice.randint(ORDERS, ORDERS + 2)
        kinds += dice.choices([*_OTHERS], [*_OTHERS.values()], k=dice.randint(14, 20))
        dice.shuffle(kinds)
        self._kinds = ["order", *kinds]
        self._faults = self._spread(len(kinds))
        self._ready: deque[Step] = deque()
        self._gaps: list[int] = []

    def next(self, moment: Moment) -> Step | None:
        """The next step; None at the end."""
        while not self._ready and self.number < len(self._kinds):
            self._invent(self._kinds[self.number], moment)
        return self._ready.popleft() if self._ready else None

    def _invent(self, kind: str, moment: Moment) -> None:
        """Let some time pass, then something happen. Facts come when the time has passed, so that they are told from
        what time alone does."""
        minutes, faults = moment.minutes + self._gap(moment), self._faults.get(self.number, ())
        if kind not in ("order", "orders", "change", "cancel") and minutes > moment.minutes + 1:
            self._ready.append(Step(minutes - 1))
            self._gaps.append(1)
            return
        self.number += 1
        if kind == "load":
            self._ready.append(Step(minutes, files=version(self.dice, self.files), faults=faults))
            return
        documents = tuple(getattr(self, f"_{kind}")(moment, minutes))
        self.told.extend(documents)
        if documents or faults:
            self._ready.append(Step(minutes, documents, faults=faults))

    def _gap(self, moment: Moment) -> int:
        """Minutes until something happens: some, or until something is due."""
        if self._gaps:
            return self._gaps.pop()
        gap = self.dice.choice((1, 1, 1, 60, 60, 300, DAY_MINUTES, 0))
        if gap:
            return gap
        ahead = {row[key] for row in moment.of(WorkOrderRow, *OPEN) for key in ("start", "finish")}
        ahead |= {row[key] for row in moment.of(PurchaseOrderRow, *OPEN) for key in ("order_by", "due")}
        ahead |= {row["ship"] for row in moment.of(ShippingOrderRow, *OPEN)}
        later = sorted(m for m in {minutes_of(time) for time in ahead} if moment.minutes < m)
        return later[0] - moment.minutes if later else 1

    def _spread(self, steps: int) -> dict[int, tuple[Fault, ...]]:
        """Faults, by the number of the step at which they are armed."""
        found: dict[int, tuple[Fault, ...]] = {}
        kinds = [kind for kind in Kind if kind in HARMLESS or not self.harmless]
        for _ in range(self.dice.randint(FAULTS + 3, FAULTS + 8)):
            at = self.dice.randrange(steps * 4 // 5)
            found[at] = (*found.get(at, ()), self._fault(self.dice.choice(kinds)))
        return found

    def _fault(self, kind: Kind) -> Fault:
        dice = self.dice
        match kind:
            case Kind.AGENT | Kind.PROCESS:
                return Fault(kind, dice.randint(1, 60))
            case Kind.BEFORE_COMMIT | Kind.AFTER_COMMIT | Kind.TOLD:
                return Fault(kind, dice.randint(1, 4))
            case Kind.TWICE | Kind.LATE:
                return Fault(kind, dice.randint(1, 12), dice.choice(_SECONDS))
            case Kind.SHUFFLED:
                return Fault(kind, dice.randint(1, 3), dice.randrange(1000))
            case Kind.TIMER:
                return Fault(kind, dice.randint(1, 3), dice.choice((*_SECONDS, DAY_MINUTES * 60)))
            case Kind.SINK | Kind.UNACKNOWLEDGED:
                return Fault(kind, dice.randint(1, 6), dice.randint(1, 4))
            case Kind.CLOCK:
                return Fault(kind, 1, dice.choice((*_SECONDS, DAY_MINUTES * 60, 5 * DAY_MINUTES * 60)))

    # -- customers and engineering

    def _order(self, moment: Moment, minutes: int) -> list[Document]:
        dice, today = self.dice, minutes // DAY_MINUTES
        self.orders += 1
        number = str(self.orders)
        days = (None, 1, 2, 4, *range(6, 36))
        lines: list[tuple[str, int, int | None]] = []
        for _ in range(dice.choice((1, 1, 1, 2))):
            day = dice.choice(days)
            lines.append((dice.choice(self.items), dice.randint(1, 12), None if day is None else today + day))
        document = say.order(number, dice.choice(CUSTOMERS), lines, minutes)
        if dice.random() < 0.1:
            del document["lines"][0]["item"]
            document["lines"][0]["description"] = "as drawn"
            self.custom.append(number)
        return [document]

    def _orders(self, moment: Moment, minutes: int) -> list[Document]:
        many = 1 if self.harmless else self.dice.randint(2, 4)
        return [document for _ in range(many) for document in self._order(moment, minutes)]

    def _some_order(self) -> str:
        return str(self.dice.randint(1, self.orders))

    def _change(self, moment: Moment, minutes: int) -> list[Document]:
        day = self.dice.choice((None, 0, 3, *range(6, 36)))
        day = None if day is None else minutes // DAY_MINUTES + day
        return [say.change(self._some_order(), self.dice.choice("1112"), self.dice.randint(0, 25), day, minutes)]

    def _cancel(self, moment: Moment, minutes: int) -> list[Document]:
        return [say.cancel(self._some_order(), minutes)]

    def _draw(self, moment: Moment, minutes: int) -> list[Document]:
        """Engineering has drawn what a custom line asks for."""
        if not self.custom:
            return []
        number = self.dice.choice(self.custom)
        parts = {self.dice.choice(self.items): self.dice.randint(1, 2) for _ in range(2)}
        route = self.dice.choice(((), ((10, "W0"),), ((10, "W1"), (20, "W0"))))
        release = say.revision(f"C-{number}", "A", parts.items(), route, minutes)
        return [{**release, "source": "t", "number": number, "line": "1"}]

    def _revise(self, moment: Moment, minutes: int) -> list[Document]:
        """Engineering releases another BOM or route of an item that is made."""
        item = self.dice.choice([code for code in self.items if code in moment.plant.boms])
        deeper = [code for code in self.items if code > item and code[:2] != item[:2]]
        parts = {self.dice.choice(deeper): self.dice.randint(1, 3) for _ in range(self.dice.choice((0, 1, 2)))}
        route = self.dice.choice(((), ((10, "W0"),), ((10, "W1"), (20, "W0"))))
        if not parts and not route:
            return []
        return [say.revision(item, f"R{self.number}", parts.items(), route, minutes)]

    def _answer(self, moment: Moment, minutes: int) -> list[Document]:
        """A manager answers what waits, or what waits no more."""
        rows = moment.of(ApprovalRow, "pending") or moment.rows[ApprovalRow]
        if not rows:
            return []
        decision = self.dice.choice(("approve", "approve", "reject"))
        return [say.answer(self.dice.choice(rows)["approval"], decision, minutes)]

    # -- suppliers, floor, warehouse

    def _purchase(self, moment: Moment) -> dict[str, Any] | None:
        rows = moment.of(PurchaseOrderRow, *ISSUED) or moment.rows[PurchaseOrderRow]
        return self.dice.choice(rows) if rows else None

    def _confirm(self, moment: Moment, minutes: int) -> list[Document]:
        """A supplier says another date or quantity, or the same."""
        row = self._purchase(moment)
        if row is None:
            return []
        days, share = self.dice.choice((None, -3, -1, 0, 1, 4, 15)), self.dice.choice((None, 0, 0.5, 1, 1.5))
        due = None if days is None else minutes_of(row["due"]) + days * DAY_MINUTES
        quantity = None if share is None else math.ceil(row["quantity"] * share)
        return [say.confirmation(row["purchase_order"], row["item"], quantity, due, minutes)]

    def _receive(self, moment: Moment, minutes: int) -> list[Document]:
        """A part, all or more of what is to come."""
        row = self._purchase(moment)
        if row is None:
            return []
        left = max(1, row["quantity"] - row["received"])
        share = self.dice.choice((0.5, 1, 1, 1, 1.5))
        return [say.receipt(row["purchase_order"], row["item"], math.ceil(left * share), minutes)]

    def _report(self, moment: Moment, minutes: int) -> list[Document]:
        """Progress of a work order or a step of it, whichever, early or late."""
        rows = moment.of(WorkOrderRow, "released") or moment.rows[WorkOrderRow]
        if not rows:
            return []
        dice, row = self.dice, self.dice.choice(rows)
        steps = sorted(s["step"] for s in moment.rows[OperationRow] if s["work_order"] == row["work_order"])
        step = dice.choice((None, None, *steps))
        good = math.ceil(max(0, row["quantity"] - row["made"]) * dice.choice((0, 0.5, 1, 1, 1, 1.2)))
        done = dice.choice((None, None, 0, -60, -DAY_MINUTES, 90))
        scrap, complete = dice.choice((0, 0, 0, 1, 5)), dice.random() < 0.5
        finished = None if done is None else minutes + done
        return [say.report(row["work_order"], step, good, scrap, minutes, finished=finished, complete=complete)]

    def _ship(self, moment: Moment, minutes: int) -> list[Document]:
        """Something has left, more often what it is time for."""
        rows = moment.of(ShippingOrderRow, *OPEN) or moment.rows[ShippingOrderRow]
        due = [row for row in rows if row["ship"] <= moment.now]
        if due and self.dice.random() < 0.7:
            rows = due
        return [say.shipment(self.dice.choice(rows)["shipping_order"], minutes)] if rows else []

    def _count(self, moment: Moment, minutes: int) -> list[Document]:
        """There is less, or more, on the shelf than everybody thought."""
        item = self.dice.choice(self.items)
        difference = self.dice.choice((-100, -5, -1, 0, 1, 8))
        return [say.count(item, max(0, moment.stock.get(item, 0) + difference), minutes)]

    def _stop(self, moment: Moment, minutes: int) -> list[Document]:
        """Machines are down, or will be."""
        start = minutes + self.dice.choice((-60, 0, 600, 3 * DAY_MINUTES))
        length = self.dice.choice((60, DAY_MINUTES, 6 * DAY_MINUTES))
        return [say.downtime(self.dice.choice(("W0", "W1")), start, start + length, minutes)]

    # -- errors of others

    def _again(self, moment: Moment, minutes: int) -> list[Document]:
        """A document that came before comes once more."""
        return [self.dice.choice(self.told)] if self.told else []

    def _unknown(self, moment: Moment, minutes: int) -> list[Document]:
        """Something about what nobody has heard of."""
        return [
            self.dice.choice(
                (
                    say.confirmation("PO-X", None, 5, None, minutes),
                    say.receipt("PO-X", None, 5, minutes),
                    say.report("WO-X", None, 5, 0, minutes),
                    say.shipment("SH-X", minutes),
                    say.count("NOTHING", 5, minutes),
                    say.cancel("X", minutes),
                    say.answer("AP-X", "approve", minutes),
                    say.downtime("WX", minutes, minutes + 60, minutes),
                )
            )
        ]
