"""A process that ends in the midst of something, and goes on from its records, leaves no trace in what is decided."""

from __future__ import annotations

from typing import Any

from simulations.torture import documents
from simulations.torture.case import Case, Fault, Kind, Step
from simulations.torture.searching import trial_of_case

FILES = {
    "plant.toml": 'name = "t"\n',
    "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,2\nP,raw,buy,\n",
    "bom.csv": "parent,component,quantity\nF,P,2\n",
    "suppliers.csv": "supplier,order_cost\nS,0\n",
    "offers.csv": "supplier,item,unit_price,lead_time_days\nS,P,1,20\n",
}
DAY = documents.DAY_MINUTES
ORDERED = Step(1, (documents.order("1", "A", [("F", 10, 30)], 1),))
"""WO-000001 is planned for days 28 to 30, and PO-000001 of 20 P is due on day 28."""


def test_a_receipt_is_taken_as_if_nothing_had_happened_whichever_commit_is_the_last_of_a_process() -> None:
    late, count = 29 * DAY, 0
    while True:
        count += 1
        step = Step(late, (documents.receipt("PO-000001", "P", 20, late),), faults=(Fault(Kind.AFTER_COMMIT, count),))
        trial = trial_of_case(Case(FILES, (ORDERED, step)))
        assert (count, trial.broken) == (count, ())
        if not trial.fired:
            break
    assert count > 5


def test_a_whole_book_goes_on_in_the_order_of_when_it_is_wanted() -> None:
    files = {
        "plant.toml": 'name = "t"\n',
        "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,\n",
        "work_centres.csv": "work_centre,machines\nW,1\n",
        "routes.csv": "item,step,work_centre,setup_minutes,run_minutes\nF,10,W,0,1440\n",
    }
    book = tuple(documents.order(str(number), "A", [("F", 1, 30 - number)], 1) for number in range(1, 26))
    trial = trial_of_case(Case(files, (Step(1, book, faults=(Fault(Kind.AFTER_COMMIT, 12),)),)))
    assert (trial.fired, trial.broken) == ({Kind.AFTER_COMMIT: 1}, ())


REVISED = {
    "plant.toml": 'name = "t"\n',
    "items.csv": "item,kind,supply\nF,finished,make\nM,intermediate,make\nN,intermediate,make\n",
    "bom.csv": "parent,component,quantity\nF,M,2\n",
}
"""F is made of M until a revision says that it is made of N: then nothing is left that the two have in common."""


def revision(*others: dict[str, Any], faults: tuple[Fault, ...] = ()) -> Case:
    revised = documents.revision("F", "B", [("N", 2)], [], 100)
    ordered = Step(1, (documents.order("1", "A", [("F", 10, 30)], 1),))
    return Case(REVISED, (ordered, Step(100, (revised, *others), faults=faults)))


def test_a_revision_concerns_what_the_item_was_made_of_after_whatever_effect_an_agent_crashes() -> None:
    count = 0
    while True:
        count += 1
        trial = trial_of_case(revision(faults=(Fault(Kind.AGENT, count),)))
        assert (count, trial.broken) == (count, ())
        if not trial.fired:
            break
    assert count > 30


def test_a_revision_concerns_what_the_item_was_made_of_where_it_is_decided_twice() -> None:
    counted = documents.count("N", 1, 100)  # inventory refuses what was decided without it
    assert trial_of_case(revision(counted)).broken == ()
