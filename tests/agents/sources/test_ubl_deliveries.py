from __future__ import annotations

from decimal import Decimal

import pytest

from tests.agents.sources.xml_builders import ubl_complaint as complaint
from tests.agents.sources.xml_builders import ubl_delivery as delivery
from tests.agents.sources.xml_builders import ubl_only_line as line


def test_a_line_s_own_date_place_and_note_are_its_own() -> None:
    found = line(delivery=delivery("2026-02-02", place="Ayr"), note="<cbc:Note>Upright</cbc:Note>")
    assert (found.requested, found.ship_to, found.text) == ("2026-02-02", "Ayr", "Upright")


@pytest.mark.parametrize(
    ("day", "clock", "requested"),
    [
        ("2026-02-02", "", "2026-02-02"),
        ("2026-02-02Z", "", "2026-02-02"),
        ("2026-02-02", "18:00:00.0Z", "2026-02-02T18:00:00Z"),
        ("2026-02-02", "18:00:00", "2026-02-02T18:00:00"),
    ],
)
def test_a_requested_time_keeps_its_offset(day: str, clock: str, requested: str) -> None:
    assert line(delivery=delivery(day, clock=clock)).requested == requested


def test_without_an_end_the_start_of_the_period_is_wanted() -> None:
    start = delivery("2026-02-02").replace("EndDate", "StartDate")
    assert line(delivery=start).requested == "2026-02-02"
    latest = "<cac:Delivery><cbc:LatestDeliveryDate>2026-02-02</cbc:LatestDeliveryDate></cac:Delivery>"
    assert line(delivery=latest).requested == "2026-02-02"


def test_several_deliveries_are_a_schedule() -> None:
    found = line(delivery=delivery("2026-02-02", "1") + delivery("2026-03-02", "1"))
    assert [(each.quantity, each.requested) for each in found.schedule or ()] == [
        (Decimal(1), "2026-02-02"),
        (Decimal(1), "2026-03-02"),
    ]
    assert found.requested is None


@pytest.mark.parametrize(
    ("deliveries", "said"),
    [
        (delivery("2026-02-02", "1") + delivery("2026-03-02", "2"), "schedule does not add up"),
        (delivery("2026-02-02") + delivery("2026-03-02"), "several cac:Delivery ask for 2026-02-02, 2026-03-02"),
        (delivery("2026-02-02", "1"), "is not the line's"),
        (delivery("2026-02-02", "2", unit="BX"), "in another unit than C62"),
        (delivery(place="Ayr") + delivery(place="Leith"), "several places"),
        (delivery("2026-02-30"), "not a date of the calendar"),
        (delivery("tomorrow"), "is not a date"),
    ],
)
def test_deliveries_that_cannot_be_met_as_said_are_refused(deliveries: str, said: str) -> None:
    assert said in complaint(delivery=deliveries)
