from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.edifact_tokens import Segment, interchanges
from agents.sources.edifact_values import amount, customer, date, notes, owned, requested_date, ship_to, text_of
from agents.sources.errors import UnreadableError


def segments(*raws: str) -> tuple[Segment, ...]:
    [found] = interchanges("".join(f"{raw}'" for raw in ("UNB+UNOC:3", *raws)).encode())
    return found.segments[1:]


@pytest.mark.parametrize(
    ("value", "form", "wanted"),
    [
        ("20260202", "102", "2026-02-02"),
        ("260202", "101", "2026-02-02"),
        ("202602021430", "203", "2026-02-02T14:30:00"),
        ("20260202143015", "204", "2026-02-02T14:30:15"),
        ("202602021430UTC", "303", "2026-02-02T14:30:00Z"),
        ("202602021430CET", "303", "2026-02-02"),
        ("202602020000", "203", "2026-02-02"),
        ("202602022400", "203", "2026-02-02"),
        ("202606", "616", "2026-02-08"),
        ("202602", "610", "2026-02-28"),
        ("20260202-20260206", "718", "2026-02-06"),
        ("202602020800-202602061200", "719", "2026-02-06T12:00:00"),
        ("20260202", "", "2026-02-02"),
        ("202602021430", "", "2026-02-02T14:30:00"),
    ],
)
def test_a_date_is_read_by_its_format(value: str, form: str, wanted: str) -> None:
    assert date(value, form, "the order") == wanted


@pytest.mark.parametrize(
    ("value", "form", "said"),
    [
        ("20260231", "102", "not a date of the calendar"),
        ("2026022", "102", "not a date of the calendar"),
        ("202602022561", "203", "not a date of the calendar"),
        ("202654", "616", "not a date of the calendar"),
        ("020226", "", "the format '' of '020226' is not read"),
        ("5", "804", "the format '804' of '5' is not read"),
    ],
)
def test_a_date_that_is_not_clear_is_refused(value: str, form: str, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        date(value, form, "the order")


@given(st.dates(dt.date(2000, 1, 1)), st.times())
def test_every_minute_is_read_as_it_was_written(day: dt.date, time: dt.time) -> None:
    read = dt.datetime.fromisoformat(date(f"{day:%Y%m%d}{time:%H%M}", "203", "x"))
    assert (read.date(), read.hour, read.minute) == (day, time.hour, time.minute)


def test_the_most_telling_date_counts_and_two_of_one_kind_are_refused() -> None:
    parts = owned(segments("DTM+64:20260101:102", "DTM+63:20260303:102", "DTM+137:20260404:102"))
    assert requested_date(parts, "x") == "2026-03-03"
    with pytest.raises(UnreadableError, match="several dates: 2026-01-01, 2026-02-02"):
        requested_date(owned(segments("DTM+2:20260101:102", "DTM+2:20260202:102")), "x")


def test_dates_of_a_payment_or_a_schedule_are_not_those_of_the_order() -> None:
    assert requested_date(owned(segments("PAT+1", "DTM+2:20260101:102")), "x") is None
    assert (
        requested_date(owned(segments("RFF+CT:1", "DTM+171:20250101:102", "DTM+2:20260101:102")), "x") == "2026-01-01"
    )


def test_the_decimal_mark_is_that_of_una() -> None:
    assert amount("1,5", ",", "x") == Decimal("1.5") == amount("1.5", ".", "x")
    for text, mark in (("1,5", "."), ("1.500", ","), ("1.000,5", ","), ("1,0,5", ","), ("", ".")):
        with pytest.raises(UnreadableError):
            amount(text, mark, "x")


def test_a_text_that_fills_its_width_goes_on_without_a_blank() -> None:
    assert text_of(["B" * 35, "C"]) == "B" * 35 + "C"
    assert text_of(["one", "two", ""]) == "one two"


def test_notes_are_lines_of_free_text() -> None:
    parts = owned(segments("FTX+AAI+++ring:first", "FTX+DEL+++upright", "FTX+AAI+1+X", "FTX+AFM+++Title"))
    assert notes(parts, but="AFM") == "ring first\nupright"


def test_the_delivery_party_goes_before_the_consignee() -> None:
    parts = owned(segments("NAD+UC+U", "NAD+ST+S", "NAD+DP+D::9++Store:North+Road 1:Gate 2+Town+NI+123+GB"))
    assert ship_to(parts, "x") == "Store North (D), Road 1, Gate 2, Town, NI 123, GB"
    assert ship_to(owned(segments("NAD+UC+U")), "x") == "U"
    with pytest.raises(UnreadableError, match=r"several ship-to parties \(NAD\+DP\)"):
        ship_to(owned(segments("NAD+DP+A", "NAD+DP+B")), "x")


def test_an_unstructured_address_is_read_in_its_lines() -> None:
    assert ship_to(owned(segments("NAD+DP++Store:Road 1:Town")), "x") == "Store, Road 1, Town"


def test_the_customer_is_the_buyer() -> None:
    assert customer(owned(segments("NAD+SU+S", "NAD+BY+B::9++Name"))) == "B"
    assert customer(owned(segments("NAD+BY+++Name"))) == "Name"
    assert customer(owned(segments("NAD+SU+S"))) == ""
