"""What is said about documents and customer orders: door ↔ intake ↔ classifier, engineering, planner."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from knowledge.documents import Document, EngineeringRelease
from knowledge.quantities import Units
from protocols.envelope import Content


class SubmitDocument(Content):
    """Take this document. `name` is where it came from, `text` what a person would mend."""

    name: str
    document: Annotated[Document, Field(discriminator="type")]
    text: str = ""


class SubmitMended(SubmitDocument):
    """Take this in place of what is in quarantine under a number: mended, or as it was where what kept it is over."""

    sequence: int


class DropQuarantined(Content):
    """What is in quarantine under a number is of no use to anybody."""

    name: str
    sequence: int


class SubmitUnreadable(Content):
    """Keep this document for a person: it could not be read."""

    name: str
    reason: str
    text: str = ""


class Acknowledged(Content):
    """What became of a document: accepted, duplicate, or quarantined with the reason."""

    name: str
    outcome: str
    reason: str = ""


class LineFacts(Content):
    """An order line in the plant's terms. `quantity` is in smallest units, None where the item is not known.

    `wants` are (units, requested delivery or None for as soon as possible). `ship_to` is empty where the line goes
    where its order goes.
    """

    line: str
    item: str | None
    description: str
    ordered: str  # the quantity as ordered, for people
    wants: tuple[tuple[Units, int | None], ...] = ()
    requested: int | None = None
    unit_price: str | None = None
    question: str = ""
    ship_to: str = ""


class OrderFacts(Content):
    """A customer order in the plant's terms."""

    order: str
    sequence: int
    source: str
    number: str
    customer: str
    currency: str
    ship_to: str
    received: int
    lines: tuple[LineFacts, ...]

    @property
    def places(self) -> dict[str, str]:
        """Where lines go that do not go where the order goes."""
        return {line.line: line.ship_to for line in self.lines if line.ship_to}


class ClassifyOrder(Content):
    """What is each of these lines?"""

    order: OrderFacts


class LineClass(Content):
    """A line's class (stock, make, buy, custom), or the question that has to be answered first."""

    line: str
    classified_as: str
    question: str = ""


class Classified(Content):
    """What each line is."""

    order: str
    lines: tuple[LineClass, ...]


class DesignLine(Content):
    """Design this custom line: drawings, BOM and route."""

    order: str
    line: str
    description: str
    quantity: str


class DesignQueued(Content):
    """Engineering has it in its queue."""

    order: str
    line: str


class ReleaseDesign(Content):
    """A release or revision has arrived from the engineering department."""

    release: EngineeringRelease


class DesignRefused(Content):
    """The release cannot be used, and why."""

    reason: str


class Designed(Content):
    """The design of a custom line is released as this item."""

    order: str
    line: str
    item: str


class KnowledgeChanged(Content):
    """An item's BOM and route are as released from now on."""

    release: EngineeringRelease


class PlanOrder(Content):
    """Promise these lines of an order. `classes` gives each line's class."""

    order: OrderFacts
    classes: tuple[LineClass, ...]
    change: bool = False
    """The lines replace what was promised of them before; no line at all means that the order is cancelled."""


class PartState(Content):
    """A part of an order line as planning sees it. `quantity` in smallest units; times are delivery times."""

    line: str
    item: str
    classified_as: str
    quantity: Units
    requested: int | None
    promised: int | None
    status: str
    reason: str = ""
    shipped: bool = False


class OrderPlanned(Content):
    """Where the lines of an order stand now."""

    order: str
    parts: tuple[PartState, ...]


class WatchPromises(Content):
    """Tell me whenever a promise changes."""


class WatchAgreed(Content):
    """You will be told."""
