"""The plain tables of the report: supply, shipping, messages to people, and what was left aside."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from knowledge.wording import count, show_money, show_price, show_quantity, show_spend
from simulations.report.availability import Course
from simulations.report.cells import Cell, Column, Row, Table, Writer, plain, table, words
from simulations.report.lines import CANCELLED, spend_by_currency, waits_for_person
from simulations.report.messages import MessageView
from simulations.report.records import Purchase, Records


def _columns(*columns: str) -> list[Column]:
    """Columns from `label` or `label:kind`."""
    pairs = (column.partition(":") for column in columns)
    return [Column(label, kind or "text") for label, _, kind in pairs]


def work_order_table(records: Records, writer: Writer) -> Table:
    """Work orders, each with what it is for."""
    columns = _columns("Work order", "Item:item", "Quantity:number", "Start:time", "Finish:time", "Status", "For:wide")
    rows = [
        Row(
            (
                words(order.number),
                writer.item(order.item),
                writer.quantity(order.quantity, order.item),
                writer.when(order.start),
                writer.until(order.finish),
                words(order.status),
                writer.pegs(order.pegs),
            ),
            "off" if order.status == CANCELLED else "calm",
            writer.anchors.get(order.number, ""),
        )
        for order in records.work_orders
    ]
    return table("Work orders and what each is for", columns, rows, "work_orders.csv")


def operation_table(records: Records, writer: Writer) -> Table:
    """Operations as the Gantt chart draws them."""
    columns = _columns("Work order", "Step", "Work centre", "Machine", "Start:time", "Finish:time")
    rows = [
        Row(
            (
                writer.documents(row.work_order),
                words(row.step),
                words(row.work_centre),
                words(row.machine),
                writer.when(row.start),
                writer.until(row.finish),
            )
        )
        for row in sorted(records.operations, key=lambda row: (row.work_centre, row.machine, row.start))
    ]
    return table("Operations by work centre and machine", columns, rows, "operations.csv")


def supplier_table(purchases: Sequence[Purchase], writer: Writer) -> Table:
    """What each supplier gets, cancelled rows left out."""
    columns = _columns("Supplier", "Name", "Purchase orders:number", "Rows:number", "Value:number", "First due:time")
    by_supplier: dict[str, list[Purchase]] = {}
    for row in purchases:
        if row.status != CANCELLED:
            by_supplier.setdefault(row.supplier, []).append(row)
    rows = []
    for code, found in sorted(by_supplier.items()):
        known = writer.plant.suppliers.get(code)
        spend = spend_by_currency(found)
        rows.append(
            Row(
                (
                    words(code),
                    words(known.name if known else ""),
                    words(str(len({row.number for row in found}))),
                    words(str(len(found))),
                    words(show_spend(spend) if spend else "", note=_unpriced(found)),
                    writer.when(min(row.due for row in found)),
                )
            )
        )
    return table("Suppliers and what is bought from them", columns, rows, "purchase_orders.csv")


def _unpriced(found: Sequence[Purchase]) -> str:
    missing = sum(row.value is None for row in found)
    return f"{count(missing, 'row')} without a price" if missing else ""


def purchase_table(purchases: Sequence[Purchase], writer: Writer) -> Table:
    """Purchase orders by supplier, number and due date."""
    columns = _columns(
        "Purchase order",
        "Supplier",
        "Item:item",
        "Quantity:number",
        "Unit price:number",
        "Value:number",
        "Order by:time",
        "Due:time",
        "Status",
        "For:wide",
    )
    rows, anchored = [], set()
    for row in ordered_purchases(purchases):
        anchor = "" if row.number in anchored else writer.anchors.get(row.number, "")
        anchored.add(row.number)
        rows.append(
            Row(
                (
                    words(row.number),
                    words(row.supplier),
                    writer.item(row.item),
                    writer.quantity(row.quantity, row.item),
                    words("" if row.unit_price is None else show_price(row.unit_price, row.currency)),
                    words("" if row.value is None else show_money(row.value, row.currency)),
                    writer.when(row.order_by),
                    writer.when(row.due),
                    words(row.status),
                    writer.pegs(row.pegs),
                ),
                "off" if row.status == CANCELLED else "calm",
                anchor,
            )
        )
    return table("Purchase orders by supplier", columns, rows, "purchase_orders.csv")


def ordered_purchases(purchases: Sequence[Purchase]) -> list[Purchase]:
    """By supplier, number and due date."""
    return sorted(purchases, key=lambda row: (row.supplier, row.number, row.due))


def shipping_table(records: Records, writer: Writer) -> Table:
    """Shipping orders: every release of every order line."""
    columns = _columns(
        "Shipping order", "Order line", "Release:number", "Item:item", "Quantity:number", "Customer", "Ship to:wide",
        "Ship:time", "Status",
    )  # fmt: skip
    rows, anchored = [], set()
    for row in records.shipments:
        anchor = "" if row.number in anchored else writer.anchors.get(row.number, "")
        anchored.add(row.number)
        cells = (
            words(row.number),
            writer.documents(f"{row.order}/{row.line}"),
            words(row.release),
            writer.item(row.item),
            writer.quantity(row.quantity, row.item),
            words(row.customer),
            words(row.ship_to),
            writer.until(row.ship),
            words(row.status),
        )
        rows.append(Row(cells, "off" if row.status == CANCELLED else "calm", anchor))
    return table("Shipping orders and their releases", columns, rows, "shipping_orders.csv")


def action_table(records: Records, writer: Writer) -> Table:
    """What a person should do about firm or released supply."""
    columns = _columns("Action:state", "Document", "Item:item", "Quantity:number", "Time:time", "Reason:wide")
    rows = [
        Row(
            (
                words(plain(row.action)),
                writer.documents(row.document),
                writer.item(row.item),
                writer.quantity(row.quantity, row.item),
                writer.when(row.time),
                words(row.reason),
            )
        )
        for row in records.actions
    ]
    return table("Action messages", columns, rows, "action_messages.csv")


def approval_table(records: Records, writer: Writer) -> Table:
    """Decisions put to people, or made by policy."""
    columns = _columns("Approval", "Decision", "Subject", "Status:state", "By", "Reason:wide")
    rows = [
        Row(
            (
                words(row.number),
                words(plain(row.decision)),
                writer.documents(row.subject),
                words(plain(row.status)),
                words(row.by),
                words(row.reason),
            ),
            "wait" if waits_for_person(row.status) else "calm",
        )
        for row in records.approvals
    ]
    return table("Approvals asked for and given", columns, rows, "approvals.csv")


def quarantine_table(records: Records) -> Table:
    """Documents that could not be taken."""
    rows = [Row((words(row.document), words(row.reason)), "bad") for row in records.quarantine]
    return table("Documents in quarantine", _columns("Document", "Reason:wide"), rows, "quarantine.csv")


def availability_table(courses: Sequence[Course], writer: Writer) -> Table:
    """The availability of items in figures."""
    columns = _columns(
        "Item:item", "At first:number", "Lowest:number", "Lowest at:time", "At last:number", "Promisable now:number",
        "Safety stock:number", "Steps:number",
    )  # fmt: skip
    rows = []
    for course in courses:
        figures = (course.first.projected, course.lowest.projected, course.last.projected, course.first.promisable)
        first, lowest, last, promisable = (writer.quantity(figure, course.item) for figure in figures)
        safety = words(show_quantity(course.safety_stock)) if course.safety_stock else Cell()
        at = writer.when(course.lowest.time)
        steps = words(str(len(course.steps)))
        below = course.lowest.projected < max(course.safety_stock, Decimal(0))
        rows.append(
            Row(
                (writer.item(course.item), first, lowest, at, last, promisable, safety, steps),
                "late" if below else "calm",
            )
        )
    return table("Availability of items in figures", columns, rows, "availability.csv")


def message_table(messages: Sequence[MessageView], writer: Writer, most: int) -> Table:
    """The conversation of the sequence diagram in words."""
    columns = _columns("No.:number", "Sent:time", "From", "To", "Performative", "Message", "Protocol", "Note:wide")
    rows = [
        Row(
            (
                words(str(number)),
                writer.when(message.sent),
                words(message.sender),
                words(message.receiver),
                words(message.performative),
                words(message.kind),
                words(message.protocol),
                words(message.note),
            )
        )
        for number, message in enumerate(messages, 1)
    ]
    return table("The same conversation as a table", columns, rows, "", most)
