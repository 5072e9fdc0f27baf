"""Alternatives that are put before a manager, and what becomes of the one that is chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agents.runtime.simulated import SimulatedHost
from agents.society import DOOR
from agents.sources.reading import Read
from knowledge.documents import DOCUMENT
from knowledge.instants import parse
from knowledge.store.database import Store
from knowledge.store.tables import ApprovalRow, QuarantineRow
from protocols.quoting import DocumentsQuoted, QuoteDocuments
from simulations.processing import Processing
from tests.explaining import PLANT, Society, document, order, society, when

OFFERS = "supplier,item,unit_price,lead_time_days\nFAST,R,9,1\nSLOW,R,2,20\n"
ASKS = {
    "plant.toml": 'name = "t"\n[[approvals]]\ndecision = "promise"\naction = "ask"\non_silence = "reject"\n',
    "suppliers.csv": "supplier\nFAST\nSLOW\n",
    "offers.csv": OFFERS,
}
ASKS_FOR_PURCHASES = {
    **ASKS,
    "plant.toml": ASKS["plant.toml"]
    + '[[approvals]]\ndecision = "purchase"\nwhen = { supplier = "SLOW" }\naction = "ask"\n',
}
WANTED = order("1", "5", "2024-01-12")


def answered(**fields: str) -> Mapping[str, Any]:
    """The boss's answer."""
    return document("approval_answer", "01-01T01:00:00", **{"approval": "AP-000001", "decision": "approve", **fields})


def promises(of: Society) -> list[tuple[str, str]]:
    """(status, promised) of every part of every order."""
    return [(row["status"], when(row["promised"])[:10]) for row in of.books.promises]


def suppliers(of: Society) -> set[str]:
    """Whom something is bought from."""
    return {row.supplier for row in of.books.purchases}


def refused(*documents: Mapping[str, Any]) -> list[str]:
    """Why documents are quarantined."""
    store = Store("sqlite://")
    processing = Processing(store, {**PLANT, **ASKS}, parse("2024-01-01T00:00:00Z"))
    reads = [Read(str(n), DOCUMENT.validate_python(each), "", "") for n, each in enumerate(documents)]
    for _ in processing.run(reads):
        pass
    return [row["reason"] for row in store.rows(QuarantineRow)]


def test_a_manager_sees_the_alternatives_with_what_they_cost() -> None:
    [row] = society([WANTED], ASKS).store.rows(ApprovalRow)
    promise, first, second = row["reason"].split("; ")
    assert promise == "promise t/1, worth 500.00 EUR"
    best = "as planned, on the date, earliest, fewest shipments"
    assert first == f"1 {best}: all by 2024-01-13T00:00:00+00:00, 1 shipment, from FAST"
    assert second == "2 cheapest: all by 2024-01-24T00:00:00+00:00, 1 shipment, 70.00 EUR less, from SLOW"
    [_, cheap] = json.loads(row["body"])["decision"]["alternatives"]
    assert (cheap["name"], cheap["purchases"], cheap["shipments"]) == ("2", "20", 1)


def test_a_manager_sees_what_a_late_order_would_take_to_be_on_its_date() -> None:
    [row] = society([order("1", "5", "2024-01-02")], ASKS).store.rows(ApprovalRow)
    assert row["reason"].endswith("; on the date it would take 10 EA of R from 2024-01-01T00:00:00+00:00 on")
    assert json.loads(row["body"])["decision"]["on_the_date"] == ["10 EA of R from 2024-01-01T00:00:00+00:00 on"]


def test_approval_without_a_word_of_alternatives_means_what_is_planned() -> None:
    plain = society([WANTED, answered()], ASKS)
    assert promises(plain) == promises(society([WANTED, answered(alternative="as planned")], ASKS))
    assert promises(plain) == [("promised", "2024-01-13")]
    assert suppliers(plain) == {"FAST"}


def test_the_alternative_that_is_chosen_is_planned() -> None:
    for name in ("2", "cheapest", " Cheapest "):
        found = society([WANTED, answered(alternative=name, by="ann")], ASKS)
        assert promises(found) == [("promised", "2024-01-24")]
        assert suppliers(found) == {"SLOW"}
        [row] = found.store.rows(ApprovalRow)
        assert (row["status"], row["by"]) == ("approved", "ann")
        assert row["reason"].startswith("chosen: 2 cheapest: ")
        assert found.books.promises[0]["reason"] == "cheapest, chosen by ann"


def test_an_alternative_that_there_is_not_is_refused_and_the_question_stays() -> None:
    [reason] = refused(WANTED, answered(alternative="free of charge"))
    assert "there is no alternative free of charge: there are 1 (as planned, on the date, " in reason
    assert "2 (cheapest)" in reason
    assert refused(WANTED, answered(alternative="free of charge"), {**answered(), "received": "2024-01-01T02:00:00Z"})


def test_a_cheaper_supplier_is_offered_for_as_long_as_the_manager_may_take_to_answer() -> None:
    hurried = {**ASKS, "plant.toml": ASKS["plant.toml"] + "deadline_hours = 96\n"}
    [row] = society([WANTED], hurried).store.rows(ApprovalRow)
    assert "2 cheapest: all by 2024-01-27T00:00:00+00:00" in row["reason"]
    at_last = document("approval_answer", "01-04T23:00:00", approval="AP-000001", decision="approve", alternative="2")
    assert suppliers(society([WANTED, at_last], hurried)) == {"SLOW"}


def test_an_alternative_is_not_chosen_by_rejecting() -> None:
    [reason] = refused(WANTED, answered(decision="reject", alternative="cheapest"))
    assert "chosen by approving it" in reason


def test_what_the_chosen_alternative_buys_is_asked_for_in_its_turn() -> None:
    found = society([WANTED, answered(alternative="cheapest")], ASKS_FOR_PURCHASES)
    assert promises(found) == [("awaiting_approval", "never")]
    asked = {row["decision"]: row["status"] for row in found.store.rows(ApprovalRow)}
    assert asked == {"promise": "approved", "purchase": "pending"}
    then = document("approval_answer", "01-01T02:00:00", approval="AP-000002", decision="approve")
    found = society([WANTED, answered(alternative="cheapest"), then], ASKS_FOR_PURCHASES)
    assert promises(found) == [("promised", "2024-01-24")]


def test_a_choice_is_the_same_in_one_run_and_after_a_restart() -> None:
    store = Store("sqlite://")
    society([WANTED], ASKS, store=store)
    again = society([answered(alternative="cheapest")], ASKS, store=store, now="2024-01-01T01:00:00Z")
    assert promises(again) == promises(society([WANTED, answered(alternative="cheapest")], ASKS))
    assert suppliers(again) == {"SLOW"}


def test_a_quote_offers_what_a_manager_would_be_offered_where_that_is_asked_for() -> None:
    processing = Processing(Store("sqlite://"), {**PLANT, **ASKS}, parse("2024-01-01T00:00:00Z"))
    assert isinstance(processing.host, SimulatedHost)
    plain, further = (
        processing.host.ask(
            "intake", QuoteDocuments.model_validate({"orders": [WANTED], "alternatives": alternatives}), DOOR
        )
        for alternatives in (False, True)
    )
    list(processing.run([Read("1", DOCUMENT.validate_python(WANTED), "", "")]))
    [row] = processing.store.rows(ApprovalRow)
    assert isinstance(plain, DocumentsQuoted)
    assert isinstance(further, DocumentsQuoted)
    assert plain == further.model_copy(update={"alternatives": ()})
    assert further.model_dump(mode="json")["alternatives"] == json.loads(row["body"])["decision"]["alternatives"]
    assert len(further.alternatives) == 2
