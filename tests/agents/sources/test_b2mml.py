from __future__ import annotations

import pytest

from agents.sources.b2mml import B2mmlReports
from agents.sources.reading import read_bytes
from agents.sources.source import Rejected, transactions
from knowledge.documents import OperationReport
from protocols.publishing import ComponentNews, OperationNews, WorkOrderNews

HEAD = '<ProductionPerformance xmlns="http://www.mesa.org/xml/B2MML-V0600"><ProductionResponse>'
SEGMENT = "<ProductionRequestID>WO-1</ProductionRequestID><SegmentResponse><ID>10</ID>"
MANY = "<Quantity><QuantityString>many</QuantityString></Quantity>"
TAIL = "</ProductionResponse></ProductionPerformance>"


def report(inside: str) -> OperationReport | Rejected:
    [found] = transactions(B2mmlReports(), {}, f"{HEAD}{inside}{TAIL}".encode())
    assert isinstance(found.outcome, OperationReport | Rejected)
    return found.outcome


def test_an_older_version_with_other_names_is_read_too() -> None:
    made = "<MaterialProducedActual><Quantity><QuantityString>5</QuantityString></Quantity></MaterialProducedActual>"
    segment = f"<SegmentResponse><ProcessSegmentID>10</ProcessSegmentID>{made}</SegmentResponse>"
    found = report(f"<ProductionRequestID>WO-1</ProductionRequestID>{segment}")
    assert isinstance(found, OperationReport)
    assert (found.work_order, found.step, f"{found.good}") == ("WO-1", "10", "5")


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<ID>1</ID>", "OperationsRequestID is missing"),
        ("<ProductionRequestID>WO-1</ProductionRequestID><SegmentResponse/>", "names no segment"),
        (
            "<ProductionRequestID>WO-1</ProductionRequestID><ResponseState>Exploded</ResponseState>",
            "the state 'exploded' is none that is known",
        ),
        (
            f"{SEGMENT}<MaterialProducedActual>{MANY}</MaterialProducedActual></SegmentResponse>",
            "QuantityString 'many' is not a number",
        ),
        (
            f"{SEGMENT}<ActualEndTime>yesterday</ActualEndTime></SegmentResponse>",
            "'yesterday' is not a date or time",
        ),
    ],
)
def test_what_cannot_be_told_is_refused(inside: str, reason: str) -> None:
    found = report(inside)
    assert isinstance(found, Rejected)
    assert reason in found.reason


def test_a_schedule_is_no_report() -> None:
    [found] = read_bytes("schedule.xml", b'<OperationsSchedule xmlns="http://www.mesa.org/xml/B2MML"/>')
    assert found.document is None


def test_news_of_a_work_order_has_what_a_report_names() -> None:
    operation = OperationNews(step="10", work_centre="SAW", machine=1, start="", finish="")
    part = ComponentNews(item="TUBE", quantity="4", uom="M")
    fields = {"work_order": "WO-1", "item": "STOOL", "description": "", "quantity": "1", "uom": "EA", "revision": ""}
    news = WorkOrderNews.model_validate(
        {**fields, "start": "s", "finish": "f", "status": "released", "operations": (operation,), "components": (part,)}
    )
    found = report(
        f"<ProductionRequestID>{news.work_order}</ProductionRequestID>"
        f"<SegmentResponse><ID>{news.operations[0].step}</ID></SegmentResponse>"
    )
    assert isinstance(found, OperationReport)
    assert found.work_order == "WO-1"
