"""Laws of the whole society, on random plants and random order streams, after every document.

The laws of a single state are the auditor's (`knowledge.auditor`); here are those that compare two states.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings

from agents.sources.reading import Read
from knowledge.documents import DOCUMENT
from knowledge.instants import from_datetime
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from simulations.processing import Processing
from simulations.torture import moments
from simulations.torture.documents import START, after, cancel
from simulations.torture.moments import Promises, promises, worse
from tests.effort import times
from tests.random_plants import Case, cases

LAW = settings(
    max_examples=times(12, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def society(case: Case) -> Processing:
    """The case's plant, before any document."""
    return Processing(Store(), case.files, from_datetime(START))


def take(processing: Processing, document: dict[str, Any]) -> None:
    """Let a document be processed."""
    read = Read(f"{document['type']} {document['received']}", DOCUMENT.validate_python(document), "", "")
    list(processing.run([read]))


def steps(processing: Processing, case: Case) -> Iterator[dict[str, Any]]:
    """Process the documents one by one; yields each that has been taken."""
    for document in case.documents:
        take(processing, document)
        yield document


def findings(processing: Processing) -> list[str]:
    """What the auditor finds now, and messages that nobody could handle."""
    return moments.findings(processing, processing.plant_now())


def tables(case: Case) -> dict[str, Rows]:
    """The tables after the whole stream."""
    processing = society(case)
    list(steps(processing, case))
    return export(processing.store, processing.plant_now(), processing.now)


@LAW
@given(cases())
def test_the_auditor_finds_nothing_after_any_document(case: Case) -> None:
    processing = society(case)
    assert not findings(processing)
    for document in steps(processing, case):
        planned = document["type"] == "customer_order"  # others may ask nothing of the planner
        found = [text for text in findings(processing) if planned or not text.startswith("overdue")]
        assert not found, document


@LAW
@given(cases(gaps=(0,)))
def test_no_document_makes_the_promise_of_another_order_worse(case: Case) -> None:
    processing = society(case)
    before: Promises = {}
    for document in steps(processing, case):
        now = promises(processing)
        others = {key: parts for key, parts in before.items() if key[0] != f"t/{document['number']}"}
        assert not worse(others, now), document
        before = now


@LAW
@given(cases(gaps=(0,)))
def test_cancelling_every_order_leaves_no_planned_supply_but_for_safety_stock(case: Case) -> None:
    processing = society(case)
    list(steps(processing, case))
    for number in sorted({document["number"] for document in case.documents}):
        take(processing, cancel(number, 1))
    shown = export(processing.store, processing.plant_now(), processing.now)
    for row in (*shown["work_orders"], *shown["purchase_orders"]):
        if row["status"] == "planned":
            assert "safety_stock=" in row["pegged_to"] or "WO-" in row["pegged_to"], row
    assert not promises(processing)


@LAW
@given(cases())
def test_the_same_documents_give_the_same_tables_twice(case: Case) -> None:
    assert tables(case) == tables(case)


@LAW
@given(cases(gaps=(0,), most=3))
def test_a_document_taken_twice_changes_nothing(case: Case) -> None:
    twice = Case(case.files, tuple(document for document in case.documents for _ in range(2)))
    assert tables(case) == tables(twice)


def test_times_of_a_stream_count_from_its_start() -> None:
    assert after(0) == START.isoformat()
