"""Why a part of a line is not planned, or not promised yet: what nobody can supply, what a person has to do first."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from knowledge.auditor import Row
from knowledge.availability import Availability
from knowledge.explanation.network import Network
from knowledge.explanation.values import Cause, CauseKind, Cure, CureKind
from knowledge.instants import MINUTE, Instant
from knowledge.plant import Customer, Item, Replenishment
from knowledge.quantities import Units, parse_decimal, to_units
from knowledge.reach import Limit, OutOfReach, makes, out_of_reach
from knowledge.supply import readable

_TOGETHER = "goes in one shipment with line "


def approval_causes(network: Network, order: str, line: str, delivery: Instant | None) -> Iterator[Cause]:
    """The decisions that a line waits for; `delivery` is what is promised once all of them are made."""
    rows = list(network.waiting(order, _subjects(network, order, line)))
    for row in rows:
        cure = Cure(CureKind.APPROVE, row["approval"], quantity=len(rows), delivery=delivery, text=row["silence"])
        yield Cause(CauseKind.APPROVAL, (row["approval"],), text=row["reason"], line=row["role"], cures=(cure,))


def _subjects(network: Network, order: str, line: str) -> list[str]:
    """The documents that the promise itself says it waits for the approval of."""
    waits = "waits for approval of "
    found: list[str] = []
    for row in network.books.promises:
        if row["order"] == order and row["line"] == line and row["reason"].startswith(waits):
            found.extend(readable(name) for name in row["reason"].removeprefix(waits).split(", "))
    return found


def standing_causes(network: Network, row: Row) -> tuple[Cause, ...]:
    """Why a part of a line has no plan, from its row of the promises."""
    status = row["status"]
    if status == "cancelled":
        return ()
    if row["reason"].startswith(_TOGETHER):
        line = row["reason"].removeprefix(_TOGETHER)
        return (Cause(CauseKind.TOGETHER, line=line, text=row["reason"]),)
    if status == "awaiting_engineering":
        line = readable(network.line_of(row))
        return (
            Cause(CauseKind.ENGINEERING, item=row["item"], cures=(Cure(CureKind.RELEASE_DESIGN, line, row["item"]),)),
        )
    if status == "question":
        return (Cause(CauseKind.QUESTION, text=row["reason"], cures=tuple(_answers(network, row))),)
    if status == "infeasible":
        return tuple(_infeasible(network, row))
    return (Cause(CauseKind.SAID, text=row["reason"]),)


# -- questions


def _answers(network: Network, row: Row) -> Iterator[Cure]:
    """What would answer a question, as far as the records show what is missing."""
    code, order = row["item"], network.orders[row["order"]]
    if network.plant.customer(order["customer"]) is None:
        yield Cure(CureKind.ANSWER, "customer", text=order["customer"])
    elif code not in network.plant.items:
        near = get_close_matches(code, network.plant.items, 3)
        yield Cure(CureKind.ANSWER, "item", code, text=", ".join(near))
    elif _line(order, row["line"]).get("unit_price") is None:
        yield Cure(CureKind.ANSWER, "price", code, text=row["line"])
    elif network.plant.rate(_document(order).get("currency") or "") is None:
        yield Cure(CureKind.ANSWER, "rate", text=_document(order)["currency"])


def _document(order: Row) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(order["document"])["document"]
    return body


def _line(order: Row, line: str) -> dict[str, Any]:
    lines: list[dict[str, Any]] = _document(order)["lines"]
    return next((each for each in lines if each["line"] == line), {})


# -- what cannot be had


def _infeasible(network: Network, row: Row) -> Iterator[Cause]:
    rejected = [
        approval["approval"]
        for approval in network.books.approvals
        if approval["order"] == row["order"] and approval["status"] == "rejected"
    ]
    if rejected and " was rejected by " in row["reason"]:
        yield Cause(CauseKind.REJECTED, tuple(rejected[-1:]), text=row["reason"])
        return
    found = _missing(network, [row])
    if (
        not found
        and not (network.plant.customer(network.orders[row["order"]]["customer"]) or Customer("")).partial_shipments
    ):
        mates = [other for other in network.books.promises if _shares_fate(other, row)]
        found = _missing(network, mates)
        if found:
            yield Cause(CauseKind.TOGETHER, line=mates[0]["line"] if mates[0] is not row else mates[-1]["line"])
    yield from found
    if not found:
        yield Cause(CauseKind.SAID, text=row["reason"])


def _shares_fate(other: Row, row: Row) -> bool:
    """Whether two parts of an order that goes in one shipment cannot be had for the same reason."""
    return all(other[column] == row[column] for column in ("order", "status", "reason"))


def _missing(network: Network, rows: Sequence[Row]) -> list[Cause]:
    """What nobody can supply of what these parts ask for; or of their whole lines, where the parts alone could be."""
    found = list(blockers(network, _needs(network, rows), {network.line_of(row) for row in rows}))
    if found:
        return found
    lines = {(row["order"], row["line"]) for row in rows}
    whole = [row for row in network.books.promises if (row["order"], row["line"]) in lines]
    needs = _needs(network, whole)
    reached = out_of_reach(network.plant, network.books.downtimes, needs, network.now)
    return [_unreachable(each, needs.get(each.item)) for each in reached]


def _needs(network: Network, rows: Iterable[Row]) -> dict[str, Units]:
    """Units by item that parts ask for."""
    needs: dict[str, Units] = {}
    for row in rows:
        item = network.plant.items.get(row["item"])
        if item is not None:
            needs[item.code] = needs.get(item.code, 0) + to_units(parse_decimal(row["quantity"]), item.decimals)
    return needs


def blockers(network: Network, needs: Mapping[str, Units], own: Collection[str] = ()) -> Iterator[Cause]:
    """What of some items, or of anything that they are made of, nobody can supply, and how much of it is missing."""
    functions = network.books.functions()
    wanted = dict(needs)
    for code in _parents_first(network, needs):
        missing = wanted.get(code, 0) - max(0, _left(functions.get(code), network.now))
        if missing <= 0:
            continue
        if makes(network.plant, code):
            for part in network.plant.boms[code].components if code in network.plant.boms else ():
                wanted[part.item] = wanted.get(part.item, 0) + part.need(missing)
        elif not network.plant.offers.get(code):
            yield _blocker(network, network.plant.items[code], missing, own)
    for found in out_of_reach(network.plant, network.books.downtimes, needs, network.now):
        yield _unreachable(found, wanted.get(found.item))


def _parents_first(network: Network, tops: Iterable[str]) -> list[str]:
    """Items and all that they are made of, each after everything that it is a part of."""
    found: list[str] = []
    seen: set[str] = set()
    waiting = [(code, False) for code in tops]
    while waiting:
        code, done = waiting.pop()
        if done:
            found.append(code)
        elif code not in seen:
            seen.add(code)
            waiting.append((code, True))
            bom = network.plant.boms.get(code)
            waiting.extend((part.item, False) for part in (bom.components if bom else ()))
    return found[::-1]


def _left(function: Availability | None, now: Instant) -> Units:
    """What of an item nobody has been promised in the end."""
    return function.steps(now)[-1][2] if function is not None else 0


def _blocker(network: Network, item: Item, missing: Units, own: Collection[str]) -> Cause:
    if item.supply is Replenishment.ENGINEER:
        return Cause(CauseKind.ENGINEERING, item=item.code, cures=(Cure(CureKind.RELEASE_DESIGN, item=item.code),))
    if item.supply is Replenishment.BUY:
        cure = Cure(CureKind.OFFER, item=item.code, quantity=missing)
        return Cause(CauseKind.NO_OFFER, item=item.code, quantity=missing, cures=(cure,))
    taken: dict[str, Units] = {}
    for share in network.stocked.get(item.code, ()):
        for line in network.lines_for([share.need])[:1]:
            if line not in own:
                taken[line] = taken.get(line, 0) + share.units
    elsewhere = tuple(sorted(taken.items(), key=lambda entry: (-entry[1], entry[0])))
    cure = Cure(CureKind.STOCK, item=item.code, quantity=missing)
    return Cause(CauseKind.STOCK_ONLY, item=item.code, quantity=missing, elsewhere=elsewhere, cures=(cure,))


def _unreachable(found: OutOfReach, missing: Units | None) -> Cause:
    """What the plant itself keeps out of reach."""
    kind = _LIMITS[found.limit]
    if kind is CauseKind.TOO_MANY:
        cure = Cure(CureKind.LOT, item=found.item)
    elif kind is CauseKind.NOT_OPEN:
        cure = Cure(CureKind.OPEN, item=found.item, work_centre=found.work_centre, seconds=found.minutes * MINUTE)
    else:
        cure = Cure(CureKind.OFFER, item=found.item, quantity=missing)
    cures = () if kind is CauseKind.TOO_LONG and not found.supplier else (cure,)
    return Cause(
        kind,
        item=found.item,
        quantity=missing,
        supplier=found.supplier,
        work_centre=found.work_centre,
        step=found.step,
        text=found.text,
        cures=cures,
    )


_LIMITS = {
    Limit.UNSELLABLE: CauseKind.UNSELLABLE,
    Limit.TOO_LITTLE: CauseKind.TOO_LITTLE,
    Limit.LEAD_TIME: CauseKind.TOO_LONG,
    Limit.TOO_MANY: CauseKind.TOO_MANY,
    Limit.NEVER_OPEN: CauseKind.NOT_OPEN,
    Limit.NOT_ENOUGH: CauseKind.NOT_OPEN,
}
