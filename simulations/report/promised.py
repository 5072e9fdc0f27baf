"""The table of order lines with what is promised, and the trees of pegs below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.wording import count, show_of, show_quantity, show_span
from simulations.report.cells import MOST_ROWS, Cell, Column, Link, Row, Table, Writer, plain, table, words
from simulations.report.lines import CALM, WAITING, LineState, OrderLine, part_state
from simulations.report.pegs import Branch, Pegging
from simulations.report.records import Promise, Records

MOST_TREES = 200

_COLUMNS = (
    Column("Order line"),
    Column("Item", "item"),
    Column("As"),
    Column("Quantity", "number"),
    Column("Requested", "time"),
    Column("Promised", "time"),
    Column("How late", "number"),
    Column("Status", "state"),
    Column("Reason", "wide"),
)


@dataclass(frozen=True, slots=True)
class Twig:
    """A line of a peg tree: what it says, where it leads to, what stands below."""

    link: Link
    words: str
    anchor: str = ""
    children: tuple[Twig, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderTree:
    """A customer order with its lines and everything that is pegged to them."""

    name: str
    customer: str
    told: str
    tone: str
    anchor: str
    lines: tuple[Twig, ...]


def tone(state: LineState) -> str:
    """How a state stands out: `bad`, `late`, `wait`, `calm` or `off`."""
    if state is LineState.INFEASIBLE:
        return "bad"
    if state in WAITING:
        return "wait"
    if state in {LineState.LATE, LineState.AT_RISK}:
        return "late"
    return "off" if state is LineState.CANCELLED else "calm"


def promise_table(promises: Sequence[Promise], writer: Writer) -> Table:
    """One row a promise. Where not all have room, those that need attention come first."""
    if len(promises) > MOST_ROWS:
        promises = sorted(promises, key=lambda promise: part_state(promise) in CALM)
    rows = [_promise_row(promise, writer) for promise in promises]
    caption = "Order lines: what was asked for and what is promised. 24:00 is the midnight that ends the day."
    return table(caption, _COLUMNS, rows, "promises.csv")


def _promise_row(promise: Promise, writer: Writer) -> Row:
    state = part_state(promise)
    requested = words("as soon as possible") if promise.requested is None else writer.until(promise.requested)
    return Row(
        (
            writer.documents(f"{promise.order}/{promise.line}"),
            writer.item(promise.item),
            words(plain(promise.classified_as)),
            writer.quantity(promise.quantity, promise.item),
            requested,
            writer.until(promise.promised),
            words(show_span(promise.late_seconds)) if promise.late_seconds else Cell(),
            words(state.value),
            words(promise.reason),
        ),
        tone(state),
    )


def order_trees(
    records: Records, lines: Sequence[OrderLine], pegs: Pegging, writer: Writer, names: Sequence[str]
) -> list[OrderTree]:
    """The peg trees of the orders named, in that order."""
    by_order: dict[str, list[OrderLine]] = {}
    for line in lines:
        by_order.setdefault(line.order, []).append(line)
    customers = {shipment.order: shipment.customer for shipment in records.shipments}
    shipped = _shipments_by_line(records, writer)
    return [_tree(name, by_order[name], customers.get(name, ""), shipped, pegs, writer) for name in names]


def _shipments_by_line(records: Records, writer: Writer) -> dict[str, list[Twig]]:
    found: dict[str, list[Twig]] = {}
    for row in records.shipments:
        ship = writer.until(row.ship).links[0].text
        told = f"ships {show_of(row.quantity, row.item, writer.plant)} on {ship}, {row.status}"
        found.setdefault(f"{row.order}/{row.line}", []).append(Twig(writer.document(row.number), told))
    return found


def _tree(
    name: str,
    lines: Sequence[OrderLine],
    customer: str,
    shipped: dict[str, list[Twig]],
    pegs: Pegging,
    writer: Writer,
) -> OrderTree:
    attention = [line for line in lines if line.state not in CALM]
    worst = min((line.state for line in lines), key=list(LineState).index)
    told = count(len(lines), "line")
    if attention:
        told += f", {worst.value}" if len(lines) == 1 else f", {len(attention)} not on time: {worst.value}"
    elif worst is LineState.CANCELLED:
        told += ", cancelled"
    shown: set[str] = set()
    twigs = tuple(_line_twig(line, shipped, pegs.branches(line.name, shown), writer) for line in lines)
    return OrderTree(name, customer, told, tone(worst), writer.anchors.get(name, ""), twigs)


def _line_twig(line: OrderLine, shipped: dict[str, list[Twig]], branches: Sequence[Branch], writer: Writer) -> Twig:
    total = sum((part.quantity for part in line.parts), start=line.parts[0].quantity * 0)
    item = ", ".join(line.items)
    told = f"{show_of(total, line.items[0], writer.plant)} of {item}: {line.state.value}"
    from_stock = [part for part in line.parts if part.classified_as == "stock" and part.promised is not None]
    children = [
        Twig(Link("from stock"), f"{show_of(p.quantity, p.item, writer.plant)} of {p.item}") for p in from_stock
    ]
    children += [_branch_twig(branch, writer) for branch in branches]
    children += shipped.get(line.name, [])
    return Twig(Link(f"line {line.line}"), told, writer.anchors.get(line.name, ""), tuple(children))


def _branch_twig(branch: Branch, writer: Writer) -> Twig:
    supply = branch.supply
    begin = "" if supply.begin is None else writer.when(supply.begin).links[0].text
    if supply.made:
        times = f"made {begin} to {writer.until(supply.ready).links[0].text}"
    else:
        times = f"from {supply.supplier}, order by {begin}, due {writer.when(supply.ready).links[0].text}"
    part = show_of(branch.quantity, supply.item, writer.plant)
    whole = "" if branch.quantity == supply.quantity else f" (of {show_quantity(supply.quantity)})"
    children = [_branch_twig(child, writer) for child in branch.children]
    children += [
        Twig(Link("from stock"), f"{show_of(quantity, item, writer.plant)} of {item}")
        for item, quantity in branch.from_stock
    ]
    told = f"{part}{whole} of {supply.item}, {times}, {supply.status}{', see above' if branch.repeated else ''}"
    return Twig(writer.document(supply.number), told, children=tuple(children))
