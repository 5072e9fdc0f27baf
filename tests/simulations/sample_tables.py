"""A small believable plant and the tables of a run on it, made by plain deterministic code.

Orders are scheduled forwards, one after another, on machines open from 6 to 22 on weekdays: nobody would run a plant
so, but the tables hang together: pegs add up, operations do not overlap, availability follows from the supply.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from knowledge.instants import DAY, HOUR, Instant, iso, parse, to_datetime
from knowledge.plant import Bom, Component, Item, Kind, Plant, Replenishment, Supplier, WorkCentre
from simulations.report import MessageView

ZONE = ZoneInfo("Europe/Berlin")
NOW = parse("2026-01-05T08:00:00+01:00")

Row = dict[str, str]
TABLES = (
    "promises", "work_orders", "operations", "purchase_orders", "shipping_orders", "availability", "action_messages",
    "approvals", "quarantine",
)  # fmt: skip

_FINISHED = {
    "PUMP-10": "Centrifugal pump, 10 bar",
    "PUMP-20": "Centrifugal pump, 20 bar, stainless, with flanged ports and an extended service kit",
    "VALVE-5": 'Ball valve 1/2" <b>PN 40</b> & lever',
    "GEAR-7": "Helical gear, module 7",
    "FRAME-2": "Base frame, welded and painted",
}
_PARTS = {
    "HOUSING": ("Machined housing", ("MILL", 45), "CASTING"),
    "SHAFT": ("Ground shaft", ("LATHE", 30), "STEEL-20"),
}
_BOUGHT = {
    "CASTING": ("Grey iron casting", "GUSS", "42.50", 21, 40),
    "STEEL-20": ("Round bar, 20 mm", "NORDSTAHL", "3.2", 7, 900),
    "SEAL-KIT": ("Seal kit, viton", "DICHT", "18.90", 10, 25),
    "BEARING": ("Deep groove bearing 6204", "KUGEL", "4.15", 5, 260),
    "BOLT-M8": ("Hexagon bolt M8 x 40", "KUGEL", "0.08", 3, 4000),
    "PAINT": ("Two-component paint, RAL 5010", "LACKOR", "11.00", 14, 70),
}
_RECIPES = {
    "PUMP-10": (("HOUSING", 1), ("SHAFT", 1), ("SEAL-KIT", 1), ("BEARING", 2), ("BOLT-M8", 8)),
    "PUMP-20": (("HOUSING", 1), ("SHAFT", 1), ("SEAL-KIT", 2), ("BEARING", 2), ("BOLT-M8", 12)),
    "VALVE-5": (("CASTING", 1), ("SEAL-KIT", 1)),
    "GEAR-7": (("STEEL-20", 6),),
    "FRAME-2": (("STEEL-20", 14), ("PAINT", 1), ("BOLT-M8", 16)),
    "HOUSING": (("CASTING", 1),),
    "SHAFT": (("STEEL-20", 2),),
}
_ROUTES = {
    "PUMP-10": (("ASSEMBLY", 35), ("TEST", 12)),
    "PUMP-20": (("ASSEMBLY", 50), ("TEST", 15)),
    "VALVE-5": (("MILL", 20), ("ASSEMBLY", 10)),
    "GEAR-7": (("SAW", 4), ("LATHE", 25), ("MILL", 40)),
    "FRAME-2": (("SAW", 15), ("WELD", 55), ("PAINTSHOP", 30)),
    "HOUSING": (("MILL", 25),),
    "SHAFT": (("SAW", 3), ("LATHE", 18)),
}
_MACHINES = {"SAW": 1, "LATHE": 2, "MILL": 3, "WELD": 2, "PAINTSHOP": 1, "ASSEMBLY": 3, "TEST": 1}
_CUSTOMERS = ("ACME", "Brandt & Söhne", "Oy Pumppu Ab", "Müller GmbH")


@dataclass
class Sample:
    """What a run wrote."""

    plant: Plant
    tables: dict[str, list[Row]]
    messages: list[MessageView]


def sample(orders: int = 30) -> Sample:
    """The tables of a run of so many orders."""
    shop = _Shop()
    for number in range(orders):
        shop.take_order(number)
    shop.finish()
    return Sample(sample_plant(), shop.tables, conversation("manual/SO-1003"))


def empty_tables() -> dict[str, list[Row]]:
    """The tables of a run in which nothing happened."""
    return {name: [] for name in TABLES}


def sample_plant() -> Plant:
    """The plant that the sample run is of."""
    items = [Item(code, text) for code, text in _FINISHED.items()]
    items += [Item(code, text, kind=Kind.INTERMEDIATE) for code, (text, _, _) in _PARTS.items()]
    for code, (text, _, _, _, stock) in _BOUGHT.items():
        uom = "KG" if code in {"STEEL-20", "PAINT"} else "EA"
        safety = stock // 4 if code in {"CASTING", "SEAL-KIT", "PAINT"} else 0
        items.append(Item(code, text, uom, kind=Kind.RAW, supply=Replenishment.BUY, safety_stock=safety))
    boms = {
        code: Bom(code, "A", tuple(Component(part, each, 1, Decimal(each)) for part, each in recipe))
        for code, recipe in _RECIPES.items()
    }
    suppliers = sorted({supplier for _, supplier, _, _, _ in _BOUGHT.values()})
    return Plant(
        name="Pumpenwerk Nord",
        zone=ZONE,
        items={item.code: item for item in items},
        boms=boms,
        work_centres={code: WorkCentre(code, machines) for code, machines in _MACHINES.items()},
        suppliers={code: Supplier(code, f"{code.title()} AG", "EUR") for code in suppliers},
    )


@dataclass
class _Shop:
    tables: dict[str, list[Row]] = field(default_factory=empty_tables)
    free: dict[tuple[str, int], Instant] = field(default_factory=dict)
    events: dict[str, list[tuple[Instant, int]]] = field(default_factory=dict)
    ready: dict[str, Instant] = field(default_factory=dict)

    def take_order(self, number: int) -> None:
        """An order of one to three lines, with the odd troublesome one."""
        source = ("manual", "webshop", "edi")[number % 3]
        order = f"{source}/SO-{1000 + number}"
        if number == 7:
            order = "manual/SO 1007 <urgent>"
        for line in range(1, 2 + number % 3):
            item = list(_FINISHED)[(number * 2 + line) % len(_FINISHED)]
            requested = _midnight(NOW + (12 + (number * 5) % 30) * DAY)
            self._line(number, order, str(line), item, 2 + (number * 7 + line * 3) % 19, requested)

    def _line(self, number: int, order: str, line: str, item: str, quantity: int, requested: Instant) -> None:
        trouble = {5: "question", 9: "awaiting_engineering", 14: "infeasible", 17: "awaiting_approval", 21: "cancelled"}
        reasons = {
            "question": "item PUMP-1O is not known; did the customer mean PUMP-10?",
            "awaiting_engineering": "special seal: drawings asked of engineering on 2026-01-05 08:00",
            "infeasible": "needs 900 KG of STEEL-20 in week 4; NORDSTAHL delivers 600 a week, nobody else any",
            "awaiting_approval": "late by 3 d: the manager decides until 2026-01-05 16:00",
            "cancelled": "cancelled by the customer",
        }
        if line == "1" and number in trouble:
            status = trouble[number]
            kind = "custom" if status == "awaiting_engineering" else "make"
            self._promise(order, line, item, kind, quantity, requested, None, status, reasons[status])
            return
        ready = self._make(item, quantity, f"{order}/{line}")
        promised = max(ready, requested)
        reason = ""
        if promised > requested:
            full = iso(ready, ZONE)[:10]
            reason = f"work centre ASSEMBLY is full until {full}; CASTING arrives on 2026-01-26 (PO-000001)"
        status = "at_risk" if number == 11 and promised > requested else "promised"
        self._promise(order, line, item, "make", quantity, requested, promised, status, reason)
        self._ship(order, line, item, quantity, _CUSTOMERS[number % 4], promised - DAY)

    def _promise(
        self,
        order: str,
        line: str,
        item: str,
        kind: str,
        quantity: int,
        requested: Instant,
        promised: Instant | None,
        status: str,
        reason: str,
    ) -> None:
        row = {"order": quote(order), "line": line, "item": item, "classified_as": kind, "quantity": str(quantity)}
        times = {"requested": iso(requested, ZONE), "promised": "" if promised is None else iso(promised, ZONE)}
        self.tables["promises"].append({**row, **times, "status": status, "reason": reason})

    def _ship(self, order: str, line: str, item: str, quantity: int, customer: str, ship: Instant) -> None:
        rows = self.tables["shipping_orders"]
        rows.append(
            {
                "shipping_order": f"SH-{len(rows) + 1:06}",
                "order": quote(order),
                "release": "1",
                "line": line,
                "item": item,
                "quantity": str(quantity),
                "customer": customer,
                "ship_to": "Hafenstraße 12, 20457 Hamburg",
                "ship": iso(ship, ZONE),
                "status": "planned",
            }
        )

    def _make(self, item: str, quantity: int, document: str) -> Instant:
        """A work order and those below it; the time it is finished."""
        rows = self.tables["work_orders"]
        number = f"WO-{len(rows) + 1:06}"
        row = {"work_order": number, "item": item, "quantity": str(quantity)}
        rows.append(row)
        begin = NOW
        for part, each in _RECIPES[item]:
            need = quantity * each
            begin = max(begin, self._make(part, need, number) if part in _RECIPES else self._take(part, need, number))
        start = finish = None
        for step, (centre, minutes) in enumerate(_ROUTES[item], 1):
            first, finish = self._occupy(number, step * 10, centre, begin, 20 + minutes * quantity)
            start, begin = start or first, finish
        assert start and finish
        status = "released" if start < NOW + 2 * DAY else "planned"
        pegged = f"{quote(document)}={quantity}"
        row.update(start=iso(start, ZONE), finish=iso(finish, ZONE), status=status, pegged_to=pegged)
        self.events.setdefault(item, []).extend([(finish, quantity), (finish + HOUR, -quantity)])
        return finish

    def _occupy(self, number: str, step: int, centre: str, begin: Instant, minutes: int) -> tuple[Instant, Instant]:
        machine = min(range(1, _MACHINES[centre] + 1), key=lambda one: self.free.get((centre, one), NOW))
        start = _open_from(max(begin, self.free.get((centre, machine), NOW)))
        finish = _work(start, minutes * 60)
        self.free[centre, machine] = finish
        row = {"work_order": number, "step": str(step), "work_centre": centre, "machine": str(machine)}
        self.tables["operations"].append({**row, "start": iso(start, ZONE), "finish": iso(finish, ZONE)})
        return start, finish

    def _take(self, item: str, need: int, document: str) -> Instant:
        """From the shelf while there is some, else bought."""
        _, supplier, price, lead_days, stock = _BOUGHT[item]
        events = self.events.setdefault(item, [(NOW, stock)])
        at = max(self.ready.get(item, NOW), NOW)
        if sum(quantity for _, quantity in events) < need + stock // 4:
            rows = self.tables["purchase_orders"]
            at = max(at, NOW) + lead_days * DAY // 3
            lot = need + stock // 2
            excess = lot - need
            rows.append(
                {
                    "purchase_order": f"PO-{len(rows) // 2 + 1:06}",
                    "supplier": supplier,
                    "item": item,
                    "quantity": str(lot),
                    "unit_price": price,
                    "currency": "USD" if supplier == "DICHT" else "EUR",
                    "order_by": iso(max(NOW, at - lead_days * DAY), ZONE),
                    "due": iso(at, ZONE),
                    "status": "released" if at - lead_days * DAY <= NOW else "planned",
                    "pegged_to": f"{quote(document)}={need} stock={excess}",
                }
            )
            events.append((at, lot))
            self.ready[item] = at
        events.append((at + HOUR, -need))
        return at

    def finish(self) -> None:
        """The tables that follow from the others, and those about people."""
        for item, events in sorted(self.events.items()):
            self.tables["availability"].extend(_steps(item, events))
        self.tables["action_messages"].extend(_ACTIONS)
        self.tables["approvals"].extend(_APPROVALS)
        self.tables["quarantine"].extend(_QUARANTINE)


def _steps(item: str, events: Iterable[tuple[Instant, int]]) -> list[Row]:
    changes: dict[Instant, int] = {NOW: 0}
    for time, quantity in events:
        changes[time] = changes.get(time, 0) + quantity
    times = sorted(changes)
    balance, projected = 0, []
    for time in times:
        balance += changes[time]
        projected.append(balance)
    promisable = [min(projected[number:]) for number in range(len(times))]
    return [
        {"item": item, "time": iso(time, ZONE), "projected": str(on_hand), "promisable": str(free)}
        for time, on_hand, free in zip(times, projected, promisable, strict=True)
    ]


def _midnight(instant: Instant) -> Instant:
    local = to_datetime(instant, ZONE)
    return instant - local.hour * HOUR - local.minute * 60


def _open_from(instant: Instant) -> Instant:
    """The first open second from an instant on."""
    while True:
        local = to_datetime(instant, ZONE)
        if local.isoweekday() > 5 or local.hour >= 22:
            instant = _midnight(instant) + DAY
        elif local.hour < 6:
            instant = _midnight(instant) + 6 * HOUR
        else:
            return instant


def _work(start: Instant, seconds: int) -> Instant:
    """The end of so much work, pausing in closed time."""
    while True:
        closing = _midnight(start) + 22 * HOUR
        if start + seconds <= closing:
            return start + seconds
        seconds -= closing - start
        start = _open_from(closing)


_ACTIONS = [
    {
        "action": "expedite",
        "document": "PO-000001",
        "item": "CASTING",
        "quantity": "40",
        "time": "2026-01-19T00:00:00+01:00",
        "reason": "manual/SO-1003/1 needs it 7 d before it is due (WO-000004 waits)",
    },
    {
        "action": "cancel",
        "document": "WO-000002",
        "item": "HOUSING",
        "quantity": "",
        "time": "",
        "reason": "no longer needed: order edi/SO-1021 was cancelled",
    },
]
_APPROVALS = [
    {
        "approval": "AP-000001",
        "decision": "purchase",
        "subject": "PO-000001",
        "status": "approved",
        "by": "policy",
        "reason": "value 5,312.50 EUR is over 5,000; nobody to ask, so by rule 2",
    },
    {
        "approval": "AP-000002",
        "decision": "promise",
        "subject": "edi/SO-1017",
        "status": "waiting",
        "by": "",
        "reason": "late by 3 d; asked of manager until 2026-01-05 16:00, then escalated to director",
    },
]
_QUARANTINE = [
    {"document": "orders-0105.edi:3", "reason": "UNT says 41 segments, there are 39"},
    {"document": "mail/attachment.csv:17", "reason": "quantity '1O' is not a number <script>alert(1)</script>"},
]

_TALK = (
    ("source.manual", "intake", "inform", "request", "OrderReceived", "2 lines"),
    ("intake", "source.manual", "agree", "request", "OrderAcknowledged", ""),
    ("intake", "classifier", "request", "request", "ClassifyOrder", ""),
    ("classifier", "intake", "inform", "request", "OrderClassified", "line 1 make, line 2 make"),
    ("intake", "planner", "request", "request", "PlanOrder", ""),
    ("planner", "inventory", "cfp", "contract-net", "CallForSupply", "staircases of 9 items"),
    ("planner", "purchasing", "cfp", "contract-net", "CallForOffers", "CASTING 14, SEAL-KIT 14"),
    ("purchasing", "supplier.GUSS", "cfp", "contract-net", "RequestForQuotation", "CASTING 14"),
    ("purchasing", "supplier.DICHT", "cfp", "contract-net", "RequestForQuotation", "SEAL-KIT 14"),
    ("supplier.GUSS", "purchasing", "propose", "contract-net", "Quotation", "42.50 EUR in 21 d"),
    ("supplier.DICHT", "purchasing", "refuse", "contract-net", "NoQuotation", "sold out until 9 Jan"),
    ("inventory", "planner", "propose", "contract-net", "SupplyProposal", "22 BEARING at once, 8 SHAFT from 9 Jan"),
    ("purchasing", "planner", "propose", "contract-net", "OfferProposal", "CASTING on 26 Jan"),
    ("planner", "planner", "inform", "timer", "ProposalsDue", ""),
    ("planner", "inventory", "accept-proposal", "contract-net", "HoldSupply", ""),
    ("inventory", "planner", "inform", "contract-net", "SupplyHeld", "until 09:00"),
    ("planner", "shipping", "cfp", "contract-net", "CallForReleases", ""),
    ("shipping", "planner", "propose", "contract-net", "ReleaseProposal", "one release"),
    ("planner", "approvals", "propose", "propose", "PromiseProposed", "3 d late"),
    ("approvals", "planner", "accept-proposal", "propose", "PromiseApproved", "by policy"),
    ("planner", "purchasing", "accept-proposal", "contract-net", "PlacePurchase", "PO-000001"),
    ("planner", "shipping", "accept-proposal", "contract-net", "CommitReleases", "SH-000004"),
    ("planner", "intake", "inform", "request", "OrderPlanned", "promised for 29 Jan"),
)


def conversation(subject: str) -> list[MessageView]:
    """What the agents said about an order, and a little about another."""
    talk = [
        MessageView(NOW + row // 8 * 60, sender, receiver, performative, protocol, kind, f"c{row // 6}", subject, note)
        for row, (sender, receiver, performative, protocol, kind, note) in enumerate(_TALK)
    ]
    other = MessageView(NOW, "intake", "classifier", "request", "request", "ClassifyOrder", "c99", "webshop/SO-1001")
    return [other, *talk]
