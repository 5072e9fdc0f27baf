"""With live plans the tables are those of placing everything anew for every decision."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from agents.planner.adoption import Adoption
from agents.planner.live import Live
from knowledge.store.export import Rows
from simulations.torture.documents import DAY_MINUTES, confirmation, count, receipt
from tests.effort import times
from tests.random_plants import Case, items_of, plants, streams
from tests.test_properties import tables


@st.composite
def facts(draw: st.DrawFn) -> Case:
    """A plant, some orders, then news of the purchase that there was at first and counts of what is bought."""
    files = draw(plants())
    items = items_of(files)
    documents = list(draw(streams(items, (0, 60), most=4)))
    minutes = 4 * 60
    for _ in range(draw(st.integers(1, 5))):
        minutes += draw(st.sampled_from([0, 1, 300, DAY_MINUTES]))
        kind = draw(st.sampled_from(["confirm", "confirm", "receive", "count"]))
        if kind == "confirm":
            due = draw(st.integers(1, 20)) * DAY_MINUTES
            documents.append(confirmation("OLD-1", None, draw(st.none() | st.integers(1, 30)), due, minutes))
        elif kind == "receive":
            documents.append(receipt("OLD-1", None, draw(st.integers(1, 12)), minutes))
        else:
            bought = [item for item in items if not item.startswith("L0")]
            documents.append(count(draw(st.sampled_from(bought)), draw(st.integers(0, 25)), minutes))
    return Case(files, tuple(documents))


@settings(
    max_examples=times(30, 3000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(facts())
def test_live_plans_give_the_tables_of_placing_everything_anew(case: Case) -> None:
    used = 0
    live = Adoption.live

    def counting(self: Adoption, group: int) -> Live | None:
        nonlocal used
        found = live(self, group)
        used += found is not None and found.adopted
        return found

    with patch.object(Adoption, "live", counting):
        quick: dict[str, Rows] = tables(case)
    event(f"live plans used: {'none' if not used else 'some'}")
    with patch.object(Adoption, "live", lambda self, group: None):
        assert tables(case) == quick
