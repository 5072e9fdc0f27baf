"""The source of reports from the shop floor, as ISA-95 has them: B2MML's operations and production performance.

Each SegmentResponse is the report of an operation; a response without any speaks of the whole work order. What was
produced is good, what is of the use `Scrap` is scrap, and a state of completed ends the operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial

from lxml import etree
from pydantic import ValidationError

from agents.sources import xml_text
from agents.sources.drafts import in_words
from agents.sources.errors import UnreadableError
from agents.sources.exact import number, total
from agents.sources.source import Fetch, Source, Transaction, XmlConfig, attempt, rejected
from agents.sources.texts import decode, quoted
from agents.sources.xml_schema import check_document, check_schemas
from agents.sources.xml_text import Reader
from knowledge.documents import OperationReport

NAMESPACE = "http://www.mesa.org/xml/B2MML"
"""How the namespaces of all versions begin."""

RESPONSES = {"OperationsPerformance": "OperationsResponse", "ProductionPerformance": "ProductionResponse"}
REQUESTS = ("b:OperationsRequestID", "b:ProductionRequestID")
SEGMENTS = ("b:OperationsSegmentID", "b:ProcessSegmentID", "b:ProductSegmentID", "b:ID")
MATERIALS = "b:MaterialActual | b:MaterialProducedActual"
PRODUCED, SCRAP = ("produced", "yield produced"), ("scrap",)
STARTED, FINISHED = ("b:ActualStartTime", "b:StartTime"), ("b:ActualEndTime", "b:EndTime")
COMPLETED = "completed"
NOT_OVER = ("", "running", "ready", "held", "paused", "waiting")


class B2mmlReports(Source[XmlConfig]):
    """Reports of operations, each a transaction of its own."""

    kind = "b2mml"
    title = "ISA-95 reports (B2MML)"
    Config = XmlConfig

    def recognises(self, head: bytes, name: str) -> bool:
        found = xml_text.head(head)
        return found is not None and found.root in RESPONSES and found.namespace.startswith(NAMESPACE)

    def check(self, fetch: Fetch) -> str:
        return check_schemas(self.config.schema_file, RESPONSES) or super().check(fetch)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Iterator[Transaction]:
        root = xml_text.parse(body)
        name = etree.QName(root)
        if name.localname not in RESPONSES or not (name.namespace or "").startswith(NAMESPACE):
            raise UnreadableError(f"the root element is {quoted(str(root.tag))}, and no report of B2MML")
        check_document(self.config.schema_file, root)
        reader, text = Reader({"b": str(name.namespace)}), decode(body)
        for at, response in enumerate(reader.all(root, f"b:{RESPONSES[name.localname]}"), 1):
            segments = reader.all(response, "b:SegmentResponse")
            for step, segment in enumerate(segments, 1):
                yield attempt(f"{at}.{step}", text, partial(_report, reader, response, segment))
            if not segments:
                yield attempt(f"{at}", text, partial(_report, reader, response, None))
        if not reader.all(root, f"b:{RESPONSES[name.localname]}"):
            yield rejected("", text, f"there is no {RESPONSES[name.localname]} in it")


def _report(reader: Reader, response: etree._Element, segment: etree._Element | None) -> OperationReport:
    """The report of an operation, or of a whole work order. Raises UnreadableError."""
    work_order = reader.first(response, *REQUESTS)
    if not work_order:
        raise UnreadableError("OperationsRequestID is missing: which work order is it about?")
    told = response if segment is None else segment
    state = reader.first(told, "b:SegmentState", "b:ResponseState").lower()
    if state not in (*NOT_OVER, COMPLETED):
        raise UnreadableError(f"{work_order}: the state {quoted(state)} is none that is known")
    finished = reader.first(told, *FINISHED) if state not in NOT_OVER or not state else ""
    good, scrap = (_made(reader, told, uses, work_order) for uses in (PRODUCED, SCRAP))
    fields = {
        "work_order": work_order,
        "step": None if segment is None else _step(reader, segment, work_order),
        "good": good,
        "scrap": scrap if scrap is not None else Decimal(0),
        "started": reader.first(told, *STARTED) or None,
        "finished": finished or None,
        "complete": segment is None and state == COMPLETED,
    }
    try:
        return OperationReport.model_validate(fields)
    except ValidationError as error:
        raise UnreadableError(f"{work_order}: {in_words(error, 'operation_report', None)}") from error


def _step(reader: Reader, segment: etree._Element, work_order: str) -> str:
    step = reader.first(segment, *SEGMENTS)
    if not step:
        raise UnreadableError(f"{work_order}: a SegmentResponse names no segment: which operation is it about?")
    return step


def _made(reader: Reader, told: etree._Element, uses: tuple[str, ...], work_order: str) -> Decimal | None:
    """How much of a use there is; None where nothing is said of it."""
    found: list[Decimal] = []
    for material in reader.all(told, MATERIALS):
        use = reader.one(material, "b:MaterialUse")
        words = "produced" if use is None else str(use.get("OtherValue") or xml_text.content(use)).lower()
        if use is None and etree.QName(material).localname != "MaterialProducedActual":
            continue
        if words in uses:
            amount = reader.first(material, "b:Quantity/b:QuantityString")
            found.append(number(amount, f"{work_order}: QuantityString"))
    return total(found) if found else None
