"""The tables of the database. Quantities are integers of the item's smallest unit, instants are seconds since 1970 UTC.

Every table is written by one agent alone (named in its docstring). Rows go in and out as plain mappings through
SQLAlchemy Core (`knowledge.store.database`); these classes are their one description.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, text
from sqlmodel import Field, SQLModel

INLINE = "inline"
"""Marks a column whose values are written into a query, so that a database sees which partial index serves it."""


def table_of(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table of a model."""
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    assert isinstance(table, Table)
    return table


def _number(*, key: bool = False) -> Column[int]:
    """A number that grows for ever. In SQLite every integer is wide, and a key of this very type is the row's own."""
    return Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=key, autoincrement=False, nullable=False)


def _long() -> Column[int]:
    return Column(BigInteger, nullable=False)


def _maybe() -> Column[int]:
    return Column(BigInteger, nullable=True)


def _text() -> Column[str]:
    return Column(Text, nullable=False, default="")


class KnowledgeFile(SQLModel, table=True):
    """A file of the knowledge folder, as it was loaded (written at the door)."""

    __tablename__ = "knowledge_file"
    name: str = Field(primary_key=True)
    text: str = Field(sa_column=_text())


class CustomerOrderRow(SQLModel, table=True):
    """A customer order as it stands, its document in JSON (intake)."""

    __tablename__ = "customer_order"
    __table_args__ = (Index("ix_customer_order_sequence", "sequence"),)
    order: str = Field(primary_key=True)  # source/number, percent-encoded
    sequence: int = Field(sa_column=_number())
    source: str
    number: str
    customer: str
    received: int = Field(sa_column=_long())
    status: str
    document: str = Field(sa_column=_text())


class PromiseRow(SQLModel, table=True):
    """A part of an order line: what it is, what is promised, or why nothing is (intake)."""

    __tablename__ = "promise"
    order: str = Field(primary_key=True)
    line: str = Field(primary_key=True)
    part: int = Field(primary_key=True)
    sequence: int = Field(sa_column=_number())  # of the order
    line_sequence: int
    item: str
    classified_as: str
    quantity: str  # in the item's unit, or as ordered where the item is not known
    requested: int | None = Field(default=None, sa_column=_maybe())
    promised: int | None = Field(default=None, sa_column=_maybe())
    status: str
    reason: str = Field(default="", sa_column=_text())


class DemandRow(SQLModel, table=True):
    """A release of an order line that supply is planned for, in JSON (planner)."""

    __tablename__ = "demand"
    key: str = Field(primary_key=True)
    order: str = Field(index=True)
    body: str = Field(sa_column=_text())


class WorkOrderRow(SQLModel, table=True):
    """A work order (planner)."""

    __tablename__ = "work_order"
    work_order: str = Field(primary_key=True)
    item: str
    quantity: int = Field(sa_column=_long())
    start: int = Field(sa_column=_long())
    finish: int = Field(sa_column=_long())
    status: str
    revision: str = ""
    drawn: bool = False
    cause: str = Field(default="", sa_column=_text())
    made: int = Field(default=0, sa_column=_long())
    starved: bool = False
    kept: int = Field(default=0, sa_column=_long())
    key: str = Field(default="", sa_column=_text())
    turn: int = Field(default=0, sa_column=_long())
    components: str = Field(default="", sa_column=_text())  # JSON: [[item, units], …]


class OperationRow(SQLModel, table=True):
    """An operation of a work order on one machine of a work centre (planner)."""

    __tablename__ = "operation"
    work_order: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    sequence: int = Field(sa_column=_number())
    work_centre: str
    machine: int
    start: int = Field(sa_column=_long())
    finish: int = Field(sa_column=_long())
    minutes: int = Field(sa_column=_number())
    done: int | None = Field(default=None, sa_column=_maybe())


class PurchaseOrderRow(SQLModel, table=True):
    """A row of a purchase order: one item, one supplier, one due date (planner plans it, purchasing issues it)."""

    __tablename__ = "purchase_order"
    purchase_order: str = Field(primary_key=True)
    row: int = Field(primary_key=True)
    supplier: str
    item: str
    quantity: int = Field(sa_column=_long())
    unit_price: str
    currency: str
    order_by: int = Field(sa_column=_long())
    due: int = Field(sa_column=_long())
    status: str
    cause: str = Field(default="", sa_column=_text())
    received: int = Field(default=0, sa_column=_long())


class PurchaseAwardRow(SQLModel, table=True):
    """Why a purchase row that was planned is bought where it is: the policy, its outlay and the next best (planner)."""

    __tablename__ = "purchase_award"
    purchase_order: str = Field(primary_key=True)
    row: int = Field(primary_key=True)
    policy: str
    outlay: str  # in the plant's currency then, as all money here
    currency: str
    next_suppliers: str = Field(default="[]", sa_column=_text())  # JSON: [supplier, …]
    next_outlay: str | None = None
    late: str = Field(default="[]", sa_column=_text())  # JSON: [supplier, …]


class DeliveryRow(SQLModel, table=True):
    """A purchase row that has gone out: when it was asked for, last confirmed for, and came whole (purchasing)."""

    __tablename__ = "delivery"
    purchase_order: str = Field(primary_key=True)
    row: int = Field(primary_key=True)
    supplier: str
    item: str
    asked: int = Field(sa_column=_long())
    confirmed: int | None = Field(default=None, sa_column=_maybe())
    came: int | None = Field(default=None, sa_column=_maybe())


class ShippingOrderRow(SQLModel, table=True):
    """A line of a shipping order (shipping)."""

    __tablename__ = "shipping_order"
    shipping_order: str = Field(primary_key=True)
    line: str = Field(primary_key=True)
    release: int
    order: str = Field(index=True)
    item: str
    quantity: int = Field(sa_column=_long())
    customer: str
    ship_to: str
    ship: int = Field(sa_column=_long())
    status: str


class OnHandRow(SQLModel, table=True):
    """What is on the shelf (inventory)."""

    __tablename__ = "on_hand"
    item: str = Field(primary_key=True)
    quantity: int = Field(sa_column=_long())


class EarmarkRow(SQLModel, table=True):
    """What on the shelf belongs to an order line (its document name) or a customer (`customer:CODE`) (planner)."""

    __tablename__ = "earmark"
    item: str = Field(primary_key=True)
    holder: str = Field(primary_key=True)
    quantity: int = Field(sa_column=_long())


class InventoryEventRow(SQLModel, table=True):
    """A dated receipt (quantity above 0) or requirement (below 0) of an item (inventory). `owner` asked for it."""

    __tablename__ = "inventory_event"
    item: str = Field(primary_key=True)
    document: str = Field(primary_key=True)
    time: int = Field(sa_column=_long())
    quantity: int = Field(sa_column=_long())
    status: str
    owner: str


class ActionMessageRow(SQLModel, table=True):
    """An action message: what a person should do about firm or released supply (planner)."""

    __tablename__ = "action_message"
    key: str = Field(primary_key=True)
    sequence: int = Field(sa_column=_number())
    action: str
    document: str
    item: str
    quantity: int = Field(sa_column=_long())
    time: int = Field(sa_column=_long())
    reason: str = Field(sa_column=_text())


class ApprovalRow(SQLModel, table=True):
    """A decision put to a person, or recorded as made by policy (approvals)."""

    __tablename__ = "approval"
    approval: str = Field(primary_key=True)
    decision: str
    subject: str
    status: str
    by: str = ""
    reason: str = Field(default="", sa_column=_text())
    role: str = ""
    body: str = Field(default="", sa_column=_text())  # JSON: facts, deadline, conversation


class QuarantineRow(SQLModel, table=True):
    """A document that could not be taken, with the reason (intake)."""

    __tablename__ = "quarantine"
    sequence: int = Field(sa_column=_number(key=True))
    document: str
    reason: str = Field(sa_column=_text())
    text: str = Field(default="", sa_column=_text())


class AgentStateRow(SQLModel, table=True):
    """What else an agent needs to remember, by a key of its own, in JSON (that agent)."""

    __tablename__ = "agent_state"
    agent: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body: str = Field(sa_column=_text())


DEAD_ONLY = text("status = 'dead'")
"""The messages that were given up: few among very many, so they have an index that holds no others."""

WAITING_ONLY = text("status = 'waiting'")
"""The messages that are on their way: they have one, too, for a start looks for them."""


class MessageRow(SQLModel, table=True):
    """A message of the society: waiting until `handled`, then kept as the record of the conversation (ledger)."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_dead", "sequence", sqlite_where=DEAD_ONLY, postgresql_where=DEAD_ONLY),
        Index("ix_message_waiting", "sequence", sqlite_where=WAITING_ONLY, postgresql_where=WAITING_ONLY),
    )
    sequence: int = Field(sa_column=_number(key=True))
    message: str = Field(index=True)  # its id
    conversation: str = Field(index=True)
    causation: str = ""
    protocol: str
    performative: str
    sender: str
    receiver: str
    kind: str
    subject: str = Field(default="", index=True)
    sent: int = Field(sa_column=_long())
    due: int = Field(sa_column=_long())  # when it is to be delivered; later than `sent` for a timer
    reply_by: int | None = Field(default=None, sa_column=_maybe())
    body: str = Field(sa_column=_text())
    status: str = Field(sa_column=Column(String, nullable=False, info={INLINE: True}))  # waiting, handled, dead, resent
    attempts: int = 0
    error: str = Field(default="", sa_column=_text())


class WriterRow(SQLModel, table=True):
    """Who may write, in one row: each process that takes the database over begins another epoch (the store)."""

    __tablename__ = "writer"
    seat: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    epoch: int = Field(sa_column=_number())
    holder: str = Field(default="", sa_column=_text())
