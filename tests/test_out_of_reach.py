"""What a plant can never supply, or not within five years, is infeasible for a reason that says why and what helps.

Nothing hangs and no agent fails, whatever calendars, offers and routes say.
"""

from __future__ import annotations

import datetime as dt

import pytest

from knowledge.explanation.values import CauseKind, CureKind, Part, PartState
from knowledge.store.tables import MessageRow
from simulations.report.why_words import Words
from tests.explaining import document, kinds, order, society

_MONDAYS = "calendar,weekday,start,end\nmondays,1,08:00,09:00\n"
_HOLIDAYS = "calendar,date\n" + "".join(f"mondays,{dt.date(2024, 1, 1) + dt.timedelta(weeks=n)}\n" for n in range(1200))


def _worked(run_minutes: int, centre: str = "W,mondays") -> dict[str, str]:
    """F is worked on W, so many minutes a piece."""
    return {
        "calendars.csv": _MONDAYS,
        "work_centres.csv": f"work_centre,calendar\n{centre}\n",
        "routes.csv": f"item,step,work_centre,run_minutes\nF,10,W,{run_minutes}\n",
    }


def _offered(columns: str, *rows: str) -> dict[str, str]:
    text = "".join(f"{row}\n" for row in rows)
    return {"calendars.csv": _MONDAYS, "offers.csv": f"supplier,item,unit_price,{columns}\n{text}"}


def _lead(made: int) -> dict[str, str]:
    return {
        "items.csv": f"item,kind,supply,lead_time_days\nF,finished,make,{made}\nK,intermediate,make,1\nR,raw,buy,\n"
    }


NEVER: dict[str, tuple[dict[str, str], CauseKind, str, str]] = {
    "a work centre that is never open": (
        {**_worked(10), "holidays.csv": _HOLIDAYS},
        CauseKind.NOT_OPEN,
        "W, where step 10 of F is done, is not open within five years",
        "50 min of open time on W",
    ),
    "work that is longer than its work centre is open in five years": (
        _worked(20_000),
        CauseKind.NOT_OPEN,
        "step 10 of F takes 100000 minutes on W, which is open for 15720 within five years",
        "69 d 10 h of open time on W",
    ),
    "work that takes a thousand years": (
        _worked(9_999_999, "W,"),
        CauseKind.NOT_OPEN,
        "step 10 of F takes 49999995 minutes on W, which is open for 2635200 within five years",
        "34722 d 5 h of open time on W",
    ),
    "a supplier that takes longer than five years": (
        _offered("lead_time_days", "S,R,3,1900"),
        CauseKind.TOO_LONG,
        "R takes more than five years to come from S, even ordered at once",
        "an offer for 10 EA of R",
    ),
    "more working days than there are in ten years": (
        _offered("lead_time_days,lead_time_calendar", "S,R,3,3000,mondays"),
        CauseKind.TOO_LONG,
        "R takes more than five years to come from S, even ordered at once",
        "an offer for 10 EA of R",
    ),
    "an item that takes longer than five years to make": (
        _lead(2000),
        CauseKind.TOO_LONG,
        "F takes more than five years to make",
        "",
    ),
    "a minimum above what a week holds": (
        _offered("minimum,capacity_per_week", "S,R,3,100,50"),
        CauseKind.UNSELLABLE,
        "S sells no less than 100 EA of R, and delivers 50 in a week",
        "an offer for 10 EA of R",
    ),
    "a multiple above what a week holds": (
        _offered("multiple,capacity_per_week", "S,R,3,60,50"),
        CauseKind.UNSELLABLE,
        "S sells no less than 60 EA of R, and delivers 50 in a week",
        "an offer for 10 EA of R",
    ),
}


def _part(files: dict[str, str], quantity: str = "5", customer: str = "A") -> tuple[Part, list[str], list[str]]:
    """The order's infeasible part, with the words of its causes and of what would help."""
    after = society([order(quantity=quantity, customer=customer)], files)
    assert after.store.rows(MessageRow, status="dead") == []
    words, part = Words(after.plant), after.part("t/1/1", -1)
    return (
        part,
        [words.cause(cause) for cause in part.causes],
        [told for cause in part.causes for told in words.cures(cause.cures)],
    )


@pytest.mark.parametrize("name", NEVER)
def test_what_can_never_be_had_is_infeasible_and_says_why(name: str) -> None:
    files, kind, text, cure = NEVER[name]
    part, causes, cures = _part(files)
    assert (part.state, part.reason) == (PartState.INFEASIBLE, text)
    assert (kinds(part), causes) == ([kind], [text])
    assert cures == ([cure] if cure else [])


def test_more_orders_than_anybody_plans_are_infeasible_but_for_those_that_are() -> None:
    items = "item,kind,supply,lead_time_days,lot_maximum\nF,finished,make,1,2\nK,intermediate,make,1,\nR,raw,buy,,\n"
    part, causes, cures = _part({"items.csv": items}, "1000000000000")
    assert kinds(part) == [CauseKind.TOO_MANY]
    assert causes == ["999999998000 EA of F in lots of 2 at most would be more than 1,000 orders"]
    assert cures == ["a larger lot_maximum of F"]
    assert part.units == 10**12 - 2000


def test_what_does_not_keep_is_not_bought_for_longer_than_it_does() -> None:
    files = {
        "items.csv": "item,kind,supply,shelf_life_days\nR,raw,buy,10\n",
        "bom.csv": "",
        **_offered("capacity_per_week", "S,R,3,40"),
    }
    after = society([order(item="R", quantity="200", requested="2024-02-01")], files)
    assert after.store.rows(MessageRow, status="dead") == []
    assert not after.part("t/1/1").reason.startswith("planner failed")


def test_what_suppliers_do_not_bring_within_a_year_is_infeasible_but_for_the_rest() -> None:
    files = _offered("capacity_per_week", "S,R,3,1")
    after = society([order(quantity="40")], files)
    states = [part.state for part in after.why("t/1/1").lines[0].parts]
    assert states[-1] is PartState.INFEASIBLE
    assert set(states[:-1]) <= {PartState.ON_TIME, PartState.LATE}
    part = after.part("t/1/1", -1)
    assert part.reason == "so much of R cannot be bought within a year: no more than 1 a week from S"


def test_a_work_centre_that_stands_for_good_makes_later_orders_infeasible() -> None:
    down = document("machine_downtime", "01-01T00:01:00", work_centre="W", start="2024-01-01T00:00Z", end="2050-01-01")
    after = society([order("1"), down, order("2", at="01-01T00:02:00")], _worked(10, "W,"))
    assert after.store.rows(MessageRow, status="dead") == []
    reason = "W, where step 10 of F is done, is not open within five years"
    assert after.part("t/2/1").reason == reason
    assert after.part("t/1/1", -1).reason == f"W is down: {reason}"


def test_what_goes_in_one_shipment_with_it_is_infeasible_for_the_same_reason() -> None:
    files = {**NEVER["a work centre that is never open"][0], "customers.csv": "customer,partial_shipments\nB,no\n"}
    part, _, _ = _part(files, customer="B")
    assert part.reason == "W, where step 10 of F is done, is not open within five years"


def test_work_that_is_out_of_reach_in_one_lot_is_promised_as_far_as_it_can_be() -> None:
    after = society([order(quantity="100")], _worked(1_000))
    parts = after.why("t/1/1").lines[0].parts
    reason = "step 10 of F takes 100000 minutes on W, which is open for 15720 within five years"
    assert (parts[-1].reason, kinds(parts[-1])) == (reason, [CauseKind.NOT_OPEN])
    assert sum(part.units or 0 for part in parts) == 100
    assert parts[0].state is PartState.LATE


def test_an_offer_that_can_be_met_beside_one_that_cannot_is_taken() -> None:
    files = _offered("minimum,capacity_per_week,lead_time_days", "S,R,3,100,50,2", "T,R,9,,,3")
    after = society([order()], files, {"suppliers.csv": "supplier\nS\nT\n"})
    assert after.part("t/1/1").state is PartState.ON_TIME
    assert not [c for cause in after.part("t/1/1").causes for c in cause.cures if c.kind is CureKind.OFFER]
