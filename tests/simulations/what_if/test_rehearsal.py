"""A rehearsal on random plants: the database stays as it is, and what would be is what then is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.sources.reading import Read
from knowledge.documents import DOCUMENT
from knowledge.instants import from_datetime
from knowledge.store.database import Store
from knowledge.store.export import export
from simulations.processing import Processing
from simulations.torture.documents import DAY_MINUTES, START, confirmation, count, downtime
from simulations.what_if import Rehearsal
from simulations.what_if.values import Changes
from tests.effort import times
from tests.random_plants import Case, cases, items_of
from tests.stored import rows_of

LAW = settings(
    max_examples=times(6, 600),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
CUTS = st.integers(0, 4)


def reads(documents: tuple[dict[str, object], ...]) -> list[Read]:
    found = [DOCUMENT.validate_python(document) for document in documents]
    return [Read(f"document {number}", document, "", "") for number, document in enumerate(found)]


@contextmanager
def society(case: Case, cut: int) -> Iterator[tuple[Store, list[Read]]]:
    """A database on which all but the last `cut` documents are processed, and those last ones."""
    documents = reads(case.documents)
    keep = max(0, len(documents) - cut)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder)}/plant.db")
        try:
            list(Processing(store, case.files, from_datetime(START)).run(documents[:keep]))
            yield store, documents[keep:]
        finally:
            store.close()


@st.composite
def disturbed(draw: st.DrawFn) -> Case:
    """Orders, and then something that goes wrong."""
    case = draw(cases(gaps=(0, 60)))
    item = draw(st.sampled_from(items_of(case.files)))
    wrong = st.sampled_from(
        [
            count(item, 0, 300),
            downtime("W0", 0, 20 * DAY_MINUTES, 300),
            confirmation("PO-000001", None, None, 40 * DAY_MINUTES, 300),
            confirmation("OLD-1", None, 1, 40 * DAY_MINUTES, 300),
        ]
    )
    return Case(case.files, (*case.documents, *draw(st.lists(wrong, min_size=1, max_size=2))))


@LAW
@given(st.one_of(cases(), disturbed()), CUTS)
def test_no_row_of_the_database_changes(case: Case, cut: int) -> None:
    with society(case, cut) as (store, documents):
        before = rows_of(store)
        rehearsal = Rehearsal(store, documents)
        list(rehearsal.trial.run(documents))
        rehearsal.difference()
        assert rows_of(store) == before


@LAW
@given(st.one_of(cases(), disturbed()), CUTS)
def test_what_would_be_is_what_then_is_in_every_row(case: Case, cut: int) -> None:
    with society(case, cut) as (store, documents):
        rehearsal = Rehearsal(store, documents)
        list(rehearsal.trial.run(documents))
        really = Processing(store, case.files, from_datetime(START))
        list(really.run(documents))
        assert rehearsal.tables() == export(store, really.plant_now(), really.now)
        assert rows_of(rehearsal.trial.store) == rows_of(store)


@LAW
@given(st.one_of(cases(), disturbed()), CUTS)
def test_no_row_is_lost_between_the_two_states(case: Case, cut: int) -> None:
    """What is there with the documents is what is there without, and what is new, less what is dropped."""
    with society(case, cut) as (store, documents):
        rehearsal = Rehearsal(store, documents)
        list(rehearsal.trial.run(documents))
        found = rehearsal.difference()
        without = Rehearsal(store, (), rehearsal.trial.now).tables()
        changes: dict[str, Changes[Any]] = {
            "work_orders": found.work_orders,
            "purchase_orders": found.purchases,
            "shipping_orders": found.shipments,
            "action_messages": found.actions,
        }
        for name, each in changes.items():
            assert len(rehearsal.tables()[name]) == len(without[name]) + len(each.new) - len(each.dropped)
        assert bool(found) or rehearsal.tables()["promises"] == without["promises"]


@LAW
@given(cases(), CUTS)
def test_no_documents_are_no_difference(case: Case, cut: int) -> None:
    with society(case, cut) as (store, _):
        assert not Rehearsal(store, ()).difference()


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_an_interrupted_rehearsal_leaves_the_database_as_it_is(taken: int) -> None:
    files = {
        "items.csv": "item,kind,supply\nF,finished,make\n",
        "routes.csv": "item,step,work_centre,run_minutes\nF,10,W,60\n",
        "work_centres.csv": "work_centre\nW\n",
    }
    orders = tuple(
        {
            "type": "customer_order",
            "source": "t",
            "number": str(number),
            "received": (START.replace(hour=number)).isoformat(),
            "lines": [{"line": "1", "item": "F", "quantity": "5", "requested": "2026-02-01", "unit_price": "1"}],
        }
        for number in range(4)
    )
    with society(Case(files, orders), cut=3) as (store, documents):
        before = rows_of(store)
        with pytest.raises(KeyboardInterrupt):
            for done in Rehearsal(store, documents).trial.run(documents):
                if done > taken:
                    raise KeyboardInterrupt
        assert rows_of(store) == before
